"""A provision: which rule and article a figure comes from, and from when to when it holds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Provision:
    """The source of a figure; `version` is stored with every decision, so that its day's rule explains it."""

    rule: str
    article: str
    effective_from: date
    effective_to: date | None = None

    @property
    def version(self) -> str:
        """The rule with the day it came into force: `R-PAY-20@2014-08-01`."""
        return f"{self.rule}@{self.effective_from.isoformat()}"

    def holds_on(self, day: date) -> bool:
        """Return whether the provision is in force on `day`; both ends are included (R-GEN-03)."""
        return self.effective_from <= day and (self.effective_to is None or day <= self.effective_to)
