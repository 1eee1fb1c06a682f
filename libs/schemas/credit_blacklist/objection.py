"""Facts about a covered person's written request for correction of a restriction, and its review (R-CRB-12)."""

from __future__ import annotations

from datetime import date
from typing import Literal

from libs.schemas.credit_blacklist.correction import Finding
from libs.schemas.envelope import Event, Instant
from libs.schemas.parts import Due, Sha256

RestrictionClaim = Literal["NOT_TO_BE_RESTRICTED", "INACCURATE", "SHOULD_BE_LIFTED"]
"""What a covered person says is wrong (R-CRB-12, applied to restrictions)."""


class RestrictionCorrectionRequested(Event, name="restriction_correction_requested"):
    """A covered person asked in writing for a correction; the court examines within fifteen days (R-CRB-12)."""

    order_id: str
    request_id: str
    case_id: str
    party_id: str
    claim: RestrictionClaim
    wording_sha256: Sha256
    received_on: date
    due: Due
    recorded_by: str


class RestrictionRequestDecided(Event, name="restriction_request_decided"):
    """The court examined the request; what is justified is prepared as a correction or lifting of its own."""

    order_id: str
    request_id: str
    case_id: str
    finding: Finding
    wording_sha256: Sha256
    decided_on: date
    decided_by: str


class RestrictionRefusalServed(Event, name="restriction_refusal_served"):
    """The refusal was served: ten days run for the review at the next higher court."""

    order_id: str
    request_id: str
    case_id: str
    served_on: date
    review_by: Due
    wording_sha256: Sha256
    recorded_by: str


class RestrictionReviewRequested(Event, name="restriction_review_requested"):
    """The person took the refusal to the next higher court; the restriction stands meanwhile."""

    order_id: str
    request_id: str
    case_id: str
    wording_sha256: Sha256
    received_on: date
    due: Due
    recorded_by: str


class RestrictionReviewDecided(Event, name="restriction_review_decided"):
    """The next higher court decided, finally."""

    order_id: str
    request_id: str
    case_id: str
    finding: Finding
    wording_sha256: Sha256
    decided_on: date
    decided_by: str
    court: str


class RestrictionRequestOverdue(Event, name="restriction_request_overdue"):
    """The day passed by which a request had to be examined, or its refusal reviewed."""

    order_id: str
    request_id: str
    case_id: str
    stage: Literal["EXAMINATION", "REVIEW"]
    due_at: Instant
