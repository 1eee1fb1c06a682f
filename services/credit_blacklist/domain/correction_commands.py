"""What can be asked about a wrong entry."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from libs.schemas.credit_blacklist import CorrectionNature, SignedPaper
from libs.schemas.credit_blacklist.correction import Claim, Finding, RecordChanges, Remedy


@dataclass(frozen=True, slots=True)
class ProposeCorrection:
    """An officer found an entry wrong."""

    nature: CorrectionNature
    changes: RecordChanges
    reason: str
    found_on: date
    by: str


@dataclass(frozen=True, slots=True)
class DecideCorrection:
    """The president signs the correction, or does not."""

    correction_id: str
    approve: bool
    reason: str
    by: str
    number: str
    paper: SignedPaper | None = None


@dataclass(frozen=True, slots=True)
class RecordRequest:
    """The listed person's written request arrived."""

    claim: Claim
    wording_sha256: str
    received_on: date
    by: str


@dataclass(frozen=True, slots=True)
class DecideRequest:
    """The court examined the request; what is justified names its remedy."""

    request_id: str
    finding: Finding
    reason: str
    remedy: Remedy
    by: str


@dataclass(frozen=True, slots=True)
class ServeRefusal:
    """The refusal was served on the listed person."""

    request_id: str
    served_on: date
    evidence: str
    by: str


@dataclass(frozen=True, slots=True)
class RecordReview:
    """The listed person asks the next higher court for a review."""

    request_id: str
    wording_sha256: str
    received_on: date
    by: str


@dataclass(frozen=True, slots=True)
class DecideReview:
    """The next higher court decides."""

    request_id: str
    finding: Finding
    reason: str
    remedy: Remedy
    court: str
    by: str


CorrectionCommand = (
    ProposeCorrection | DecideCorrection | RecordRequest | DecideRequest | ServeRefusal | RecordReview | DecideReview
)
