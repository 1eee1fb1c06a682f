"""The application fee for enforcement, against the worked examples of the rulebook."""

import pytest

from libs.foundation.fen import from_yuan
from services.payments.rules import enforcement_fee, fee_formula

FEES = [
    ("0.01", "50.00"),
    ("5,000", "50.00"),
    ("10,000", "50.00"),
    ("10,001", "50.02"),
    ("50,000", "650.00"),
    ("100,000", "1,400.00"),
    ("500,000", "7,400.00"),
    ("552,300", "7,923.00"),
    ("1,000,000", "12,400.00"),
    ("1,234,567.89", "14,745.68"),
    ("5,000,000", "52,400.00"),
    ("8,000,000", "67,400.00"),
    ("10,000,000", "77,400.00"),
    ("20,000,000", "87,400.00"),
    ("35,000,000", "102,400.00"),
]


@pytest.mark.rule("R-PAY-08", "R-GEN-04", "R-GEN-05")
@pytest.mark.parametrize(("amount", "fee"), FEES)
def test_the_fee_is_cumulative_and_rounded_once_half_up(amount: str, fee: str) -> None:
    assert enforcement_fee(from_yuan(amount)) == from_yuan(fee)


@pytest.mark.rule("R-PAY-08", "R-GEN-03")
def test_ten_thousand_yuan_still_pays_the_flat_fee_and_one_fen_more_does_not_pay_less() -> None:
    assert enforcement_fee(1_000_000) == 5_000
    assert enforcement_fee(1_000_001) == 5_000
    assert enforcement_fee(1_000_034) == 5_001


@pytest.mark.rule("R-PAY-08")
def test_nothing_to_enforce_owes_no_fee() -> None:
    assert enforcement_fee(0) == 0
    assert fee_formula(0) == "0.00"


@pytest.mark.rule("R-PAY-08")
def test_the_formula_shows_every_bracket_that_was_used() -> None:
    assert fee_formula(50_000_000 + 100) == "50.00 + 490,000.00 × 1.5 % + 1.00 × 1 %"
