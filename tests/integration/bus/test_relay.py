"""The relay on the real broker: nothing lost, order kept, zombies fenced, faults shown."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio
from aiokafka.errors import KafkaError

from libs.bus import BusSettings, Relay
from libs.bus.lease import Lease
from libs.bus.page import Outgoing
from libs.bus.publisher import Publisher
from libs.bus.republish import republish
from libs.foundation import limits
from libs.foundation.canonical import canonical_bytes
from libs.foundation.clock import ClockPoint, SandboxClock
from libs.journal import BUCKETS, Journal, JournalSettings
from libs.journal.commits import bucket_of
from tests.integration.bus.stage import CASES, Bus, JournalMaker, commit, eventually

pytestmark = pytest.mark.asyncio

RelayMaker = Callable[..., Awaitable[Relay]]
Publish = Callable[[Publisher, Sequence[Outgoing]], Awaitable[None]]


@pytest_asyncio.fixture
async def journal(open_journal: JournalMaker) -> Journal:
    return await open_journal("intake")


@pytest_asyncio.fixture
async def relay_of(bus: Bus) -> AsyncIterator[RelayMaker]:
    started: list[Relay] = []

    async def start(journal: Journal, **changes: Any) -> Relay:
        relay = Relay(BusSettings(**{**bus.settings.model_dump(), **changes}), journal, service="intake")
        await relay.start()
        started.append(relay)
        return relay

    yield start
    for relay in started:
        await relay.stop()


async def test_every_event_is_published_with_its_key_headers_and_canonical_bytes(
    bus: Bus, journal: Journal, relay_of: RelayMaker
) -> None:
    await commit(journal, "case/a", "one", "two")
    await relay_of(journal)
    await _all_published(journal)
    records = await bus.wire()
    assert [dict(record.headers)["ce_sequence"] for record in records] == [b"0000000001", b"0000000002"]
    stored = await journal.store.collection("commits").find_one({})
    for record, event in zip(records, stored["entries"][0]["events"], strict=True):
        assert record.key == b"a"
        assert record.value == canonical_bytes(event["data"])
        headers = {name: value.decode() for name, value in record.headers}
        assert headers["ce_id"] == event["id"]
        assert headers["ce_subject"] == "case/a"
        assert headers["ce_time"] == stored["at"]
        assert headers["ce_correlationid"] == "cor-one"


async def test_streams_keep_their_order_whatever_is_written_meanwhile(
    bus: Bus, journal: Journal, relay_of: RelayMaker
) -> None:
    await relay_of(journal)

    async def write(stream: str) -> None:
        for number in range(25):
            await commit(journal, stream, f"{number}")

    await asyncio.gather(*(write(f"case/s{number}") for number in range(8)))
    await _all_published(journal)
    assert _first_occurrences(await bus.wire()) == {f"case/s{number}": list(range(1, 26)) for number in range(8)}


async def test_two_relays_lose_nothing_and_keep_the_order(
    bus: Bus, journal: Journal, open_journal: JournalMaker, relay_of: RelayMaker
) -> None:
    other = await open_journal("intake")
    first, _second = await relay_of(journal), await relay_of(other)
    for number in range(20):
        await asyncio.gather(commit(journal, "case/a", f"a{number}"), commit(other, "case/b", f"b{number}"))
        if number == 10:
            await first.stop()
    await _all_published(journal)
    assert _first_occurrences(await bus.wire()) == {"case/a": list(range(1, 21)), "case/b": list(range(1, 21))}


async def test_a_commit_is_published_at_once_because_the_journal_pokes(
    bus: Bus, journal: Journal, relay_of: RelayMaker
) -> None:
    await relay_of(journal, poll_seconds_min=60.0, poll_seconds_max=60.0)
    await commit(journal, "case/a", "warm")
    await _all_published(journal)
    await commit(journal, "case/a", "poked")
    await _all_published(journal, seconds=5)


async def test_a_commit_of_another_process_is_found_by_looking(
    bus: Bus, journal: Journal, open_journal: JournalMaker, relay_of: RelayMaker
) -> None:
    await relay_of(journal)
    await commit(journal, "case/a", "own")
    await _all_published(journal)
    await commit(await open_journal("intake"), "case/b", "other's")
    await _all_published(journal)


async def test_a_relay_paused_between_send_and_commit_is_fenced_and_the_wire_stays_ordered(
    bus: Bus, journal: Journal, open_journal: JournalMaker, relay_of: RelayMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent, resume = asyncio.Event(), asyncio.Event()
    original = Publisher.publish
    paused: list[Publisher] = []
    outcomes: list[str] = []

    async def pausing(publisher: Publisher, page: Sequence[Outgoing]) -> None:
        if paused:
            await original(publisher, page)
            return
        paused.append(publisher)

        async def pause() -> None:
            sent.set()
            await resume.wait()

        try:
            await original(publisher, page, pause)
        except BaseException as error:
            outcomes.append(type(error).__name__)
            raise
        outcomes.append("committed")

    monkeypatch.setattr(Publisher, "publish", pausing)
    zombie = await relay_of(journal)
    await commit(journal, "case/a", "v1")
    await asyncio.wait_for(sent.wait(), 20)
    _let_leases_run_out(zombie, monkeypatch)
    other = await open_journal("intake")
    await relay_of(other)
    await commit(other, "case/a", "v2")
    await _all_published(other)
    resume.set()
    await eventually(lambda: outcomes)
    assert outcomes == ["Fenced"]
    await commit(other, "case/a", "v3")
    await _all_published(other)
    assert [_seq(record) for record in await bus.wire()] == [1, 2, 3]


async def test_a_crash_between_commit_and_marking_repeats_the_very_same_bytes(
    bus: Bus, journal: Journal, relay_of: RelayMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = Publisher.publish
    crashed: list[bool] = []

    async def crashing(publisher: Publisher, page: Sequence[Outgoing]) -> None:
        await original(publisher, page)
        if not crashed:
            crashed.append(True)
            raise OSError("gone between commit and marking")

    monkeypatch.setattr(Publisher, "publish", crashing)
    await commit(journal, "case/a", "v1", "v2")
    await relay_of(journal)
    await _all_published(journal)
    await commit(journal, "case/a", "v3")
    await _all_published(journal)
    records = await bus.wire()
    assert [_seq(record) for record in records] == [1, 2, 1, 2, 3]
    assert [_bytes(record) for record in records[:2]] == [_bytes(record) for record in records[2:4]]


async def test_after_a_send_error_the_page_is_aborted_and_published_by_a_new_producer(
    bus: Bus, journal: Journal, relay_of: RelayMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = Publisher._send
    used: list[object] = []

    async def failing(publisher: Publisher, producer: Any, page: Sequence[Outgoing]) -> None:
        await original(publisher, producer, page)
        used.append(producer)
        if len(used) == 1:
            raise KafkaError("the leader went away")

    monkeypatch.setattr(Publisher, "_send", failing)
    await commit(journal, "case/a", "v1", "v2")
    await relay_of(journal)
    await _all_published(journal)
    assert len(used) == 2
    assert used[0] is not used[1]
    assert [_seq(record) for record in await bus.wire()] == [1, 2]


async def test_a_gap_is_refused_and_alarmed_while_other_streams_go_on(
    bus: Bus, journal: Journal, relay_of: RelayMaker
) -> None:
    commits = journal.store.collection("commits")
    for number in range(1, 4):
        await commit(journal, "case/a", f"v{number}")
    missing = await commits.find_one_and_delete({"stream": "case/a", "version": 2})
    relay = await relay_of(journal)
    for number in range(8):
        await commit(journal, f"case/other{number}", "fine")
    await eventually(lambda: _unpublished(journal, 1))
    assert "gap_in_sequence" in str(await eventually(relay.readiness))
    await asyncio.sleep(0.5)
    assert _first_occurrences(await bus.wire())["case/a"] == [1]
    await commits.insert_one(missing)
    await _all_published(journal)
    assert relay.readiness() == {}
    assert _first_occurrences(await bus.wire())["case/a"] == [1, 2, 3]


async def test_held_commits_larger_than_a_page_do_not_stop_the_other_streams(
    bus: Bus, journal: Journal, relay_of: RelayMaker
) -> None:
    other = next(name for n in range(99) if bucket_of(name := f"case/other{n}") == bucket_of("case/held"))
    large = ["x" * 700_000] * 10
    await commit(journal, "case/held", "first")
    for number in range(3):
        await commit(journal, "case/held", *large[:-1], f"{number}")
    assert 3 * sum(map(len, large)) > limits.RELAY_PAGE_BYTES_MAX
    await commit(journal, other, "fine")
    await journal.store.collection("commits").delete_one({"stream": "case/held", "version": 1})
    relay = await relay_of(journal)
    await eventually(lambda: _unpublished(journal, 3))
    assert "gap_in_sequence" in str(relay.readiness())
    assert _first_occurrences(await bus.wire()) == {other: [1]}


async def test_a_record_too_large_for_the_broker_is_alarmed_and_not_lost(
    bus: Bus, journal: Journal, relay_of: RelayMaker
) -> None:
    commits = journal.store.collection("commits")
    await commit(journal, "case/a", "small")
    await commit(journal, "case/a", "behind")
    await commits.update_one({"version": 1}, {"$set": {"entries.0.events.0.data.reason": "x" * 1_100_000}})
    relay = await relay_of(journal)
    assert "record_oversized" in str(await eventually(relay.readiness))
    assert await bus.wire() == []
    assert await _unpublished(journal, 2)


async def test_the_largest_event_that_the_journal_takes_passes(
    bus: Bus, journal: Journal, relay_of: RelayMaker
) -> None:
    await relay_of(journal)
    await commit(journal, "case/a", "x" * (760 * 1024))
    await commit(journal, "case/a", "y" * (760 * 1024))
    await _all_published(journal)
    assert [len(record.value) > 760 * 1024 for record in await bus.wire()] == [True, True]


async def test_a_stuck_lease_is_taken_over(bus: Bus, journal: Journal, relay_of: RelayMaker) -> None:
    collection = journal.store.collection("leases")
    for bucket in range(BUCKETS):
        assert await Lease(collection, f"relay-{bucket}", "dead-owner", seconds=4).acquire()
    await commit(journal, "case/a", "v1")
    await relay_of(journal)
    assert not await _unpublished(journal, 0)
    await _all_published(journal)

    async def taken_over() -> bool:
        return {row["term"] for row in await collection.find({}).to_list(None)} == {2}

    await eventually(taken_over)


async def test_an_owner_that_comes_back_knows_nothing_of_its_earlier_term(
    bus: Bus, journal: Journal, relay_of: RelayMaker
) -> None:
    await relay_of(journal, lease_seconds=1.0)
    await commit(journal, "case/a", "v1")
    await _all_published(journal)
    in_a_while = datetime.now(UTC) + timedelta(seconds=4)
    await journal.store.collection("leases").update_many({}, {"$set": {"owner": "other", "expires_at": in_a_while}})
    await asyncio.sleep(1.5)
    await commit(journal, "case/a", "v2, published by the other owner")
    await journal.store.collection("commits").update_many({}, {"$set": {"published": True}})
    await commit(journal, "case/a", "v3")
    await _all_published(journal)
    assert [_seq(record) for record in await bus.wire()] == [1, 3]


async def test_a_lease_is_held_by_one_owner_until_it_is_released(journal: Journal) -> None:
    collection = journal.store.collection("leases")
    one, two = (Lease(collection, "x", owner, seconds=30) for owner in ("one", "two"))
    assert await one.acquire()
    assert not await two.acquire()
    assert await one.acquire()
    assert (one.term, one.held, two.held) == (1, True, False)
    await one.release()
    assert await two.acquire()
    assert two.term == 2
    assert not await one.acquire()


async def test_a_range_is_published_again_byte_for_byte_by_a_command(
    bus: Bus, journal: Journal, relay_of: RelayMaker, mongo_uri: str, unique: str
) -> None:
    await relay_of(journal)
    for stream in ("case/a", "case/b"):
        await commit(journal, stream, "one", "two")
        await commit(journal, stream, "three")
    await _all_published(journal)
    where = ["--bootstrap", bus.settings.bootstrap, "--topic-prefix", bus.settings.topic_prefix]
    where += ["--mongo-uri", mongo_uri, "--database", f"{unique}_intake", "--service", "intake"]
    assert await republish([*where, "--stream-prefix", "case/a"]) == 3
    records = await bus.wire()
    of_a = [record for record in records if dict(record.headers)["ce_subject"] == b"case/a"]
    assert [_seq(record) for record in of_a] == [1, 2, 3, 1, 2, 3]
    assert [_bytes(record) for record in of_a[:3]] == [_bytes(record) for record in of_a[3:]]
    assert len(records) == 9
    assert await republish([*where, "--until", "2000-01-02T00:00:00Z"]) == 0
    assert await republish([*where, "--since", "2000-01-01T00:00:00Z"]) == 6


async def test_a_broker_that_is_away_is_shown_and_waited_for(journal: Journal, bus: Bus, relay_of: RelayMaker) -> None:
    relay = await relay_of(journal, bootstrap="127.0.0.1:1")
    assert "relay intake 0" in await eventually(relay.readiness)
    await asyncio.wait_for(relay.stop(), 10)


async def test_business_time_ahead_of_the_broker_is_no_trouble(
    bus: Bus, mongo_uri: str, unique: str, relay_of: RelayMaker
) -> None:
    now = datetime.now(UTC)
    clock = SandboxClock([ClockPoint(now, now + timedelta(days=40), 120)])
    settings = JournalSettings(mongo_uri=mongo_uri, database=f"{unique}_ahead")
    journal = Journal(settings, service="intake", clock=clock, deciders=[CASES])
    await journal.start()
    try:
        relay = await relay_of(journal)
        await commit(journal, "case/a", "from next month")
        await _all_published(journal)
        (record,) = await bus.wire()
        assert abs(record.timestamp / 1000 - datetime.now(UTC).timestamp()) < 60
        await relay.stop()
        await journal.store.collection("commits").drop()
    finally:
        await journal.stop()


def _let_leases_run_out(relay: Relay, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pause the relay's hold as well: a process that stands still renews nothing."""
    stood_still = relay._owner
    original = Lease.acquire

    async def acquire(lease: Lease) -> bool:
        return lease._owner != stood_still and await original(lease)

    monkeypatch.setattr(Lease, "acquire", acquire)


async def _unpublished(journal: Journal, count: int) -> bool:
    rows = await journal.store.collection("commits").find({"published": False}, {"_id": 1}).to_list(None)
    return len(rows) == count


async def _all_published(journal: Journal, seconds: float = 20.0) -> None:
    await eventually(lambda: _unpublished(journal, 0), seconds)


def _seq(record: Any) -> int:
    return int(dict(record.headers)["ce_sequence"])


def _bytes(record: Any) -> tuple[bytes, bytes, tuple[tuple[str, bytes], ...]]:
    return record.key, record.value, tuple(record.headers)


def _first_occurrences(records: list[Any]) -> dict[str, list[int]]:
    seen: dict[str, list[int]] = defaultdict(list)
    for record in records:
        stream = dict(record.headers)["ce_subject"].decode()
        if _seq(record) not in seen[stream]:
            seen[stream].append(_seq(record))
    return dict(seen)
