"""A figure of the law is data: its value, its rule and article, and the day from which it holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Generic, TypeVar

V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class Provision(Generic[V]):
    """One figure, table or rule as it holds from `since` on, that day included (R-GEN-03)."""

    value: V
    rule: str
    article: str
    since: date

    @property
    def version(self) -> str:
        """What an event stores, so that a decision is explained by the rule of its day: `R-PAY-20@2014-08-01`."""
        return f"{self.rule}@{self.since.isoformat()}"

    def holds_on(self, day: date) -> bool:
        """Return whether the provision has come into force by `day`."""
        return self.since <= day


def in_force(provisions: Sequence[Provision[V]], day: date) -> Provision[V]:
    """Return the provision that holds on `day`: the latest that began; before all of them, the first."""
    begun = [provision for provision in provisions if provision.holds_on(day)]
    return max(begun, key=lambda provision: provision.since) if begun else provisions[0]
