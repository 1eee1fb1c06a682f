"""Bodies of the requests about listings."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from libs.foundation.fen import FEN_MAX
from libs.schemas.credit_blacklist import (
    Claim,
    CorrectionNature,
    ExtensionReason,
    Finding,
    Ground,
    Initiated,
    ListingBar,
    Performance,
)
from libs.schemas.intake.kinds import ServiceMethod
from libs.web import Identifier, Name, RequestModel, Text
from services.credit_blacklist.api.request_bodies import Telephone

NotNegativeFen = Annotated[int, Field(ge=0, le=FEN_MAX, strict=True)]

OfficerRemovalGround = Literal[
    "PERFORMED",
    "SETTLEMENT_PERFORMED",
    "APPLICANT_REQUEST",
    "NOTHING_FOUND_AFTER_TERMINATION",
    "RETRIAL_OR_BANKRUPTCY",
    "NON_ENFORCEMENT",
    "FINAL_TERMINATION",
    "ACTIVE_PERFORMANCE",
]
"""What an officer may propose; the end of a term and a wrong listing have their own ways."""


class ActBody(RequestModel):
    """One thing that the debtor did."""

    ground: Ground
    committed_on: date
    description: Text


class DraftBody(RequestModel):
    """A decision to list a debtor; without grounds it only lengthens the term of the listing in force."""

    case_id: Identifier
    party_id: Identifier
    grounds: Annotated[list[Ground], Field(max_length=6)]
    acts: Annotated[tuple[ActBody, ...], Field(max_length=50)] = ()
    facts: Text
    duty: Text
    performance: Performance
    performed_fen: NotNegativeFen | None = None
    legal_representative: Name | None = None
    extension_years: Annotated[int, Field(ge=0, le=99)] = 0
    extension_reason: ExtensionReason | None = None
    grace_months: Annotated[int, Field(ge=0, le=99)] = 0
    initiated: Initiated
    applied_on: date | None = None
    birth_date: date | None = None
    court_phone: Telephone | None = None


class ServiceBody(RequestModel):
    """How and when a decision was served; by default now."""

    method: ServiceMethod
    evidence: Text
    served_at: AwareDatetime | None = None


class PerformanceBody(RequestModel):
    """How far the duty has been performed."""

    performance: Performance
    performed_fen: NotNegativeFen | None = None


class RemovalBody(RequestModel):
    """A proposal to remove a listing."""

    ground: OfficerRemovalGround
    reason: Text
    document_id: Identifier | None = None
    queries_on: Annotated[tuple[date, ...], Field(max_length=50)] = ()
    occurred_on: date | None = None


class FieldsBody(RequestModel):
    """What an inaccurate record should say."""

    grounds: Annotated[list[Ground], Field(min_length=1, max_length=6)] | None = None
    duty: Text | None = None
    performance: Performance | None = None
    performed_fen: NotNegativeFen | None = None
    legal_representative: Name | None = None
    basis_number: Name | None = None
    basis_authority: Name | None = None


class CorrectionBody(RequestModel):
    """A proposal to revoke or correct a record."""

    nature: CorrectionNature
    fields: FieldsBody = FieldsBody()
    reason: Text
    found_on: date | None = None


class CorrectionRequestBody(RequestModel):
    """A listed person's written request."""

    claim: Claim
    reason: Text
    received_on: date | None = None


class FindingBody(RequestModel):
    """What the examination found; a justified request names its remedy."""

    finding: Finding
    reason: Text
    nature: CorrectionNature | None = None
    fields: FieldsBody = FieldsBody()
    removal_ground: OfficerRemovalGround | None = None
    document_id: Identifier | None = None


class BarBody(RequestModel):
    """Something that speaks against listing a debtor."""

    case_id: Identifier
    party_id: Identifier
    bar: ListingBar
    reason: Text
    document_id: Identifier | None = None


class CertificateBody(RequestModel):
    """Whom a credit repair certificate is for."""

    addressee: Name
