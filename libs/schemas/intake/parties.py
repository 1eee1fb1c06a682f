"""The party register: personal data stands only here."""

from __future__ import annotations

from libs.schemas.envelope import Event, Fact
from libs.schemas.parts import (
    IdType,
    PartyType,
)


class IdentityDocument(Fact):
    """One identity document of a party."""

    id_type: IdType
    id_number: str


class BankAccount(Fact):
    """An account that money may be paid to; its holder's name must equal the party's (R-PAY-07)."""

    account_name: str
    account_number: str
    bank_id: str
    bank_name: str


class PartyRegistered(Event, name="party_registered"):
    """A person or firm stands in the court's party register. Readable only by services that need it."""

    party_id: str
    party_type: PartyType
    name: str
    display_name: str
    documents: tuple[IdentityDocument, ...]
    phone: str | None = None
    address: str | None = None
    payee_account: BankAccount | None = None


class PartyUpdated(Event, name="party_updated"):
    """Contact data or payee account of a registered party changed; the identity did not."""

    party_id: str
    phone: str | None = None
    address: str | None = None
    payee_account: BankAccount | None = None
