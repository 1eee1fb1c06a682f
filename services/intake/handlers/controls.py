"""What asset_inquiry found and holds: the inquiry triages the case, measures are copied if newer."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from libs.bus import Dispatch, Message
from libs.schemas import asset_inquiry
from libs.schemas.intake import DeductionPosition
from services.intake.domain.case.copies import RecordControl, RecordOrderResult
from services.intake.domain.case.opening import RecordInquiryResult
from services.intake.naming import case_stream


def on_inquiry_completed(message: Message[asset_inquiry.InquiryCompleted]) -> Iterable[Dispatch]:
    """The result of the concentrated inquiry triages the case (R-INT-30)."""
    event = message.event
    command = RecordInquiryResult(event.inquiry_id, event.found_fen, event.needs_disposal)
    return [Dispatch(case_stream(event.case_id), command)]


def _control(message: Message[Any], **facts: Any) -> list[Dispatch]:
    event = message.event
    command = RecordControl(
        source_seq=message.seq,
        measure_id=event.measure_id,
        agency_id=event.agency_id,
        **facts,
    )
    return [Dispatch(case_stream(event.case_id), command)]


def on_control_requested(message: Message[asset_inquiry.ControlRequested]) -> Iterable[Dispatch]:
    """A freeze is asked for; it counts in full."""
    event = message.event
    return _control(
        message,
        state="REQUESTED",
        request_number=event.request_number,
        sequence=event.sequence,
        control_order_id=event.control_order_id,
        requested_limit_fen=event.requested_limit_fen,
    )


def on_control_effective(message: Message[asset_inquiry.ControlEffective]) -> Iterable[Dispatch]:
    """The whole amount is frozen."""
    event = message.event
    return _control(
        message,
        state="EFFECTIVE",
        request_number=event.request_number,
        sequence=event.sequence,
        controlled_fen=event.controlled_fen,
    )


def on_control_partly_effective(message: Message[asset_inquiry.ControlPartlyEffective]) -> Iterable[Dispatch]:
    """Part of the amount is frozen."""
    event = message.event
    return _control(
        message,
        state="PARTLY_EFFECTIVE",
        request_number=event.request_number,
        sequence=event.sequence,
        controlled_fen=event.controlled_fen,
    )


def on_control_queued(message: Message[asset_inquiry.ControlQueued]) -> Iterable[Dispatch]:
    """Another authority froze first: ours waits, nothing is held."""
    event = message.event
    return _control(
        message, state="QUEUED", request_number=event.request_number, sequence=event.sequence, controlled_fen=0
    )


def on_control_refused(message: Message[asset_inquiry.ControlRefused]) -> Iterable[Dispatch]:
    """Nothing is frozen."""
    return _control(message, state="REFUSED", controlled_fen=0)


def on_control_released(message: Message[asset_inquiry.ControlReleased]) -> Iterable[Dispatch]:
    """The freeze is lifted."""
    return _control(message, state="RELEASED")


def on_deduction_requested(message: Message[asset_inquiry.DeductionRequested]) -> Iterable[Dispatch]:
    """A deduction is under way."""
    event = message.event
    return _control(
        message, deduction=_deduction(event.deduction_id, event.amount_fen, "REQUESTED", event.control_order_id)
    )


def on_deduction_answered(message: Message[asset_inquiry.DeductionAnswered]) -> Iterable[Dispatch]:
    """The agency says what it debited; money is booked only when it arrives."""
    event = message.event
    state = "FAILED" if event.settlement == "FAILED" else "ANSWERED"
    return _control(message, deduction=_deduction(event.deduction_id, event.deducted_fen, state))


def on_deduction_confirmed(message: Message[asset_inquiry.DeductionConfirmed]) -> Iterable[Dispatch]:
    """The money of the deduction arrived."""
    event = message.event
    return _control(message, deduction=_deduction(event.deduction_id, event.amount_fen, "CONFIRMED"))


def on_deduction_failed(message: Message[asset_inquiry.DeductionFailed]) -> Iterable[Dispatch]:
    """The freeze stands as it was."""
    return _control(message, deduction=_deduction(message.event.deduction_id, 0, "FAILED"))


def _deduction(deduction_id: str, amount_fen: int, state: Any, order_id: str | None = None) -> DeductionPosition:
    return DeductionPosition(deduction_id=deduction_id, amount_fen=amount_fen, state=state, control_order_id=order_id)


def on_control_order_accepted(message: Message[asset_inquiry.ControlOrderAccepted]) -> Iterable[Dispatch]:
    """The final check passed."""
    event = message.event
    return [Dispatch(case_stream(event.case_id), RecordOrderResult(event.control_order_id, accepted=True))]


def on_control_order_refused(message: Message[asset_inquiry.ControlOrderRefused]) -> Iterable[Dispatch]:
    """The final check refused the order: its amounts count no more."""
    event = message.event
    command = RecordOrderResult(event.control_order_id, accepted=False, code=event.code, reason=event.reason)
    return [Dispatch(case_stream(event.case_id), command)]
