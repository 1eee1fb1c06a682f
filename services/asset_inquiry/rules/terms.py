"""How long a freeze or seal lasts at most (R-INQ-10, CPLI Art 485)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from libs.foundation.court_calendar import term_end
from libs.schemas.parts import AssetClass

RULE: Final = "R-INQ-10"


@dataclass(frozen=True, slots=True)
class TermLimit:
    """The longest term of a measure on these classes, first or renewed, from a day on."""

    asset_classes: frozenset[AssetClass]
    years: int
    article: str
    valid_from: date


TERM_LIMITS: Final = (
    TermLimit(frozenset({"DEPOSIT", "NET_FUND", "HPF"}), 1, "CPLI 485", date(2015, 2, 4)),
    TermLimit(frozenset({"VEHICLE"}), 2, "CPLI 485", date(2015, 2, 4)),
    TermLimit(frozenset({"REAL_ESTATE", "SECURITIES", "EQUITY", "INSURANCE"}), 3, "CPLI 485", date(2015, 2, 4)),
)


def years_max(asset_class: AssetClass, day: date) -> int:
    """Return the longest term in years of a measure on this class that begins on `day`."""
    return next(
        limit.years
        for limit in sorted(TERM_LIMITS, key=lambda limit: limit.valid_from, reverse=True)
        if asset_class in limit.asset_classes and limit.valid_from <= day
    )


def latest_end(begins: date, years: int) -> date:
    """Return the last day of a term of `years` that begins on `begins` (R-INQ-10)."""
    return term_end(begins, 12 * years)
