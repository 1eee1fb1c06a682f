"""`party/<id>`: the party register, the only place (with `paper/…`) where personal data stands (R-GEN-06).

The id derives from an HMAC of court and identity number, so the same person is the same party in every case of a court.
What is known of a party is only added to: contact data and payee account of a registered party are never overwritten by
a later filing, which may come from anybody; a changed payee account needs a decision of its own (R-PAY-07).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from libs.foundation.court_calendar import court_day
from libs.foundation.identity import credit_code, masked_name, resident_number
from libs.schemas.envelope import Event
from libs.schemas.intake import BankAccount, IdentityDocument, PartyRegistered, PartyUpdated
from libs.schemas.parts import PartyRef, PartyType
from services.intake.domain.refusals import PartyNameMismatch


@dataclass(frozen=True, slots=True)
class Register:
    """The register's entry of one party, once there is one."""

    party: PartyRegistered | None = None


@dataclass(frozen=True, slots=True)
class RegisterParty:
    """Enter a party, or add what was not known of it."""

    party_id: str
    party_type: PartyType
    name: str
    documents: tuple[IdentityDocument, ...]
    phone: str | None = None
    address: str | None = None
    payee_account: BankAccount | None = None


def decide(state: Register, command: RegisterParty, now: datetime) -> Sequence[Event]:
    """Return the registration, an addition, or nothing. Raises `PartyNameMismatch`, `IdentityNumberInvalid`."""
    for document in command.documents:
        checked_document(document, now=now)
    known = state.party
    if known is None:
        return [
            PartyRegistered(
                party_id=command.party_id,
                party_type=command.party_type,
                name=command.name,
                display_name=display_name(command.name, command.party_type),
                documents=command.documents,
                phone=command.phone,
                address=command.address,
                payee_account=command.payee_account,
            )
        ]
    if known.name != command.name:
        raise PartyNameMismatch
    added = {
        name: value
        for name in ("phone", "address", "payee_account")
        if (value := getattr(command, name)) is not None and getattr(known, name) is None
    }
    return [PartyUpdated(party_id=command.party_id, **added)] if added else []


def evolve(state: Register, event: Event) -> Register:
    """Return the entry after a fact."""
    match event:
        case PartyRegistered():
            return Register(event)
        case PartyUpdated() if state.party is not None:
            changed = event.model_dump(include={"phone", "address"}, exclude_none=True)
            if event.payee_account is not None:
                changed["payee_account"] = event.payee_account
            return replace(state, party=state.party.model_copy(update=changed))
    return state


def checked_document(document: IdentityDocument, now: datetime | None = None) -> IdentityDocument:
    """Return the document with its number normalised; raises the refusal of R-INT-05 or R-INT-06."""
    if document.id_type == "RESIDENT_IDENTITY_CARD":
        today = court_day(now) if now is not None else None
        return document.model_copy(update={"id_number": resident_number(document.id_number, today=today)})
    if document.id_type == "UNIFIED_SOCIAL_CREDIT_CODE":
        return document.model_copy(update={"id_number": credit_code(document.id_number)})
    return document.model_copy(update={"id_number": document.id_number.strip().upper()})


def display_name(name: str, party_type: PartyType) -> str:
    """Return how a party is named wherever personal data may not stand."""
    return masked_name(name, organisation=party_type == "ORGANISATION")


def reference(party_id: str, name: str, party_type: PartyType) -> PartyRef:
    """Return the party as events name it."""
    return PartyRef(party_id=party_id, display_name=display_name(name, party_type), party_type=party_type)
