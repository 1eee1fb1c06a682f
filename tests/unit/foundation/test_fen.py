"""Money is integer fen, rounded once, half-up."""

from decimal import Decimal
from fractions import Fraction

import pytest

from libs.foundation.fen import from_yuan, round_half_up, yuan


@pytest.mark.rule("R-GEN-04")
@pytest.mark.parametrize(
    ("exact", "fen"),
    [
        (Fraction(5, 2), 3),
        (Fraction(-5, 2), -3),
        (Fraction(7, 3), 2),
        (Decimal("2.5"), 3),
        (Decimal("2.4999"), 2),
        (Fraction(0), 0),
    ],
)
def test_half_a_fen_rounds_away_from_zero(exact: Fraction | Decimal, fen: int) -> None:
    assert round_half_up(exact) == fen


def test_yuan_is_written_with_thousands_and_two_places() -> None:
    assert [yuan(506_575), yuan(5), yuan(0), yuan(-123_456_789)] == ["5,065.75", "0.05", "0.00", "-1,234,567.89"]


@pytest.mark.parametrize("text", ["0.001", "abc", "", "NaN", "Infinity", "1e-3"])
def test_an_amount_that_is_no_whole_number_of_fen_is_refused_not_rounded(text: str) -> None:
    with pytest.raises(ValueError, match="not "):
        from_yuan(text)


def test_yuan_text_and_fen_are_inverse() -> None:
    assert [from_yuan(yuan(fen)) for fen in (0, 1, 99, 100, 506_575)] == [0, 1, 99, 100, 506_575]
