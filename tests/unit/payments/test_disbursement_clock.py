"""The disbursement clock, against the calendar examples of the rulebook."""

from datetime import UTC, date, datetime

import pytest

from services.payments.rules import disbursement_clock


@pytest.mark.rule("R-PAY-04", "R-GEN-02")
def test_money_of_2025_09_24_is_notified_by_10_14_and_paid_by_10_21() -> None:
    clock = disbursement_clock(datetime(2025, 9, 24, 3, tzinfo=UTC))
    assert clock.payment_notice.last_day == date(2025, 10, 14)
    assert clock.payout.last_day == date(2025, 10, 21)
    assert clock.outer_limit.last_day == date(2025, 10, 24)
    assert not clock.payout.provisional


@pytest.mark.rule("R-PAY-04")
def test_the_clock_runs_from_the_shanghai_day() -> None:
    # 16:30 UTC on the 23rd is half past midnight on the 24th in Shanghai.
    assert disbursement_clock(datetime(2025, 9, 23, 16, 30, tzinfo=UTC)).payout.last_day == date(2025, 10, 21)


@pytest.mark.rule("R-PAY-04", "R-GEN-01")
def test_every_deadline_says_why_it_is_that_date() -> None:
    clock = disbursement_clock(datetime(2026, 3, 2, 3, tzinfo=UTC))
    for due in (clock.payment_notice, clock.payout, clock.outer_limit):
        assert "2026-03-02" in due.explanation
        assert due.rule == "R-PAY-04@2021-12-22"
    assert clock.outer_limit.due_at == datetime(2026, 4, 1, 16, tzinfo=UTC)
