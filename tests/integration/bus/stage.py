"""What the bus is tried on: two small services, a producer of arbitrary records, and eyes of our own on the wire."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.record.util import calc_crc32c

from libs.bus import BusSettings
from libs.bus.cloudevents import Envelope, encode
from libs.foundation.clock import instant_text
from libs.foundation.errors import Refused
from libs.foundation.ids import command_id
from libs.journal import Actor, CommandMeta, Decider, Journal
from libs.schemas.envelope import Event
from libs.schemas.intake import DocumentRejected
from libs.schemas.payments import AccountNumberBound
from libs.schemas.topics import TOPICS, Topic

COURT = "云0381"
INTAKE = next(topic for topic in TOPICS if topic.name == "zhixing.intake.v1")


@dataclass(frozen=True)
class Note:
    """Writes a name into a stream of the receiving service."""

    name: str


@dataclass(frozen=True)
class Reject:
    """Writes facts into a stream of the sending service."""

    reasons: tuple[str, ...]


class NameForbidden(Refused):
    code = "name_forbidden"


def _decide_note(state: tuple[str, ...], command: Note, _now: datetime) -> list[Event]:
    if command.name == "forbidden":
        raise NameForbidden
    return [AccountNumberBound(name=command.name, case_id="case_1", court=COURT)]


def _decide_reject(state: tuple[str, ...], command: Reject, _now: datetime) -> list[Event]:
    return [rejected(reason) for reason in command.reasons]


def rejected(reason: str) -> DocumentRejected:
    return DocumentRejected(document_id="doc_1", case_id="case_1", rejected_by="u1", reason=reason)


NOTES: Decider[tuple[str, ...]] = Decider(
    service="payments",
    category="notes",
    initial=tuple,
    decide=_decide_note,
    evolve=lambda state, event: (*state, event.data()["name"]),
)
CASES: Decider[tuple[str, ...]] = Decider(
    service="intake",
    category="case",
    initial=tuple,
    decide=_decide_reject,
    evolve=lambda state, event: (*state, event.data()["reason"]),
)


async def eventually(condition: Callable[[], Any | Awaitable[Any]], seconds: float = 20.0) -> Any:
    """Wait until the condition holds; fail with its last answer."""
    deadline = asyncio.get_running_loop().time() + seconds
    while True:
        answer = condition()
        if asyncio.iscoroutine(answer):
            answer = await answer
        if answer:
            return answer
        assert asyncio.get_running_loop().time() < deadline, f"not in {seconds} s: {answer!r}"
        await asyncio.sleep(0.05)


@dataclass
class Bus:
    """One test's share of the broker."""

    settings: BusSettings
    producer: AIOKafkaProducer
    partitions: int
    topic: str
    seqs: dict[str, int] = field(default_factory=dict)

    def record(self, reason: str, *, key: str, **changes: Any) -> tuple[bytes, bytes, list[tuple[str, bytes]]]:
        seq = self.seqs[key] = self.seqs.get(key, 0) + 1
        facts: dict[str, Any] = {
            "id": f"evt_{key}_{seq}",
            "type": DocumentRejected.type_text(),
            "service": "intake",
            "stream": f"case/{key}",
            "seq": seq,
            "court": COURT,
            "key": key,
            "at": instant_text(datetime.now(UTC)),
            "correlation_id": f"cor_{key}",
            "causation_id": None,
            "trace": None,
            "data": rejected(reason).data(),
            **changes,
        }
        record = encode(Envelope(**facts))
        return record.key, record.value, list(record.headers)

    async def say(self, reason: str, *, key: str, partition: int = 0, **changes: Any) -> int:
        key_bytes, value, headers = self.record(reason, key=key, **changes)
        return await self.put(key=key_bytes, value=value, headers=headers, partition=partition)

    async def put(self, *, key: bytes | None, value: bytes, headers: list[tuple[str, Any]], partition: int = 0) -> int:
        sent = await self.producer.send_and_wait(self.topic, value=value, key=key, headers=headers, partition=partition)
        return int(sent.offset)

    async def put_bytes_replaced(self, ours: bytes, theirs: bytes) -> int:
        """Put a record as no client of ours writes it: with other bytes, of the same length, in place of a name."""
        batch = self.producer.create_batch()
        batch.append(timestamp=None, key=b"x", value=b"{}", headers=[(ours.decode(), b"")])
        build = batch._build

        def forged() -> bytes:
            data = bytearray(bytes(build()).replace(ours, theirs))
            # The checksum stands at 17 and covers what follows it.
            data[17:21] = calc_crc32c(bytes(data[21:])).to_bytes(4, "big")
            return bytes(data)

        batch._build = forged
        sent = await self.producer.send_batch(batch, self.topic, partition=0)
        return int((await sent).offset)

    async def committed(self, group: str, partition: int = 0) -> int | None:
        """Look with a client of our own, outside of the group, at what the group has committed."""
        admin = AIOKafkaAdminClient(bootstrap_servers=self.settings.bootstrap)
        await admin.start()
        try:
            offsets = await admin.list_consumer_group_offsets(self.settings.group(group))
        finally:
            await admin.close()
        found = offsets.get(TopicPartition(self.topic, partition))
        return None if found is None or found.offset < 0 else int(found.offset)

    async def wire(self, topic: str | None = None) -> list[Any]:
        """Return everything that is visible in a topic."""
        name = topic or self.topic
        consumer = AIOKafkaConsumer(
            bootstrap_servers=self.settings.bootstrap, isolation_level="read_committed", enable_auto_commit=False
        )
        await consumer.start()
        try:
            parts = [TopicPartition(name, part) for part in range(self.partitions)]
            consumer.assign(parts)
            await consumer.seek_to_beginning(*parts)
            ends = await consumer.end_offsets(parts)
            records: list[Any] = []
            while any([await consumer.position(part) < ends[part] for part in parts]):
                for batch in (await consumer.getmany(timeout_ms=200)).values():
                    records += batch
            return records
        finally:
            await consumer.stop()


JournalMaker = Callable[[str], Awaitable[Journal]]


async def commit(journal: Journal, stream: str, *reasons: str) -> None:
    """Have the sending service accept a command with as many events as reasons."""
    cause = (stream, *reasons)
    meta = CommandMeta(
        command_id=command_id(*cause),
        fingerprint=command_id(*cause),
        actor=Actor("u1", COURT, "duty_officer"),
        court=COURT,
        correlation_id=f"cor-{reasons[0][:20]}",
        key=stream.partition("/")[2],
    )
    await journal.execute(stream, Reject(reasons), meta)


async def notes(journal: Journal, key: str) -> list[str]:
    """Return what the receiving service wrote under a key, in order."""
    return list((await journal.fold(f"notes/{key}", court=COURT)).state)


def topics_of(service: str) -> list[Topic]:
    return [topic for topic in TOPICS if topic.service == service]
