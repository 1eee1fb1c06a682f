"""Which case an account number or a case number belongs to: one stream per name, so that a name is bound once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from libs.foundation.ids import stream_name
from libs.schemas.envelope import Event
from libs.schemas.payments import AccountNumberBound
from services.payments.domain.refusals import NameAlreadyBound


@dataclass(frozen=True, slots=True)
class Name:
    """A number and the case it names; empty while it names none."""

    name: str = ""
    case_id: str = ""
    court: str = ""


@dataclass(frozen=True, slots=True)
class BindName:
    """Let an account number or case number name a case."""

    name: str
    case_id: str
    court: str


def name_stream(name: str) -> str:
    """Return the stream of a number."""
    return stream_name("account_name", name)


def decide_name(state: Name, command: BindName, _now: datetime) -> Sequence[Event]:
    """Bind a free name; binding it again to the same case changes nothing. Raises `NameAlreadyBound`."""
    if not state.case_id:
        return [AccountNumberBound(name=command.name, case_id=command.case_id, court=command.court)]
    if state.case_id != command.case_id:
        raise NameAlreadyBound(f"{command.name} belongs to {state.case_id}.")
    return []


def evolve_name(state: Name, event: Event) -> Name:
    """Return the name after a fact."""
    if isinstance(event, AccountNumberBound):
        return Name(event.name, event.case_id, event.court)
    return state
