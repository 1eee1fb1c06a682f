"""By when an agency must answer (R-INQ-06), counted by the court calendar (R-GEN-01, R-GEN-02)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, Literal

from libs.foundation.court_calendar import after_hours, after_working_days, court_day
from libs.schemas.parts import Urgency

Unit = Literal["MINUTES", "HOURS", "WORKING_DAYS"]

HOURS_FROM_NEXT_FULL_HOUR: Final = True
"""CPL Art 85 starts a period of hours with the next full hour; Civil Code Art 201 would let it start at once."""

BANKS: Final = frozenset({"BANK", "PAYMENT_FIRM"})
REMINDERS_MAX: Final = 1
"""An overdue request is reminded of once; after that people talk to people."""


@dataclass(frozen=True, slots=True)
class ReplyTerm:
    """How long an agency has, from a day on. `agency_kinds` None means every kind that no other row names."""

    agency_kinds: frozenset[str] | None
    urgency: Urgency
    unit: Unit
    amount: int
    rule: str
    article: str
    valid_from: date
    valid_until: date | None = None


REPLY_TERMS: Final = (
    ReplyTerm(BANKS, "NORMAL", "HOURS", 24, "R-INQ-06", "法〔2018〕64号", date(2018, 3, 1)),
    ReplyTerm(None, "NORMAL", "WORKING_DAYS", 3, "R-INQ-06", "house default", date(2018, 3, 1)),
    ReplyTerm(None, "URGENT", "MINUTES", 10, "R-INQ-06", "house default for urgent requests", date(2026, 1, 1)),
    ReplyTerm(BANKS, "URGENT", "HOURS", 24, "R-INQ-06", "法〔2018〕64号", date(2018, 3, 1), date(2025, 12, 31)),
    ReplyTerm(None, "URGENT", "WORKING_DAYS", 3, "R-INQ-06", "house default", date(2018, 3, 1), date(2025, 12, 31)),
)
"""Rows valid on the day of issue decide; a row that names the agency's kind goes before one for all kinds."""


@dataclass(frozen=True, slots=True)
class ReplyDue:
    """When the answer is due, and why then."""

    due_at: datetime
    rule: str


def reply_due(agency_kind: str, urgency: Urgency, issued_at: datetime) -> ReplyDue:
    """Return when a request issued at this instant must be answered finally, with rule, article and term in words."""
    term = _term(agency_kind, urgency, court_day(issued_at))
    if term.unit == "MINUTES":
        due_at = issued_at + timedelta(minutes=term.amount)
    elif term.unit == "WORKING_DAYS":
        due_at = after_working_days(court_day(issued_at), term.amount).ends_at
    elif HOURS_FROM_NEXT_FULL_HOUR:
        due_at = after_hours(issued_at, term.amount)
    else:
        due_at = issued_at + timedelta(hours=term.amount)
    return ReplyDue(due_at, f"{term.rule}: {term.amount} {term.unit.lower().replace('_', ' ')} ({term.article})")


def _term(agency_kind: str, urgency: Urgency, day: date) -> ReplyTerm:
    valid = [
        term
        for term in REPLY_TERMS
        if term.urgency == urgency
        and term.valid_from <= day
        and (term.valid_until is None or day <= term.valid_until)
        and (term.agency_kinds is None or agency_kind in term.agency_kinds)
    ]
    if not valid:
        msg = f"no reply term on {day} for {agency_kind}, {urgency}"
        raise ValueError(msg)
    return min(valid, key=lambda term: term.agency_kinds is None)
