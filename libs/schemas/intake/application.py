"""The application."""

from __future__ import annotations

from datetime import date

from libs.schemas.envelope import Event, Fact, Fen, Instant
from libs.schemas.intake.kinds import BasisKind, ClosureKind
from libs.schemas.parts import (
    PartyRef,
    Sha256,
)


class EnforcementBasis(Fact):
    """The document that is enforced (执行依据)."""

    kind: BasisKind
    number: str
    issued_by: str
    effective_on: date
    last_day_of_performance: date
    content: str


class FiledPaper(Fact):
    """A paper handed in with an application (R-INT-10)."""

    kind: str
    title: str
    sha256: Sha256


class Defect(Fact):
    """One thing an application lacks; all are named at once (一次性告知)."""

    code: str
    text: str
    rule: str


class ApplicationReceived(Event, name="application_received"):
    """An application for enforcement arrived. `attempt` counts filings of the same basis by the same parties."""

    application_id: str
    attempt: int
    court: str
    applicants: tuple[PartyRef, ...]
    debtors: tuple[PartyRef, ...]
    basis: EnforcementBasis
    cause: str
    claim_fen: Fen
    requests: str
    clues: str = ""
    papers: tuple[FiledPaper, ...]
    filed_by: str
    received_at: Instant | None = None


class ApplicationDefectsNotified(Event, name="application_defects_notified"):
    """The applicant was told everything that is missing, once (R-INT-10)."""

    application_id: str
    defects: tuple[Defect, ...]


class ApplicationSupplemented(Event, name="application_supplemented"):
    """The applicant handed in missing papers or facts."""

    application_id: str
    papers: tuple[FiledPaper, ...]
    remaining: tuple[Defect, ...] = ()
    clues: str = ""


class ApplicationAccepted(Event, name="application_accepted"):
    """All five conditions hold (R-INT-09); the case id is fixed, its number follows from the numbering stream."""

    application_id: str
    case_id: str
    decided_by: str
    decided_on: date
    case_type: str = "执"
    rule_version: str | None = None


class ApplicationRefused(Event, name="application_refused"):
    """The application is not accepted (裁定不予受理); the failing condition numbers of R-INT-09 are named."""

    application_id: str
    failed_conditions: tuple[int, ...]
    reason: str
    decided_by: str
    may_reapply_after: date | None = None
    rule_version: str | None = None


class ApplicationCaseClosed(Event, name="application_case_closed"):
    """The case of this application was closed; whether the same basis may be filed again follows from the kind."""

    application_id: str
    case_id: str
    kind: ClosureKind
    may_reapply: bool


class CaseNumberBound(Event, name="case_number_bound"):
    """A serial number of a court, type and year belongs to this application now; numbers have no gaps (R-INT-01)."""

    application_id: str
    case_id: str
    case_number: str
    serial: int
