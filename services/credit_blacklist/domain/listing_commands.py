"""What can be asked of a listing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from libs.schemas.credit_blacklist import Ground, Performance, RemovalGround, SignedPaper
from libs.schemas.credit_blacklist.listing import CaseFacts, DishonestAct, ExtensionReason, Initiated
from libs.schemas.intake.kinds import ClosureKind, ServiceMethod
from libs.schemas.parts import PartyRef


@dataclass(frozen=True, slots=True)
class Standing:
    """What our copies of the case and the person say about the debtor, at the moment of the decision.

    `birth_date` is None for an organisation, or where nobody knows it. `bars` are the kinds of standing bars.
    """

    party: PartyRef | None
    warned: bool
    satisfied_on: date | None
    closed: ClosureKind | None
    closed_on: date | None
    assets_suffice: bool
    bars: frozenset[str]
    birth_date: date | None
    owed_fen: int


@dataclass(frozen=True, slots=True)
class WarnDebtor:
    """Record that the enforcement notice with the warning was served."""

    listing_id: str
    case_id: str
    party_id: str
    document_id: str
    served_at: datetime


@dataclass(frozen=True, slots=True)
class DraftListing:
    """Propose to list a debtor, or to add grounds or years to a listing in force."""

    listing_id: str
    case: CaseFacts
    standing: Standing
    grounds: tuple[Ground, ...]
    acts: tuple[DishonestAct, ...]
    facts: str
    duty: str
    performance: Performance
    performed_fen: int | None
    legal_representative: PartyRef | None
    extension_years: int
    extension_reason: ExtensionReason | None
    grace_months: int
    initiated: Initiated
    applied_on: date | None
    drafted_by: str


@dataclass(frozen=True, slots=True)
class DecideListing:
    """The president signs, or does not."""

    decision_id: str
    approve: bool
    reason: str
    by: str
    number: str
    standing: Standing
    paper: SignedPaper | None = None


@dataclass(frozen=True, slots=True)
class ServeListing:
    """Record the service of a decision; it is published at once, or when its grace period ends."""

    decision_id: str
    method: ServiceMethod
    served_at: datetime
    evidence: str
    by: str
    standing: Standing


@dataclass(frozen=True, slots=True)
class UpdatePerformance:
    """Say how far the duty of a listing in force has been performed."""

    performance: Performance
    performed_fen: int | None
    owed_fen: int


@dataclass(frozen=True, slots=True)
class NotePayment:
    """Money came in: so much in all, of so much that is owed."""

    recovered_fen: int
    owed_fen: int


@dataclass(frozen=True, slots=True)
class SettleByPerformance:
    """The debt of the case is covered: what the law says follows (R-CRB-07, R-CRB-10)."""

    occurred_on: date


@dataclass(frozen=True, slots=True)
class EndWithCase:
    """The case was closed in a way that ends listings (R-CRB-10)."""

    kind: ClosureKind
    closed_on: date


@dataclass(frozen=True, slots=True)
class ProposeRemoval:
    """An officer proposes to remove the listing."""

    ground: RemovalGround
    reason: str
    document_id: str | None
    queries_on: tuple[date, ...]
    occurred_on: date
    by: str
    standing: Standing


@dataclass(frozen=True, slots=True)
class DecideRemoval:
    """The president agrees to a removal, or does not."""

    removal_id: str
    approve: bool
    reason: str
    by: str
    number: str
    paper: SignedPaper | None = None


@dataclass(frozen=True, slots=True)
class CertifyRepair:
    """Certify that the debtor performed and was removed (R-CRB-34)."""

    addressee: str
    certificate: str
    by: str
