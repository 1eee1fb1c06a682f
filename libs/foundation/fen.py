"""Money: integer fen (分), rounded once at the end, half-up (R-GEN-04)."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

FEN_MAX = 10**15 - 1
"""Largest amount anywhere: below ten trillion yuan, and far below 2**53 so that sums stay exact in JSON."""


def round_half_up(exact: Fraction | Decimal) -> int:
    """Return whole fen for an exact amount in fen, half away from zero (R-GEN-04)."""
    if isinstance(exact, Fraction):
        sign = -1 if exact < 0 else 1
        return sign * ((abs(exact.numerator) * 2 + exact.denominator) // (exact.denominator * 2))
    return int(exact.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def yuan(fen: int) -> str:
    """Return `506575` as `5,065.75`."""
    sign = "-" if fen < 0 else ""
    whole, part = divmod(abs(fen), 100)
    return f"{sign}{whole:,}.{part:02d}"


def from_yuan(text: str) -> int:
    """Return fen for a decimal yuan text such as `5,065.75`.

    Raises `ValueError` for anything that is not a decimal number with at most two places: a fraction of a fen is never
    rounded away silently.
    """
    try:
        amount = Decimal(text.replace(",", "").strip()) * 100
    except ArithmeticError as error:
        msg = f"not an amount in yuan: {text!r}"
        raise ValueError(msg) from error
    if not amount.is_finite() or amount != amount.to_integral_value():
        msg = f"not a whole number of fen: {text!r}"
        raise ValueError(msg)
    return int(amount)
