"""Who acts in listing and restricting: who drafts, who signs, who records, who reviews."""

from __future__ import annotations

from typing import Final

OFFICERS: Final = ("case_officer", "team_leader", "duty_officer", "duty_leader", "bureau_head")
"""Who drafts and proposes."""

PRESIDENT: Final = "president"
"""Who signs listings and orders, releases, removals and corrections (R-CRB-06, R-CRB-20, R-CRB-23)."""

CLERKS: Final = (*OFFICERS, "filing_clerk")
"""Who records what a listed or restricted person hands in."""

REVIEWER: Final = "reviewing_judge"
"""Who decides reviews at the next higher court (R-CRB-12)."""
