"""What restriction orders are asked with."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import AwareDatetime, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from libs.foundation.errors import ZhixingError
from libs.foundation.identity_documents import NUMBER_CHARS_MAX, comparable_number
from libs.schemas.credit_blacklist import ConsumptionKind, CorrectionNature, RemovalGround, Role
from libs.schemas.credit_blacklist.objection import RestrictionClaim
from libs.schemas.credit_blacklist.restriction import LiftingGround, RestrictionReason
from libs.schemas.intake.kinds import ServiceMethod
from libs.schemas.intake.parties import IdentityDocument
from libs.schemas.parts import IdType, PartyType
from libs.web import Identifier, Name, RequestModel, Text
from services.credit_blacklist.api.request_bodies import Telephone
from services.credit_blacklist.domain.restriction_commands import ExemptionPurpose
from services.credit_blacklist.domain.restriction_request_law import OrderRemedy

Kinds = Annotated[tuple[ConsumptionKind, ...], Field(min_length=1, max_length=9)]
OwnRole = Literal["LEGAL_REPRESENTATIVE", "PRINCIPAL"]


class IdentityBody(RequestModel):
    """One identity document; a false check digit or an impossible birth date is named by its own code."""

    type: IdType
    number: Annotated[str, StringConstraints(min_length=1, max_length=2 * NUMBER_CHARS_MAX)]

    @model_validator(mode="after")
    def _is_valid(self) -> Self:
        try:
            self.document()
        except ZhixingError as error:
            raise PydanticCustomError(error.code, error.detail) from error
        return self

    def document(self) -> IdentityDocument:
        """Return the document with its number normalised."""
        return IdentityDocument(id_type=self.type, id_number=comparable_number(self.type, self.number))


class NamedPerson(RequestModel):
    """A person: a party of the court by `party_id`, or anybody else by name, type and documents; never both."""

    party_id: Identifier | None = None
    name: Name | None = None
    party_type: PartyType | None = None
    identity_documents: Annotated[tuple[IdentityBody, ...], Field(max_length=5)] = ()

    @model_validator(mode="after")
    def _is_named_once(self) -> Self:
        described = self.name is not None and self.party_type is not None and bool(self.identity_documents)
        anything = self.name is not None or self.party_type is not None or bool(self.identity_documents)
        if (self.party_id is None and not described) or (self.party_id is not None and anything):
            raise PydanticCustomError(
                "person_named_wrongly", "Name `party_id`, or `name`, `party_type` and `identity_documents`"
            )
        strange = "UNIFIED_SOCIAL_CREDIT_CODE" if self.party_type == "PERSON" else "RESIDENT_IDENTITY_CARD"
        if any(document.type == strange for document in self.identity_documents):
            raise PydanticCustomError("identity_type_mismatch", "The identity document is not of this type of party")
        return self

    def documents(self) -> tuple[IdentityDocument, ...]:
        """Return the identity documents, normalised."""
        return tuple(body.document() for body in self.identity_documents)


class PersonBody(NamedPerson):
    """A person whom an order covers, and as whom."""

    role: Role


class OrderBody(RequestModel):
    """A restriction order to be signed by the president (R-CRB-20…22)."""

    case_id: Identifier
    kinds: Kinds
    reason: RestrictionReason
    initiated: Literal["APPLICATION", "EX_OFFICIO"] = "EX_OFFICIO"
    applied_on: date | None = None
    persons: Annotated[tuple[PersonBody, ...], Field(min_length=1, max_length=30)]
    grace_months: Annotated[int, Field(ge=0, le=3)] = 0
    court_phone: Telephone | None = None

    @model_validator(mode="after")
    def _application_has_a_day(self) -> Self:
        if (self.initiated == "APPLICATION") != (self.applied_on is not None):
            raise PydanticCustomError("applied_on_missing", "`applied_on` belongs to an order on application")
        return self


class ServiceBody(RequestModel):
    """How the order was served, and what proves it."""

    method: ServiceMethod
    evidence: Text


class LiftingBody(RequestModel):
    """Let persons go for good, or planes and high-speed trains for a month at most. No persons: all."""

    scope: Literal["FULL", "TEMPORARY"]
    persons: Annotated[tuple[Identifier, ...], Field(max_length=30)] = ()
    ground: LiftingGround
    kinds: Annotated[tuple[ConsumptionKind, ...], Field(max_length=9)] = ()
    from_at: Annotated[AwareDatetime | None, Field(alias="from")] = None
    until_at: Annotated[AwareDatetime | None, Field(alias="until")] = None
    evidence: Text


class ReplacementBody(RequestModel):
    """The office of a covered representative went to another: why, and what proves that the former answers no more."""

    party_id: Identifier
    successor: NamedPerson
    role: OwnRole = "LEGAL_REPRESENTATIVE"
    evidence: Text


class ExemptionBody(RequestModel):
    """A covered person's request to be allowed an act, as the clerk took it down."""

    party_id: Identifier
    kinds: Kinds
    purpose: ExemptionPurpose
    from_at: Annotated[AwareDatetime, Field(alias="from")]
    until_at: Annotated[AwareDatetime, Field(alias="until")]
    reason: Text


class CorrectionBody(RequestModel):
    """What is wrong in the record of a person, and how it should be."""

    party_id: Identifier
    nature: CorrectionNature
    kinds: Kinds | None = None
    role: Role | None = None
    court_phone: Telephone | None = None
    reason: Text


class ObjectionBody(RequestModel):
    """A covered person's written request for correction, as the clerk took it down; received today if not said."""

    party_id: Identifier
    claim: RestrictionClaim
    reason: Text
    received_on: date | None = None


class FindingBody(RequestModel):
    """What a court found, and how what is justified is carried out."""

    finding: Literal["JUSTIFIED", "REJECTED"]
    reason: Text
    kinds: Kinds | None = None
    role: Role | None = None
    court_phone: Telephone | None = None
    ground: RemovalGround | None = None

    def remedy(self) -> OrderRemedy:
        """Return how the request is carried out."""
        return OrderRemedy(self.kinds, self.role, self.court_phone, self.ground)
