"""Facts about consumption restriction orders (限制消费令): one order, one record for each person (R-CRB-20…24)."""

from __future__ import annotations

from datetime import date
from typing import Literal

from libs.schemas.credit_blacklist.kinds import ConsumptionKind, RemovalGround, Role
from libs.schemas.credit_blacklist.record import Basis, FeedRecord, SignedPaper, Suspension
from libs.schemas.envelope import Event, Fact, Instant
from libs.schemas.intake.kinds import ServiceMethod
from libs.schemas.parts import Due, PartyType, Sha256

RestrictionReason = Literal["UNPAID", "LISTED"]
"""Why an order is made: not paid within the notice's period (may), or the debtor is listed (must; R-CRB-20)."""

LiftingScope = Literal["FULL", "TEMPORARY", "REPLACEMENT"]
"""Whether persons are let go for good, for a time, or because another took their office (R-CRB-23, R-CRB-24)."""

TemporaryGround = Literal["SERIOUS_ILLNESS", "FUNERAL", "OFFICIAL_DUTY", "EXAMINATION", "OTHER_URGENT"]
"""Urgent reasons for a temporary release (R-CRB-23)."""

LiftingGround = Literal[RemovalGround, TemporaryGround]
"""Why persons are let go, for good or for a time: one list of words, so that a schema has one enumeration of them."""


class CoveredPerson(Fact):
    """A person that an order covers: the first role is that of the record, further ones are roles held besides it."""

    party_id: str
    display_name: str
    party_type: PartyType
    roles: tuple[Role, ...]


class RestrictionDrafted(Event, name="restriction_drafted"):
    """An officer drafted an order for the president's signature (R-CRB-20)."""

    order_id: str
    case_id: str
    case_number: str
    case_filed_on: date
    court: str
    court_name: str
    court_phone: str | None = None
    basis: Basis
    reason: RestrictionReason
    initiated: Literal["APPLICATION", "EX_OFFICIO"]
    applied_on: date | None = None
    kinds: tuple[ConsumptionKind, ...]
    persons: tuple[CoveredPerson, ...]
    grace_months: int = 0
    drafted_by: str
    rule_version: str


class RestrictionRejected(Event, name="restriction_rejected"):
    """The president did not sign the draft."""

    order_id: str
    wording_sha256: Sha256 | None = None


class RestrictionOrdered(Event, name="restriction_ordered"):
    """The president signed the order: it is decided, and not yet published (R-CRB-20, R-CRB-07)."""

    order_id: str
    case_id: str
    order_number: str
    decided_on: date
    signed_by: str
    kinds: tuple[ConsumptionKind, ...]
    persons: tuple[CoveredPerson, ...]
    period: str
    consequences: str
    grace_until: Due | None = None
    paper: SignedPaper | None = None


class RestrictionServed(Event, name="restriction_served"):
    """The signed order was served; only from here on it may be published (R-CRB-06)."""

    order_id: str
    method: ServiceMethod
    wording_sha256: Sha256


class RestrictionCancelled(Event, name="restriction_cancelled"):
    """A decided order that was not published yet falls away, as the debt was performed (R-CRB-07)."""

    order_id: str
    case_id: str
    ground: RemovalGround


class RestrictionPublished(Event, name="restriction_published"):
    """One person's restriction goes out."""

    record: FeedRecord


class RestrictionChanged(Event, name="restriction_changed"):
    """A window in which kinds are allowed was opened, shortened or closed for one person (R-CRB-23)."""

    record: FeedRecord


class RestrictionCorrected(Event, name="restriction_corrected"):
    """The record of one person was wrong and is right now (R-CRB-12, applied to restrictions)."""

    record: FeedRecord


class RestrictionLifted(Event, name="restriction_lifted"):
    """One person is free of the restriction for good (R-CRB-23, R-CRB-24)."""

    record: FeedRecord


class LiftingProposed(Event, name="restriction_lifting_proposed"):
    """An officer proposes to let persons go for good, for a time, or because another took their office."""

    order_id: str
    lifting_id: str
    scope: LiftingScope
    persons: tuple[str, ...]
    ground: LiftingGround
    kinds: tuple[ConsumptionKind, ...] = ()
    from_at: Instant | None = None
    until_at: Instant | None = None
    successor: CoveredPerson | None = None
    wording_sha256: Sha256
    proposed_by: str


class LiftingDecided(Event, name="restriction_lifting_decided"):
    """The president decided on a proposal to lift."""

    order_id: str
    lifting_id: str
    approved: bool
    wording_sha256: Sha256 | None = None
    window: Suspension | None = None
    decided_by: str


class ExemptionRequested(Event, name="restriction_exemption_requested"):
    """A covered person asks to be allowed an act of consumption: private, or needed for life or trade (R-CRB-22)."""

    order_id: str
    exemption_id: str
    party_id: str
    kinds: tuple[ConsumptionKind, ...]
    purpose: Literal["PRIVATE_OWN_MONEY", "NEEDED_FOR_LIFE", "NEEDED_FOR_BUSINESS"]
    from_at: Instant
    until_at: Instant
    wording_sha256: Sha256
    requested_on: date


class ReleaseEnded(Event, name="restriction_release_ended"):
    """The reason for a window fell away before its end: the court closed it."""

    order_id: str
    release_id: str
    wording_sha256: Sha256
    ended_at: Instant
    ended_by: str


class ExemptionDecided(Event, name="restriction_exemption_decided"):
    """The court decided on a request for an exemption; a granted one opens a window in the record."""

    order_id: str
    exemption_id: str
    granted: bool
    wording_sha256: Sha256
    window: Suspension | None = None
    decided_by: str


class RestrictionCorrectionProposed(Event, name="restriction_correction_proposed"):
    """Something in the record of a person is found wrong; to be put right in three working days (R-CRB-12)."""

    order_id: str
    correction_id: str
    party_id: str
    nature: Literal["WRONGLY_LISTED", "INACCURATE"]
    kinds: tuple[ConsumptionKind, ...] | None = None
    role: Role | None = None
    court_phone: str | None = None
    wording_sha256: Sha256
    due: Due
    proposed_by: str


class RestrictionCorrectionDecided(Event, name="restriction_correction_decided"):
    """The president decided on a correction."""

    order_id: str
    correction_id: str
    approved: bool
    wording_sha256: Sha256 | None = None
    decided_by: str


class RestrictionCorrectionOverdue(Event, name="restriction_correction_overdue"):
    """Three working days after it was found wrong the record is not right yet (R-CRB-12)."""

    order_id: str
    correction_id: str
    case_id: str
    due_at: Instant


class RestrictionDutyOpened(Event, name="restriction_duty_opened"):
    """A listed debtor is not restricted: an order must follow (R-CRB-20). `listing_record`: by what."""

    case_id: str
    party_id: str
    listing_record: str
    due: Due


class RestrictionDutyMet(Event, name="restriction_duty_met"):
    """The listed debtor is restricted, or is listed no more."""

    case_id: str
    party_id: str
    by: Literal["RESTRICTION", "REMOVAL"]
    record_id: str


class RestrictionDutyOverdue(Event, name="restriction_duty_overdue"):
    """The day passed and the listed debtor is not restricted."""

    case_id: str
    party_id: str
    listing_record: str
    due: Due
