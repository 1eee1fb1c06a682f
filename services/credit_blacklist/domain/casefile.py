"""Our copy of a case: whose debtors may be listed or restricted, what was served, what was paid. State and names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from types import MappingProxyType
from typing import TypeVar

from libs.foundation.errors import NotFound
from libs.foundation.ids import stream_name
from libs.schemas.credit_blacklist import (
    CasefileBarEnded,
    CasefileBarRecorded,
    CasefileBreachRecorded,
    CasefileClosed,
    CasefileControlRecorded,
    CasefileDebtRecorded,
    CasefileNumberTaken,
    CasefileRecorded,
    CasefileRecordJoined,
    CasefileSatisfied,
    CasefileWarned,
)
from libs.schemas.envelope import Event
from libs.schemas.parts import PartyRef

K = TypeVar("K")
V = TypeVar("V")


class CaseFileUnknown(NotFound):
    """No case of this id has been registered, or the fact has not arrived yet."""

    code = "case_file_unknown"
    title = "The case is not known here"
    remedy = "Check the case id; repeat after a few seconds if the case was registered just now."
    retryable = True


@dataclass(frozen=True, slots=True)
class Control:
    """What a control measure holds, as of the asset_inquiry event named by `source_seq`."""

    controlled_fen: int
    source_seq: int


@dataclass(frozen=True, slots=True)
class CaseFile:
    """A case as this room knows it. Facts arrive over several topics, in any order among each other."""

    record: CasefileRecorded | None = None
    warnings: Mapping[str, CasefileWarned] = field(default_factory=lambda: MappingProxyType({}))
    breaches: Mapping[str, tuple[CasefileBreachRecorded, ...]] = field(default_factory=lambda: MappingProxyType({}))
    debt: CasefileDebtRecorded | None = None
    controls: Mapping[str, Control] = field(default_factory=lambda: MappingProxyType({}))
    satisfied: CasefileSatisfied | None = None
    closed: CasefileClosed | None = None
    bars: Mapping[str, CasefileBarRecorded] = field(default_factory=lambda: MappingProxyType({}))
    ended_bars: frozenset[str] = frozenset()
    listings: tuple[str, ...] = ()
    restrictions: tuple[str, ...] = ()
    batches: tuple[str, ...] = ()
    numbers: Mapping[tuple[str, str], str] = field(default_factory=lambda: MappingProxyType({}))
    """Numbers of papers by kind and what they were taken for."""

    def require(self) -> CasefileRecorded:
        """Return the record. Raises `CaseFileUnknown`."""
        if self.record is None:
            raise CaseFileUnknown
        return self.record

    def debtor(self, party_id: str) -> PartyRef | None:
        """Return the debtor of this id, or None: legal representatives and controllers are none (R-CRB-05)."""
        debtors = self.record.debtors if self.record else ()
        return next((party for party in debtors if party.party_id == party_id), None)

    def standing_bars(self, party_id: str) -> tuple[CasefileBarRecorded, ...]:
        """Return what speaks against listing this debtor and has not fallen away."""
        return tuple(
            bar for bar_id, bar in self.bars.items() if bar.party_id == party_id and bar_id not in self.ended_bars
        )

    @property
    def controlled_fen(self) -> int:
        """What all measures of the case hold."""
        return sum(control.controlled_fen for control in self.controls.values())

    @property
    def satisfied_at(self) -> datetime | None:
        """When the debt was covered, None while it is not."""
        return self.satisfied.satisfied_at if self.satisfied else None

    @property
    def satisfied_on(self) -> date | None:
        """The value day of the money that covered the debt."""
        return self.satisfied.as_of if self.satisfied else None


def casefile_stream(case_id: str) -> str:
    """Return the stream of our copy of a case."""
    return stream_name("casefile", case_id)


def evolve_casefile(state: CaseFile, event: Event) -> CaseFile:  # noqa: PLR0911 -- one line per fact
    """Return the copy after `event`."""
    match event:
        case CasefileRecorded():
            return replace(state, record=event)
        case CasefileWarned():
            return replace(state, warnings=_with(state.warnings, event.party_id, event))
        case CasefileBreachRecorded():
            known = state.breaches.get(event.party_id, ())
            return replace(state, breaches=_with(state.breaches, event.party_id, (*known, event)))
        case CasefileDebtRecorded():
            return replace(state, debt=event)
        case CasefileControlRecorded():
            control = Control(event.controlled_fen, event.source_seq)
            return replace(state, controls=_with(state.controls, event.measure_id, control))
        case CasefileSatisfied():
            return replace(state, satisfied=event)
        case CasefileClosed():
            return replace(state, closed=event)
        case CasefileBarRecorded():
            return replace(state, bars=_with(state.bars, event.bar_id, event))
        case CasefileBarEnded():
            return replace(state, ended_bars=state.ended_bars | {event.bar_id})
        case CasefileRecordJoined(kind="LISTING"):
            return replace(state, listings=(*state.listings, event.stream))
        case CasefileRecordJoined(kind="PUBLICITY"):
            return replace(state, batches=(*state.batches, event.stream))
        case CasefileRecordJoined():
            return replace(state, restrictions=(*state.restrictions, event.stream))
        case CasefileNumberTaken():
            return replace(state, numbers=_with(state.numbers, (event.kind, event.purpose_id), event.number))
    return state


def _with(known: Mapping[K, V], key: K, value: V) -> Mapping[K, V]:
    return MappingProxyType({**known, key: value})
