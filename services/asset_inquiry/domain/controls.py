"""All controls of one case: what may be frozen, what is frozen, what was deducted. One stream decides finally."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from types import MappingProxyType
from typing import Any

from libs.schemas.asset_inquiry import (
    ControlEffective,
    ControlLimitRecorded,
    ControlOrderAccepted,
    ControlOrderDeferred,
    ControlOrderReceived,
    ControlOrderRefused,
    ControlPartlyEffective,
    ControlQueued,
    ControlRefused,
    ControlReleased,
    ControlReleaseRefused,
    ControlRequested,
    DeductionAnswered,
    DeductionConfirmed,
    DeductionFailed,
    DeductionRequested,
    MeasureState,
)
from libs.schemas.envelope import Event
from libs.schemas.parts import AssetClass

IN_FORCE: frozenset[MeasureState] = frozenset({"EFFECTIVE", "PARTLY_EFFECTIVE"})


def _empty() -> Mapping[str, Any]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Deduction:
    """A deduction on a freeze. Its id is the one payment reference under which the money travels."""

    deduction_id: str
    control_order_id: str
    request_number: str
    sequence: int
    amount_fen: int
    answered_fen: int | None = None
    settlement: str = ""
    remaining_fen: int | None = None
    confirmed_fen: int | None = None
    failed: str = ""

    @property
    def state(self) -> str:
        """One word: only the money's arrival confirms."""
        if self.confirmed_fen is not None:
            return "CONFIRMED"
        if self.failed:
            return "FAILED"
        return "REQUESTED" if self.answered_fen is None else "ANSWERED"

    @property
    def is_open(self) -> bool:
        """Whether money may still be on the way."""
        return self.state in {"REQUESTED", "ANSWERED"}

    @property
    def taken_fen(self) -> int:
        """What of the freeze is gone: as the money arrived, else as the agency says."""
        return self.confirmed_fen if self.confirmed_fen is not None else self.answered_fen or 0


@dataclass(frozen=True, slots=True)
class Measure:
    """A freeze or seal. `request_number` and `sequence` name it to its agency ever after."""

    measure_id: str
    control_order_id: str
    agency_id: str
    asset_id: str
    asset_class: AssetClass
    request_number: str
    sequence: int
    requested_fen: int
    term_to: date | None = None
    state: MeasureState = "REQUESTED"
    controlled_fen: int = 0
    uncovered_fen: int = 0
    agency_reference: str = ""
    effective_from: datetime | None = None
    effective_to: date | None = None
    rank: int | None = None
    refusal: str = ""
    release_order: str = ""
    deductions: Mapping[str, Deduction] = field(default_factory=_empty)

    @property
    def deducted_fen(self) -> int:
        """What was taken from it."""
        return sum(one.taken_fen for one in self.deductions.values())

    @property
    def frozen_fen(self) -> int:
        """What is frozen and neither taken nor about to be taken: the most that a deduction may ask for."""
        if self.state not in IN_FORCE:
            return 0
        asked = sum(one.amount_fen for one in self.deductions.values() if one.state == "REQUESTED")
        return max(0, self.controlled_fen - self.deducted_fen - asked - self.missing_fen)

    @property
    def missing_fen(self) -> int:
        """What is no longer frozen although the court let nothing go: the agency answers for it (R-INQ-24, ENF 26)."""
        reported = [one for one in self.deductions.values() if one.remaining_fen is not None]
        if not reported or self.state not in IN_FORCE:
            return 0
        held = self.controlled_fen - sum(one.taken_fen for one in reported)
        return max(0, held - (reported[-1].remaining_fen or 0))

    @property
    def counted_fen(self) -> int:
        """What it counts against the limit: asked for in full, in force by what it holds, ended by what it took."""
        if self.state == "REQUESTED":
            return self.requested_fen
        return self.controlled_fen if self.state in IN_FORCE else self.deducted_fen

    @property
    def open_deductions(self) -> tuple[str, ...]:
        """Ids of deductions whose money may still come."""
        return tuple(one.deduction_id for one in self.deductions.values() if one.is_open)


@dataclass(frozen=True, slots=True)
class Order:
    """What became of a control order: PENDING until its final check, and while a deduction keeps a release waiting."""

    kind: str
    state: str
    measure_ids: tuple[str, ...] = ()
    code: str = ""
    reason: str = ""
    rule: str | None = None
    remainder: str | None = None


@dataclass(frozen=True, slots=True)
class ControlsState:
    """The controls of a case as they stand."""

    case_id: str = ""
    limit_fen: int | None = None
    limit_as_of: date | None = None
    limit_seq: int = 0
    measures: Mapping[str, Measure] = field(default_factory=_empty)
    orders: Mapping[str, Order] = field(default_factory=_empty)
    waiting: Mapping[str, ControlOrderDeferred] = field(default_factory=_empty)

    @property
    def counted_fen(self) -> int:
        """What all first-ranking freezes of the case count against the limit (R-INQ-20)."""
        return sum(measure.counted_fen for measure in self.measures.values())

    def measure_named(self, request_number: str | None, sequence: int | None) -> Measure | None:
        """Return the measure that its agency knows by this request number and sequence."""
        for measure in self.measures.values():
            if (measure.request_number, measure.sequence) == (request_number, sequence):
                return measure
        return None

    def measure_of_deduction(self, deduction_id: str) -> Measure | None:
        """Return the measure that a deduction was asked of."""
        return next((one for one in self.measures.values() if deduction_id in one.deductions), None)


def evolve_controls(state: ControlsState, event: Event) -> ControlsState:
    """Return the controls after `event`."""
    match event:
        case ControlLimitRecorded():
            return replace(
                state,
                case_id=event.case_id,
                limit_fen=event.limit_fen,
                limit_as_of=event.as_of,
                limit_seq=event.source_seq,
            )
        case ControlOrderReceived():
            order = Order(event.kind, "PENDING")
            return replace(
                state,
                case_id=event.case_id,
                orders=MappingProxyType({**state.orders, event.control_order_id: order}),
            )
        case ControlOrderAccepted() | ControlOrderDeferred() | ControlOrderRefused():
            return _with_order(state, event)
        case ControlRequested():
            return _with_measure(state, _requested(event))
    measure = state.measures.get(str(getattr(event, "measure_id", "")))
    return state if measure is None else _with_measure(state, _evolve_measure(measure, event))


def _requested(event: ControlRequested) -> Measure:
    return Measure(
        measure_id=event.measure_id,
        control_order_id=event.control_order_id,
        agency_id=event.agency_id,
        asset_id=event.asset_id,
        asset_class=event.asset_class or "DEPOSIT",
        request_number=event.request_number,
        sequence=event.sequence,
        requested_fen=event.requested_limit_fen,
        term_to=event.term_to,
    )


def _with_order(
    state: ControlsState, event: ControlOrderAccepted | ControlOrderDeferred | ControlOrderRefused
) -> ControlsState:
    order_id = event.control_order_id
    waiting = {name: one for name, one in state.waiting.items() if name != order_id}
    measures = dict(state.measures)
    if isinstance(event, ControlOrderRefused):
        order = Order(event.kind, "REFUSED", (), event.code, event.reason, event.rule)
    else:
        remainder = event.terms.remainder if event.terms else None
        shown = "PENDING" if isinstance(event, ControlOrderDeferred) else "ACCEPTED"
        order = Order(event.kind, shown, event.measure_ids, remainder=remainder)
        if isinstance(event, ControlOrderDeferred):
            waiting[order_id] = event
        if event.kind == "RELEASE":
            for measure_id in event.measure_ids:
                measures[measure_id] = replace(measures[measure_id], release_order=order_id)
    return replace(
        state,
        case_id=event.case_id,
        orders=MappingProxyType({**state.orders, order_id: order}),
        waiting=MappingProxyType(waiting),
        measures=MappingProxyType(measures),
    )


def _with_measure(state: ControlsState, measure: Measure) -> ControlsState:
    return replace(state, measures=MappingProxyType({**state.measures, measure.measure_id: measure}))


def _evolve_measure(measure: Measure, event: Event) -> Measure:
    match event:
        case ControlEffective() | ControlPartlyEffective():
            # A request that came back was sent again under another number: the agency knows the freeze by that one.
            return replace(
                measure,
                request_number=event.request_number,
                sequence=event.sequence,
                state="EFFECTIVE" if isinstance(event, ControlEffective) else "PARTLY_EFFECTIVE",
                controlled_fen=event.controlled_fen,
                uncovered_fen=0 if isinstance(event, ControlEffective) else event.uncovered_limit_fen,
                agency_reference=event.agency_reference,
                effective_from=measure.effective_from or event.effective_from,
                effective_to=event.effective_to or measure.effective_to or measure.term_to,
                rank=None,
            )
        case ControlQueued():
            return replace(measure, state="QUEUED", rank=event.rank, controlled_fen=0, effective_from=None)
        case ControlRefused():
            return replace(measure, state="REFUSED", refusal=event.refusal_text, controlled_fen=0, uncovered_fen=0)
        case ControlReleased():
            return replace(measure, state="RELEASED")
        case ControlReleaseRefused():
            return replace(measure, release_order="", refusal=event.refusal_text)
    return _evolve_deduction(measure, event)


def _evolve_deduction(measure: Measure, event: Event) -> Measure:
    if isinstance(event, DeductionRequested):
        deduction = Deduction(
            event.deduction_id, event.control_order_id, event.request_number, event.sequence, event.amount_fen
        )
    elif isinstance(event, DeductionAnswered):
        known = measure.deductions[event.deduction_id]
        deduction = replace(
            known,
            answered_fen=event.deducted_fen,
            settlement=event.settlement,
            remaining_fen=event.remaining_frozen_fen,
        )
    elif isinstance(event, DeductionConfirmed):
        deduction = replace(measure.deductions[event.deduction_id], confirmed_fen=event.amount_fen)
    elif isinstance(event, DeductionFailed):
        deduction = replace(measure.deductions[event.deduction_id], failed=event.reason)
    else:
        return measure
    return replace(measure, deductions=MappingProxyType({**measure.deductions, deduction.deduction_id: deduction}))
