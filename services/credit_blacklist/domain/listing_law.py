"""The law of a listing: one function, `decide_listing`, from a command to facts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from libs.schemas.envelope import Event
from libs.schemas.timers import TimerDue
from services.credit_blacklist.domain.correction_commands import (
    CorrectionCommand,
    DecideCorrection,
    DecideRequest,
    DecideReview,
    ProposeCorrection,
    RecordRequest,
    RecordReview,
    ServeRefusal,
)
from services.credit_blacklist.domain.correction_law import correction_timer_due, decide_correction, propose_correction
from services.credit_blacklist.domain.correction_requests import (
    REQUEST,
    REVIEW,
    decide_request,
    decide_review,
    record_request,
    record_review,
    request_timer_due,
    serve_refusal,
)
from services.credit_blacklist.domain.listing import Listing
from services.credit_blacklist.domain.listing_commands import (
    CertifyRepair,
    DecideListing,
    DecideRemoval,
    DraftListing,
    EndWithCase,
    NotePayment,
    ProposeRemoval,
    ServeListing,
    SettleByPerformance,
    UpdatePerformance,
    WarnDebtor,
)
from services.credit_blacklist.domain.listing_drafting import (
    DECISION,
    GRACE,
    decide_draft,
    decision_timer_due,
    draft_listing,
    note_payment,
    serve_decision,
    update_performance,
    warn,
)
from services.credit_blacklist.domain.listing_record import TERM
from services.credit_blacklist.domain.listing_removal import (
    CORRECTION,
    REMOVAL,
    decide_removal,
    end_of_term,
    end_with_case,
    propose_removal,
    removal_timer_due,
    settle_by_performance,
)
from services.credit_blacklist.domain.listing_repair import certify_repair

ListingCommand = (
    WarnDebtor
    | DraftListing
    | DecideListing
    | ServeListing
    | UpdatePerformance
    | NotePayment
    | SettleByPerformance
    | EndWithCase
    | ProposeRemoval
    | DecideRemoval
    | CertifyRepair
    | CorrectionCommand
    | TimerDue
)


def decide_listing(state: Listing, command: ListingCommand, now: datetime) -> Sequence[Event]:  # noqa: C901, PLR0911, PLR0912 -- the map of the law: one line per command
    """Return the facts that follow from a command.

    Raises the refusals of `listing_refusals` and `correction_refusals`, and `ListingUnknown` for a part that is not
    there.
    """
    match command:
        case WarnDebtor():
            return warn(state, command)
        case DraftListing():
            return draft_listing(state, command, now)
        case DecideListing():
            return decide_draft(state, command, now)
        case ServeListing():
            return serve_decision(state, command, now)
        case UpdatePerformance():
            return update_performance(state, command, now)
        case NotePayment():
            return note_payment(state, command, now)
        case SettleByPerformance():
            return settle_by_performance(state, command, now)
        case EndWithCase():
            return end_with_case(state, command, now)
        case ProposeRemoval():
            return propose_removal(state, command, now)
        case DecideRemoval():
            return decide_removal(state, command, now)
        case CertifyRepair():
            return certify_repair(state, command, now)
        case ProposeCorrection():
            return propose_correction(state, command, now)
        case DecideCorrection():
            return decide_correction(state, command, now)
        case RecordRequest():
            return record_request(state, command, now)
        case DecideRequest():
            return decide_request(state, command, now)
        case ServeRefusal():
            return serve_refusal(state, command, now)
        case RecordReview():
            return record_review(state, command, now)
        case DecideReview():
            return decide_review(state, command, now)
        case TimerDue():
            return _timer_due(state, command, now)


def _timer_due(state: Listing, due: TimerDue, now: datetime) -> Sequence[Event]:
    if due.timer == TERM:
        return end_of_term(state, now)
    if due.timer.startswith((DECISION, GRACE)):
        return decision_timer_due(state, due, now)
    if due.timer.startswith(REMOVAL):
        return removal_timer_due(state, due)
    if due.timer.startswith(CORRECTION):
        return correction_timer_due(state, due)
    assert due.timer.startswith((REQUEST, REVIEW)), "every timer of a listing stands above"
    return request_timer_due(state, due)
