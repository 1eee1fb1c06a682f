"""Documents."""

from __future__ import annotations

from libs.schemas.envelope import Event, Instant
from libs.schemas.intake.kinds import ServiceMethod
from libs.schemas.parts import (
    DocumentKind,
    PartyRef,
    Sha256,
)


class PaperWritten(Event, name="paper_written"):
    """The text of a document (may hold names and numbers): its own topic, read only by those who hand it on."""

    document_id: str
    case_id: str
    kind: DocumentKind
    number: str
    title: str
    media_type: str
    content: str
    sha256: Sha256


class DocumentNumberBound(Event, name="document_number_bound"):
    """The case gave a document its number; rulings of a case are counted 之一, 之二 … (R-INT-04)."""

    case_id: str
    document_id: str
    kind: DocumentKind
    number: str
    drafted_by: str


class DocumentDrafted(Event, name="document_drafted"):
    """A document was drafted from a template and waits in the signing queue of its approver."""

    document_id: str
    case_id: str
    kind: DocumentKind
    number: str
    title: str
    sha256: Sha256
    template_version: str
    drafted_by: str
    approval_level: str
    approver: str
    recipients: tuple[PartyRef, ...] = ()


class DocumentApproved(Event, name="document_approved"):
    """The approver of the right level signed; the court's electronic seal (a JWS over the hash) is on it (R-GEN-07)."""

    document_id: str
    case_id: str
    kind: DocumentKind
    number: str
    title: str
    sha256: Sha256
    approved_by: str
    approval_level: str
    seal: str


class DocumentRejected(Event, name="document_rejected"):
    """The approver sent the draft back with a reason; a new draft is a new document."""

    document_id: str
    case_id: str
    rejected_by: str
    reason: str


class DocumentServed(Event, name="document_served"):
    """Service on a party was recorded with its evidence."""

    document_id: str
    case_id: str
    kind: DocumentKind
    party: PartyRef
    method: ServiceMethod
    served_at: Instant
    evidence: str
    recorded_by: str
