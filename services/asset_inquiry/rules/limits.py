"""How much may be attached in a case (R-INQ-20): the assessed debt, exact for money, with a tolerance for property."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from libs.schemas.parts import AssetClass
from services.asset_inquiry.rules.measures import MONEY_CLASSES

PROPERTY_TOLERANCE_PERCENT: Final = 20
"""What "clearly" (明显超标的额) means for property; the law gives no number. For money it is zero."""

INDIVISIBLE: Final[frozenset[AssetClass]] = frozenset({"REAL_ESTATE", "VEHICLE"})
"""Things that cannot be attached in part: the only asset of a debtor may exceed the debt (SZ Art 19)."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """One further attachment: its class and its value in fen."""

    asset_class: AssetClass
    amount_fen: int


def free_fen(limit_fen: int, counted_fen: int) -> int:
    """Return what may still be frozen in money."""
    return max(0, limit_fen - counted_fen)


def exceeds(limit_fen: int, counted_fen: int, wanted: tuple[Wanted, ...]) -> bool:
    """Return whether these attachments, beside what counts already, exceed the limit.

    `counted_fen` is the value of all first-ranking freezes of the case; what was only asked for counts in full.
    """
    if counted_fen == 0 and len(wanted) == 1 and wanted[0].asset_class in INDIVISIBLE:
        return False
    total = counted_fen + sum(one.amount_fen for one in wanted)
    if all(one.asset_class in MONEY_CLASSES for one in wanted):
        return total > limit_fen
    money = counted_fen + sum(one.amount_fen for one in wanted if one.asset_class in MONEY_CLASSES)
    return money > limit_fen or total * 100 > limit_fen * (100 + PROPERTY_TOLERANCE_PERCENT)
