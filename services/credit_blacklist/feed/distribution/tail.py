"""Where a topic of the feed ends: the publisher's memory is the topic itself."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Final, NamedTuple

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from libs.bus import BusSettings
from libs.foundation import limits
from libs.foundation.errors import Transient

LOOK_BACK_RECORDS: Final = 64
"""How far the first look goes back; markers of transactions take places, too, so the last place holds no record."""
POLL_MS: Final = 200


class TailUnreadable(Transient):
    """The end of a topic of the feed could not be read."""

    code = "feed_topic_unreadable"
    title = "The end of a topic of the feed cannot be read"


class Place(NamedTuple):
    """A committed record of the feed: what it is, which sequence it holds or names, its value and further headers."""

    kind: str
    session_id: str
    sequence: int
    value: str
    headers: dict[str, str]


async def last_place(
    settings: BusSettings, name: str, wanted: Callable[[Place], bool] = lambda _: True
) -> Place | None:
    """Return the last committed record of a topic (named with its prefix) that is wanted, None if there is none.

    Asked by a publisher after it has fenced all others: from then on the answer cannot change but by its own hand.
    Raises `TailUnreadable` when the broker does not answer in time.
    """
    try:
        async with asyncio.timeout(settings.publish_seconds_max):
            return await _found(settings, name, wanted)
    except (KafkaError, OSError, TimeoutError) as error:
        msg = f"{name}: {type(error).__name__} {error}"
        raise TailUnreadable(msg) from error


async def strays(settings: BusSettings, name: str, session_id: str) -> list[tuple[str, int, str]]:
    """Return `(session, sequence, key)` of values in a compacted topic that stand in another session than this one.

    The whole topic is read: resets are rare, and ordered by two officers. Raises `TailUnreadable`.
    """
    try:
        return await _strays(settings, name, session_id)
    except (KafkaError, OSError, TimeoutError) as error:
        msg = f"{name}: {type(error).__name__} {error}"
        raise TailUnreadable(msg) from error


async def _strays(settings: BusSettings, name: str, session_id: str) -> list[tuple[str, int, str]]:
    partition, found = TopicPartition(name, 0), dict[str, tuple[str, int]]()
    consumer = _consumer(settings)
    await consumer.start()
    try:
        consumer.assign([partition])
        first = (await consumer.beginning_offsets([partition]))[partition]
        end = (await consumer.end_offsets([partition]))[partition]
        # Not `seek_to_beginning`: the consumer's own reset to the end may be on its way and overtake it.
        consumer.seek(partition, first)
        while await consumer.position(partition) < end:
            batches = await consumer.getmany(partition, timeout_ms=POLL_MS)
            for record in batches.get(partition, ()):
                key, place = record.key.decode(), _place(record)
                found.pop(key, None)
                if place.kind == "entry" and place.session_id != session_id:
                    found[key] = (place.session_id, place.sequence)
    finally:
        await consumer.stop()
    return [(session, sequence, key) for key, (session, sequence) in found.items()]


def _consumer(settings: BusSettings) -> AIOKafkaConsumer:
    return AIOKafkaConsumer(
        bootstrap_servers=settings.bootstrap,
        group_id=None,
        enable_auto_commit=False,
        isolation_level="read_committed",
        max_partition_fetch_bytes=2 * limits.RECORD_BYTES_MAX,
    )


async def _found(settings: BusSettings, name: str, wanted: Callable[[Place], bool]) -> Place | None:
    consumer = _consumer(settings)
    await consumer.start()
    try:
        partition = TopicPartition(name, 0)
        consumer.assign([partition])
        first = (await consumer.beginning_offsets([partition]))[partition]
        end = (await consumer.end_offsets([partition]))[partition]
        back = LOOK_BACK_RECORDS
        while end > first:
            begin = max(first, end - back)
            found = await _last_between(consumer, partition, begin, end, wanted)
            if found is not None or begin == first:
                return found
            end, back = begin, 4 * back
    finally:
        await consumer.stop()
    return None


async def _last_between(
    consumer: AIOKafkaConsumer, partition: TopicPartition, begin: int, end: int, wanted: Callable[[Place], bool]
) -> Place | None:
    consumer.seek(partition, begin)
    found: Place | None = None
    while await consumer.position(partition) < end:
        batches = await consumer.getmany(partition, timeout_ms=POLL_MS)
        for record in batches.get(partition, ()):
            if record.offset < end and wanted(place := _place(record)):
                found = place
    return found


def _place(record: Any) -> Place:
    headers = {name: value.decode() for name, value in record.headers}
    value = (record.value or b"").decode()
    return Place(headers["kind"], headers["session_id"], int(headers["sequence"]), value, headers)
