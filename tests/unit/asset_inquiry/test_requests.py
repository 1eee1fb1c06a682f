"""A request's life: answered per item, returned and sent again, reminded of once, never answered twice differently."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest

from libs.foundation.errors import NotFound
from libs.schemas.asset_inquiry import (
    FoundAsset,
    ItemAnswer,
    ReplyReceived,
    RequestItem,
    RequestOverdue,
    RequestReturned,
)
from libs.schemas.envelope import Event
from libs.schemas.timers import TimerCancelled, TimerDue, TimerScheduled
from services.asset_inquiry.domain.refusals import (
    AlreadyAnswered,
    ControlNotBooked,
    ReplyConflict,
    ReplyIncomplete,
    ReplyInconsistent,
    RequestClosed,
)
from services.asset_inquiry.domain.request import RequestState, decide_request, evolve_request
from services.asset_inquiry.domain.request_commands import (
    Acknowledge,
    GiveUp,
    IssueRequest,
    OrderReissue,
    ReceiveReply,
    ReturnRequest,
)
from tests.unit.asset_inquiry.cases import NOW, controlled, deducted, issued_request

FUNDS = RequestItem(sequence=1, scope="FUNDS", requested_limit_fen=1000, measure_id="m", asset_class="DEPOSIT")
SECOND = RequestItem(sequence=2, scope="FUNDS", requested_limit_fen=500, measure_id="m2", asset_class="DEPOSIT")
DEDUCTION = RequestItem(sequence=1, scope="FUNDS", requested_limit_fen=1000, measure_id="m", payment_reference="ded_1")
NOT_CONTROLLED = ItemAnswer(
    sequence=1, status="NOT_CONTROLLED", controlled_fen=0, refusal_code="X", refusal_text="查无账户信息"
)


def run(state: RequestState, *commands: Any, now: datetime = NOW) -> tuple[RequestState, list[Event]]:
    events: list[Event] = []
    for command in commands:
        events = list(decide_request(state, command, now))
        for event in events:
            state = evolve_request(state, event) if not isinstance(event, TimerScheduled | TimerCancelled) else state
    return state, events


def freeze(*items: RequestItem) -> RequestState:
    return run(RequestState(), IssueRequest(issued_request("FREEZE", *(items or (FUNDS,)))))[0]


def reply(
    *answers: ItemAnswer, reply_id: str = "r1", status: Any = "FINAL", sha: str = "1", **more: Any
) -> ReceiveReply:
    return ReceiveReply(reply_id, status, answers, sha * 64, "h..s", **more)


def returned(code: Any = "PAPER_EMPTY") -> ReturnRequest:
    return ReturnRequest(code, "文书内容为空", "值班员", "0874-1")


def test_an_issued_request_waits_and_has_its_reply_timer() -> None:
    state, events = run(RequestState(), IssueRequest(issued_request("FREEZE", FUNDS)))
    assert state.state == "WAITING"
    assert events[1] == TimerScheduled(timer="reply", due_at=issued_request("FREEZE", FUNDS).answer_due_at)


@pytest.mark.parametrize("command", [Acknowledge("ACCEPTED"), reply(controlled(1, 1000)), returned()])
def test_a_message_about_a_request_that_was_never_sent_is_not_found(command: Any) -> None:
    with pytest.raises(NotFound):
        decide_request(RequestState(), command, NOW)


def test_a_final_reply_closes_the_request_and_its_timer() -> None:
    state, events = run(freeze(), reply(controlled(1, 1000)))
    assert (state.state, state.is_pending, state.late) == ("FINAL", False, False)
    assert events[-1] == TimerCancelled(timer="reply")


def test_the_same_reply_again_changes_nothing() -> None:
    state, events = run(freeze(), reply(controlled(1, 1000)), reply(controlled(1, 1000)))
    assert (state.state, events) == ("FINAL", [])


def test_another_content_under_the_same_reply_id_is_a_conflict() -> None:
    state, _ = run(freeze(), reply(controlled(1, 1000)))
    with pytest.raises(ReplyConflict):
        decide_request(state, reply(controlled(1, 900, 100), sha="2"), NOW)


def test_a_final_reply_answers_every_item() -> None:
    with pytest.raises(ReplyIncomplete):
        decide_request(freeze(FUNDS, SECOND), reply(controlled(1, 1000)), NOW)


def test_a_partial_reply_may_answer_one_item_as_soon_as_it_is_known() -> None:
    state, _ = run(freeze(FUNDS, SECOND), reply(controlled(2, 500), status="PARTIAL"))
    assert (state.state, state.is_pending) == ("PARTIAL", True)


@pytest.mark.parametrize("status", ["IN_PROGRESS", "UNKNOWN"])
def test_open_statuses_are_said_in_partial_replies_only(status: Any) -> None:
    answer = ItemAnswer(sequence=1, status=status, detail="LOCKED")
    assert run(freeze(), reply(answer, status="PARTIAL"))[0].state == "PARTIAL"
    with pytest.raises(ReplyIncomplete):
        decide_request(freeze(), reply(answer), NOW)


@pytest.mark.parametrize(
    "answer",
    [
        controlled(1, 900),
        controlled(1, 900, 200),
        controlled(1, 1000, status="PARTLY_CONTROLLED"),
        controlled(1, 900, 100, status="CONTROLLED"),
        controlled(9, 1000),
        ItemAnswer(sequence=1, status="QUEUED", controlled_fen=1, rank=2),
        ItemAnswer(sequence=1, status="QUEUED", rank=2, effective_from=NOW),
        ItemAnswer(sequence=1, status="QUEUED"),
        ItemAnswer(sequence=1, status="NOT_CONTROLLED"),
        NOT_CONTROLLED.model_copy(update={"controlled_fen": 5}),
        ItemAnswer(sequence=1, status="NO_RECORD", assets_state="NONE"),
        ItemAnswer(sequence=1, status="DEDUCTED"),
        ItemAnswer(sequence=1, status="RELEASED", agency_reference="F", effective_from=NOW),
    ],
)
@pytest.mark.rule("R-INQ-11", "R-INQ-20")
def test_an_answer_that_contradicts_itself_or_the_request_is_refused(answer: ItemAnswer) -> None:
    with pytest.raises(ReplyInconsistent):
        decide_request(freeze(), reply(answer), NOW)


@pytest.mark.parametrize("missing", ["agency_reference", "effective_from"])
def test_a_control_that_is_not_booked_is_no_control(missing: str) -> None:
    with pytest.raises(ControlNotBooked):
        decide_request(freeze(), reply(controlled(1, 1000).model_copy(update={missing: None})), NOW)


@pytest.mark.parametrize(
    "answer",
    [
        controlled(1, 1000),
        controlled(1, 400, 600),
        controlled(1, 0, 1000),
        ItemAnswer(sequence=1, status="QUEUED", controlled_fen=0, rank=2),
        NOT_CONTROLLED,
    ],
)
def test_the_four_answers_to_a_freeze_are_taken(answer: ItemAnswer) -> None:
    assert run(freeze(), reply(answer))[0].answers[1] == answer


def test_one_item_answered_twice_in_a_reply_is_refused() -> None:
    with pytest.raises(ReplyInconsistent):
        decide_request(freeze(), reply(controlled(1, 1000), controlled(1, 1000)), NOW)


@pytest.mark.parametrize(
    "answer",
    [
        deducted(1, 1001, "ded_1"),
        deducted(1, 0, "ded_1"),
        deducted(1, 1000, "another"),
        deducted(1, 1000, None),
        deducted(1, 1000, "ded_1", settlement="FAILED"),
        deducted(1, 1000, "ded_1", settlement=None),
    ],
)
def test_a_deduction_takes_no_more_than_asked_under_its_one_reference(answer: ItemAnswer) -> None:
    state, _ = run(RequestState(), IssueRequest(issued_request("DEDUCT", DEDUCTION)))
    with pytest.raises(ReplyInconsistent):
        decide_request(state, reply(answer), NOW)


def found(*assets: FoundAsset, status: Any = "ANSWERED", state: Any = "COMPLETE") -> ItemAnswer:
    return ItemAnswer(sequence=1, status=status, assets=assets, assets_state=state)


ASSET = FoundAsset(
    asset_id="a", asset_class="DEPOSIT", agency_id="bank-a", kind="借记卡", masked_reference="****1234", available_fen=1
)


@pytest.mark.parametrize(
    ("answer", "taken"),
    [
        (found(ASSET), True),
        (found(status="NO_RECORD", state="NONE"), True),
        (found(status="NO_RECORD", state="UNKNOWN"), False),
        (found(ASSET, state="UNKNOWN"), False),
        (found(ASSET, status="NO_RECORD", state="NONE"), False),
        (found(state="COMPLETE"), False),
    ],
)
def test_a_failed_look_up_is_never_read_as_none(answer: ItemAnswer, taken: bool) -> None:
    state, _ = run(RequestState(), IssueRequest(issued_request("INQUIRY", RequestItem(sequence=1))))
    if taken:
        assert run(state, reply(answer))[0].state == "FINAL"
    else:
        with pytest.raises(ReplyInconsistent):
            decide_request(state, reply(answer), NOW)


def test_a_final_answer_is_changed_only_by_a_reply_that_says_it_corrects() -> None:
    state, _ = run(freeze(), reply(controlled(1, 1000)))
    with pytest.raises(AlreadyAnswered):
        decide_request(state, reply(controlled(1, 400, 600), reply_id="r2", sha="2"), NOW)
    state, events = run(state, reply(controlled(1, 400, 600), reply_id="r2", sha="2", corrects="r1"))
    assert isinstance(events[0], ReplyReceived)
    assert (state.final_reply, state.answers[1].controlled_fen) == ("r2", 400)


def test_a_settled_item_does_not_flip_silently() -> None:
    state, _ = run(freeze(FUNDS, SECOND), reply(controlled(1, 1000), status="PARTIAL"))
    with pytest.raises(ReplyInconsistent):
        decide_request(state, reply(NOT_CONTROLLED, controlled(2, 500), reply_id="r2", sha="2"), NOW)


@pytest.mark.rule("R-INQ-06")
def test_an_overdue_request_gets_exactly_one_reminder_and_stays_in_the_queue() -> None:
    due = issued_request("FREEZE", FUNDS).answer_due_at
    state, early = run(freeze(), TimerDue("reply", 2, due), now=due - timedelta(seconds=1))
    assert early == []
    state, events = run(state, TimerDue("reply", 2, due), now=due)
    assert isinstance(events[0], RequestOverdue)
    assert (state.state, state.reminders, state.is_pending) == ("OVERDUE", 1, True)
    assert run(state, TimerDue("reply", 2, due), now=due + timedelta(days=1))[1] == []


@pytest.mark.rule("R-INQ-06")
def test_a_late_answer_is_taken_and_marked_late() -> None:
    due = issued_request("FREEZE", FUNDS).answer_due_at
    state, _ = run(freeze(), reply(controlled(1, 1000)), now=due + timedelta(minutes=4))
    assert (state.state, state.late) == ("FINAL", True)
    assert not run(freeze(), reply(controlled(1, 1000)), now=due)[0].late, "the last instant is in time"


def numbers(state: RequestState) -> Sequence[str | None]:
    assert state.returned is not None
    return [state.returned.reissued_as]


def test_a_curable_return_is_sent_again_under_a_new_number_at_most_three_times_in_all() -> None:
    state, _ = run(freeze(), returned())
    assert numbers(state) == ["KZ20260302-AAAA0001-R2"]
    second = issued_request("FREEZE", FUNDS, request_number="KZ20260302-AAAA0001-R2", attempt=2)
    assert numbers(run(RequestState(), IssueRequest(second), returned())[0]) == ["KZ20260302-AAAA0001-R3"]
    third = issued_request("FREEZE", FUNDS, request_number="KZ20260302-AAAA0001-R3", attempt=3)
    state, _ = run(RequestState(), IssueRequest(third), returned())
    assert numbers(state) == [None], "now an officer decides"
    assert isinstance(state.returned, RequestReturned)
    assert state.returned.retryable


def test_a_return_that_sending_again_cannot_cure_is_not_sent_again() -> None:
    assert numbers(run(freeze(), returned("ACCOUNT_NOT_FOUND"))[0]) == [None]


def test_a_returned_request_is_not_answered_any_more() -> None:
    state, _ = run(freeze(), returned())
    with pytest.raises(RequestClosed):
        decide_request(state, reply(controlled(1, 1000)), NOW)
    assert run(state, returned())[1] == [], "the same return again changes nothing"
    with pytest.raises(RequestClosed):
        decide_request(state, returned("UNREADABLE"), NOW)


def test_a_request_of_which_a_part_is_done_is_not_returned() -> None:
    state, _ = run(freeze(FUNDS, SECOND), reply(controlled(1, 1000), status="PARTIAL"))
    with pytest.raises(ReplyInconsistent):
        decide_request(state, returned(), NOW)


def test_an_answered_request_is_not_returned_any_more() -> None:
    state, _ = run(freeze(), reply(controlled(1, 1000)))
    with pytest.raises(AlreadyAnswered):
        decide_request(state, returned(), NOW)


def test_an_officer_sends_a_request_again_that_the_court_does_not_send_by_itself() -> None:
    state, _ = run(freeze(), returned("SUBJECT_MISMATCH"), OrderReissue("u-officer"))
    assert (state.state, state.reissued_as) == ("RETURNED", "KZ20260302-AAAA0001-R2")
    for command in (OrderReissue("u-officer"), GiveUp("不再办理")):
        with pytest.raises(RequestClosed):
            decide_request(state, command, NOW)


def test_an_officer_gives_a_returned_control_up_but_never_an_inquiry() -> None:
    state, _ = run(freeze(), returned("SUBJECT_MISMATCH"), GiveUp("不再办理"))
    assert state.state == "CANCELLED"
    asked, _ = run(RequestState(), IssueRequest(issued_request("INQUIRY", RequestItem(sequence=1))))
    asked, _ = run(asked, returned("SUBJECT_MISMATCH"))
    with pytest.raises(RequestClosed):
        decide_request(asked, GiveUp("不再办理"), NOW)


@pytest.mark.parametrize("command", [OrderReissue("u-officer"), GiveUp("不再办理")])
def test_an_open_request_is_not_decided_about_because_its_agency_may_act_any_moment(command: Any) -> None:
    for state in (freeze(), run(freeze(), returned())[0]):
        with pytest.raises(RequestClosed):
            decide_request(state, command, NOW)


def test_an_acknowledgement_is_kept_once() -> None:
    state, _ = run(freeze(), Acknowledge("ACCEPTED"))
    assert state.state == "ACKNOWLEDGED"
    assert run(state, Acknowledge("ACCEPTED"))[1] == []
    assert run(state, Acknowledge("PAPER_MISSING"))[0].acknowledged == "PAPER_MISSING"
