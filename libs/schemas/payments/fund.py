"""The court's account for enforcement money."""

from __future__ import annotations

from libs.schemas.envelope import Event, Fact
from libs.schemas.parts import CaseAccountRef


class FeeAccount(Fact):
    """Where the enforcement fee goes: an account of the treasury, never of a person."""

    account_name: str
    account_number: str
    bank_id: str
    bank_name: str


class FundAccountSet(Event, name="fund_account_set"):
    """The court's enforcement-money account at its custodian bank (案款专户); case accounts are numbered under it."""

    court: str
    account_name: str
    account_number_prefix: str
    bank_name: str
    bank_id: str
    fee_account: FeeAccount


class SubAccountRequested(Event, name="sub_account_requested"):
    """A case asked for its account before the court's account was set: it waits, nothing else waits for it."""

    case_id: str
    case_number: str
    court: str
    serial: int


class SubAccountAllotted(Event, name="sub_account_allotted"):
    """A number of the court's account belongs to this case and to no other; serials have no gaps (R-PAY-01)."""

    case_id: str
    case_number: str
    court: str
    serial: int
    account: CaseAccountRef
