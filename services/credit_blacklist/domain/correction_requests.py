"""The listed person's request, its examination within fifteen days, and the review of its refusal (R-CRB-12)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from libs.foundation.court_calendar import court_day
from libs.schemas.credit_blacklist.correction import (
    CorrectionRefusalServed,
    CorrectionRequestDecided,
    CorrectionRequested,
    CorrectionRequestOverdue,
    CorrectionReviewDecided,
    CorrectionReviewOverdue,
    CorrectionReviewRequested,
)
from libs.schemas.envelope import Event
from libs.schemas.timers import TimerCancelled, TimerDue, TimerScheduled
from services.credit_blacklist.domain.correction_commands import (
    DecideRequest,
    DecideReview,
    RecordRequest,
    RecordReview,
    ServeRefusal,
)
from services.credit_blacklist.domain.correction_law import remedied
from services.credit_blacklist.domain.correction_refusals import RequestNotOpen
from services.credit_blacklist.domain.listing import Listing, part_id
from services.credit_blacklist.domain.listing_refusals import ListingNotInForce
from services.credit_blacklist.domain.written_requests import check_happened, check_in_time, check_served
from services.credit_blacklist.rules.procedure import examination_due, review_due, review_request_due

REQUEST = "request:"
REVIEW = "review:"


def record_request(state: Listing, command: RecordRequest, now: datetime) -> Sequence[Event]:
    """Take the request; who is not listed has nothing to be corrected.

    Raises `ListingNotInForce` and `DayInTheFuture`.
    """
    if state.current is None:
        raise ListingNotInForce
    check_happened(command.received_on, now, "received_on")
    due = examination_due(command.received_on)
    requested = CorrectionRequested(
        listing_id=state.listing_id,
        request_id=part_id(state.listing_id, "q", len(state.requests)),
        case_id=state.case_id,
        claim=command.claim,
        wording_sha256=command.wording_sha256,
        received_on=command.received_on,
        due=due,
        recorded_by=command.by,
    )
    return (requested, TimerScheduled(timer=f"{REQUEST}{requested.request_id}", due_at=due.due_at))


def decide_request(state: Listing, command: DecideRequest, now: datetime) -> Sequence[Event]:
    """Examine the request; what is justified is prepared as a correction or removal, due in three working days.

    Raises `RequestNotOpen`, and `RemedyMissing` where what is justified names no remedy that fits the claim.
    """
    request = state.request(command.request_id)
    if request.state != "RECEIVED":
        raise RequestNotOpen
    today = court_day(now)
    decided = CorrectionRequestDecided(
        listing_id=state.listing_id,
        request_id=command.request_id,
        case_id=state.case_id,
        finding=command.finding,
        reason=command.reason,
        decided_on=today,
        decided_by=command.by,
    )
    events = [decided, TimerCancelled(timer=f"{REQUEST}{command.request_id}")]
    if command.finding == "REJECTED":
        return events
    follows = remedied(
        state,
        request.request.claim,
        command.remedy,
        command.reason,
        today,
        by=command.by,
        request_id=command.request_id,
    )
    return [*events, *follows]


def serve_refusal(state: Listing, command: ServeRefusal, now: datetime) -> Sequence[Event]:
    """Record that the refusal was served: ten days run for the review. Raises `RequestNotOpen` and `DayInTheFuture`."""
    request = state.request(command.request_id)
    if request.state != "REJECTED" or request.served is not None or request.decided is None:
        raise RequestNotOpen
    check_served(command.served_on, request.decided.decided_on, now)
    return (
        CorrectionRefusalServed(
            listing_id=state.listing_id,
            request_id=command.request_id,
            case_id=state.case_id,
            served_on=command.served_on,
            review_by=review_request_due(command.served_on),
            evidence=command.evidence,
            recorded_by=command.by,
        ),
    )


def record_review(state: Listing, command: RecordReview, now: datetime) -> Sequence[Event]:
    """Take the refusal to the next higher court, within ten days of its service.

    Raises `RequestNotOpen`, `DayInTheFuture` and `ReviewTooLate`.
    """
    request = state.request(command.request_id)
    if request.state != "REJECTED":
        raise RequestNotOpen
    check_in_time(command.received_on, request.served.review_by if request.served else None, now)
    due = review_due(command.received_on)
    return (
        CorrectionReviewRequested(
            listing_id=state.listing_id,
            request_id=command.request_id,
            case_id=state.case_id,
            wording_sha256=command.wording_sha256,
            received_on=command.received_on,
            due=due,
            recorded_by=command.by,
        ),
        TimerScheduled(timer=f"{REVIEW}{command.request_id}", due_at=due.due_at),
    )


def decide_review(state: Listing, command: DecideReview, now: datetime) -> Sequence[Event]:
    """Decide at the next higher court, finally; a request that it finds justified is carried out as below.

    Raises `RequestNotOpen` and `RemedyMissing`.
    """
    request = state.request(command.request_id)
    if request.state != "IN_REVIEW":
        raise RequestNotOpen
    today = court_day(now)
    decided = CorrectionReviewDecided(
        listing_id=state.listing_id,
        request_id=command.request_id,
        case_id=state.case_id,
        finding=command.finding,
        reason=command.reason,
        decided_on=today,
        decided_by=command.by,
        court=command.court,
    )
    events = [decided, TimerCancelled(timer=f"{REVIEW}{command.request_id}")]
    if command.finding == "REJECTED" or state.current is None:
        # A listing that ended meanwhile leaves nothing to correct; the finding stands all the same.
        return events
    follows = remedied(
        state,
        request.request.claim,
        command.remedy,
        command.reason,
        today,
        by=command.by,
        request_id=command.request_id,
    )
    return [*events, *follows]


def request_timer_due(state: Listing, due: TimerDue) -> Sequence[Event]:
    """Say that a request or a review is overdue if it still waits."""
    kind, _, request_id = due.timer.partition(":")
    request = state.request(request_id)
    facts = {
        "listing_id": state.listing_id,
        "request_id": request_id,
        "case_id": state.case_id,
        "due_at": due.due_at,
    }
    if f"{kind}:" == REQUEST:
        return (CorrectionRequestOverdue.model_validate(facts),) if request.state == "RECEIVED" else ()
    return (CorrectionReviewOverdue.model_validate(facts),) if request.state == "IN_REVIEW" else ()
