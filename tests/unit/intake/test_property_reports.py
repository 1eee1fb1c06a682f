from datetime import datetime, timedelta

import pytest

from libs.schemas.intake import PropertyReportBreached, PropertyReportOrdered, PropertyReportReceived
from libs.schemas.timers import TimerCancelled, TimerDue, TimerScheduled
from services.intake.domain import case
from services.intake.domain.case import Case
from services.intake.domain.case.papers import (
    AlreadyReported,
    OrderPropertyReport,
    ReceivePropertyReport,
)
from services.intake.domain.refusals import PartyNotInCase, PropertyReportNotOrdered
from tests.unit.intake.law import APPLICANT, DEBTOR, NOW, after, at, registered

TIMER = f"property_report/{DEBTOR.party_id}"
DUE_AT = at(2026, 3, 13, 0)
REPORT = ReceivePropertyReport(DEBTOR.party_id, "rep_1", ("REAL_ESTATE",), "u-duty")
ORDER = OrderPropertyReport(DEBTOR.party_id, "doc_1", NOW)


def ordered() -> Case:
    return after(registered(), ORDER)


def timer(now: datetime) -> tuple[TimerDue, datetime]:
    return TimerDue(TIMER, 1, DUE_AT), now


@pytest.mark.rule("R-INT-16")
def test_service_of_the_order_starts_ten_days_and_their_timer() -> None:
    order, scheduled = case.decide(registered(), ORDER, NOW)
    assert isinstance(order, PropertyReportOrdered)
    assert order.due.last_day.isoformat() == "2026-03-12"
    assert scheduled == TimerScheduled(timer=TIMER, due_at=DUE_AT)
    assert case.decide(ordered(), ORDER, NOW) == []
    to_applicant = OrderPropertyReport(APPLICANT.party_id, "doc_1", NOW)
    assert case.decide(registered(), to_applicant, NOW) == []


@pytest.mark.rule("R-INT-16")
def test_a_report_in_time_ends_the_timer() -> None:
    received, cancelled = case.decide(ordered(), REPORT, DUE_AT - timedelta(microseconds=1))
    assert isinstance(received, PropertyReportReceived)
    assert received.in_time
    assert cancelled == TimerCancelled(timer=TIMER)


@pytest.mark.rule("R-INT-16")
def test_silence_is_a_breach_once_the_last_day_is_over_and_not_before() -> None:
    due, now = timer(DUE_AT)
    (breach,) = case.decide(ordered(), due, now)
    assert breach == PropertyReportBreached(case_id="case_1", party_id=DEBTOR.party_id, reason="NOT_REPORTED")
    assert case.decide(ordered(), due, DUE_AT - timedelta(seconds=1)) == []
    reported = after(ordered(), REPORT)
    assert case.decide(reported, due, now) == []


@pytest.mark.rule("R-INT-16")
def test_a_late_report_is_a_breach_even_if_the_timer_has_not_fired() -> None:
    received, breach, cancelled = case.decide(ordered(), REPORT, DUE_AT)
    assert isinstance(received, PropertyReportReceived)
    assert not received.in_time
    assert isinstance(breach, PropertyReportBreached)
    assert breach.reason == "LATE"
    assert cancelled == TimerCancelled(timer=TIMER)


@pytest.mark.rule("R-INT-16")
def test_after_the_breach_a_report_is_taken_and_marked_late_without_a_second_breach() -> None:
    breached = after(ordered(), TimerDue(TIMER, 1, DUE_AT), now=DUE_AT)
    (received,) = case.decide(breached, REPORT, DUE_AT + timedelta(days=1))
    assert isinstance(received, PropertyReportReceived)
    assert not received.in_time


def test_a_report_needs_an_order_and_comes_once_and_from_a_debtor() -> None:
    with pytest.raises(PropertyReportNotOrdered):
        case.decide(registered(), REPORT, NOW)
    with pytest.raises(AlreadyReported):
        case.decide(after(ordered(), REPORT), REPORT, NOW)
    stranger = ReceivePropertyReport(APPLICANT.party_id, "rep_1", ("OTHER",), "u-duty")
    with pytest.raises(PartyNotInCase):
        case.decide(ordered(), stranger, NOW)
