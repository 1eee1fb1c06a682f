"""The sessions of a view, its entries, its heads: what the law of the feed allows and refuses."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from libs.schemas.credit_blacklist import FeedPublished, FeedSessionOpened, SessionEnd
from libs.schemas.envelope import Event
from services.credit_blacklist.domain.feed import (
    AppendEntry,
    EndSession,
    FeedState,
    decide_feed,
    evolve_feed,
    feed_stream,
)
from services.credit_blacklist.domain.feed_head import (
    HeadContradicts,
    HeadOvertaken,
    Named,
    NameSequence,
    decide_head,
    evolve_head,
)
from services.credit_blacklist.domain.feed_refusals import (
    BulkRangeImpossible,
    BulkUnknown,
    NotTheSecondOfficer,
    ResetPending,
    ResetUnknown,
    SessionOver,
    SessionPending,
)
from services.credit_blacklist.domain.feed_session import (
    BULKS_KEPT,
    DecideBulk,
    DecideReset,
    DeclareBulk,
    OpenFirstSession,
    OpenSuccessor,
    OrderReset,
    ViewSessions,
    decide_session,
    evolve_session,
)

NOW = datetime(2024, 6, 3, 1, 0, tzinfo=UTC)
END = SessionEnd(session_id="s1", sequence=7, log_root="0" * 64, count=5, set_digest="1" * 64)


def session_after(*commands: Any) -> ViewSessions:
    state = ViewSessions()
    for command in commands:
        for event in decide_session(state, command, NOW):
            state = evolve_session(state, event)
    return state


OPEN = OpenFirstSession("air", "s1")
ORDER = OrderReset("air", "s2", "恢复备份", "a")


def approve(officer: str = "b", session: str = "s2") -> DecideReset:
    return DecideReset(session, "APPROVE", officer)


def fed(*commands: Any) -> tuple[FeedState, list[Event]]:
    state = FeedState()
    told: list[Event] = []
    for command in commands:
        events: Sequence[Event] = decide_feed(state, command, NOW)
        told += events
        for event in events:
            state = evolve_feed(state, event)
    return state, told


def test_the_first_session_opens_once_and_has_no_predecessor() -> None:
    state = session_after(OPEN, OpenFirstSession("air", "other"))
    assert (state.active, [each.previous for each in state.every]) == ("s1", [None])


@pytest.mark.rule("R-CRB-33")
def test_a_reset_needs_two_officers_and_says_how_the_session_before_it_ended() -> None:
    state = session_after(OPEN, ORDER, approve(), OpenSuccessor("s2", END))
    current = state.current
    assert current is not None
    assert (current.session_id, current.previous) == ("s2", END)
    assert (current.reason, current.officer, current.second_officer) == ("恢复备份", "a", "b")
    assert (state.reset, state.resetting) == (None, False)


def test_who_ordered_a_reset_cannot_approve_it() -> None:
    with pytest.raises(NotTheSecondOfficer):
        session_after(OPEN, ORDER, approve("a"))


def test_nothing_is_appended_while_an_approved_reset_is_carried_out() -> None:
    assert not session_after(OPEN, ORDER).resetting
    assert session_after(OPEN, ORDER, approve()).resetting


@pytest.mark.parametrize(
    ("commands", "refusal"),
    [
        ((ORDER,), SessionPending),
        ((OPEN, ORDER, ORDER), ResetPending),
        ((OPEN, approve()), ResetUnknown),
        ((OPEN, ORDER, approve(session="s9")), ResetUnknown),
        ((OPEN, ORDER, approve(), approve()), ResetUnknown),
        ((OPEN, ORDER, OpenSuccessor("s2", END)), ResetUnknown),
        ((OPEN, ORDER, DecideReset("s2", "REJECT", "b", "x"), OpenSuccessor("s2", END)), ResetUnknown),
        ((DeclareBulk("air", "k", 1, 2, "x", "a"),), SessionPending),
        ((OPEN, DeclareBulk("air", "k", 2, 1, "x", "a")), BulkRangeImpossible),
        ((OPEN, DeclareBulk("air", "k", 1, 2_000_001, "x", "a")), BulkRangeImpossible),
        ((OPEN, DecideBulk("k", "APPROVE", "b")), BulkUnknown),
        ((OPEN, DeclareBulk("air", "k", 1, 2, "x", "a"), DecideBulk("k", "APPROVE", "a")), NotTheSecondOfficer),
    ],
)
def test_what_is_out_of_order_is_refused(commands: tuple[Any, ...], refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        session_after(*commands)


def test_a_session_is_opened_once_however_often_it_is_said() -> None:
    state = session_after(OPEN, ORDER, approve(), OpenSuccessor("s2", END), OpenSuccessor("s2", END))
    assert [each.session_id for each in state.every] == ["s1", "s2"]


def test_a_rejected_announcement_is_gone_and_an_approved_one_stands() -> None:
    declare = [DeclareBulk("air", name, 1, 2_000_000, "x", "a") for name in ("k", "l")]
    state = session_after(OPEN, *declare, DecideBulk("k", "REJECT", "b", "no"), DecideBulk("l", "APPROVE", "b"))
    assert [(each.bulk_id, each.session_id, each.second_officer) for each in state.bulks] == [("l", "s1", "b")]


def test_announcements_do_not_grow_for_ever() -> None:
    declare = [DeclareBulk("air", f"k{number}", 1, 2, "x", "a") for number in range(BULKS_KEPT + 3)]
    assert len(session_after(OPEN, *declare).bulks) == BULKS_KEPT


def test_entries_are_counted_and_an_ended_session_takes_none() -> None:
    entry = AppendEntry("r", 1, "jws", "case_1")
    state, told = fed(entry, entry, EndSession("s1"), EndSession("s1"))
    assert (state, len(told)) == (FeedState(entries=2, ended=True), 3)
    with pytest.raises(SessionOver):
        decide_feed(state, entry, NOW)


def test_the_names_of_streams_hold_view_and_session() -> None:
    assert feed_stream("air", "s/1") == "feed/air/s%2F1"


def fact(sequence: int, digest: str = "d") -> NameSequence:
    return NameSequence(
        FeedPublished(view="air", session_id="s1", sequence=sequence, count=1, set_digest=digest, log_root="r")
    )


@pytest.mark.rule("R-CRB-33")
def test_a_head_names_more_or_the_same_and_never_contradicts() -> None:
    state = Named()
    for command, told in ((fact(3), 1), (fact(3), 0), (fact(5), 1)):
        events = decide_head(state, command, NOW)
        assert len(events) == told
        for event in events:
            state = evolve_head(state, event)
    with pytest.raises(HeadOvertaken):
        decide_head(state, fact(4), NOW)
    with pytest.raises(HeadContradicts):
        decide_head(state, fact(5, "other"), NOW)


@pytest.mark.parametrize("decide", [decide_feed, decide_session, decide_head])
def test_an_unknown_command_is_a_bug(decide: Any) -> None:
    state = {decide_feed: FeedState(), decide_session: ViewSessions(), decide_head: Named()}[decide]
    with pytest.raises(TypeError):
        decide(state, object(), NOW)


def test_what_is_no_event_of_a_law_changes_nothing() -> None:
    event = FeedSessionOpened(view="air", session_id="s1", opened_at=NOW)
    assert evolve_feed(FeedState(), event) == FeedState()
    assert evolve_head(Named(), event) == Named()
    assert evolve_session(ViewSessions(), fact(1).fact) == ViewSessions()
