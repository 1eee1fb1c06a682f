"""Renewals answered, controls that came back for good, deductions that failed: each settles its measure once."""

from datetime import date
from typing import Any

import pytest

from libs.schemas.asset_inquiry import (
    ControlEffective,
    ControlOrderAccepted,
    ControlReleaseRefused,
    DeductionFailed,
    ItemAnswer,
    RequestItem,
)
from services.asset_inquiry.domain.control_answers import ConfirmDeduction, TakeAnswers, TakeReturn
from tests.unit.asset_inquiry.cases import controlled, decide, deducted, issued_request, order, request_of, run
from tests.unit.asset_inquiry.test_controls import accepted, deducting, frozen, on, only

REFUSED = ItemAnswer(sequence=1, status="NOT_CONTROLLED", refusal_code="X", refusal_text="不能办理")


def asked(kind: Any, order_id: str = "co-x") -> tuple[Any, Any]:
    state = frozen(1000)
    state, events = run(state, decide(order(kind, [on(only(state), 1000)], order_id)))
    return state, request_of(kind, accepted(events).planned[0], order_id)


@pytest.mark.rule("R-INQ-10")
def test_a_renewed_freeze_ends_later_and_keeps_the_number_its_agency_knows() -> None:
    state, request = asked("RENEW")
    number = only(state).request_number
    renewed = controlled(1, 1000, effective_to=date(2028, 3, 1))
    state, events = run(state, TakeAnswers(request, (renewed,)))
    assert isinstance(events[0], ControlEffective)
    assert (only(state).request_number, only(state).effective_to) == (number, date(2028, 3, 1))


def test_a_renewal_that_the_agency_refused_leaves_the_freeze_with_its_old_end() -> None:
    state, request = asked("RENEW")
    state, events = run(state, TakeAnswers(request, (REFUSED,)))
    assert events == []
    assert (only(state).state, only(state).effective_to) == ("EFFECTIVE", date(2027, 3, 1))


def test_a_release_that_came_back_for_good_leaves_the_freeze_and_may_be_ordered_again() -> None:
    state, request = asked("RELEASE")
    state, events = run(state, TakeReturn(request, "GIVEN_UP", "不再办理"))
    assert isinstance(events[0], ControlReleaseRefused)
    assert run(state, TakeReturn(request, "GIVEN_UP", "不再办理"))[1] == []
    accepted(run(state, decide(order("RELEASE", [on(only(state), 0)], "co-again")))[1])


def test_a_deduction_that_came_back_for_good_failed_and_took_nothing() -> None:
    state, request = deducting(frozen(1000), 400)
    state, events = run(state, TakeReturn(request, "ORIGINAL_NOT_FOUND", "无原冻结请求信息"))
    assert isinstance(events[0], DeductionFailed)
    assert (events[0].case_id, only(state).frozen_fen) == ("case_1", 1000)
    assert run(state, TakeReturn(request, "ORIGINAL_NOT_FOUND", "无原冻结请求信息"))[1] == []


def test_a_settlement_that_failed_is_a_failed_deduction_and_lets_a_waiting_release_go() -> None:
    state, request = deducting(frozen(1000), 400)
    reference = next(iter(only(state).deductions))
    state, _ = run(state, decide(order("RELEASE", [on(only(state), 0)], "co-r")))
    failed = deducted(1, 0, reference, 1000, settlement="FAILED", detail="行外划拨失败")
    state, events = run(state, TakeAnswers(request, (failed,)))
    assert [type(event) for event in events] == [DeductionFailed, ControlOrderAccepted]
    assert only(state).deductions[reference].failed == "行外划拨失败"


def test_a_deduction_whose_money_is_here_is_not_made_a_failure_by_a_late_no() -> None:
    state, request = deducting(frozen(1000), 400)
    reference = next(iter(only(state).deductions))
    state, events = run(state, ConfirmDeduction(reference, 400), TakeAnswers(request, (REFUSED,)))
    assert events == []
    assert only(state).deductions[reference].state == "CONFIRMED"


def test_a_freeze_that_money_was_taken_from_is_not_undone_by_a_late_correction() -> None:
    state, _ = deducting(frozen(1000), 400)
    freeze = state.orders["co-1"]
    request = issued_request("FREEZE", RequestItem(sequence=1, measure_id=freeze.measure_ids[0]))
    assert run(state, TakeAnswers(request, (REFUSED,)))[1] == []


def test_an_answer_about_a_measure_that_nobody_asked_for_changes_nothing() -> None:
    request = issued_request("FREEZE", RequestItem(sequence=1, measure_id="msr_unknown"))
    assert run(frozen(1000), TakeAnswers(request, (controlled(1, 5),)))[1] == []
