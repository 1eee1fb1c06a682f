"""The application fee for enforcement (申请执行费, R-PAY-08)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from libs.foundation.fen import round_half_up, yuan
from libs.foundation.provision import Provision

ENFORCEMENT_FEE = Provision("tariff", "R-PAY-08", "诉讼费用交纳办法 第14条第1项", date(2007, 4, 1))


@dataclass(frozen=True, slots=True)
class Bracket:
    """A part of the amount above `over_fen`, up to and including `up_to_fen` (None: without end), and its rate."""

    over_fen: int
    up_to_fen: int | None
    rate: Fraction


FLAT_FEN = 5_000
"""50.00 yuan for any amount up to 10,000.00 yuan."""

BRACKETS = (
    Bracket(1_000_000, 50_000_000, Fraction(15, 1000)),
    Bracket(50_000_000, 500_000_000, Fraction(10, 1000)),
    Bracket(500_000_000, 1_000_000_000, Fraction(5, 1000)),
    Bracket(1_000_000_000, None, Fraction(1, 1000)),
)


def enforcement_fee(base_fen: int) -> int:
    """Return the fee in fen for an amount of money; cumulative (R-GEN-05), rounded once, half-up (R-GEN-04).

    `base_fen` is principal, general interest and costs, without the doubled part (open point 8a); zero owes nothing.
    """
    if base_fen <= 0:
        return 0
    return round_half_up(FLAT_FEN + sum((part * bracket.rate for bracket, part in _parts(base_fen)), Fraction(0)))


def fee_formula(base_fen: int) -> str:
    """Return how the fee was computed, as a person would write it."""
    if base_fen <= 0:
        return "0.00"
    steps = [f"{yuan(part)} × {float(bracket.rate * 100):g} %" for bracket, part in _parts(base_fen)]
    return " + ".join([yuan(FLAT_FEN), *steps])


def _parts(base_fen: int) -> list[tuple[Bracket, int]]:
    return [
        (bracket, (base_fen if bracket.up_to_fen is None else min(base_fen, bracket.up_to_fen)) - bracket.over_fen)
        for bracket in BRACKETS
        if base_fen > bracket.over_fen
    ]
