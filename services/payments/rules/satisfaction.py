"""In which order money satisfies one creditor's claim (R-PAY-14; 民法典 第561条; 法释〔2014〕8号 第4条)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Claim:
    """What is owed to one creditor, in fen, by kind."""

    costs_fen: int
    general_interest_fen: int
    principal_fen: int
    doubled_fen: int


@dataclass(frozen=True, slots=True)
class Satisfied:
    """What a sum of money satisfied of a claim, by kind, and what of the sum is left."""

    costs_fen: int
    general_interest_fen: int
    principal_fen: int
    doubled_fen: int
    left_fen: int


def satisfy(claim: Claim, amount_fen: int) -> Satisfied:
    """Return what `amount_fen` satisfies: costs, then general interest, then principal, then the doubled part."""
    left = amount_fen
    costs = min(claim.costs_fen, left)
    left -= costs
    general_interest = min(claim.general_interest_fen, left)
    left -= general_interest
    principal = min(claim.principal_fen, left)
    left -= principal
    doubled = min(claim.doubled_fen, left)
    return Satisfied(costs, general_interest, principal, doubled, left - doubled)
