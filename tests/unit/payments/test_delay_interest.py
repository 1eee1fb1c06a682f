"""Delay interest since 2014-08-01, against cases A to E of the rulebook."""

from datetime import date
from fractions import Fraction

import pytest

from libs.foundation.fen import from_yuan, round_half_up
from services.payments.rules import (
    DELAY_INTEREST,
    Claim,
    Repayment,
    delay_days,
    doubled_part,
    general_interest,
    satisfy,
)


@pytest.mark.rule("R-PAY-20")
def test_case_a_one_payment_after_111_days() -> None:
    exact, steps = doubled_part(from_yuan("100,000"), date(2024, 3, 11), date(2024, 6, 30))
    assert round_half_up(exact) == from_yuan("1,942.50")
    assert steps == ["100,000.00 × 0.000175 × 111 d"]


@pytest.mark.rule("R-PAY-20")
def test_case_b_each_part_runs_to_its_own_payment_day() -> None:
    paid = [
        Repayment(from_yuan("200,000"), date(2024, 10, 31)),
        Repayment(from_yuan("100,000"), date(2024, 4, 30)),
    ]
    exact, steps = doubled_part(from_yuan("300,000"), date(2024, 1, 31), date(2024, 10, 31), paid)
    assert round_half_up(exact) == from_yuan("11,165.00")
    assert steps == ["100,000.00 × 0.000175 × 90 d", "200,000.00 × 0.000175 × 274 d"]


@pytest.mark.rule("R-PAY-20")
def test_case_c_general_interest_and_doubled_part() -> None:
    general = general_interest(from_yuan("500,000"), Fraction(435, 10_000), date(2023, 1, 1), date(2024, 12, 31))
    doubled, _ = doubled_part(from_yuan("500,000"), date(2024, 3, 11), date(2024, 12, 31))
    assert round_half_up(general) == from_yuan("43,500.00")
    assert round_half_up(doubled) == from_yuan("25,812.50")


@pytest.mark.rule("R-PAY-14", "R-PAY-20")
def test_case_d_costs_then_interest_then_principal_and_the_doubled_part_last() -> None:
    claim = Claim(from_yuan("8,800"), from_yuan("43,500"), from_yuan("500,000"), from_yuan("25,812.50"))
    paid = satisfy(claim, from_yuan("450,000"))
    assert (paid.costs_fen, paid.general_interest_fen) == (from_yuan("8,800"), from_yuan("43,500"))
    assert paid.principal_fen == from_yuan("397,700.00")
    assert (paid.doubled_fen, paid.left_fen) == (0, 0)
    assert claim.principal_fen - paid.principal_fen == from_yuan("102,300.00")


@pytest.mark.rule("R-PAY-14")
def test_what_is_more_than_the_claim_is_left() -> None:
    assert satisfy(Claim(1, 2, 3, 4), 12).left_fen == 2


@pytest.mark.rule("R-PAY-20")
def test_case_e_a_suspension_the_debtor_did_not_ask_for_is_not_counted() -> None:
    suspended = [(date(2024, 5, 1), date(2024, 5, 31))]
    exact, _ = doubled_part(from_yuan("100,000"), date(2024, 3, 11), date(2024, 6, 30), suspended=suspended)
    assert delay_days(date(2024, 3, 11), date(2024, 6, 30), suspended) == 81
    assert round_half_up(exact) == from_yuan("1,417.50")


@pytest.mark.rule("R-PAY-20")
@pytest.mark.parametrize(
    ("first", "resumed", "days"),
    [
        (date(2024, 3, 1), date(2024, 3, 11), 111),  # over before the delay begins
        (date(2024, 3, 1), date(2024, 3, 12), 111),  # the last day of performance is not counted anyway
        (date(2024, 3, 1), date(2024, 3, 13), 110),
        (date(2024, 6, 30), date(2024, 7, 31), 110),  # only the payment day falls into it
        (date(2024, 7, 1), date(2024, 7, 31), 111),  # after the payment
    ],
)
def test_only_the_suspended_days_inside_the_delay_are_taken_out(first: date, resumed: date, days: int) -> None:
    assert delay_days(date(2024, 3, 11), date(2024, 6, 30), [(first, resumed)]) == days


@pytest.mark.rule("R-PAY-20")
def test_the_last_day_is_not_counted_and_the_payment_day_is() -> None:
    assert delay_days(date(2026, 2, 12), date(2026, 2, 12)) == 0
    assert delay_days(date(2026, 2, 12), date(2026, 2, 13)) == 1
    assert delay_days(date(2026, 2, 12), date(2026, 1, 1)) == 0


@pytest.mark.rule("R-PAY-20")
def test_the_provision_names_its_article_and_the_day_it_came_into_force() -> None:
    assert DELAY_INTEREST.version == "R-PAY-20@2014-08-01"
    assert DELAY_INTEREST.holds_on(date(2014, 8, 1))
    assert not DELAY_INTEREST.holds_on(date(2014, 7, 31))
