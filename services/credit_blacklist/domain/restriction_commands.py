"""What can be asked of a restriction order."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from libs.schemas.credit_blacklist import ConsumptionKind, CorrectionNature, RemovalGround, Role, SignedPaper
from libs.schemas.credit_blacklist.restriction import (
    CoveredPerson,
    LiftingGround,
    LiftingScope,
    RestrictionReason,
)
from libs.schemas.intake.kinds import ServiceMethod
from libs.schemas.timers import TimerDue
from services.credit_blacklist.domain.casefile import CaseFile

ExemptionPurpose = Literal["PRIVATE_OWN_MONEY", "NEEDED_FOR_LIFE", "NEEDED_FOR_BUSINESS"]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the other streams of the case say when an order is decided on.

    `covered`: persons whom another order of the case covers. `listed`: debtors whose listing is in force.
    """

    casefile: CaseFile
    covered: frozenset[str] = frozenset()
    listed: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class DraftRestriction:
    """An officer drafts an order (R-CRB-20)."""

    order_id: str
    around: Surroundings
    reason: RestrictionReason
    initiated: Literal["APPLICATION", "EX_OFFICIO"]
    applied_on: date | None
    kinds: tuple[ConsumptionKind, ...]
    persons: tuple[CoveredPerson, ...]
    grace_months: int
    court_phone: str | None
    drafted_by: str


@dataclass(frozen=True, slots=True)
class DecideRestriction:
    """The president signs the draft, or does not. `order_number`: the number taken for the signed order."""

    approve: bool
    wording_sha256: str | None
    by: str
    order_number: str
    around: Surroundings
    paper: SignedPaper | None = None


@dataclass(frozen=True, slots=True)
class ServeRestriction:
    """The signed order was served (R-CRB-06)."""

    method: ServiceMethod
    wording_sha256: str
    around: Surroundings


@dataclass(frozen=True, slots=True)
class LiftByRule:
    """The law itself ends the restriction: for all persons, or before it began (R-CRB-24)."""

    ground: RemovalGround


@dataclass(frozen=True, slots=True)
class ProposeLifting:
    """An officer proposes to let persons go; no persons: all that are restricted."""

    lifting_id: str
    scope: LiftingScope
    persons: tuple[str, ...]
    ground: LiftingGround
    wording_sha256: str
    by: str
    kinds: tuple[ConsumptionKind, ...] = ()
    from_at: datetime | None = None
    until_at: datetime | None = None
    successor: CoveredPerson | None = None


@dataclass(frozen=True, slots=True)
class DecideLifting:
    """The president decides on a proposal to lift."""

    lifting_id: str
    approve: bool
    wording_sha256: str | None
    by: str
    around: Surroundings


@dataclass(frozen=True, slots=True)
class EndRelease:
    """The reason for a temporary release or an exemption fell away before its end."""

    release_id: str
    wording_sha256: str
    by: str


@dataclass(frozen=True, slots=True)
class RequestExemption:
    """A covered person asks to be allowed an act (R-CRB-22)."""

    exemption_id: str
    party_id: str
    kinds: tuple[ConsumptionKind, ...]
    purpose: ExemptionPurpose
    from_at: datetime
    until_at: datetime
    wording_sha256: str


@dataclass(frozen=True, slots=True)
class DecideExemption:
    """The president grants the request, or does not."""

    exemption_id: str
    grant: bool
    wording_sha256: str
    by: str


@dataclass(frozen=True, slots=True)
class ProposeCorrection:
    """An officer found a record wrong; None leaves a field as it is (R-CRB-12)."""

    correction_id: str
    party_id: str
    nature: CorrectionNature
    wording_sha256: str
    by: str
    kinds: tuple[ConsumptionKind, ...] | None = None
    role: Role | None = None
    court_phone: str | None = None


@dataclass(frozen=True, slots=True)
class DecideCorrection:
    """The president decides on a correction."""

    correction_id: str
    approve: bool
    wording_sha256: str | None
    by: str


RestrictionCommand = (
    DraftRestriction
    | DecideRestriction
    | ServeRestriction
    | LiftByRule
    | ProposeLifting
    | DecideLifting
    | EndRelease
    | RequestExemption
    | DecideExemption
    | ProposeCorrection
    | DecideCorrection
    | TimerDue
)
