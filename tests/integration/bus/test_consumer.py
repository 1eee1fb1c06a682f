"""The ten sentences on consuming (design, section 3), each on the real broker."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from typing import Any

import pytest
import pytest_asyncio
from aiokafka import AIOKafkaProducer

from libs.bus import BusSettings, Consumer, Dispatch, Message
from libs.bus.message import Handler
from libs.foundation.clock import RealClock
from libs.foundation.errors import Transient
from libs.journal import Journal
from libs.schemas.intake import DocumentRejected, PaperWritten
from libs.schemas.payments import AccountNumberBound
from tests.integration.bus.stage import COURT, Bus, JournalMaker, Note, eventually, notes

pytestmark = pytest.mark.asyncio

ConsumerMaker = Callable[..., Awaitable[Consumer]]


def on_document_rejected(message: Message[DocumentRejected]) -> Iterable[Dispatch]:
    yield Dispatch(f"notes/{message.key}", Note(message.event.reason))


@pytest_asyncio.fixture
async def journal(open_journal: JournalMaker) -> Journal:
    return await open_journal("payments")


@pytest_asyncio.fixture
async def consume(bus: Bus, journal: Journal) -> AsyncIterator[ConsumerMaker]:
    started: list[Consumer] = []

    async def start(handler: Handler = on_document_rejected, *, into: Journal = journal, **changes: Any) -> Consumer:
        settings = BusSettings(**{**bus.settings.model_dump(), **changes})
        consumer = Consumer(settings, into, name="payments", handlers={DocumentRejected: handler}, clock=RealClock())
        await consumer.start()
        started.append(consumer)
        await eventually(lambda: not consumer.readiness())
        return consumer

    yield start
    for consumer in started:
        await consumer.stop()


async def test_events_become_commands_that_carry_their_cause(
    bus: Bus, journal: Journal, consume: ConsumerMaker
) -> None:
    await bus.say("first", key="k")
    await consume()
    await eventually(lambda: notes(journal, "k"))
    (stored,) = await journal.history("notes/k", court=COURT)
    assert (stored.actor.subject, stored.actor.organisation, stored.actor.role) == ("payments", "zhixing", "service")
    assert stored.correlation_id == "cor_k"
    commit = await journal.store.collection("commits").find_one({})
    assert commit["entries"][0]["causation_id"] == "evt_k_1"
    assert (commit["court"], commit["key"]) == (COURT, "k")


# (1) read_committed, one task per partition, keys of a batch run side by side, one key in order


async def test_one_key_is_handled_in_order(bus: Bus, journal: Journal, consume: ConsumerMaker) -> None:
    for number in range(30):
        await bus.say(str(number), key="k")

    async def handler(message: Message[DocumentRejected]) -> list[Dispatch]:
        await asyncio.sleep(0.02 if message.seq % 3 else 0)
        return [Dispatch("notes/all", Note(message.event.reason))]

    await consume(handler)
    await _until(journal, "all", 30)
    assert await notes(journal, "all") == [str(number) for number in range(30)]


async def test_keys_of_a_batch_run_side_by_side(bus: Bus, journal: Journal, consume: ConsumerMaker) -> None:
    for key in ("a", "b"):
        await bus.say("x", key=key)
    running: set[str] = set()
    together = asyncio.Event()

    async def handler(message: Message[DocumentRejected]) -> list[Dispatch]:
        running.add(message.key)
        if len(running) == 2:
            together.set()
        await asyncio.wait_for(together.wait(), 10)
        return []

    await consume(handler)
    await eventually(lambda: bus.committed("payments"))
    assert running == {"a", "b"}


async def test_a_slow_partition_does_not_hold_up_another(bus: Bus, journal: Journal, consume: ConsumerMaker) -> None:
    release = asyncio.Event()

    async def handler(message: Message[DocumentRejected]) -> list[Dispatch]:
        if message.partition == 0:
            await release.wait()
        return [Dispatch(f"notes/{message.key}", Note(message.event.reason))]

    await bus.say("slow", key="s", partition=0)
    await bus.say("quick", key="q", partition=1)
    await consume(handler)
    await eventually(lambda: notes(journal, "q"))
    assert await notes(journal, "s") == []
    release.set()
    await eventually(lambda: notes(journal, "s"))


async def test_what_was_not_committed_by_its_producer_is_not_seen(
    bus: Bus, journal: Journal, consume: ConsumerMaker
) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=bus.settings.bootstrap, transactional_id=f"{bus.topic}-aborting")
    await producer.start()
    await producer.begin_transaction()
    key, value, headers = bus.record("aborted", key="k")
    await producer.send_and_wait(bus.topic, value=value, key=key, headers=headers, partition=0)
    await producer.abort_transaction()
    await producer.stop()
    await bus.say("kept", key="k")
    await consume()
    await eventually(lambda: notes(journal, "k"))
    assert await notes(journal, "k") == ["kept"]


# (2) the contiguous done prefix is committed, never more


async def test_only_the_contiguous_done_prefix_is_committed(bus: Bus, consume: ConsumerMaker) -> None:
    first = await bus.say("ok", key="a")
    stuck = await bus.say("stuck", key="b")
    last = await bus.say("ok", key="c")
    done: set[str] = set()
    release = asyncio.Event()

    async def handler(message: Message[DocumentRejected]) -> list[Dispatch]:
        if message.key == "b" and not release.is_set():
            raise Transient("the partner is away")
        done.add(message.key)
        return []

    await consume(handler)
    await eventually(lambda: done == {"a", "c"})
    await eventually(lambda: _committed(bus, first + 1))
    assert await bus.committed("payments") == stuck
    release.set()
    await eventually(lambda: _committed(bus, last + 1))


# (3) repeats are absorbed by the inbox


async def test_a_repeat_changes_nothing(bus: Bus, journal: Journal, consume: ConsumerMaker) -> None:
    key, value, headers = bus.record("once", key="k")
    for _ in range(3):
        last = await bus.put(key=key, value=value, headers=headers)
    await consume()
    await eventually(lambda: _committed(bus, last + 1))
    assert await notes(journal, "k") == ["once"]


async def test_a_repeat_is_absorbed_even_if_the_handler_answers_differently_now(
    bus: Bus, journal: Journal, consume: ConsumerMaker
) -> None:
    key, value, headers = bus.record("once", key="k")
    for _ in range(2):
        last = await bus.put(key=key, value=value, headers=headers)
    calls = iter(("old", "new"))
    await consume(lambda message: [Dispatch(f"notes/{message.key}", Note(next(calls)))])
    await eventually(lambda: _committed(bus, last + 1))
    assert await notes(journal, "k") == ["old"]
    assert await _quarantined(journal) == []


async def test_a_refusal_by_law_is_recorded_and_is_no_poison(
    bus: Bus, journal: Journal, consume: ConsumerMaker
) -> None:
    await bus.say("forbidden", key="k")
    last = await bus.say("allowed", key="k")
    await consume()
    await eventually(lambda: _committed(bus, last + 1))
    assert await notes(journal, "k") == ["allowed"]
    assert await _quarantined(journal) == []
    commits = await journal.store.collection("commits").find({}, sort=[("_id", 1)]).to_list(None)
    entries = [entry for commit in commits for entry in commit["entries"]]
    assert [len(entry["events"]) for entry in entries] == [0, 1]


# (4) a transient error backs off with jitter and pauses that partition only


async def test_a_transient_error_is_tried_again_until_it_passes(
    bus: Bus, journal: Journal, consume: ConsumerMaker
) -> None:
    failures = iter((Transient("a"), OSError("b"), TimeoutError("c")))

    def handler(message: Message[DocumentRejected]) -> list[Dispatch]:
        for failure in failures:
            raise failure
        return [Dispatch(f"notes/{message.key}", Note(message.event.reason))]

    await bus.say("late", key="k")
    await consume(handler, bug_tries_max=1)
    await eventually(lambda: notes(journal, "k"))
    assert await _quarantined(journal) == []


async def test_a_transient_error_pauses_its_partition_and_no_other(
    bus: Bus, journal: Journal, consume: ConsumerMaker
) -> None:
    away = True

    def handler(message: Message[DocumentRejected]) -> list[Dispatch]:
        if message.partition == 0 and message.key == "s" and away:
            raise Transient("away")
        return [Dispatch(f"notes/{message.key}", Note(message.event.reason))]

    await bus.say("waits", key="s", partition=0)
    await consume(handler)
    await asyncio.sleep(0.5)
    await bus.say("behind", key="behind", partition=0)
    await bus.say("elsewhere", key="elsewhere", partition=1)
    await eventually(lambda: notes(journal, "elsewhere"))
    assert await notes(journal, "behind") == []
    away = False
    await eventually(lambda: notes(journal, "behind"))
    assert await notes(journal, "s") == ["waits"]


# (9) on revoke or stop the batch in flight finishes, commits, lets go


async def test_stop_finishes_the_batch_in_flight_and_commits_it(bus: Bus, consume: ConsumerMaker) -> None:
    started, handled = asyncio.Event(), []

    async def handler(message: Message[DocumentRejected]) -> list[Dispatch]:
        started.set()
        await asyncio.sleep(0.2)
        handled.append(message.event.reason)
        return []

    offsets = [await bus.say(str(number), key="k") for number in range(3)]
    consumer = await consume(handler)
    await asyncio.wait_for(started.wait(), 20)
    await consumer.stop()
    assert handled == ["0", "1", "2"][: len(handled)]
    assert await bus.committed("payments") == offsets[len(handled) - 1] + 1


async def test_stop_does_not_wait_for_a_message_in_back_off(bus: Bus, consume: ConsumerMaker) -> None:
    tried = asyncio.Event()

    def handler(message: Message[DocumentRejected]) -> list[Dispatch]:
        tried.set()
        raise Transient("for ever")

    offset = await bus.say("x", key="k")
    consumer = await consume(handler, backoff_seconds_first=60.0, backoff_seconds_max=60.0, drain_seconds=30.0)
    await asyncio.wait_for(tried.wait(), 20)
    await asyncio.wait_for(consumer.stop(), 10)
    assert await bus.committed("payments") in (None, offset)


async def test_a_second_member_takes_over_without_losing_or_reordering(
    bus: Bus, journal: Journal, consume: ConsumerMaker, open_journal: JournalMaker
) -> None:
    async def handler(message: Message[DocumentRejected]) -> list[Dispatch]:
        await asyncio.sleep(0.01)
        return [Dispatch(f"notes/{message.key}", Note(message.event.reason))]

    keys = [f"k{partition}" for partition in range(bus.partitions)]
    first = await consume(handler)

    async def talk(first_number: int, last_number: int) -> None:
        for number in range(first_number, last_number):
            for partition, key in enumerate(keys):
                await bus.say(str(number), key=key, partition=partition)

    await talk(0, 20)
    talking = asyncio.create_task(talk(20, 60))
    await consume(handler, into=await open_journal("payments"))
    await talking
    await first.stop()
    await talk(60, 70)
    for key in keys:
        await _until(journal, key, 70)
        assert await notes(journal, key) == [str(number) for number in range(70)]


async def test_a_revoke_waits_for_the_batch_in_flight_and_commits_it(
    bus: Bus, consume: ConsumerMaker, open_journal: JournalMaker
) -> None:
    go_on, begun, ended = asyncio.Event(), Counter[str](), Counter[str]()

    async def handler(message: Message[DocumentRejected]) -> list[Dispatch]:
        begun[message.key] += 1
        await go_on.wait()
        ended[message.key] += 1
        return []

    keys = [f"k{partition}" for partition in range(bus.partitions)]
    offsets = [await bus.say("x", key=key, partition=partition) for partition, key in enumerate(keys)]

    async def all_committed() -> bool:
        return [await bus.committed("payments", each) for each in range(bus.partitions)] == [
            each + 1 for each in offsets
        ]

    await consume(handler)
    await eventually(lambda: len(begun) == bus.partitions)
    other = Consumer(
        bus.settings,
        await open_journal("payments"),
        name="payments",
        handlers={DocumentRejected: handler},
        clock=RealClock(),
    )
    await other.start()
    try:
        # Long enough for a rebalance that waits for nobody; what is in flight would be begun by its new owner as well.
        await asyncio.sleep(3)
        go_on.set()
        await eventually(lambda: not other.readiness())
        await eventually(all_committed)
    finally:
        await other.stop()
    assert begun == ended == Counter(dict.fromkeys(keys, 1))


async def test_a_rebalance_while_every_partition_is_fetching_does_not_deadlock(
    bus: Bus, journal: Journal, consume: ConsumerMaker
) -> None:
    consumers = [await consume() for _ in range(3)]
    for consumer in consumers[:2]:
        await asyncio.wait_for(consumer.stop(), 10)
    await bus.say("after", key="k")
    await eventually(lambda: notes(journal, "k"))


async def test_a_revoke_does_not_wait_for_fetches_that_find_nothing(bus: Bus, consume: ConsumerMaker) -> None:
    patient = {"request_poll_seconds": 60.0, "drain_seconds": 60.0}
    first = await consume(**patient)
    async with asyncio.timeout(15):
        await consume(**patient)
        await first.stop()


# what may be subscribed to


async def test_types_without_a_handler_are_skipped(bus: Bus, journal: Journal, consume: ConsumerMaker) -> None:
    await bus.say("x", key="k", type="zhixing.intake.case_closed.v1", data={"anything": 1})
    last = await bus.say("seen", key="k")
    await consume()
    await eventually(lambda: _committed(bus, last + 1))
    assert await notes(journal, "k") == ["seen"]
    assert await _quarantined(journal) == []


async def test_a_topic_of_another_audience_is_refused(bus: Bus, journal: Journal) -> None:
    with pytest.raises(ValueError, match=r"does not belong to the audience of zhixing\.papers\.v1"):
        Consumer(
            bus.settings, journal, name="payments", handlers={PaperWritten: lambda _message: []}, clock=RealClock()
        )


async def test_a_private_event_cannot_be_subscribed_to(bus: Bus, journal: Journal) -> None:
    with pytest.raises(ValueError, match="private"):
        Consumer(
            bus.settings,
            journal,
            name="payments",
            handlers={AccountNumberBound: lambda _message: []},
            clock=RealClock(),
        )


async def _until(journal: Journal, key: str, count: int) -> None:
    async def written() -> bool:
        return len(await notes(journal, key)) >= count

    await eventually(written)


async def _committed(bus: Bus, offset: int) -> bool:
    return await bus.committed("payments") == offset


async def _quarantined(journal: Journal) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = await journal.store.collection("quarantine").find({}).to_list(None)
    return found
