"""The court's enforcement-money account (案款专户) and the numbering of the case accounts under it (R-PAY-01)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType

from libs.foundation.ids import stream_name
from libs.schemas.envelope import Event
from libs.schemas.parts import CaseAccountRef
from libs.schemas.payments import FeeAccount, FundAccountSet, SubAccountAllotted, SubAccountRequested

SERIAL_DIGITS = 6


@dataclass(frozen=True, slots=True)
class SetFundAccount:
    """Name the court's account at its custodian bank and where its fees go."""

    court: str
    account_name: str
    account_number_prefix: str
    bank_name: str
    bank_id: str
    fee_account: FeeAccount


@dataclass(frozen=True, slots=True)
class AllotSubAccount:
    """Give a case its own number under the court's account."""

    court: str
    case_id: str
    case_number: str


@dataclass(frozen=True, slots=True)
class SubAccount:
    """A case's number; `account` is None while the court's account is not set."""

    case_id: str
    case_number: str
    serial: int
    account: CaseAccountRef | None = None


@dataclass(frozen=True, slots=True)
class Fund:
    """The court's account and what was allotted under it, by case."""

    setting: FundAccountSet | None = None
    allotted: Mapping[str, SubAccount] = field(default_factory=lambda: MappingProxyType({}))
    serial: int = 0


def fund_stream(court: str) -> str:
    """Return the stream of a court's account."""
    return stream_name("fund", court)


def decide_fund(state: Fund, command: SetFundAccount | AllotSubAccount, _now: datetime) -> Sequence[Event]:
    """Set the court's account, or allot a number: one per case, serials without gaps.

    A case that asks before the account is set is not refused: it keeps its serial and gets its number then. Accounts
    allotted earlier keep their numbers when the setting changes.
    """
    if isinstance(command, SetFundAccount):
        return _set(state, command)
    if command.case_id in state.allotted:
        return []
    serial = state.serial + 1
    if state.setting is None:
        return [
            SubAccountRequested(
                case_id=command.case_id, case_number=command.case_number, court=command.court, serial=serial
            )
        ]
    return [_allotted(state.setting, command.case_id, command.case_number, serial)]


def evolve_fund(state: Fund, event: Event) -> Fund:
    """Return the court's account after a fact."""
    if isinstance(event, FundAccountSet):
        return replace(state, setting=event)
    if isinstance(event, SubAccountRequested | SubAccountAllotted):
        account = event.account if isinstance(event, SubAccountAllotted) else None
        entry = SubAccount(event.case_id, event.case_number, event.serial, account)
        return replace(
            state,
            allotted=MappingProxyType({**state.allotted, event.case_id: entry}),
            serial=max(state.serial, event.serial),
        )
    return state


def _set(state: Fund, command: SetFundAccount) -> Sequence[Event]:
    setting = FundAccountSet(
        court=command.court,
        account_name=command.account_name,
        account_number_prefix=command.account_number_prefix,
        bank_name=command.bank_name,
        bank_id=command.bank_id,
        fee_account=command.fee_account,
    )
    if setting == state.setting:
        return []
    waiting = [entry for entry in state.allotted.values() if entry.account is None]
    return [setting, *(_allotted(setting, entry.case_id, entry.case_number, entry.serial) for entry in waiting)]


def _allotted(setting: FundAccountSet, case_id: str, case_number: str, serial: int) -> SubAccountAllotted:
    return SubAccountAllotted(
        case_id=case_id,
        case_number=case_number,
        court=setting.court,
        serial=serial,
        account=CaseAccountRef(
            account_name=setting.account_name,
            account_number=f"{setting.account_number_prefix}{serial:0{SERIAL_DIGITS}d}",
            bank_name=setting.bank_name,
            bank_id=setting.bank_id,
        ),
    )
