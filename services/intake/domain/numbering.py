"""`numbering/<court>/<type>/<year>`: binds the next serial number to an application (R-INT-01). No gaps, no repeats.

The stream is the only writer of its numbers: concurrent acceptances are decided one after the other on its state. An
application that has its number keeps it, whoever asks again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

from libs.foundation.case_number import case_number
from libs.schemas.envelope import Event
from libs.schemas.intake import CaseNumberBound
from services.intake.domain.refusals import SerialsExhausted

SERIAL_MAX = 9_999_999
"""The pattern of R-INT-04 has seven digits."""

_NOTHING: Mapping[str, int] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Numbering:
    """The last serial given, and which application has which."""

    last: int = 0
    bound: Mapping[str, int] = field(default_factory=lambda: _NOTHING)


@dataclass(frozen=True, slots=True)
class BindNumber:
    """Bind the next number of this court, type and year to an application and its case."""

    application_id: str
    case_id: str
    court: str
    type_code: str
    year: int


def decide(state: Numbering, command: BindNumber, now: datetime) -> Sequence[Event]:  # noqa: ARG001 -- a decider's shape
    """Return the binding, or nothing if the application has its number."""
    if command.application_id in state.bound:
        return []
    serial = state.last + 1
    if serial > SERIAL_MAX:
        raise SerialsExhausted
    number = case_number(command.court, command.type_code, command.year, serial)
    return [
        CaseNumberBound(
            application_id=command.application_id, case_id=command.case_id, case_number=number, serial=serial
        )
    ]


def evolve(state: Numbering, event: Event) -> Numbering:
    """Return the numbering after a fact."""
    if isinstance(event, CaseNumberBound):
        return Numbering(event.serial, {**state.bound, event.application_id: event.serial})
    return state
