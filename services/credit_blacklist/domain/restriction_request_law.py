"""Requests for correction of a restriction, by the procedure of listings: 15 days, 10 for the review, 15 (R-CRB-12)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, Literal

from libs.foundation.court_calendar import court_day
from libs.schemas.credit_blacklist import ConsumptionKind, CorrectionNature, Finding, RemovalGround, Role
from libs.schemas.credit_blacklist.objection import (
    RestrictionClaim,
    RestrictionCorrectionRequested,
    RestrictionRefusalServed,
    RestrictionRequestDecided,
    RestrictionRequestOverdue,
    RestrictionReviewDecided,
    RestrictionReviewRequested,
)
from libs.schemas.envelope import Event
from libs.schemas.timers import TimerCancelled, TimerDue, TimerScheduled
from services.credit_blacklist.domain import restriction_correction, restriction_lifting
from services.credit_blacklist.domain.correction_refusals import RequestNotOpen
from services.credit_blacklist.domain.restriction import RestrictionOrder, part_id_of
from services.credit_blacklist.domain.restriction_commands import ProposeCorrection, ProposeLifting
from services.credit_blacklist.domain.restriction_lifting import records_of
from services.credit_blacklist.domain.restriction_refusals import LiftingIncomplete, RestrictionUnknown
from services.credit_blacklist.domain.restriction_request import OrderRequest
from services.credit_blacklist.domain.written_requests import check_happened, check_in_time, check_served
from services.credit_blacklist.rules.procedure import examination_due, review_due, review_request_due

EXAMINATION: Final = "request:"
REVIEW: Final = "review:"


@dataclass(frozen=True, slots=True)
class OrderRemedy:
    """How a justified request is carried out: what the record should say, or the ground to lift."""

    kinds: tuple[ConsumptionKind, ...] | None = None
    role: Role | None = None
    court_phone: str | None = None
    ground: RemovalGround | None = None


@dataclass(frozen=True, slots=True)
class RecordOrderRequest:
    """A covered person's written request arrived."""

    request_id: str
    party_id: str
    claim: RestrictionClaim
    wording_sha256: str
    received_on: date
    by: str


@dataclass(frozen=True, slots=True)
class DecideOrderRequest:
    """The court examined the request."""

    request_id: str
    finding: Finding
    wording_sha256: str
    remedy: OrderRemedy
    by: str


@dataclass(frozen=True, slots=True)
class ServeOrderRefusal:
    """The refusal was served."""

    request_id: str
    served_on: date
    wording_sha256: str
    by: str


@dataclass(frozen=True, slots=True)
class RecordOrderReview:
    """The person asks the next higher court for a review."""

    request_id: str
    wording_sha256: str
    received_on: date
    by: str


@dataclass(frozen=True, slots=True)
class DecideOrderReview:
    """The next higher court decides, finally."""

    request_id: str
    finding: Finding
    wording_sha256: str
    remedy: OrderRemedy
    court: str
    by: str


RequestCommand = RecordOrderRequest | DecideOrderRequest | ServeOrderRefusal | RecordOrderReview | DecideOrderReview


def record_request(state: RestrictionOrder, command: RecordOrderRequest, now: datetime) -> Sequence[Event]:
    """Take the request of a person who is restricted now; it is examined within fifteen days.

    Raises `PersonNotCovered` and `DayInTheFuture`.
    """
    drafted = state.require()
    records_of(state, (command.party_id,))
    check_happened(command.received_on, now, "received_on")
    due = examination_due(command.received_on)
    requested = RestrictionCorrectionRequested(
        order_id=drafted.order_id,
        request_id=command.request_id,
        case_id=drafted.case_id,
        party_id=command.party_id,
        claim=command.claim,
        wording_sha256=command.wording_sha256,
        received_on=command.received_on,
        due=due,
        recorded_by=command.by,
    )
    return (requested, TimerScheduled(timer=f"{EXAMINATION}{command.request_id}", due_at=due.due_at))


def decide_request(state: RestrictionOrder, command: DecideOrderRequest, now: datetime) -> Sequence[Event]:
    """Return the finding; what is justified waits for the president as a correction or a lifting.

    Raises `RestrictionUnknown`, `RequestNotOpen`, and what corrections and liftings refuse of its remedy.
    """
    request = _request(state, command.request_id, "RECEIVED")
    decided = RestrictionRequestDecided(
        order_id=state.require().order_id,
        request_id=command.request_id,
        case_id=state.require().case_id,
        finding=command.finding,
        wording_sha256=command.wording_sha256,
        decided_on=court_day(now),
        decided_by=command.by,
    )
    return (decided, *_cancelled(EXAMINATION, request), *_remedied(state, request, command, now))


def serve_refusal(state: RestrictionOrder, command: ServeOrderRefusal, now: datetime) -> Sequence[Event]:
    """Return the service of a refusal: ten days run for the review. Raises `RequestNotOpen` and `DayInTheFuture`."""
    request = _request(state, command.request_id, "REJECTED")
    if request.served is not None or request.decided is None:
        raise RequestNotOpen
    check_served(command.served_on, request.decided.decided_on, now)
    return (
        RestrictionRefusalServed(
            order_id=state.require().order_id,
            request_id=command.request_id,
            case_id=state.require().case_id,
            served_on=command.served_on,
            review_by=review_request_due(command.served_on),
            wording_sha256=command.wording_sha256,
            recorded_by=command.by,
        ),
    )


def record_review(state: RestrictionOrder, command: RecordOrderReview, now: datetime) -> Sequence[Event]:
    """Take the refusal to the next higher court; the restriction stands meanwhile.

    Raises `RequestNotOpen`, `DayInTheFuture` and `ReviewTooLate`.
    """
    request = _request(state, command.request_id, "REJECTED")
    check_in_time(command.received_on, request.served.review_by if request.served else None, now)
    due = review_due(command.received_on)
    asked = RestrictionReviewRequested(
        order_id=state.require().order_id,
        request_id=command.request_id,
        case_id=state.require().case_id,
        wording_sha256=command.wording_sha256,
        received_on=command.received_on,
        due=due,
        recorded_by=command.by,
    )
    return (asked, TimerScheduled(timer=f"{REVIEW}{command.request_id}", due_at=due.due_at))


def decide_review(state: RestrictionOrder, command: DecideOrderReview, now: datetime) -> Sequence[Event]:
    """Return the higher court's decision; a person who was let go meanwhile needs no remedy.

    Raises `RequestNotOpen`, and what corrections and liftings refuse of its remedy.
    """
    request = _request(state, command.request_id, "IN_REVIEW")
    decided = RestrictionReviewDecided(
        order_id=state.require().order_id,
        request_id=command.request_id,
        case_id=state.require().case_id,
        finding=command.finding,
        wording_sha256=command.wording_sha256,
        decided_on=court_day(now),
        decided_by=command.by,
        court=command.court,
    )
    return (decided, *_cancelled(REVIEW, request), *_remedied(state, request, command, now))


def request_timer_due(state: RestrictionOrder, due: TimerDue) -> Sequence[Event]:
    """Return that a request, or the review of its refusal, still waits though its day has passed."""
    kind, _, request_id = due.timer.partition(":")
    request = state.requests.get(request_id)
    stage: Literal["EXAMINATION", "REVIEW"] = "EXAMINATION" if f"{kind}:" == EXAMINATION else "REVIEW"
    if request is None or request.state != ("RECEIVED" if stage == "EXAMINATION" else "IN_REVIEW"):
        return ()
    asked = request.requested
    return (
        RestrictionRequestOverdue(
            order_id=asked.order_id, request_id=request_id, case_id=asked.case_id, stage=stage, due_at=due.due_at
        ),
    )


def _remedied(
    state: RestrictionOrder, request: OrderRequest, command: DecideOrderRequest | DecideOrderReview, now: datetime
) -> Sequence[Event]:
    asked, remedy = request.requested, command.remedy
    if command.finding == "REJECTED" or not state.restricts(asked.party_id):
        return ()
    if asked.claim == "SHOULD_BE_LIFTED":
        if remedy.ground is None:
            raise LiftingIncomplete(field="ground")
        lifting = ProposeLifting(
            lifting_id=part_id_of("lifting", asked.order_id, asked.request_id),
            scope="FULL",
            persons=(asked.party_id,),
            ground=remedy.ground,
            wording_sha256=command.wording_sha256,
            by=command.by,
        )
        return restriction_lifting.propose(state, lifting, now)
    nature: CorrectionNature = "INACCURATE" if asked.claim == "INACCURATE" else "WRONGLY_LISTED"
    correction = ProposeCorrection(
        correction_id=part_id_of("correction", asked.order_id, asked.request_id),
        party_id=asked.party_id,
        nature=nature,
        wording_sha256=command.wording_sha256,
        by=command.by,
        kinds=remedy.kinds,
        role=remedy.role,
        court_phone=remedy.court_phone,
    )
    return restriction_correction.propose(state, correction, now)


def _request(state: RestrictionOrder, request_id: str, wanted: str) -> OrderRequest:
    request = state.requests.get(request_id)
    if request is None:
        raise RestrictionUnknown
    if request.state != wanted:
        raise RequestNotOpen(f"It is {request.state}.")
    return request


def _cancelled(kind: str, request: OrderRequest) -> Sequence[Event]:
    return () if request.overdue else (TimerCancelled(timer=f"{kind}{request.requested.request_id}"),)
