"""`document/<id>`: a document's way from draft over signature and seal to service (R-INT-15, R-INT-16, R-GEN-07)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from libs.foundation.errors import Forbidden, NotFound, Refused, Rejected
from libs.schemas.envelope import Event
from libs.schemas.intake import (
    DocumentApproved,
    DocumentDrafted,
    DocumentRejected,
    DocumentServed,
    ServiceMethod,
)
from libs.schemas.parts import PartyRef


class DocumentUnknown(NotFound):
    """There is no such document."""

    code = "document_not_found"
    title = "There is no such document"


class NotTheApprover(Forbidden):
    """Only the approver named in the draft signs; nobody signs their own draft."""

    code = "not_the_approver"
    title = "The caller is not the approver of this"
    rule = "R-INQ-05"
    remedy = "Let the person named in `approver` decide."


class DocumentAlreadyDecided(Refused):
    """The document was approved or sent back before."""

    code = "document_already_decided"
    title = "The document has been decided"
    remedy = "Read the document; another text is a new document."


class DocumentNotApproved(Refused):
    """Only a sealed document is served (R-GEN-07)."""

    code = "document_not_approved"
    title = "The document is not approved"
    rule = "R-GEN-07"
    remedy = "Have it approved first."


class DocumentAlreadyServed(Refused):
    """Service on this party stands on record."""

    code = "document_already_served"
    title = "Service on this party is on record"


class ServedInTheFuture(Rejected):
    """Service is recorded after it happened."""

    code = "served_in_the_future"
    title = "The time of service lies in the future"


@dataclass(frozen=True, slots=True)
class Document:
    """A document and how far it has come."""

    drafted: DocumentDrafted | None = None
    approved: DocumentApproved | None = None
    rejected: DocumentRejected | None = None
    services: tuple[DocumentServed, ...] = ()

    @property
    def draft(self) -> DocumentDrafted:
        """The draft. Raises `DocumentUnknown`."""
        if self.drafted is None:
            raise DocumentUnknown
        return self.drafted

    @property
    def state(self) -> Literal["DRAFTED", "APPROVED", "REJECTED"]:
        """Where it stands; service is listed apart, because there may be several."""
        if self.approved is not None:
            return "APPROVED"
        return "REJECTED" if self.rejected is not None else "DRAFTED"

    def may_decide(self, person: str) -> DocumentDrafted:
        """Return the draft that `person` may decide. Raises `NotTheApprover`, `DocumentAlreadyDecided`."""
        draft = self.draft
        if person != draft.approver or person == draft.drafted_by:
            raise NotTheApprover
        if self.state != "DRAFTED":
            raise DocumentAlreadyDecided
        return draft


@dataclass(frozen=True, slots=True)
class PutDraft:
    """Put a draft into its approver's signing queue."""

    draft: DocumentDrafted


@dataclass(frozen=True, slots=True)
class ApproveDocument:
    """Sign and seal."""

    approver: str
    seal: str


@dataclass(frozen=True, slots=True)
class RejectDocument:
    """Send the draft back."""

    approver: str
    reason: str


@dataclass(frozen=True, slots=True)
class RecordService:
    """Put on record that a party was served."""

    party: PartyRef
    method: ServiceMethod
    served_at: datetime
    evidence: str
    recorded_by: str


Command = PutDraft | ApproveDocument | RejectDocument | RecordService


def decide(state: Document, command: Command, now: datetime) -> Sequence[Event]:
    """Return what follows from a command."""
    match command:
        case PutDraft():
            return [] if state.drafted is not None else [command.draft]
        case ApproveDocument():
            draft = state.may_decide(command.approver)
            return [
                DocumentApproved(
                    document_id=draft.document_id,
                    case_id=draft.case_id,
                    kind=draft.kind,
                    number=draft.number,
                    title=draft.title,
                    sha256=draft.sha256,
                    approved_by=command.approver,
                    approval_level=draft.approval_level,
                    seal=command.seal,
                )
            ]
        case RejectDocument():
            draft = state.may_decide(command.approver)
            return [
                DocumentRejected(
                    document_id=draft.document_id,
                    case_id=draft.case_id,
                    rejected_by=command.approver,
                    reason=command.reason,
                )
            ]
        case RecordService():
            return _serve(state, command, now)


def _serve(state: Document, command: RecordService, now: datetime) -> Sequence[Event]:
    draft = state.draft
    if state.approved is None:
        raise DocumentNotApproved
    if command.served_at > now:
        raise ServedInTheFuture(field="served_at")
    if any(service.party.party_id == command.party.party_id for service in state.services):
        raise DocumentAlreadyServed
    return [
        DocumentServed(
            document_id=draft.document_id,
            case_id=draft.case_id,
            kind=draft.kind,
            party=command.party,
            method=command.method,
            served_at=command.served_at,
            evidence=command.evidence,
            recorded_by=command.recorded_by,
        )
    ]


def evolve(state: Document, event: Event) -> Document:
    """Return the document after a fact."""
    match event:
        case DocumentDrafted():
            return replace(state, drafted=event)
        case DocumentApproved():
            return replace(state, approved=event)
        case DocumentRejected():
            return replace(state, rejected=event)
        case DocumentServed():
            return replace(state, services=(*state.services, event))
    return state
