"""An assistance request (协助执行请求): issued, acknowledged, answered per item, returned, overdue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType
from typing import Any

from libs.foundation.errors import NotFound
from libs.schemas.asset_inquiry import (
    ItemAnswer,
    ReplyReceived,
    RequestAcknowledged,
    RequestCancelled,
    RequestIssued,
    RequestOverdue,
    RequestReissueOrdered,
    RequestReturned,
)
from libs.schemas.envelope import Event
from libs.schemas.timers import TimerCancelled, TimerDue, TimerScheduled
from services.asset_inquiry.domain.answers import SETTLED, check_answers, check_contradiction
from services.asset_inquiry.domain.refusals import AlreadyAnswered, ReplyConflict, ReplyInconsistent, RequestClosed
from services.asset_inquiry.domain.request_commands import (
    Acknowledge,
    GiveUp,
    IssueRequest,
    OrderReissue,
    ReceiveReply,
    ReturnRequest,
)
from services.asset_inquiry.rules.codes import ATTEMPTS_MAX, CONTROL_KINDS, RETURNS
from services.asset_inquiry.rules.deadlines import REMINDERS_MAX

REPLY_TIMER = "reply"
PENDING_STATES = ("WAITING", "ACKNOWLEDGED", "PARTIAL", "OVERDUE")


@dataclass(frozen=True, slots=True)
class RequestState:
    """A request as it stands. `answers` holds the newest answer per sequence, `final_reply` the id that closed it."""

    issued: RequestIssued | None = None
    acknowledged: str = ""
    replies: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    answers: Mapping[int, ItemAnswer] = field(default_factory=lambda: MappingProxyType({}))
    final_reply: str = ""
    late: bool = False
    reminders: int = 0
    returned: RequestReturned | None = None
    cancelled: bool = False
    ordered_as: str | None = None

    @property
    def reissued_as(self) -> str | None:
        """The number under which it was sent again: by the court itself, or because an officer said so."""
        return self.ordered_as or (self.returned.reissued_as if self.returned else None)

    @property
    def state(self) -> str:
        """One word for people and queues."""
        if self.cancelled:
            return "CANCELLED"
        if self.returned is not None:
            return "RETURNED"
        if self.final_reply:
            return "FINAL"
        if self.reminders:
            return "OVERDUE"
        if self.replies:
            return "PARTIAL"
        return "ACKNOWLEDGED" if self.acknowledged else "WAITING"

    @property
    def is_pending(self) -> bool:
        """Whether the agency still owes a final answer: then it is offered again at every poll."""
        return self.issued is not None and self.state in PENDING_STATES


def decide_request(state: RequestState, command: Any, now: datetime) -> Sequence[Event]:
    """Return what follows. A request that was never sent is not found; a closed one is not answered any more."""
    if isinstance(command, IssueRequest):
        return _issue(state, command)
    if state.issued is None:
        raise NotFound
    match command:
        case Acknowledge():
            return _acknowledge(state, state.issued, command)
        case ReceiveReply():
            return _receive(state, state.issued, command, now)
        case ReturnRequest():
            return _take_back(state, state.issued, command)
        case OrderReissue():
            return _send_again(state, state.issued, command)
        case GiveUp():
            return _give_up(state, state.issued, command)
        case TimerDue(timer="reply"):
            return _remind(state, state.issued, now)
    msg = f"no such command: {type(command).__name__}"
    raise TypeError(msg)


def _issue(state: RequestState, command: IssueRequest) -> Sequence[Event]:
    if state.issued is not None:
        return ()
    return (command.request, TimerScheduled(timer=REPLY_TIMER, due_at=command.request.answer_due_at))


def _acknowledge(state: RequestState, issued: RequestIssued, command: Acknowledge) -> Sequence[Event]:
    if state.acknowledged == command.code or state.final_reply:
        return ()
    if not state.is_pending:
        raise RequestClosed
    return (
        RequestAcknowledged(
            request_id=issued.request_id,
            request_number=issued.request_number,
            agency_id=issued.agency_id,
            case_id=issued.case_id,
            code=command.code,
        ),
    )


def _receive(state: RequestState, issued: RequestIssued, command: ReceiveReply, now: datetime) -> Sequence[Event]:
    known = state.replies.get(command.reply_id)
    if known == command.content_sha256:
        return ()
    if known is not None:
        raise ReplyConflict(field="reply_id")
    if state.returned is not None or state.cancelled:
        raise RequestClosed
    if state.final_reply and command.corrects != state.final_reply:
        raise AlreadyAnswered(final_reply=state.final_reply)
    if command.corrects is not None and command.corrects not in state.replies:
        raise ReplyInconsistent("`corrects` names no reply to this request.", field="corrects")
    if state.final_reply and command.status == "PARTIAL":
        raise ReplyInconsistent("Only a FINAL reply corrects a final one.", field="status")
    check_answers(issued.kind, issued.items, command.answers, final=command.status == "FINAL")
    if command.corrects is None:
        check_contradiction(state.answers, command.answers)
    received = ReplyReceived(
        request_id=issued.request_id,
        request_number=issued.request_number,
        reply_id=command.reply_id,
        agency_id=issued.agency_id,
        case_id=issued.case_id,
        kind=issued.kind,
        status=command.status,
        answers=command.answers,
        content_sha256=command.content_sha256,
        signature=command.signature,
        late=now > issued.answer_due_at,
        corrects=command.corrects,
    )
    closes = command.status == "FINAL" and not state.final_reply and not state.reminders
    return (received, TimerCancelled(timer=REPLY_TIMER)) if closes else (received,)


def _take_back(state: RequestState, issued: RequestIssued, command: ReturnRequest) -> Sequence[Event]:
    if state.returned is not None and state.returned.code == command.code:
        return ()
    if state.final_reply:
        raise AlreadyAnswered(final_reply=state.final_reply)
    if state.returned is not None or state.cancelled:
        raise RequestClosed
    if any(answer.status in SETTLED for answer in state.answers.values()):
        # Part of it is done: sending the whole request once more could do it twice.
        raise ReplyInconsistent("An item is answered already; answer the others instead of returning the request.")
    retryable = RETURNS[command.code].reissue
    returned = RequestReturned(
        request_id=issued.request_id,
        request_number=issued.request_number,
        agency_id=issued.agency_id,
        case_id=issued.case_id,
        code=command.code,
        text=command.text,
        contact_name=command.contact_name,
        contact_phone=command.contact_phone,
        retryable=retryable,
        reissued_as=next_number(issued) if retryable and issued.attempt < ATTEMPTS_MAX else None,
    )
    return (returned,) if state.reminders else (returned, TimerCancelled(timer=REPLY_TIMER))


def next_number(issued: RequestIssued) -> str:
    """Return the number under which this request would be sent again: `…-R2`, `…-R3`."""
    base = issued.request_number.rpartition("-R")[0] if issued.attempt > 1 else issued.request_number
    return f"{base}-R{issued.attempt + 1}"


def _send_again(state: RequestState, issued: RequestIssued, command: OrderReissue) -> Sequence[Event]:
    _check_waits_for_officer(state)
    return (
        RequestReissueOrdered(
            request_id=issued.request_id,
            request_number=issued.request_number,
            agency_id=issued.agency_id,
            case_id=issued.case_id,
            reissued_as=next_number(issued),
            ordered_by=command.ordered_by,
        ),
    )


def _give_up(state: RequestState, issued: RequestIssued, command: GiveUp) -> Sequence[Event]:
    _check_waits_for_officer(state)
    if issued.kind not in CONTROL_KINDS:
        # Giving an inquiry up would read a failed look-up as "none".
        raise RequestClosed("Only a control can be given up; an inquiry is sent again.")
    return (
        RequestCancelled(
            request_id=issued.request_id,
            request_number=issued.request_number,
            agency_id=issued.agency_id,
            case_id=issued.case_id,
            reason=command.reason,
        ),
    )


def _check_waits_for_officer(state: RequestState) -> None:
    """Refuse unless it came back and nothing follows by itself: an open request may be acted on any moment."""
    if state.returned is None or state.cancelled or state.reissued_as is not None:
        raise RequestClosed("Only a request that came back and was not sent again waits for an officer.")


def _remind(state: RequestState, issued: RequestIssued, now: datetime) -> Sequence[Event]:
    if not state.is_pending or state.reminders >= REMINDERS_MAX or now < issued.answer_due_at:
        return ()
    return (
        RequestOverdue(
            request_id=issued.request_id,
            request_number=issued.request_number,
            agency_id=issued.agency_id,
            case_id=issued.case_id,
            answer_due_at=issued.answer_due_at,
            reminder=state.reminders + 1,
        ),
    )


def evolve_request(state: RequestState, event: Event) -> RequestState:
    """Return the request after `event`."""
    match event:
        case RequestIssued():
            return replace(state, issued=event)
        case RequestAcknowledged():
            return replace(state, acknowledged=event.code)
        case ReplyReceived():
            return replace(
                state,
                replies=MappingProxyType({**state.replies, event.reply_id: event.content_sha256}),
                answers=MappingProxyType({**state.answers, **{one.sequence: one for one in event.answers}}),
                final_reply=event.reply_id if event.status == "FINAL" else state.final_reply,
                late=state.late or event.late,
            )
        case RequestReturned():
            return replace(state, returned=event)
        case RequestOverdue():
            return replace(state, reminders=event.reminder, late=True)
        case RequestCancelled():
            return replace(state, cancelled=True)
        case RequestReissueOrdered():
            return replace(state, ordered_as=event.reissued_as)
    return state
