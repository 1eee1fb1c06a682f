"""Alert levels, who is told at each, and how long before (R-CMD-13, R-CMD-14). No law gives the figures: settings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from libs.schemas.command_center import AlertLevel, RecipientKind

LEVELS: Final[tuple[AlertLevel, ...]] = ("BLUE", "YELLOW", "ORANGE", "RED")
"""Rising (R-CMD-14)."""

SHORT_TERM: Final = timedelta(days=10)
"""A node is short if its whole term is at most this long (the number itself included, R-GEN-03)."""


@dataclass(frozen=True, slots=True)
class Lead:
    """How long before the deadline a level begins, for long and for short nodes."""

    long: timedelta
    short: timedelta


LEADS: Final[dict[AlertLevel, Lead]] = {
    "BLUE": Lead(timedelta(days=10), timedelta(days=3)),
    "YELLOW": Lead(timedelta(days=3), timedelta(days=1)),
}
"""A warning that would fall on its node's start or before it is not given: the node's own message says the date."""

LAGS: Final[dict[AlertLevel, timedelta]] = {"ORANGE": timedelta(days=1), "RED": timedelta(days=7)}
"""How long after the deadline: orange from the first full day on, red when more than seven days have passed."""

RECIPIENTS: Final[dict[AlertLevel, tuple[RecipientKind, ...]]] = {
    "BLUE": ("CASE_OFFICER",),
    "YELLOW": ("CASE_OFFICER", "LEADER"),
    "ORANGE": ("CASE_OFFICER", "LEADER", "NODE_SUPERVISOR", "BUREAU_HEAD"),
    "RED": ("CASE_OFFICER", "LEADER", "NODE_SUPERVISOR", "BUREAU_HEAD", "PRESIDENT"),
}

FUND_STAGES: Final[dict[str, AlertLevel]] = {"PAYMENT_NOTICE": "ORANGE", "PAYOUT": "RED", "OUTER_LIMIT": "RED"}
"""Money beyond its clock (R-PAY-04): the payment notice after 10 working days, the payout after 15 (R-CMD-14: red)."""

UNANSWERED_AFTER: Final = timedelta(days=1)
"""A blue alert that nobody took for this long becomes yellow: one reminder unanswered (R-CMD-14)."""

SETTLE: Final = timedelta(minutes=10)
"""A deadline learned late waits this long in business time before it counts as missed: what completed it may be on its
way, for example after the service was stopped for a night."""

ANNOUNCED_WITHIN: Final = timedelta(hours=24)
"""A completion that is learned later than this is on the page, but no message about it is sent any more: the "next
deadline" it would name is stale."""
