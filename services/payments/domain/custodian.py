"""A custodian bank's account numbers by their beginnings: which court a line that names no case belongs to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

from libs.foundation.ids import stream_name
from libs.schemas.envelope import Event
from libs.schemas.payments import AccountPrefixBound
from services.payments.domain.refusals import PrefixTaken


@dataclass(frozen=True, slots=True)
class Custodian:
    """The courts at a bank, by the prefix of their account numbers."""

    courts: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    def court_of(self, account_number: str) -> str | None:
        """Return the court whose prefix the number begins with, or None."""
        fitting = [prefix for prefix in self.courts if account_number.startswith(prefix)]
        return self.courts[max(fitting, key=len)] if fitting else None


@dataclass(frozen=True, slots=True)
class BindPrefix:
    """Let account numbers that begin so belong to a court."""

    bank_id: str
    prefix: str
    court: str


def custodian_stream(bank_id: str) -> str:
    """Return the stream of a bank."""
    return stream_name("custodian", bank_id)


def decide_custodian(state: Custodian, command: BindPrefix, _now: datetime) -> Sequence[Event]:
    """Bind a prefix. Raises `PrefixTaken` if it and another court's could begin the same account number."""
    for prefix, court in state.courts.items():
        if court != command.court and (prefix.startswith(command.prefix) or command.prefix.startswith(prefix)):
            raise PrefixTaken(field="account_number_prefix")
    if state.courts.get(command.prefix) == command.court:
        return []
    return [AccountPrefixBound(bank_id=command.bank_id, prefix=command.prefix, court=command.court)]


def evolve_custodian(state: Custodian, event: Event) -> Custodian:
    """Return the bank after a fact."""
    if isinstance(event, AccountPrefixBound):
        return Custodian(MappingProxyType({**state.courts, event.prefix: event.court}))
    return state
