"""The feed's two Kafka topics: every entry in its order (`deltas`), or the last entry of every record (`entries`)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal

from zhixing_feed.alarms import AlarmCode
from zhixing_feed.wire import Unavailable

TopicKind = Literal["deltas", "entries"]
QUIET_MS: Final = 250
BATCH: Final = 2000
ENTRIES_MAX: Final = 5000


def topic_name(view: str, kind: TopicKind, prefix: str = "") -> str:
    """Return the name of a view's topic."""
    return f"{prefix}zhixing.joint-punishment.{view}.{kind}.v1"


@dataclass(frozen=True, slots=True)
class TopicHead:
    """A head, the entries that came before it and after the head before, and where the topic goes on behind it.

    `live`: it is the newest that the topic has.
    """

    text: str
    session_id: str
    sequence: int
    entries: list[tuple[int, str]]
    next_offset: int
    live: bool


@dataclass(slots=True)
class Gathering:
    """Entries between heads. In a compacted topic only the last one of each record counts."""

    compacted: bool
    session_id: str = ""
    rows: dict[str, tuple[int, str]] = field(default_factory=dict)

    def put(self, session_id: str, sequence: int, key: str, text: str) -> None:
        """Take an entry; a new session begins anew."""
        if session_id != self.session_id:
            self.session_id, self.rows = session_id, {}
        self.rows[key if self.compacted else str(sequence)] = (sequence, text)

    def until(self, session_id: str, sequence: int) -> list[tuple[int, str]]:
        """Return the entries that a head names, and keep those behind it."""
        if session_id != self.session_id:
            return []
        found = sorted(row for row in self.rows.values() if row[0] <= sequence)
        self.rows = {key: row for key, row in self.rows.items() if row[0] > sequence}
        return found


class TopicReader:
    """Reads one topic from an offset on, committed records only."""

    def __init__(self, consumer: Any, partition: Any, kind: TopicKind) -> None:
        """Take a consumer that stands where reading begins."""
        self._consumer = consumer
        self._partition = partition
        self._gathering = Gathering(compacted=kind == "entries")

    async def heads(self) -> AsyncIterator[TopicHead | None]:
        """Yield heads with their entries, for ever; None when nothing came for a while.

        Of the past only the newest head is told: in a compacted topic the older ones no longer have all their entries,
        and in the other the newest says all that they said. There a long past comes in portions, to bound the memory.
        """
        pending: TopicHead | None = None
        full = 0 if self._gathering.compacted else ENTRIES_MAX
        while True:
            batches = await self._consumer.getmany(self._partition, timeout_ms=QUIET_MS, max_records=BATCH)
            records = batches.get(self._partition, [])
            for record in records:
                pending = self._took(record, pending) or pending
            behind = bool(records) and not await self._at_the_end()
            if behind and not (full and pending is not None and len(pending.entries) >= full):
                continue
            if pending is not None:
                yield replace(pending, live=not behind)
                pending = None
            elif not records:
                yield None

    def _took(self, record: Any, pending: TopicHead | None) -> TopicHead | None:
        headers = {name: value.decode() for name, value in record.headers}
        session_id, kind = headers.get("session_id", ""), headers.get("kind", "")
        if record.value is None or kind not in {"entry", "head"} or not headers.get("sequence", "").isdigit():
            return None
        sequence, text = int(headers["sequence"]), record.value.decode()
        if kind == "entry":
            self._gathering.put(session_id, sequence, (record.key or b"").decode(), text)
            return None
        rows = self._gathering.until(session_id, sequence)
        if pending is not None and pending.session_id == session_id:
            rows = self._merged(pending.entries, rows)
        return TopicHead(text, session_id, sequence, rows, record.offset + 1, live=True)

    def _merged(self, former: list[tuple[int, str]], rows: list[tuple[int, str]]) -> list[tuple[int, str]]:
        # Several versions of one record may stand in what was gathered; the copy takes them in their order.
        return sorted({**dict(former), **dict(rows)}.items())

    async def _at_the_end(self) -> bool:
        position = await self._consumer.position(self._partition)
        end = self._consumer.last_stable_offset(self._partition)
        return end is None or position >= end


@asynccontextmanager
async def reading(servers: str, topic: str, kind: TopicKind, stored: int | None) -> AsyncIterator[TopicReader]:
    """Open a topic at the stored offset, or at its beginning if there is none or it is gone."""
    from aiokafka import AIOKafkaConsumer, TopicPartition  # noqa: PLC0415 -- the extra `kafka`: who pulls needs none
    from aiokafka.errors import KafkaError  # noqa: PLC0415 -- the same

    consumer = AIOKafkaConsumer(
        bootstrap_servers=servers,
        isolation_level="read_committed",
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        fetch_max_wait_ms=200,
    )
    partition = TopicPartition(topic, 0)
    try:
        await consumer.start()
        consumer.assign([partition])
        first = (await consumer.beginning_offsets([partition]))[partition]
        end = (await consumer.end_offsets([partition]))[partition]
        consumer.seek(partition, stored if stored is not None and first <= stored <= end else first)
        yield TopicReader(consumer, partition, kind)
    except KafkaError as error:
        raise Unavailable(AlarmCode.UNREACHABLE, f"{topic}: {type(error).__name__}") from error
    finally:
        await consumer.stop()
