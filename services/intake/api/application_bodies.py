"""What an application looks like on the wire; numbers are checked here, so that all slips are named at once."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, ValidationInfo, field_validator, model_validator
from pydantic_core import PydanticCustomError

from libs.foundation.case_number import CaseNumberInvalid, court_document_number
from libs.foundation.errors import ZhixingError
from libs.schemas.intake import CAUSE_NAMES, BankAccount, BasisKind, EnforcementBasis, IdentityDocument
from libs.schemas.parts import IdType, PartyType, Sha256
from libs.web import AccountNumber, CourtCode, FreeText, Identifier, Name, PositiveFen, RequestModel, Text
from services.intake.api.fields import CourtDay, PhoneNumber
from services.intake.domain.party import checked_document
from services.intake.rules.papers import COURT_DOCUMENTS, PaperKind

PARTIES_MAX = 50
PAPERS_MAX = 100


class IdentityBody(RequestModel):
    """One identity document; a false check digit or an impossible birth date is named by its own code."""

    id_type: IdType
    id_number: Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[0-9A-Za-z()/ -]{4,40}$")]

    @model_validator(mode="after")
    def _is_valid(self) -> Self:
        try:
            self.document()
        except ZhixingError as error:
            raise PydanticCustomError(error.code, error.detail) from error
        return self

    def document(self) -> IdentityDocument:
        """Return the document with its number normalised."""
        return checked_document(IdentityDocument(id_type=self.id_type, id_number=self.id_number))


class PayeeAccountBody(RequestModel):
    """The account that the applicant wants to be paid to."""

    account_name: Name
    account_number: AccountNumber
    bank_id: Identifier
    bank_name: Name


class PartyBody(RequestModel):
    """An applicant or a debtor."""

    party_type: PartyType
    name: Name
    documents: Annotated[tuple[IdentityBody, ...], Field(min_length=1, max_length=5)]
    phone: PhoneNumber | None = None
    address: Text | None = None
    payee_account: PayeeAccountBody | None = None

    @model_validator(mode="after")
    def _document_fits_type(self) -> Self:
        strange = "UNIFIED_SOCIAL_CREDIT_CODE" if self.party_type == "PERSON" else "RESIDENT_IDENTITY_CARD"
        if any(document.id_type == strange for document in self.documents):
            raise PydanticCustomError("identity_type_mismatch", "The identity document is not of this type of party")
        return self

    def identities(self) -> tuple[IdentityDocument, ...]:
        """Return the identity documents, normalised."""
        return tuple(body.document() for body in self.documents)

    def account(self) -> BankAccount | None:
        """Return the payee account as the register keeps it."""
        return None if self.payee_account is None else BankAccount(**self.payee_account.model_dump())


class BasisBody(RequestModel):
    """The document that is to be enforced (R-INT-08)."""

    kind: BasisKind
    number: Name
    issued_by: Name
    effective_on: CourtDay
    last_day_of_performance: CourtDay
    content: Text

    @model_validator(mode="after")
    def _days_in_order(self) -> Self:
        if self.last_day_of_performance < self.effective_on:
            raise PydanticCustomError(
                "dates_contradict", "The last day of performance lies before the day on which the document took effect"
            )
        return self

    @model_validator(mode="after")
    def _number_of_a_court(self) -> Self:
        if self.kind in COURT_DOCUMENTS:
            try:
                court_document_number(self.number)
            except CaseNumberInvalid as error:
                raise PydanticCustomError("case_number_invalid", "A court's document has a case number") from error
        return self

    def basis(self) -> EnforcementBasis:
        """Return the basis with its number in the normal form."""
        number = court_document_number(self.number) if self.kind in COURT_DOCUMENTS else self.number
        return EnforcementBasis(**(self.model_dump() | {"number": number}))


class PaperBody(RequestModel):
    """A paper that is handed in; the scan stays with the portal, its hash binds it."""

    kind: PaperKind
    title: Name
    sha256: Sha256


Papers = Annotated[tuple[PaperBody, ...], Field(max_length=PAPERS_MAX)]


class ApplicationBody(RequestModel):
    """An application for enforcement."""

    court_code: CourtCode
    applicants: Annotated[tuple[PartyBody, ...], Field(min_length=1, max_length=PARTIES_MAX)]
    debtors: Annotated[tuple[PartyBody, ...], Field(min_length=1, max_length=PARTIES_MAX)]
    basis: BasisBody
    cause: Literal[tuple(CAUSE_NAMES)]  # type: ignore[valid-type]  # the causes are data
    claim_fen: PositiveFen
    requests: Text
    clues: FreeText = ""
    papers: Papers = ()
    special_authorisation: bool = False
    applicant_is_successor: bool = False

    @field_validator("debtors", mode="after")
    @classmethod
    def _no_party_twice(cls, debtors: tuple[PartyBody, ...], info: ValidationInfo) -> tuple[PartyBody, ...]:
        applicants: tuple[PartyBody, ...] = info.data.get("applicants", ())
        seen: set[tuple[str, str]] = set()
        for party in (*applicants, *debtors):
            for document in party.identities():
                key = (document.id_type, document.id_number)
                if key in seen:
                    raise PydanticCustomError("party_named_twice", "An identity document stands at two parties")
                seen.add(key)
        return debtors


class SupplementBody(RequestModel):
    """Papers that were lacking."""

    papers: Annotated[Papers, Field(min_length=1)]
    clues: FreeText = ""
    special_authorisation: bool = False


class ConditionsBody(RequestModel):
    """What the filing clerk found about conditions (1), (2), (3) and (5); (4) is computed (R-INT-09)."""

    document_effective: bool
    applicant_entitled: bool
    content_clear: bool
    has_jurisdiction: bool


class DecisionBody(RequestModel):
    """Accept or refuse."""

    decision: Literal["ACCEPT", "REFUSE"]
    conditions: ConditionsBody
    reason: Text | None = None
