"""Correction of a listing, the listed person's request for it, and the review of its refusal (R-CRB-12)."""

from __future__ import annotations

from datetime import date
from typing import Literal

from libs.schemas.credit_blacklist.kinds import CorrectionNature, Ground, Performance, RemovalGround
from libs.schemas.credit_blacklist.record import FeedRecord, SignedPaper
from libs.schemas.envelope import Event, Fact, Fen, Instant
from libs.schemas.parts import Due, PartyRef, Sha256

Claim = Literal["NOT_TO_BE_LISTED", "INACCURATE", "SHOULD_BE_REMOVED"]
"""What a listed person may ask for: never to have been listed, another content, removal (失信规定 Art 11)."""

Finding = Literal["JUSTIFIED", "REJECTED"]


class RecordChanges(Fact):
    """What an inaccurate record should say; a field that is not given stays as it is."""

    grounds: tuple[Ground, ...] | None = None
    duty: str | None = None
    performance: Performance | None = None
    performed_fen: Fen | None = None
    legal_representative: PartyRef | None = None
    basis_number: str | None = None
    basis_authority: str | None = None


class CorrectionProposed(Event, name="correction_proposed"):
    """An entry is wrong: its revocation or correction waits for the president, three working days at most."""

    listing_id: str
    correction_id: str
    case_id: str
    nature: CorrectionNature
    changes: RecordChanges = RecordChanges()
    reason: str
    found_on: date
    due: Due
    proposed_by: str
    request_id: str | None = None


class CorrectionRejected(Event, name="correction_rejected"):
    """The president did not agree that the entry is wrong; it stays."""

    listing_id: str
    correction_id: str
    case_id: str
    rejected_by: str
    reason: str


class CorrectionOverdue(Event, name="correction_overdue"):
    """Three working days after the error was found it was not corrected."""

    listing_id: str
    correction_id: str
    case_id: str
    due_at: Instant


class CorrectionDecided(Event, name="correction_decided"):
    """The correction is signed by the president."""

    listing_id: str
    correction_id: str
    case_id: str
    nature: CorrectionNature
    number: str
    decided_on: date
    decided_by: str
    rule_version: str
    paper: SignedPaper | None = None


class ListingCorrected(Event, name="listing_corrected"):
    """The listing in force says what is right; the record names the wrong version and its wrong fields."""

    listing_id: str
    correction_id: str
    case_id: str
    record: FeedRecord


class CorrectionRequested(Event, name="correction_requested"):
    """The listed person asked in writing for a correction; the court examines within fifteen days."""

    listing_id: str
    request_id: str
    case_id: str
    claim: Claim
    wording_sha256: Sha256
    received_on: date
    due: Due
    recorded_by: str


class CorrectionRequestOverdue(Event, name="correction_request_overdue"):
    """Fifteen days after the request nothing was decided."""

    listing_id: str
    request_id: str
    case_id: str
    due_at: Instant


class CorrectionRequestDecided(Event, name="correction_request_decided"):
    """The court examined the request. What was justified is prepared as a correction or removal of its own."""

    listing_id: str
    request_id: str
    case_id: str
    finding: Finding
    reason: str
    decided_on: date
    decided_by: str


class CorrectionRefusalServed(Event, name="correction_refusal_served"):
    """The refusal was served: from now on ten days run for the review at the next higher court."""

    listing_id: str
    request_id: str
    case_id: str
    served_on: date
    review_by: Due
    evidence: str
    recorded_by: str


class CorrectionReviewRequested(Event, name="correction_review_requested"):
    """The listed person took the refusal to the next higher court; the listing goes on meanwhile."""

    listing_id: str
    request_id: str
    case_id: str
    wording_sha256: Sha256
    received_on: date
    due: Due
    recorded_by: str


class CorrectionReviewOverdue(Event, name="correction_review_overdue"):
    """Fifteen days after the review was asked for nothing was decided."""

    listing_id: str
    request_id: str
    case_id: str
    due_at: Instant


class CorrectionReviewDecided(Event, name="correction_review_decided"):
    """The next higher court decided, finally."""

    listing_id: str
    request_id: str
    case_id: str
    finding: Finding
    reason: str
    decided_on: date
    decided_by: str
    court: str


class Remedy(Fact):
    """What follows from a request that is justified."""

    nature: CorrectionNature | None = None
    changes: RecordChanges = RecordChanges()
    removal_ground: RemovalGround | None = None
    document_id: str | None = None
