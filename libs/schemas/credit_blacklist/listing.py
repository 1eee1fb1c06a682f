"""A listing: warned, drafted, decided, served, published, changed, removed (R-CRB-01 to R-CRB-11)."""

from __future__ import annotations

from datetime import date
from typing import Literal

from libs.schemas.credit_blacklist.kinds import Ground, Performance, RemovalGround
from libs.schemas.credit_blacklist.record import Basis, FeedRecord, SignedPaper
from libs.schemas.envelope import Event, Fact, Fen, Instant
from libs.schemas.intake.kinds import ServiceMethod
from libs.schemas.parts import Due, PartyRef

Initiated = Literal["APPLICATION", "EX_OFFICIO"]
"""On the applicant's request, or by the court itself (R-CRB-06)."""

ExtensionReason = Literal["SERIOUS_VIOLENCE", "SEVERAL_ACTS"]
"""Why a term is longer than two years: serious violence or threats, or several dishonest acts (R-CRB-02)."""

Cancellation = Literal["PERFORMED", "CASE_ENDED"]
"""Why a decision comes to nothing: the debtor performed in the grace period (R-CRB-07), or the case is over."""

UpdateReason = Literal["FURTHER_GROUND", "EXTENDED", "PERFORMANCE"]


class DishonestAct(Fact):
    """One thing that the debtor did, and the ground that it is (R-CRB-08: the specific dishonest acts)."""

    ground: Ground
    committed_on: date
    description: str


class CaseFacts(Fact):
    """What a record says about its case."""

    case_id: str
    case_number: str
    case_filed_on: date
    court: str
    court_name: str
    court_phone: str | None = None
    basis: Basis


class ListingWarned(Event, name="listing_warned"):
    """The debtor was warned by the enforcement notice that whoever does not perform may be listed (R-CRB-06)."""

    listing_id: str
    case_id: str
    party_id: str
    document_id: str
    served_at: Instant


class ListingDrafted(Event, name="listing_drafted"):
    """A decision to list a debtor, or to add to a listing in force, waits for the president."""

    listing_id: str
    decision_id: str
    case_id: str
    case: CaseFacts
    party: PartyRef
    grounds: tuple[Ground, ...]
    acts: tuple[DishonestAct, ...] = ()
    facts: str
    duty: str
    performance: Performance
    performed_fen: Fen | None = None
    legal_representative: PartyRef | None = None
    extension_years: int = 0
    extension_reason: ExtensionReason | None = None
    grace_months: int = 0
    initiated: Initiated
    applied_on: date | None = None
    decide_by: Due | None = None
    drafted_by: str


class ListingDraftRejected(Event, name="listing_draft_rejected"):
    """The president did not sign; the debtor is not listed on this draft."""

    listing_id: str
    decision_id: str
    case_id: str
    rejected_by: str
    reason: str


class ListingDecisionOverdue(Event, name="listing_decision_overdue"):
    """Fifteen days after the application nothing was decided (R-CRB-06)."""

    listing_id: str
    decision_id: str
    case_id: str
    due_at: Instant


class ListingDecided(Event, name="listing_decided"):
    """The president signed: the decision is effective, it states reason and term, and waits to be served."""

    listing_id: str
    decision_id: str
    case_id: str
    number: str
    decided_on: date
    grounds: tuple[Ground, ...]
    term_ends_on: date | None = None
    grace: Due | None = None
    decided_by: str
    rule_version: str
    paper: SignedPaper | None = None


class ListingServed(Event, name="listing_served"):
    """The decision was served like any document; signing without serving is unlawful (R-CRB-06)."""

    listing_id: str
    decision_id: str
    case_id: str
    method: ServiceMethod
    served_at: Instant
    evidence: str
    recorded_by: str


class ListingGraceEnded(Event, name="listing_grace_ended"):
    """The grace period is over and the debtor has not performed: the decision may be published (R-CRB-07)."""

    listing_id: str
    decision_id: str
    case_id: str


class ListingCancelled(Event, name="listing_cancelled"):
    """A decision that was not published yet never will be."""

    listing_id: str
    decision_id: str
    case_id: str
    reason: Cancellation


class ListingPublished(Event, name="listing_published"):
    """The debtor stands on the list (R-CRB-09)."""

    listing_id: str
    decision_id: str
    case_id: str
    record: FeedRecord


class ListingUpdated(Event, name="listing_updated"):
    """The listing in force changed: a further ground, a longer term, more performed."""

    listing_id: str
    case_id: str
    reason: UpdateReason
    decision_id: str | None = None
    performed_fen: Fen | None = None
    record: FeedRecord


class RemovalProposed(Event, name="removal_proposed"):
    """A removal waits for the president; `by_rule` says that the service prepared it because the law asks for one."""

    listing_id: str
    removal_id: str
    case_id: str
    ground: RemovalGround
    reason: str
    document_id: str | None = None
    queries_on: tuple[date, ...] = ()
    occurred_on: date
    due: Due
    by_rule: bool
    proposed_by: str
    request_id: str | None = None


class RemovalRejected(Event, name="removal_rejected"):
    """The president did not agree to the removal; the listing stays."""

    listing_id: str
    removal_id: str
    case_id: str
    rejected_by: str
    reason: str


class RemovalOverdue(Event, name="removal_overdue"):
    """Three working days after its ground the removal was not decided (R-CRB-10)."""

    listing_id: str
    removal_id: str
    case_id: str
    due_at: Instant


class RemovalDecided(Event, name="removal_decided"):
    """The removal is decided, by the president or by the rule itself."""

    listing_id: str
    removal_id: str
    case_id: str
    ground: RemovalGround
    number: str | None = None
    decided_on: date
    by_rule: bool
    decided_by: str
    rule_version: str
    paper: SignedPaper | None = None


class ListingRemoved(Event, name="listing_removed"):
    """The debtor stands on the list no more; the row is kept, masked from the public (R-CRB-10)."""

    listing_id: str
    case_id: str
    ground: RemovalGround
    removal_id: str | None = None
    correction_id: str | None = None
    record: FeedRecord


class CreditRepairCertified(Event, name="credit_repair_certified"):
    """The court certifies that the debtor performed and was removed (R-CRB-34); `certificate` is its signed text."""

    listing_id: str
    certificate_id: str
    case_id: str
    party_id: str
    ground: RemovalGround
    removed_on: date
    issued_on: date
    addressee: str
    certificate: str
    issued_by: str
