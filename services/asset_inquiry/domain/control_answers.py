"""What agencies and the bank say changes the controls: booked freezes, releases, deductions answered and confirmed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from libs.schemas.asset_inquiry import (
    ControlEffective,
    ControlLimitRecorded,
    ControlOrderAccepted,
    ControlPartlyEffective,
    ControlQueued,
    ControlRefused,
    ControlReleased,
    ControlReleaseRefused,
    DeductionAnswered,
    DeductionConfirmed,
    DeductionFailed,
    ItemAnswer,
    RequestIssued,
)
from libs.schemas.envelope import Event
from services.asset_inquiry.domain.controls import ControlsState, Deduction, Measure, evolve_controls
from services.asset_inquiry.domain.orders import DecideOrder, ReceiveOrder, decide_order, receive_order


@dataclass(frozen=True, slots=True)
class RecordLimit:
    """Payments assessed the debt: so much may be frozen."""

    case_id: str
    limit_fen: int
    as_of: date
    source_seq: int


@dataclass(frozen=True, slots=True)
class TakeAnswers:
    """An agency answered items of this request."""

    request: RequestIssued
    answers: tuple[ItemAnswer, ...]


@dataclass(frozen=True, slots=True)
class TakeReturn:
    """A request came back for a reason that sending it again does not cure: every item is refused."""

    request: RequestIssued
    code: str
    text: str


@dataclass(frozen=True, slots=True)
class ConfirmDeduction:
    """Money with this payment reference arrived in the case account."""

    payment_reference: str
    amount_fen: int


def decide_controls(state: ControlsState, command: Any, now: datetime) -> Sequence[Event]:
    """Return what follows; waiting releases follow by themselves when their last open deduction is closed."""
    match command:
        case RecordLimit():
            return _limit(state, command)
        case ReceiveOrder():
            return receive_order(state, command)
        case DecideOrder():
            return decide_order(state, command, now)
        case TakeAnswers():
            events = [event for answer in command.answers for event in _answered(state, command.request, answer, now)]
        case TakeReturn():
            events = list(_returned(state, command))
        case ConfirmDeduction():
            events = list(_confirmed(state, command))
        case _:
            msg = f"no such command: {type(command).__name__}"
            raise TypeError(msg)
    return [*events, *_no_longer_waiting(state, events)]


def _limit(state: ControlsState, command: RecordLimit) -> Sequence[Event]:
    if command.source_seq <= state.limit_seq:
        return ()
    return (
        ControlLimitRecorded(
            case_id=command.case_id,
            limit_fen=command.limit_fen,
            as_of=command.as_of,
            source_seq=command.source_seq,
        ),
    )


def _measure_of(state: ControlsState, request: RequestIssued, sequence: int) -> Measure | None:
    measure_id = next((item.measure_id for item in request.items if item.sequence == sequence), None)
    return state.measures.get(measure_id) if measure_id else None


def _answered(state: ControlsState, request: RequestIssued, answer: ItemAnswer, now: datetime) -> Iterator[Event]:
    measure = _measure_of(state, request, answer.sequence)
    if measure is None:
        return
    match request.kind:
        case "FREEZE":
            yield from _frozen(measure, request, answer)
        case "RENEW" if answer.status in {"CONTROLLED", "PARTLY_CONTROLLED"} and measure.state != "RELEASED":
            yield _booked(measure, request, answer)
        case "RELEASE":
            yield from _released(measure, request, answer, now)
        case "DEDUCT":
            yield from _deducted(state, measure, request, answer, now)


def _frozen(measure: Measure, request: RequestIssued, answer: ItemAnswer) -> Iterator[Event]:
    # A freeze that money was taken from, or that is lifted, is not made undone by a late correction.
    if measure.state == "RELEASED" or measure.deductions:
        return
    if answer.status in {"CONTROLLED", "PARTLY_CONTROLLED"}:
        event = _booked(measure, request, answer)
        if _is_news(measure, event):
            yield event
    elif answer.status == "QUEUED" and measure.state != "QUEUED":
        yield ControlQueued(**_names(measure, request, answer.sequence), rank=answer.rank or 1)
    elif answer.status == "NOT_CONTROLLED" and measure.state != "REFUSED":
        yield ControlRefused(
            **_names(measure, request, answer.sequence),
            refusal_code=answer.refusal_code or "OTHER",
            refusal_text=answer.refusal_text or "",
        )


def _booked(measure: Measure, request: RequestIssued, answer: ItemAnswer) -> ControlEffective | ControlPartlyEffective:
    assert answer.effective_from is not None
    assert answer.agency_reference is not None
    # A renewal goes on being known by the freeze it renews.
    names = _names(measure, request, answer.sequence)
    if request.kind == "RENEW":
        names |= {"request_number": measure.request_number, "sequence": measure.sequence}
    booking = names | {
        "controlled_fen": answer.controlled_fen or 0,
        "effective_from": answer.effective_from,
        "effective_to": answer.effective_to or request.term_to,
        "agency_reference": answer.agency_reference,
    }
    if answer.status == "CONTROLLED":
        return ControlEffective(**booking)
    return ControlPartlyEffective(**booking, uncovered_limit_fen=answer.uncovered_limit_fen or 0)


def _is_news(measure: Measure, event: ControlEffective | ControlPartlyEffective) -> bool:
    shown = "EFFECTIVE" if isinstance(event, ControlEffective) else "PARTLY_EFFECTIVE"
    known = (measure.state, measure.controlled_fen, measure.agency_reference)
    return known != (shown, event.controlled_fen, event.agency_reference)


def _released(measure: Measure, request: RequestIssued, answer: ItemAnswer, now: datetime) -> Iterator[Event]:
    if measure.state == "RELEASED":
        return
    if answer.status == "RELEASED":
        yield ControlReleased(**_names(measure, request, answer.sequence), released_at=answer.effective_from or now)
    elif answer.status == "NOT_CONTROLLED" and measure.release_order:
        yield ControlReleaseRefused(
            **_names(measure, request, answer.sequence),
            refusal_code=answer.refusal_code or "OTHER",
            refusal_text=answer.refusal_text or "",
        )


def _deducted(
    state: ControlsState, measure: Measure, request: RequestIssued, answer: ItemAnswer, now: datetime
) -> Iterator[Event]:
    deduction = _deduction_of(measure, request)
    if deduction is None or deduction.answered_fen is not None or deduction.failed:
        return
    if answer.status == "NOT_CONTROLLED" or answer.settlement == "FAILED":
        if deduction.confirmed_fen is None:
            yield _failed(
                request, measure, deduction, answer.refusal_text or answer.detail or "the agency could not deduct"
            )
        return
    if answer.status != "DEDUCTED" or answer.settlement is None:
        return
    yield DeductionAnswered(
        **_names(measure, request, answer.sequence),
        deduction_id=deduction.deduction_id,
        deducted_fen=answer.deducted_fen or 0,
        remaining_frozen_fen=answer.remaining_frozen_fen or 0,
        settlement=answer.settlement,
        payment_reference=deduction.deduction_id,
    )
    order = state.orders.get(deduction.control_order_id)
    if order is not None and order.remainder == "RELEASE" and measure.state != "RELEASED":
        yield ControlReleased(**_names(measure, request, answer.sequence), released_at=answer.effective_from or now)


def _deduction_of(measure: Measure, request: RequestIssued) -> Deduction | None:
    return next((one for one in measure.deductions.values() if one.control_order_id == request.control_order_id), None)


def _failed(request: RequestIssued, measure: Measure, deduction: Deduction, reason: str) -> DeductionFailed:
    return DeductionFailed(
        case_id=request.case_id,
        measure_id=measure.measure_id,
        deduction_id=deduction.deduction_id,
        agency_id=measure.agency_id,
        reason=reason,
    )


def _returned(state: ControlsState, command: TakeReturn) -> Iterator[Event]:
    for item in command.request.items:
        measure = _measure_of(state, command.request, item.sequence)
        if measure is None:
            continue
        names = _names(measure, command.request, item.sequence) | {
            "refusal_code": command.code,
            "refusal_text": command.text,
        }
        if command.request.kind == "FREEZE" and measure.state == "REQUESTED":
            yield ControlRefused(**names)
        elif command.request.kind == "RELEASE" and measure.release_order and measure.state != "RELEASED":
            yield ControlReleaseRefused(**names)
        elif command.request.kind == "DEDUCT":
            deduction = _deduction_of(measure, command.request)
            if deduction is not None and deduction.state == "REQUESTED":
                yield _failed(command.request, measure, deduction, f"{command.code}: {command.text}")


def _confirmed(state: ControlsState, command: ConfirmDeduction) -> Iterator[Event]:
    measure = state.measure_of_deduction(command.payment_reference)
    if measure is None or measure.deductions[command.payment_reference].confirmed_fen is not None:
        return
    yield DeductionConfirmed(
        case_id=state.case_id,
        measure_id=measure.measure_id,
        deduction_id=command.payment_reference,
        agency_id=measure.agency_id,
        amount_fen=command.amount_fen,
        payment_reference=command.payment_reference,
    )


def _no_longer_waiting(state: ControlsState, events: Sequence[Event]) -> Iterator[Event]:
    after = state
    for event in events:
        after = evolve_controls(after, event)
    for order_id, deferred in after.waiting.items():
        if not any(after.measures[measure_id].open_deductions for measure_id in deferred.measure_ids):
            yield ControlOrderAccepted(
                case_id=deferred.case_id,
                control_order_id=order_id,
                kind=deferred.kind,
                measure_ids=deferred.measure_ids,
                terms=deferred.terms,
                planned=deferred.planned,
            )


def _names(measure: Measure, request: RequestIssued, sequence: int) -> dict[str, Any]:
    return {
        "case_id": request.case_id,
        "measure_id": measure.measure_id,
        "agency_id": measure.agency_id,
        "request_number": request.request_number,
        "sequence": sequence,
    }
