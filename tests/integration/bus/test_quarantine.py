"""What cannot be processed stops its own key and nothing else, and is never lost (sentences 5 to 8)."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from typing import Any

import pytest
import pytest_asyncio

from libs.bus import BusSettings, Consumer, Dispatch, Message, Quarantine
from libs.bus.message import Handler
from libs.bus.quarantine import Held, Place
from libs.bus.refusals import (
    NotHeadOfItsKey,
    QuarantineEntryBeingReleased,
    QuarantineEntryNotFound,
    QuarantineEntryResolved,
)
from libs.foundation.clock import RealClock
from libs.foundation.errors import Rejected
from libs.journal import CursorMalformed, Journal
from libs.schemas.envelope import REGISTRY
from libs.schemas.intake import DocumentRejected
from tests.integration.bus.stage import Bus, JournalMaker, Note, eventually, notes

pytestmark = pytest.mark.asyncio

ConsumerMaker = Callable[..., Awaitable[Consumer]]


class Faulty:
    """A handler with a bug that a deployment repairs."""

    def __init__(self) -> None:
        self.repaired = False
        self.calls: list[str] = []

    def __call__(self, message: Message[DocumentRejected]) -> Iterable[Dispatch]:
        reason = message.event.reason
        self.calls.append(reason)
        if reason.startswith("bug") and not self.repaired:
            msg = "a bug"
            raise ZeroDivisionError(msg)
        return [Dispatch(f"notes/{message.key}", Note(reason))]


@pytest_asyncio.fixture
async def journal(open_journal: JournalMaker) -> Journal:
    return await open_journal("payments")


@pytest_asyncio.fixture
async def quarantine(journal: Journal) -> Quarantine:
    return Quarantine(journal.store.collection("quarantine"))


@pytest_asyncio.fixture
async def consume(bus: Bus, journal: Journal) -> AsyncIterator[ConsumerMaker]:
    started: list[Consumer] = []

    async def start(handler: Handler, *, ready: bool = True, **changes: Any) -> Consumer:
        settings = BusSettings(**{**bus.settings.model_dump(), "backoff_seconds_first": 0.01, **changes})
        consumer = Consumer(settings, journal, name="payments", handlers={DocumentRejected: handler}, clock=RealClock())
        await consumer.start()
        started.append(consumer)
        if ready:
            await eventually(lambda: not consumer.readiness())
        return consumer

    yield start
    for consumer in started:
        await consumer.stop()


# (5) a message that can never be processed goes to quarantine with its cause


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"type": "zhixing.intake.document_rejected.v99"}, "unknown_event_type"),
        ({"type": "nonsense"}, "undecodable_message"),
        ({"data": {"document_id": "doc_1"}}, "rejected"),
        ({"key": ""}, "message_without_key"),
        ({"at": "yesterday"}, "undecodable_message"),
    ],
)
async def test_what_can_never_be_processed_is_quarantined_with_its_cause(
    bus: Bus, quarantine: Quarantine, consume: ConsumerMaker, changes: dict[str, Any], code: str
) -> None:
    key, value, headers = bus.record("x", key="k")
    if changes:
        facts = {"key": "k", **changes}
        key, value, headers = bus.record("x", **facts)
    offset = await bus.put(key=key or None, value=value, headers=headers)
    await consume(Faulty())
    await eventually(lambda: _committed(bus, offset + 1))
    (row,) = (await quarantine.list()).rows
    assert row["cause"]["code"] == code
    assert (row["group"], row["topic"], row["partition"], row["offset"]) == (
        bus.settings.group("payments"),
        bus.topic,
        0,
        offset,
    )


async def test_a_version_that_nobody_here_handles_is_no_bug_but_a_writer_that_ran_ahead(
    bus: Bus, quarantine: Quarantine, consume: ConsumerMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    class NewerDocumentRejected(DocumentRejected):
        """Known to this process, for it keeps such events itself; its consumer has no handler for it yet."""

    monkeypatch.setitem(REGISTRY, ("intake", "document_rejected", 2), NewerDocumentRejected)
    offset = await bus.say("x", key="k", type="zhixing.intake.document_rejected.v2")
    await consume(Faulty())
    await eventually(lambda: _committed(bus, offset + 1))
    (row,) = (await quarantine.list()).rows
    assert row["cause"]["code"] == "unknown_event_type"


@pytest.mark.parametrize(
    ("value", "headers"),
    [
        (b"{not json", None),
        (b"[1]", None),
        (b"{}", []),
        (b"{}", [("ce_type", b"\xff\xfe")]),
        (b"{}", [("ce_type", None)]),
        (b"{}", [("ce_type", "zhixing.intake.document_rejected.v²".encode())]),
    ],
    ids=["broken JSON", "no object", "no headers", "header that is no text", "header without value", "no number"],
)
async def test_undecodable_bytes_are_quarantined_and_the_offset_moves_on(
    bus: Bus,
    journal: Journal,
    quarantine: Quarantine,
    consume: ConsumerMaker,
    value: bytes,
    headers: list[tuple[str, Any]] | None,
) -> None:
    _key, _value, good = bus.record("x", key="k")
    await bus.put(key=b"k", value=value, headers=good if headers is None else headers)
    await bus.say("fine", key="other")
    await consume(Faulty())
    await eventually(lambda: notes(journal, "other"))
    # The two keys run side by side: the good one may be done before the bad one is written down.
    await eventually(lambda: _rows(quarantine, 1))
    (row,) = (await quarantine.list()).rows
    assert row["cause"]["code"] == "undecodable_message"


async def test_a_record_that_the_client_cannot_read_is_quarantined_and_its_neighbours_are_handled(
    bus: Bus, journal: Journal, quarantine: Quarantine, consume: ConsumerMaker
) -> None:
    await bus.say("before", key="k")
    unreadable = await bus.put_bytes_replaced(b"a-header-name", b"\xff-header-name")
    await bus.say("after", key="k")
    consumer = await consume(Faulty())
    await eventually(lambda: notes_are(journal, "k", ["before", "after"]))
    await eventually(lambda: _rows(quarantine, 1))
    (row,) = (await quarantine.list()).rows
    assert (row["offset"], row["cause"]["code"]) == (unreadable, "undecodable_message")
    assert consumer.readiness() == {}


async def test_a_release_of_what_still_cannot_be_read_fails_and_the_consumer_goes_on(
    bus: Bus, journal: Journal, quarantine: Quarantine, consume: ConsumerMaker
) -> None:
    await bus.put(key=b"k", value=b"{}", headers=[("ce_type", None)])
    consumer = await consume(Faulty())
    await eventually(lambda: _rows(quarantine, 1))
    (row,) = (await quarantine.list()).rows
    await quarantine.release(row["id"], "u1")

    async def tried_again() -> bool:
        return bool((await quarantine.list()).rows[0]["tries"] == 2)

    await eventually(tried_again)
    await bus.say("fine", key="other")
    await eventually(lambda: notes(journal, "other"))
    assert consumer.readiness() == {}


async def test_a_bug_is_tried_a_bounded_number_of_times(
    bus: Bus, quarantine: Quarantine, consume: ConsumerMaker
) -> None:
    faulty = Faulty()
    offset = await bus.say("bug", key="k")
    await consume(faulty, bug_tries_max=3)
    await eventually(lambda: _committed(bus, offset + 1))
    assert faulty.calls == ["bug"] * 3
    (row,) = (await quarantine.list()).rows
    assert row["cause"] == {"code": "unexpected_error", "error": "ZeroDivisionError", "detail": "a bug"}


async def test_two_commands_of_one_type_for_one_stream_are_refused_loudly(
    bus: Bus, quarantine: Quarantine, consume: ConsumerMaker
) -> None:
    offset = await bus.say("x", key="k")
    await consume(lambda _message: [Dispatch("notes/k", Note("a")), Dispatch("notes/k", Note("b"))])
    await eventually(lambda: _committed(bus, offset + 1))
    assert [row["cause"]["code"] for row in (await quarantine.list()).rows] == ["ambiguous_dispatch"]


async def test_a_message_is_kept_before_its_offset_moves_and_kept_once(
    bus: Bus, quarantine: Quarantine, consume: ConsumerMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = Quarantine.keep
    kept: list[Any] = []

    async def keep(self: Quarantine, held: Any, *, status: str, cause: dict[str, Any]) -> None:
        committed = await bus.committed("payments")
        kept.append(committed)
        await original(self, held, status=status, cause=cause)
        if len(kept) == 1:
            # The write landed, its answer did not: the message is kept a second time.
            raise TimeoutError

    monkeypatch.setattr(Quarantine, "keep", keep)
    offset = await bus.say("bug", key="k")
    await consume(Faulty(), bug_tries_max=1)
    await eventually(lambda: _committed(bus, offset + 1))
    assert kept == [None, None]
    assert len((await quarantine.list()).rows) == 1


async def test_a_message_that_arrives_again_leaves_its_entry_as_it_is(quarantine: Quarantine) -> None:
    held = Held(Place("group", "topic", 0, 7), "k", b"k", b"{}", [])
    await quarantine.keep(held, status="OPEN", cause={"code": "first"})
    (row,) = (await quarantine.list()).rows
    await quarantine.release(row["id"], "u-operator")
    await quarantine.keep(held, status="OPEN", cause={"code": "second"})
    (row,) = (await quarantine.list()).rows
    assert (row["status"], row["cause"]) == ("RELEASE_REQUESTED", {"code": "first"})


# (6) later messages of a quarantined key wait behind it


async def test_later_messages_of_a_quarantined_key_wait_and_others_do_not(
    bus: Bus, journal: Journal, quarantine: Quarantine, consume: ConsumerMaker
) -> None:
    for reason in ("before", "bug", "after"):
        await bus.say(reason, key="k")
    await consume(Faulty())
    await eventually(lambda: _rows(quarantine, 2))
    offset = await bus.say("later", key="k")
    await bus.say("fine", key="other")
    await eventually(lambda: notes(journal, "other"))
    await eventually(lambda: _committed(bus, offset + 2))
    assert await notes(journal, "k") == ["before"]
    assert [row["status"] for row in (await quarantine.list()).rows] == ["OPEN", "PARKED", "PARKED"]


async def test_keys_that_wait_are_remembered_by_the_next_owner(
    bus: Bus, journal: Journal, quarantine: Quarantine, consume: ConsumerMaker
) -> None:
    faulty = Faulty()
    await bus.say("bug", key="k")
    first = await consume(faulty)
    await eventually(lambda: _rows(quarantine, 1))
    await first.stop()
    faulty.repaired = True
    offset = await bus.say("after", key="k")
    await consume(faulty)
    await eventually(lambda: _committed(bus, offset + 1))
    assert await notes(journal, "k") == []
    assert [row["status"] for row in (await quarantine.list()).rows] == ["OPEN", "PARKED"]


# (7) release is a request that the owner carries out, draining the key before new messages


async def test_release_processes_the_key_in_order_before_new_messages(
    bus: Bus, journal: Journal, quarantine: Quarantine, consume: ConsumerMaker
) -> None:
    faulty = Faulty()
    for reason in ("bug", "second", "third"):
        await bus.say(reason, key="k")
    consumer = await consume(faulty)
    await eventually(lambda: _rows(quarantine, 3))
    await eventually(lambda: "3 messages wait" in str(consumer.alarms()))
    assert consumer.readiness() == {}
    faulty.repaired = True
    head = (await quarantine.list()).rows[0]["id"]
    assert (await quarantine.release(head, "u-operator"))["status"] == "RELEASE_REQUESTED"
    await bus.say("new", key="k")
    await eventually(lambda: _rows(quarantine, 0))
    await eventually(lambda: _noted(journal, "k", 4))
    assert await notes(journal, "k") == ["bug", "second", "third", "new"]
    await eventually(lambda: not consumer.alarms())
    released = (await quarantine.list(status="RELEASED")).rows
    assert released[0]["requested_by"] == "u-operator"
    stored = await journal.store.collection("quarantine").find({}).to_list(None)
    assert not any({"value", "headers"} & set(entry) for entry in stored)
    await bus.say("normal again", key="k")
    await eventually(lambda: _noted(journal, "k", 5))


async def test_a_release_that_fails_again_opens_the_entry_with_its_new_cause(
    bus: Bus, quarantine: Quarantine, consume: ConsumerMaker
) -> None:
    await bus.say("bug", key="k")
    await bus.say("after", key="k")
    await consume(Faulty(), bug_tries_max=1)
    await eventually(lambda: _rows(quarantine, 2))
    head = (await quarantine.list()).rows[0]["id"]
    await quarantine.release(head, "u-operator")
    await eventually(lambda: _first_has(quarantine, tries=2))
    assert [row["status"] for row in (await quarantine.list()).rows] == ["OPEN", "PARKED"]


async def test_a_second_poison_behind_the_first_becomes_the_new_head(
    bus: Bus, journal: Journal, quarantine: Quarantine, consume: ConsumerMaker
) -> None:
    faulty = Faulty()
    for reason in ("bug one", "fine", "poison", "after"):
        changes: dict[str, Any] = {"data": {"nothing": 1}} if reason == "poison" else {}
        await bus.say(reason, key="k", **changes)
    await consume(faulty)
    await eventually(lambda: _rows(quarantine, 4))
    faulty.repaired = True
    await quarantine.release((await quarantine.list()).rows[0]["id"], "u-operator")
    await eventually(lambda: _rows(quarantine, 2))
    assert await notes(journal, "k") == ["bug one", "fine"]
    await eventually(lambda: _statuses(quarantine, ["OPEN", "PARKED"]))
    # A message of another key comes through when the draining is over, and still nothing has passed the new head.
    await bus.say("fine", key="other")
    await eventually(lambda: notes(journal, "other"))
    assert await notes(journal, "k") == ["bug one", "fine"]
    assert await _statuses(quarantine, ["OPEN", "PARKED"])


async def test_a_discard_lets_the_messages_behind_go_on(
    bus: Bus, journal: Journal, quarantine: Quarantine, consume: ConsumerMaker
) -> None:
    await bus.say("bug", key="k")
    await bus.say("after", key="k")
    await consume(Faulty())
    await eventually(lambda: _rows(quarantine, 2))
    head = (await quarantine.list()).rows[0]["id"]
    await quarantine.discard(head, "u-operator", "published twice by mistake")
    await eventually(lambda: notes(journal, "k"))
    assert await notes(journal, "k") == ["after"]
    (row,) = (await quarantine.list(status="DISCARDED")).rows
    assert (row["reason"], row["requested_by"]) == ("published twice by mistake", "u-operator")


async def test_a_release_cut_short_by_a_crash_is_finished_by_the_next_owner(
    bus: Bus, journal: Journal, quarantine: Quarantine, consume: ConsumerMaker
) -> None:
    faulty = Faulty()
    for reason in ("bug", "second", "third"):
        await bus.say(reason, key="k")
    first = await consume(faulty)
    await eventually(lambda: _rows(quarantine, 3))
    await first.stop()
    collection = journal.store.collection("quarantine")
    await collection.update_one({"status": "OPEN"}, {"$set": {"status": "DISCARDED"}})
    await consume(faulty)
    await eventually(lambda: _noted(journal, "k", 2))
    assert await notes(journal, "k") == ["second", "third"]


async def test_what_was_discarded_is_never_applied_though_it_arrives_again(
    bus: Bus, journal: Journal, quarantine: Quarantine, consume: ConsumerMaker
) -> None:
    for reason in ("bug", "given up", "after"):
        await bus.say(reason, key="k")
    kept = journal.store.collection("quarantine")
    for offset, status in ((0, "RELEASED"), (1, "DISCARDED")):
        # Both were resolved, and their owner died before it could commit an offset.
        held = Held(Place(bus.settings.group("payments"), bus.topic, 0, offset), "k", b"k", b"{}", [])
        await quarantine.keep(held, status=status, cause={})
    faulty = Faulty()
    await consume(faulty)
    await eventually(lambda: _committed(bus, 3))
    assert (faulty.calls, await notes(journal, "k")) == (["after"], ["after"])
    assert await kept.find_one({"status": "OPEN"}) is None


async def test_a_message_before_its_keys_head_that_arrives_again_does_not_wait_behind_it(
    bus: Bus, journal: Journal, quarantine: Quarantine, consume: ConsumerMaker
) -> None:
    for reason in ("applied before", "bug"):
        await bus.say(reason, key="k")
    held = Held(Place(bus.settings.group("payments"), bus.topic, 0, 1), "k", b"k", b"{}", [])
    await quarantine.keep(held, status="OPEN", cause={})
    await consume(Faulty())
    await eventually(lambda: _committed(bus, 2))
    assert await notes(journal, "k") == ["applied before"]
    assert [row["offset"] for row in (await quarantine.list()).rows] == [1]


async def test_a_message_that_is_being_released_cannot_be_discarded(
    bus: Bus, journal: Journal, quarantine: Quarantine, consume: ConsumerMaker
) -> None:
    faulty, begun, go_on = Faulty(), asyncio.Event(), asyncio.Event()

    async def slow(message: Message[DocumentRejected]) -> Iterable[Dispatch]:
        if faulty.repaired and message.event.reason == "behind":
            begun.set()
            await go_on.wait()
        return faulty(message)

    for reason in ("bug", "behind"):
        await bus.say(reason, key="k")
    await consume(slow)
    await eventually(lambda: _rows(quarantine, 2))
    faulty.repaired = True
    head, behind = (row["id"] for row in (await quarantine.list()).rows)
    await quarantine.release(head, "u-operator")
    await asyncio.wait_for(begun.wait(), 10)
    with pytest.raises(QuarantineEntryBeingReleased):
        await quarantine.discard(behind, "u-operator", "too late")
    assert (await quarantine.release(behind, "u-operator"))["status"] == "RELEASING"
    go_on.set()
    await eventually(lambda: _rows(quarantine, 0))
    assert await notes(journal, "k") == ["bug", "behind"]
    assert (await quarantine.list(status="DISCARDED")).rows == []


async def test_a_release_that_its_owner_died_over_is_finished_by_the_next(
    bus: Bus, journal: Journal, quarantine: Quarantine, consume: ConsumerMaker
) -> None:
    faulty = Faulty()
    await bus.say("bug", key="k")
    first = await consume(faulty)
    await eventually(lambda: _rows(quarantine, 1))
    await first.stop()
    await journal.store.collection("quarantine").update_one({"status": "OPEN"}, {"$set": {"status": "RELEASING"}})
    faulty.repaired = True
    await consume(faulty)
    await eventually(lambda: _rows(quarantine, 0))
    assert await notes(journal, "k") == ["bug"]


async def test_what_a_belated_owner_parked_is_let_go_by_the_present_one(
    bus: Bus, journal: Journal, quarantine: Quarantine, consume: ConsumerMaker
) -> None:
    await bus.say("applied", key="k")
    await consume(Faulty())
    await eventually(lambda: notes(journal, "k"))
    key, value, headers = bus.record("applied", key="k", id="evt_k_1", seq=1)
    held = Held(Place(bus.settings.group("payments"), bus.topic, 0, 0), "k", key, value, headers)
    await quarantine.keep(held, status="PARKED", cause={})
    await eventually(lambda: _rows(quarantine, 0))
    assert await notes(journal, "k") == ["applied"]


async def test_only_the_head_of_a_key_can_be_released(bus: Bus, quarantine: Quarantine, consume: ConsumerMaker) -> None:
    await bus.say("bug", key="k")
    await bus.say("after", key="k")
    await consume(Faulty())
    await eventually(lambda: _rows(quarantine, 2))
    rows = (await quarantine.list()).rows
    with pytest.raises(NotHeadOfItsKey):
        await quarantine.release(rows[1]["id"], "u")
    with pytest.raises(QuarantineEntryNotFound):
        await quarantine.release("nothing", "u")
    with pytest.raises(Rejected):
        await quarantine.discard(rows[0]["id"], "u", "  ")
    await quarantine.discard(rows[0]["id"], "u", "reason")
    await eventually(lambda: _rows(quarantine, 0))
    with pytest.raises(QuarantineEntryResolved):
        await quarantine.release(rows[0]["id"], "u")


async def test_a_list_shows_no_content_and_pages(bus: Bus, quarantine: Quarantine, consume: ConsumerMaker) -> None:
    for number in range(3):
        await bus.say("bug", key=f"k{number}")
    await consume(Faulty(), bug_tries_max=1)
    await eventually(lambda: _rows(quarantine, 3))
    first = await quarantine.list(limit=2)
    second = await quarantine.list(limit=2, cursor=first.next_cursor)
    assert [len(first.rows), len(second.rows), second.next_cursor] == [2, 1, None]
    assert not {"key", "value", "headers"} & set(first.rows[0])
    for none_of_ours in ("nonsense", first.rows[0]["id"], "执", "W10"):
        with pytest.raises(CursorMalformed):
            await quarantine.list(cursor=none_of_ours)
    with pytest.raises(Rejected):
        await quarantine.list(status="WHATEVER")
    with pytest.raises(Rejected):
        await quarantine.list(limit=0)


# (8) above a limit the consumer stops and alarms


async def test_at_its_limit_the_consumer_stops_alarms_and_goes_on_when_cleared(
    bus: Bus, journal: Journal, quarantine: Quarantine, consume: ConsumerMaker
) -> None:
    faulty = Faulty()
    for number in range(3):
        await bus.say("bug", key=f"k{number}")
    consumer = await consume(faulty, bug_tries_max=1, quarantine_open_max=2, batch_records_max=1, ready=False)
    await eventually(lambda: "halted" in str(consumer.readiness()))
    await bus.say("fine", key="innocent", partition=1)
    await asyncio.sleep(1.0)
    assert await _rows(quarantine, 2)
    assert await notes(journal, "innocent") == []
    faulty.repaired = True
    for row in (await quarantine.list()).rows:
        await quarantine.release(row["id"], "u-operator")
    await eventually(lambda: notes(journal, "innocent"))
    await eventually(lambda: notes(journal, "k2"))
    await eventually(lambda: not consumer.readiness())


async def _committed(bus: Bus, offset: int) -> bool:
    return await bus.committed("payments") == offset


async def _rows(quarantine: Quarantine, count: int) -> bool:
    return len((await quarantine.list()).rows) == count


async def _statuses(quarantine: Quarantine, expected: list[str]) -> bool:
    return [row["status"] for row in (await quarantine.list()).rows] == expected


async def _first_has(quarantine: Quarantine, *, tries: int) -> bool:
    return bool((await quarantine.list()).rows[0]["tries"] == tries)


async def _noted(journal: Journal, key: str, count: int) -> bool:
    return len(await notes(journal, key)) == count


async def notes_are(journal: Journal, key: str, expected: list[str]) -> bool:
    return await notes(journal, key) == expected
