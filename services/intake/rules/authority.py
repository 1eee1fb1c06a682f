"""Who signs what (R-CMD-34 for the president's matters): levels as data; nobody signs their own draft."""

from __future__ import annotations

from datetime import date
from typing import Final, Literal

from libs.foundation.provision import Provision
from libs.schemas.intake import ClosureKind
from libs.schemas.parts import DocumentKind

Level = Literal["TEAM_LEADER", "BUREAU_HEAD", "PRESIDENT"]

LEVELS: Final[tuple[Level, ...]] = ("TEAM_LEADER", "BUREAU_HEAD", "PRESIDENT")
"""From below; where the drafter would sign their own draft, the next level signs (approver ≠ requester, R-INQ-05)."""

AUTHORITY = Provision("levels", "R-INQ-05", "本院执行权限清单; 民事诉讼法(2023) 第119、259、261条", date(2026, 1, 1))

DOCUMENT_LEVELS: dict[DocumentKind, Level] = {
    "ENFORCEMENT_NOTICE": "TEAM_LEADER",
    "PROPERTY_REPORT_ORDER": "TEAM_LEADER",
    "ASSISTANCE_QUERY_NOTICE": "TEAM_LEADER",
    "FREEZE_RULING": "TEAM_LEADER",
    "ASSISTANCE_FREEZE_NOTICE": "TEAM_LEADER",
    "DEDUCTION_RULING": "BUREAU_HEAD",
    "ASSISTANCE_DEDUCTION_NOTICE": "TEAM_LEADER",
    "RELEASE_RULING": "TEAM_LEADER",
    "ASSISTANCE_RELEASE_NOTICE": "TEAM_LEADER",
    "CLOSING_NOTICE": "TEAM_LEADER",
}

CLOSURE_LEVELS: dict[ClosureKind, Level] = {
    "FULLY_PERFORMED": "TEAM_LEADER",
    "CURRENT_PROCEDURE_TERMINATED": "PRESIDENT",
    "ENFORCEMENT_TERMINATED": "PRESIDENT",
    "CANCELLED": "BUREAU_HEAD",
    "NOT_ENFORCED": "PRESIDENT",
    "APPLICATION_DISMISSED": "PRESIDENT",
}


def signer(level: Level, holders: dict[Level, str], drafter: str) -> tuple[Level, str]:
    """Return the level that signs and who holds it: `level`, or the next above whose holder is not the drafter."""
    for candidate in LEVELS[LEVELS.index(level) :]:
        if holders[candidate] != drafter:
            return candidate, holders[candidate]
    return "PRESIDENT", holders["PRESIDENT"]
