"""The case account: opened once, credited once, its debt re-assessed when money comes on another day."""

from datetime import UTC, date, datetime, timedelta

import pytest

from libs.foundation.fen import FEN_MAX
from libs.schemas.payments import AccountCredited, DebtAssessed, DebtSatisfied, FundOverdue
from libs.schemas.timers import TimerDue, TimerScheduled
from services.payments.domain.commands import AssessDebt, OpenAccount, RecordDebtBasis
from services.payments.domain.refusals import AmountBeyondLimit, AssessmentDayOutOfReach, CaseAccountUnknown
from tests.unit.payments.desk import (
    APPLICANT,
    CASE,
    NUMBER,
    REGISTERED,
    Desk,
    credit,
    opened,
    to_applicant,
)


@pytest.mark.rule("R-PAY-01")
def test_an_account_is_opened_once() -> None:
    desk = opened()
    other = NUMBER.model_copy(update={"account_number": "5303990001000002"})
    assert desk.ask(OpenAccount(CASE, "(2026)云0381执1号", other)) == []
    assert desk.state.account == NUMBER


@pytest.mark.rule("R-PAY-08", "R-PAY-20")
def test_the_debt_is_assessed_when_the_case_is_registered() -> None:
    (assessed,) = (event for event in opened().events if isinstance(event, DebtAssessed))
    assert (assessed.as_of, assessed.total_fen) == (date(2026, 3, 2), 506_575)


def test_a_case_recorded_again_changes_nothing() -> None:
    desk = opened()
    again = RecordDebtBasis(CASE, "n", "云0381", (APPLICANT,), 1, date(2026, 2, 12), date(2026, 3, 2))
    assert desk.ask(again) == []


@pytest.mark.rule("R-PAY-01")
def test_a_posting_has_two_legs_that_sum_to_zero() -> None:
    desk = opened()
    credited = desk.ask(credit(320_000))[0]
    assert isinstance(credited, AccountCredited)
    assert sum(leg.amount_fen for leg in credited.legs) == 0
    assert (credited.balance_fen, credited.recovered_fen) == (320_000, 320_000)


@pytest.mark.rule("R-PAY-01")
def test_the_same_incoming_payment_is_credited_once() -> None:
    desk = opened()
    desk.ask(credit(320_000))
    assert desk.ask(credit(320_000)) == []
    assert desk.state.balance_fen == 320_000


@pytest.mark.rule("R-PAY-20")
def test_money_of_the_day_of_registration_needs_no_new_assessment() -> None:
    desk = opened()
    assert desk.names(desk.ask(credit(320_000))) == ["account_credited"]


@pytest.mark.rule("R-PAY-20")
def test_money_of_another_day_re_assesses_the_debt_as_of_that_day() -> None:
    desk = opened()
    events = desk.ask(credit(100_000, value_at=REGISTERED + timedelta(days=10)))
    assessed = next(event for event in events if isinstance(event, DebtAssessed))
    # 28 days on all of it: what came in on the last day bore interest until then.
    assert (assessed.as_of, assessed.interest_fen) == (date(2026, 3, 12), 2_450)


@pytest.mark.rule("R-PAY-20")
def test_what_came_in_earlier_stopped_the_interest_on_its_part() -> None:
    desk = opened()
    desk.ask(credit(400_000, "in_1"))
    events = desk.ask(credit(100_000, "in_2", REGISTERED + timedelta(days=10)))
    assessed = next(event for event in events if isinstance(event, DebtAssessed))
    # 4,000.00 × 18 d = 12.60 and 1,000.00 × 28 d = 4.90
    assert assessed.interest_fen == 1_260 + 490


@pytest.mark.rule("R-PAY-20")
def test_the_debt_is_satisfied_by_the_last_fen_and_not_before() -> None:
    desk = opened()
    assert "debt_satisfied" not in desk.names(desk.ask(credit(506_574, "in_1")))
    satisfied = desk.ask(credit(1, "in_2"))[-1]
    assert isinstance(satisfied, DebtSatisfied)
    assert (satisfied.total_fen, satisfied.recovered_fen) == (506_575, 506_575)
    assert "debt_satisfied" not in desk.names(desk.ask(credit(1, "in_3")))


@pytest.mark.rule("R-PAY-03")
def test_money_is_taken_even_before_the_case_is_known() -> None:
    desk = Desk()
    assert desk.names(desk.ask(credit(100))) == ["account_credited"]
    assert desk.state.balance_fen == 100


def test_a_sum_that_could_not_be_held_exactly_is_refused_and_waits_in_transit() -> None:
    desk = opened()
    desk.ask(credit(FEN_MAX, "in_1"))
    with pytest.raises(AmountBeyondLimit):
        desk.ask(credit(1, "in_2"))


@pytest.mark.rule("R-PAY-04")
def test_three_timers_watch_every_receipt() -> None:
    timers = [event for event in opened().ask(credit(100)) if isinstance(event, TimerScheduled)]
    assert [timer.timer for timer in timers] == ["payment_notice:in_1", "payout:in_1", "outer_limit:in_1"]
    assert [timer.due_at for timer in timers] == [
        datetime(2026, 3, 16, 16, tzinfo=UTC),
        datetime(2026, 3, 23, 16, tzinfo=UTC),
        datetime(2026, 4, 1, 16, tzinfo=UTC),
    ]


def due(timer: str) -> TimerDue:
    return TimerDue(timer, 1, datetime(2026, 3, 16, 16, tzinfo=UTC))


@pytest.mark.rule("R-PAY-04", "R-PAY-05")
def test_money_that_stands_still_is_overdue() -> None:
    desk = opened()
    desk.ask(credit(300_000))
    (overdue,) = desk.ask(due("payment_notice:in_1"))
    assert isinstance(overdue, FundOverdue)
    assert (overdue.stage, overdue.amount_fen, overdue.incoming_id) == ("PAYMENT_NOTICE", 300_000, "in_1")


@pytest.mark.rule("R-PAY-04")
def test_a_drafted_payout_is_the_payment_notice_but_not_the_payment() -> None:
    desk = opened()
    desk.ask(credit(300_000))
    desk.ask(to_applicant(300_000))
    assert desk.ask(due("payment_notice:in_1")) == []
    assert desk.names(desk.ask(due("payout:in_1"))) == ["fund_overdue"]


@pytest.mark.rule("R-PAY-04")
def test_only_what_still_waits_of_a_receipt_is_overdue() -> None:
    desk = opened()
    desk.ask(credit(100_000, "in_1"))
    desk.ask(credit(200_000, "in_2"))
    desk.ask(to_applicant(150_000))
    assert desk.ask(due("payment_notice:in_1")) == []
    (overdue,) = desk.ask(due("payment_notice:in_2"))
    assert isinstance(overdue, FundOverdue)
    assert overdue.amount_fen == 150_000


def test_a_timer_of_nothing_does_nothing() -> None:
    assert opened().ask(due("payout:in_9")) == []


@pytest.mark.rule("R-INQ-20", "R-PAY-20")
def test_the_debt_is_assessed_anew_for_an_expected_day_and_said_once() -> None:
    desk = opened()
    (assessed,) = desk.ask(AssessDebt(date(2026, 3, 12)))
    assert isinstance(assessed, DebtAssessed)
    assert (assessed.as_of, assessed.interest_fen, assessed.total_fen) == (date(2026, 3, 12), 2_450, 507_450)
    assert desk.ask(AssessDebt(date(2026, 3, 12))) == []


@pytest.mark.rule("R-INQ-20")
@pytest.mark.parametrize("as_of", [date(2026, 3, 1), date(2026, 4, 2), date(2090, 1, 1)])
def test_the_debt_is_not_assessed_backwards_nor_for_a_far_day(as_of: date) -> None:
    with pytest.raises(AssessmentDayOutOfReach):
        opened().ask(AssessDebt(as_of))


def test_a_case_nobody_recorded_has_no_debt_to_assess() -> None:
    with pytest.raises(CaseAccountUnknown):
        Desk().ask(AssessDebt(date(2026, 3, 2)))
