"""What each fact of another service becomes in a case; the ways that the integration tests do not go."""

from datetime import date
from typing import Any

import pytest

from libs.bus import Dispatch, Message
from libs.schemas import asset_inquiry, intake, payments
from libs.schemas.envelope import Event
from services.intake.domain.case.copies import RecordControl, RecordDebt, RecordOrderResult
from services.intake.domain.numbering import BindNumber
from services.intake.handlers import controls, filing, money
from tests.unit.intake.law import DEBTOR, NOW

MEASURE = {"case_id": "case_1", "measure_id": "mea", "agency_id": "bank-a"}
ITEM: dict[str, Any] = MEASURE | {"request_number": "DJ-1", "sequence": 1}


def message(event: Event) -> Message[Any]:
    return Message(
        event=event,
        id="evt",
        service=event.SERVICE,
        stream="s",
        seq=7,
        court="云0381",
        key="case_1",
        at=NOW,
        correlation_id="",
        causation_id=None,
        trace=None,
        topic="t",
        partition=0,
        offset=0,
    )


def control(dispatches: Any) -> RecordControl:
    (dispatch,) = dispatches
    assert isinstance(dispatch, Dispatch)
    assert dispatch.stream == "case/case_1"
    assert isinstance(dispatch.command, RecordControl)
    assert (dispatch.command.source_seq, dispatch.command.measure_id) == (7, "mea")
    return dispatch.command


def test_what_agencies_answer_becomes_the_state_of_the_measure() -> None:
    booked: dict[str, Any] = ITEM | {"effective_from": NOW, "agency_reference": "r"}
    partly = asset_inquiry.ControlPartlyEffective(**booked, controlled_fen=3, uncovered_limit_fen=2)
    assert control(controls.on_control_partly_effective(message(partly))).controlled_fen == 3
    queued = control(controls.on_control_queued(message(asset_inquiry.ControlQueued(**ITEM, rank=1))))
    assert (queued.state, queued.controlled_fen) == ("QUEUED", 0)
    refusal = asset_inquiry.ControlRefused(**ITEM, refusal_code="X", refusal_text="无此账户")
    refused = control(controls.on_control_refused(message(refusal)))
    assert (refused.state, refused.controlled_fen) == ("REFUSED", 0)


@pytest.mark.parametrize(("settlement", "state"), [("SENT", "ANSWERED"), ("FAILED", "FAILED")])
def test_an_answer_to_a_deduction_books_nothing_and_may_say_that_it_failed(settlement: Any, state: str) -> None:
    answered = asset_inquiry.DeductionAnswered(
        **ITEM,
        deduction_id="ded",
        deducted_fen=5,
        remaining_frozen_fen=0,
        settlement=settlement,
        payment_reference="p",
    )
    deduction = control(controls.on_deduction_answered(message(answered))).deduction
    assert deduction is not None
    assert (deduction.state, deduction.amount_fen) == (state, 5)


def test_a_deduction_is_confirmed_by_its_money_and_fails_with_its_reason() -> None:
    confirmed = asset_inquiry.DeductionConfirmed(**MEASURE, deduction_id="ded", amount_fen=5, payment_reference="p")
    arrived = control(controls.on_deduction_confirmed(message(confirmed))).deduction
    failed = asset_inquiry.DeductionFailed(**MEASURE, deduction_id="ded", reason="余额不足")
    lost = control(controls.on_deduction_failed(message(failed))).deduction
    assert arrived is not None
    assert lost is not None
    assert (arrived.state, lost.state) == ("CONFIRMED", "FAILED")


def test_a_refused_order_says_why() -> None:
    event = asset_inquiry.ControlOrderRefused(
        case_id="case_1", control_order_id="ord", kind="FREEZE", code="over_attachment", reason="超标的"
    )
    (dispatch,) = controls.on_control_order_refused(message(event))
    assert dispatch.command == RecordOrderResult("ord", accepted=False, code="over_attachment", reason="超标的")


def test_the_money_side_tells_only_what_it_speaks_of() -> None:
    event = payments.PayoutConfirmed(
        case_id="case_1",
        payout_id="p",
        purpose="TO_APPLICANT",
        payee_display="浦**",
        amount_fen=5,
        bank_reference="b",
        legs=(),
        balance_fen=2,
        paid_out_fen=5,
    )
    (dispatch,) = money.on_payout_confirmed(message(event))
    assert dispatch.command == RecordDebt(source_seq=7, paid_out_fen=5, balance_fen=2)
    satisfied = payments.DebtSatisfied(case_id="case_1", as_of=NOW.date(), total_fen=5, recovered_fen=5)
    (dispatch,) = money.on_debt_satisfied(message(satisfied))
    assert dispatch.command == RecordDebt(source_seq=7, satisfied=True, recovered_fen=5)


@pytest.mark.rule("R-INT-01")
def test_an_acceptance_asks_for_a_number_of_its_court_type_and_year_of_acceptance() -> None:
    accepted = intake.ApplicationAccepted(
        application_id="app", case_id="case_1", decided_by="u", decided_on=date(2026, 12, 31)
    )
    (dispatch,) = filing.on_application_accepted(message(accepted))
    assert dispatch.command == BindNumber("app", "case_1", "云0381", "执", 2026)
    assert dispatch.stream == "numbering/%E4%BA%910381/%E6%89%A7/2026"
    assert dispatch.key not in (None, "case_1")


def test_service_of_any_other_paper_starts_no_clock() -> None:
    served = intake.DocumentServed(
        document_id="doc",
        case_id="case_1",
        kind="ENFORCEMENT_NOTICE",
        party=DEBTOR,
        method="DIRECT",
        served_at=NOW,
        evidence="e",
        recorded_by="u",
    )
    assert filing.on_document_served(message(served)) == []
