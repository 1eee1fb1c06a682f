"""The mirror on a real broker: once on the wire, in order, whoever publishes, however it ends."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio
from aiokafka import AIOKafkaConsumer, TopicPartition

from libs.bus import BusSettings, ensure_topics
from libs.bus.publisher import Fenced, Publisher, PublishFailed
from libs.foundation.clock import RealClock
from libs.journal import Journal, JournalSettings
from services.credit_blacklist.feed.distribution import mirror_view, tail
from services.credit_blacklist.feed.distribution.mirror import Mirror
from services.credit_blacklist.feed.distribution.mirror_view import ViewMirror
from services.credit_blacklist.feed.distribution.records import deltas_topic, entries_topic, topics_of
from services.credit_blacklist.feed.distribution.tail import last_place
from tests.unit.credit_blacklist.published import NOW, Published

Line = tuple[str, str, int, bytes | None]


class Standing:
    """Business time stands at the day on which the feed's entries come."""

    def now(self) -> datetime:
        return NOW


CLOCK = Standing()
DELTAS, ENTRIES = deltas_topic("air"), entries_topic("air")


@pytest.fixture
def bus(kafka_bootstrap: str, unique: str) -> BusSettings:
    return BusSettings(bootstrap=kafka_bootstrap, topic_prefix=f"{unique}.", lease_seconds=1.0, poll_seconds_max=0.2)


@pytest_asyncio.fixture
async def topics(bus: BusSettings) -> None:
    await ensure_topics(bus.bootstrap, bus.topic_prefix, topics_of("air", "credit_blacklist"), replication_factor=1)


@pytest_asyncio.fixture
async def journal(mongo_uri: str, unique: str) -> AsyncIterator[Journal]:
    made = Journal(
        JournalSettings(mongo_uri=mongo_uri, database=f"{unique}_mirror"),
        service="credit_blacklist",
        clock=RealClock(),
        deciders=(),
    )
    await made.start()
    yield made
    await made.stop()


@asynccontextmanager
async def publishing(bus: BusSettings, feed: Published) -> AsyncIterator[ViewMirror]:
    """Publish the view as an owner does: fence, look, publish."""
    publisher = Publisher(bus, f"{bus.topic_prefix}feed-air")
    await publisher.open()
    mirror = ViewMirror("air", feed, CLOCK, publisher, bus)
    await mirror.look()
    try:
        yield mirror
    finally:
        await publisher.close()


async def read(bus: BusSettings, topic: str) -> list[Any]:
    """Return every committed record of a topic."""
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bus.bootstrap, group_id=None, isolation_level="read_committed", enable_auto_commit=False
    )
    await consumer.start()
    try:
        partition = TopicPartition(bus.topic(topic), 0)
        consumer.assign([partition])
        await consumer.seek_to_beginning(partition)
        end = (await consumer.end_offsets([partition]))[partition]
        found: list[Any] = []
        while await consumer.position(partition) < end:
            for records in (await consumer.getmany(timeout_ms=200)).values():
                found += records
        return found
    finally:
        await consumer.stop()


async def wire(bus: BusSettings, topic: str = DELTAS) -> list[Line]:
    """Return `(kind, session, sequence, value)` of every committed record."""
    lines = []
    for record in await read(bus, topic):
        headers = {name: value.decode() for name, value in record.headers}
        lines.append((headers["kind"], headers["session_id"], int(headers["sequence"]), record.value))
    return lines


def short(lines: list[Line]) -> list[str]:
    return [f"{kind[0]}{sequence}" for kind, _session, sequence, _value in lines]


@pytest.mark.asyncio
@pytest.mark.rule("R-CRB-33")
@pytest.mark.usefixtures("topics")
async def test_entries_go_out_in_order_and_each_head_stands_behind_what_it_names(bus: BusSettings) -> None:
    feed = Published()
    async with publishing(bus, feed) as mirror:
        assert await mirror.publish() == 0
        first = feed.sign()
        await mirror.publish()
        feed.add("r-1")
        feed.add("r-2")
        assert await mirror.publish() == 0, "no head has named them"
        second = feed.sign()
        await mirror.publish()
        again = feed.sign()
        await mirror.publish()
    lines = await wire(bus)
    assert short(lines) == ["h0", "e1", "e2", "h2", "h2"]
    assert [value for kind, *_, value in lines if kind == "head"] == [
        head.jws.encode() for head in (first, second, again)
    ]
    assert [value for kind, *_, value in lines if kind == "entry"] == [row.jws.encode() for row in feed.rows]


@pytest.mark.asyncio
@pytest.mark.usefixtures("topics")
async def test_the_compacted_topic_has_records_by_their_id_and_heads_under_one_key(bus: BusSettings) -> None:
    feed = Published()
    feed.add("r-1")
    feed.add("r-2")
    feed.add("r-1", "REMOVED")
    feed.sign()
    async with publishing(bus, feed) as mirror:
        await mirror.publish()
    records = await read(bus, ENTRIES)
    assert [record.key for record in records] == [b"r-1", b"r-2", b"r-1", b"head"]
    newest = {record.key: record.value for record in records}
    assert newest[b"r-1"] == feed.rows[2].jws.encode()


@pytest.mark.asyncio
@pytest.mark.usefixtures("topics")
async def test_many_entries_go_out_page_by_page_and_the_head_behind_the_last(
    bus: BusSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mirror_view, "ENTRIES_AT_ONCE", 7)
    feed = Published()
    for number in range(30):
        feed.add(f"r-{number}")
    feed.sign()
    async with publishing(bus, feed) as mirror:
        await mirror.publish()
    assert short(await wire(bus)) == [*(f"e{number}" for number in range(1, 31)), "h30"]


@pytest.mark.asyncio
@pytest.mark.usefixtures("topics")
async def test_a_successor_reads_from_the_topic_what_is_on_the_wire_and_goes_on(bus: BusSettings) -> None:
    feed = Published()
    feed.add("r-1")
    feed.sign()
    for _ in range(3):
        async with publishing(bus, feed) as mirror:
            await mirror.publish()
            await mirror.publish()
    feed.add("r-2")
    feed.sign()
    async with publishing(bus, feed) as mirror:
        await mirror.publish()
    assert short(await wire(bus)) == ["e1", "h1", "e2", "h2"]


@pytest.mark.asyncio
@pytest.mark.usefixtures("topics")
async def test_an_owner_that_breaks_off_between_pages_leaves_no_gap_and_no_repeat(
    bus: BusSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mirror_view, "ENTRIES_AT_ONCE", 4)
    feed = Published()
    for number in range(10):
        feed.add(f"r-{number}")
    feed.sign()
    pages = 0

    async def break_off() -> None:
        nonlocal pages
        pages += 1
        if pages == 2:
            raise ConnectionResetError

    async with publishing(bus, feed) as mirror:
        with pytest.raises(PublishFailed):
            await mirror.publish(break_off)
    assert short(await wire(bus)) == ["e1", "e2", "e3", "e4"]
    async with publishing(bus, feed) as mirror:
        await mirror.publish()
    assert short(await wire(bus)) == [*(f"e{number}" for number in range(1, 11)), "h10"]


@pytest.mark.asyncio
@pytest.mark.usefixtures("topics")
async def test_a_paused_owner_that_wakes_up_in_the_middle_of_a_page_is_fenced(bus: BusSettings) -> None:
    feed = Published()
    feed.add("r-1")
    feed.sign()

    async def somebody_else_takes_over() -> None:
        async with publishing(bus, feed) as successor:
            await successor.publish()

    async with publishing(bus, feed) as paused:
        with pytest.raises(Fenced):
            await paused.publish(somebody_else_takes_over)
    assert short(await wire(bus)) == ["e1", "h1"]


@pytest.mark.asyncio
@pytest.mark.usefixtures("topics")
async def test_a_new_session_begins_at_one_behind_the_old_one(bus: BusSettings) -> None:
    feed = Published()
    feed.add("r-1")
    feed.add("r-2")
    feed.sign()
    async with publishing(bus, feed) as mirror:
        await mirror.publish()
        feed.begin_again("another-session")
        feed.add("r-2")
        feed.sign()
        await mirror.publish()
    lines = await wire(bus)
    assert short(lines) == ["e1", "e2", "h2", "e1", "h1"]
    assert [session == "another-session" for _, session, *_ in lines] == [False] * 3 + [True] * 2


@pytest.mark.asyncio
@pytest.mark.usefixtures("topics")
async def test_what_a_reset_did_not_carry_over_is_buried_once_and_what_it_did_is_not(bus: BusSettings) -> None:
    feed = Published()
    for record in ("gone", "kept", "gone-too"):
        feed.add(record)
    former = feed.sign()
    async with publishing(bus, feed) as mirror:
        await mirror.publish()
    feed.begin_again("another-session")
    feed.add("kept")
    for _ in range(3):
        feed.sign(previous_session={"id": former.session_id, "sequence": 3})
        async with publishing(bus, feed) as mirror:
            await mirror.publish()
    buried = [record.key for record in await read(bus, ENTRIES) if record.value is None]
    assert sorted(buried) == [b"gone", b"gone-too"]


@pytest.mark.asyncio
@pytest.mark.usefixtures("topics")
async def test_a_publisher_that_was_restored_behind_its_topic_publishes_nothing_and_says_so(bus: BusSettings) -> None:
    feed = Published()
    feed.add("r-1")
    feed.add("r-2")
    feed.sign()
    async with publishing(bus, feed) as mirror:
        await mirror.publish()
    restored = Published()
    restored.add("r-1")
    restored.sign()
    async with publishing(bus, restored) as mirror:
        assert await mirror.publish() == 0
        assert mirror.trouble is not None
    assert short(await wire(bus)) == ["e1", "e2", "h2"]


@pytest.mark.asyncio
@pytest.mark.usefixtures("topics")
async def test_a_register_that_lacks_an_entry_publishes_nothing_beyond_it(bus: BusSettings) -> None:
    feed = Published()
    for number in range(3):
        feed.add(f"r-{number}")
    feed.sign()
    lost = feed.rows.pop(1)
    async with publishing(bus, feed) as mirror:
        assert await mirror.publish() == 0
        feed.rows.insert(1, lost)
        await mirror.publish()
    assert short(await wire(bus)) == ["e1", "e2", "e3", "h3"]


@pytest.mark.asyncio
@pytest.mark.rule("R-CRB-33")
@pytest.mark.usefixtures("topics")
async def test_a_removal_has_its_tombstone_after_ninety_days_unless_the_record_came_back(bus: BusSettings) -> None:
    old = NOW - timedelta(days=91)
    feed = Published()
    for record, status, at in (
        ("gone", "RESTRICTED", old),
        ("gone", "REMOVED", old),
        ("back", "REMOVED", old),
        ("back", "RESTRICTED", old),
        ("young", "REMOVED", old + timedelta(days=2)),
    ):
        feed.add(record, status, at)
    feed.sign()
    async with publishing(bus, feed) as mirror:
        await mirror.publish()
    for _ in range(2):
        feed.sign()
        async with publishing(bus, feed) as mirror:
            await mirror.publish()
    buried = [(record.key, record.value) for record in await read(bus, ENTRIES) if record.value is None]
    assert buried == [(b"gone", None)], "once, whoever publishes, and of nobody else"
    assert {record.value for record in await read(bus, DELTAS)} >= {feed.rows[1].jws.encode()}


@pytest.mark.asyncio
@pytest.mark.usefixtures("topics")
async def test_the_last_record_is_found_before_any_number_of_transactions_that_were_given_up(
    bus: BusSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tail, "LOOK_BACK_RECORDS", 2)
    feed = Published()
    feed.add("r-1")
    async with publishing(bus, feed) as mirror:
        feed.sign()
        await mirror.publish()

    async def give_up() -> None:
        raise ConnectionResetError

    # A transaction that is given up leaves records that nobody may see, and a marker.
    for _ in range(4):
        feed.sign()
        async with publishing(bus, feed) as mirror:
            with pytest.raises(PublishFailed):
                await mirror.publish(give_up)
    place = await last_place(bus, bus.topic(DELTAS))
    assert place is not None
    assert (place.kind, place.sequence) == ("head", 1)
    assert await last_place(bus, bus.topic(DELTAS), lambda one: one.kind == "tombstone") is None


@pytest.mark.asyncio
async def test_of_many_replicas_one_publishes_and_when_it_goes_another_takes_over(
    bus: BusSettings, journal: Journal
) -> None:
    feed = Published()
    feed.add("r-1")
    feed.sign()
    first, *others = [Mirror(bus, journal, feed, CLOCK, ["air"]) for _ in range(3)]
    await first.start()
    await eventually(bus, "h1")
    for replica in others:
        await replica.start()
    for replica in (first, others[0]):
        await replica.stop()
        sequence = feed.add(f"after {id(replica)}")
        feed.sign()
        await eventually(bus, f"h{sequence}")
    await others[1].stop()
    assert short(await wire(bus)) == ["e1", "h1", "e2", "h2", "e3", "h3"]


async def eventually(bus: BusSettings, last: str) -> None:
    async with asyncio.timeout(60):
        while True:
            try:
                if short(await wire(bus))[-1:] == [last]:
                    return
            except Exception:  # noqa: BLE001, S110 -- the topics are being made
                pass
            await asyncio.sleep(0.2)
