"""A record as the feed carries it: everything but the identity, which is joined from the register of persons."""

from __future__ import annotations

from datetime import date

from libs.schemas.credit_blacklist.kinds import (
    Change,
    ConsumptionKind,
    CorrectionNature,
    Ground,
    ListType,
    Performance,
    RecordStatus,
    RemovalGround,
    Role,
)
from libs.schemas.envelope import Fact, Instant
from libs.schemas.parts import Sha256


class Suspension(Fact):
    """A window in which some kinds of consumption are allowed (R-CRB-23): from inclusive, until exclusive."""

    from_at: Instant
    until_at: Instant
    kinds: tuple[ConsumptionKind, ...]


class Correction(Fact):
    """What was wrong in which version (R-CRB-12)."""

    wrong_version: int
    fields: tuple[str, ...]
    nature: CorrectionNature


class Removal(Fact):
    """Why and when a record ended (R-CRB-10, R-CRB-24)."""

    ground: RemovalGround
    decided_at: Instant
    effective_at: Instant


class Basis(Fact):
    """The document that is enforced (执行依据)."""

    number: str
    authority: str


class SignedPaper(Fact):
    """A decision as a paper: what it is called, the hash of its text, and the court's seal over it (R-GEN-07)."""

    title: str
    sha256: Sha256
    seal: str


class FeedRecord(Fact):
    """One version of one record: a listing, or a restriction order and one person it covers.

    `version` counts the record's published versions from 1, gap-free. A REMOVED record carries no duty, grounds or
    performance. `party_id` and `legal_representative` are ids of persons whose names only the feed's entries say.
    """

    record_id: str
    list_type: ListType
    version: int
    status: RecordStatus
    change: Change
    party_id: str
    role: Role = "DEBTOR"
    case_id: str
    case_number: str
    case_filed_on: date
    court: str
    court_name: str
    court_phone: str | None = None
    order_number: str
    decided_on: date
    changed_at: Instant
    effective_from: Instant
    expires_at: Instant | None = None
    basis: Basis | None = None
    grounds: tuple[Ground, ...] = ()
    duty: str | None = None
    performance: Performance | None = None
    legal_representative: str | None = None
    kinds: tuple[ConsumptionKind, ...] = ()
    suspensions: tuple[Suspension, ...] = ()
    correction: Correction | None = None
    removal: Removal | None = None
