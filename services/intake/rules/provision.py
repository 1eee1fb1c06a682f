"""A figure of the law is data: its value, its rule and article, and the day from which it holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Generic, TypeVar

V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class Provision(Generic[V]):
    """One figure as it holds from `since` on."""

    value: V
    rule: str
    article: str
    since: date

    @property
    def version(self) -> str:
        """What an event stores, so that a decision is explained by the rule of its day."""
        return f"{self.rule}@{self.since.isoformat()}"


def in_force(provisions: Sequence[Provision[V]], day: date) -> Provision[V]:
    """Return the provision that holds on `day`: the latest that began; before all of them, the first."""
    begun = [provision for provision in provisions if provision.since <= day]
    return max(begun, key=lambda provision: provision.since) if begun else provisions[0]
