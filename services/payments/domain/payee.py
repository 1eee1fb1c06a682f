"""Our copy of whom money may be paid to: a name and an account (R-PAY-07). Private: it is personal data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from libs.foundation.ids import stream_name
from libs.schemas.envelope import Event
from libs.schemas.payments import PayeeRecorded


@dataclass(frozen=True, slots=True)
class PayeeAccount:
    """An account at a bank and its holder's name."""

    account_name: str
    account_number: str
    bank_id: str
    bank_name: str


@dataclass(frozen=True, slots=True)
class Payee:
    """A party as the register names it, with the account it named; `source_seq` is the register's seq."""

    party_id: str = ""
    name: str = ""
    account: PayeeAccount | None = None
    source_seq: int = 0


@dataclass(frozen=True, slots=True)
class RecordPayee:
    """Take over what the party register says. `name` None: the name did not change."""

    party_id: str
    name: str | None
    account: PayeeAccount | None
    source_seq: int


def payee_stream(party_id: str) -> str:
    """Return the stream of a payee."""
    return stream_name("payee", party_id)


def decide_payee(state: Payee, command: RecordPayee, _now: datetime) -> Sequence[Event]:
    """Record what is newer than what we hold; anything else changes nothing."""
    if command.source_seq <= state.source_seq:
        return []
    account = command.account or state.account
    return [
        PayeeRecorded(
            party_id=command.party_id,
            name=command.name if command.name is not None else state.name,
            account_name=account.account_name if account else None,
            account_number=account.account_number if account else None,
            bank_id=account.bank_id if account else None,
            bank_name=account.bank_name if account else None,
            source_seq=command.source_seq,
        )
    ]


def evolve_payee(state: Payee, event: Event) -> Payee:
    """Return the payee after a fact."""
    if not isinstance(event, PayeeRecorded):
        return state
    account = None
    if event.account_number is not None:
        account = PayeeAccount(
            event.account_name or "", event.account_number, event.bank_id or "", event.bank_name or ""
        )
    return Payee(event.party_id, event.name, account, event.source_seq)
