"""The end."""

from __future__ import annotations

from datetime import date

from libs.schemas.envelope import Event, Fact, Fen
from libs.schemas.intake.kinds import ClosureKind


class Guard(Fact):
    """One guard of closing, explained: what it asks, what it found (R-INT-27)."""

    code: str
    rule: str
    holds: bool
    explanation: str


class ClosureProposed(Event, name="closure_proposed"):
    """The case officer proposes to close the case; all guards held at that moment."""

    case_id: str
    closure_id: str
    kind: ClosureKind
    guards: tuple[Guard, ...]
    proposed_by: str
    approver: str
    approval_level: str | None = None
    waiver_document_id: str | None = None
    rule_version: str | None = None


class ClosureApproved(Event, name="closure_approved"):
    """The approver of the right level agreed; the guards were evaluated again."""

    case_id: str
    closure_id: str
    approved_by: str


class ClosureRejected(Event, name="closure_rejected"):
    """The approver did not agree to close the case; it goes on."""

    case_id: str
    closure_id: str
    rejected_by: str
    reason: str


class CaseClosed(Event, name="case_closed"):
    """The case is closed (结案)."""

    case_id: str
    case_number: str
    kind: ClosureKind
    closed_on: date
    recovered_fen: Fen
