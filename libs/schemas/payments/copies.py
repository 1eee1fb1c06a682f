"""Copies for our own decisions, never published."""

from __future__ import annotations

from libs.schemas.envelope import Event


class AccountNumberBound(Event, name="account_number_bound"):
    """Which case an account number or case number belongs to: how a statement line finds its case."""

    name: str
    case_id: str
    court: str


class AccountPrefixBound(Event, name="account_prefix_bound"):
    """Which court the account numbers of a custodian bank that begin so are of: how a stray line finds its pool."""

    bank_id: str
    prefix: str
    court: str


class PayeeRecorded(Event, name="payee_recorded"):
    """Our copy of a party's name and payee account (R-PAY-07)."""

    party_id: str
    name: str
    account_name: str | None = None
    account_number: str | None = None
    bank_id: str | None = None
    bank_name: str | None = None
    source_seq: int
