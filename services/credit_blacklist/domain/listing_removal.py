"""The end of a listing: by rule, by decision, by the end of its term (R-CRB-10)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from libs.foundation.court_calendar import court_day
from libs.schemas.credit_blacklist import RemovalGround, SignedPaper
from libs.schemas.credit_blacklist.listing import (
    ListingRemoved,
    RemovalDecided,
    RemovalOverdue,
    RemovalProposed,
    RemovalRejected,
)
from libs.schemas.envelope import Event
from libs.schemas.intake.kinds import ClosureKind
from libs.schemas.timers import TimerCancelled, TimerDue, TimerScheduled
from services.credit_blacklist.domain.correction_refusals import DayInTheFuture
from services.credit_blacklist.domain.listing import Episode, Listing, part_id
from services.credit_blacklist.domain.listing_commands import (
    DecideRemoval,
    EndWithCase,
    ProposeRemoval,
    SettleByPerformance,
    Standing,
)
from services.credit_blacklist.domain.listing_drafting import cancel_open
from services.credit_blacklist.domain.listing_record import TERM, removed_record
from services.credit_blacklist.domain.listing_refusals import (
    DrafterCannotApprove,
    ListingNotInForce,
    ProposalNotOpen,
    RemovalAlreadyProposed,
    RemovalGroundNotForThisListing,
    RemovalUnproved,
)
from services.credit_blacklist.rules.procedure import (
    PAPER_GROUNDS,
    QUERIES_AFTER_TERMINATION,
    REMOVAL_WORKING_DAYS,
    TERMED_GROUNDS,
    UNTERMED_GROUNDS,
    removal_due,
)

REMOVAL = "removal:"
CORRECTION = "correction:"
SERVICE = "zhixing"
"""Who acts where the law leaves nothing to decide."""

ENDS_BY_CASE: dict[ClosureKind, RemovalGround] = {
    "NOT_ENFORCED": "NON_ENFORCEMENT",
    "ENFORCEMENT_TERMINATED": "FINAL_TERMINATION",
    "CANCELLED": "FINAL_TERMINATION",
    "APPLICATION_DISMISSED": "NON_ENFORCEMENT",
}
"""Which ground the end of a case is; the president decides about what is prepared."""


@dataclass(frozen=True, slots=True)
class Ending:
    """How a listing ends: on what ground, by whom, on which paper."""

    ground: RemovalGround
    by_rule: bool
    by: str
    removal_id: str | None = None
    correction_id: str | None = None
    number: str | None = None
    paper: SignedPaper | None = None


def settle_by_performance(state: Listing, command: SettleByPerformance, now: datetime) -> Sequence[Event]:
    """Let go of who performed: what is not published never is; without a term the listing ends at once.

    With a term its early end is the president's to decide: a removal is prepared with its deadline.
    """
    events = cancel_open(state, "PERFORMED")
    episode = state.current
    if episode is None:
        return events
    if episode.term_ends_on is None:
        return [*events, *end_listing(state, Ending("PERFORMED", by_rule=True, by=SERVICE), now)]
    prepared = _prepare(state, "ACTIVE_PERFORMANCE", "被执行人已全部履行生效法律文书确定的义务", command.occurred_on)
    return [*events, *prepared]


def end_with_case(state: Listing, command: EndWithCase, now: datetime) -> Sequence[Event]:
    """Prepare the removal that a non-enforcement or termination ruling asks for (R-CRB-10 (6), (7))."""
    if command.kind == "FULLY_PERFORMED":
        return settle_by_performance(state, SettleByPerformance(command.closed_on), now)
    ground = ENDS_BY_CASE.get(command.kind)
    if ground is None:
        return ()
    events = cancel_open(state, "CASE_ENDED")
    if state.current is None or state.current.term_ends_on is not None:
        return events
    return [*events, *_prepare(state, ground, "案件已裁定结案", command.closed_on)]


def end_of_term(state: Listing, now: datetime) -> Sequence[Event]:
    """Remove the listing whose term is over."""
    if state.current is None or state.current.term_ends_on is None:
        return ()
    return end_listing(state, Ending("TERM_ENDED", by_rule=True, by=SERVICE), now)


def propose_removal(state: Listing, command: ProposeRemoval, now: datetime) -> Sequence[Event]:
    """Propose a removal; one that the service prepared is taken over. Raises what R-CRB-10 refuses."""
    episode = _in_force(state)
    if command.ground not in (UNTERMED_GROUNDS if episode.term_ends_on is None else TERMED_GROUNDS):
        raise RemovalGroundNotForThisListing(field="ground")
    if max((command.occurred_on, *command.queries_on)) > court_day(now):
        raise DayInTheFuture(field="occurred_on")
    _check_proof(command)
    waiting = state.open_removal
    if waiting is not None and not waiting.proposal.by_rule:
        raise RemovalAlreadyProposed
    if waiting is not None:
        if waiting.proposal.ground != command.ground:
            raise RemovalAlreadyProposed
        taken = {"by_rule": False, "proposed_by": command.by, "reason": command.reason}
        return (waiting.proposal.model_copy(update={**taken, "document_id": command.document_id}),)
    return _proposed(
        state,
        command.ground,
        command.reason,
        command.occurred_on,
        by=command.by,
        document_id=command.document_id,
        queries_on=command.queries_on,
    )


def propose_on_request(
    state: Listing, ground: RemovalGround, reason: str, today: date, *, by: str, request_id: str
) -> list[Event]:
    """Return the proposal that follows from a listed person's justified request, unless one waits already."""
    _in_force(state)
    if state.open_removal is not None:
        return []
    return _proposed(state, ground, reason, today, by=by, request_id=request_id)


def decide_removal(state: Listing, command: DecideRemoval, now: datetime) -> Sequence[Event]:
    """Agree to a removal, which then takes effect at once, or refuse it."""
    removal = state.removal(command.removal_id)
    if removal.state != "PROPOSED":
        raise ProposalNotOpen
    if removal.proposal.proposed_by == command.by:
        raise DrafterCannotApprove
    if not command.approve:
        rejected = RemovalRejected(
            listing_id=state.listing_id,
            removal_id=command.removal_id,
            case_id=state.case_id,
            rejected_by=command.by,
            reason=command.reason,
        )
        watched = [] if removal.overdue else [TimerCancelled(timer=f"{REMOVAL}{command.removal_id}")]
        return (rejected, *watched)
    ending = Ending(
        removal.proposal.ground,
        by_rule=False,
        by=command.by,
        removal_id=command.removal_id,
        number=command.number,
        paper=command.paper,
    )
    return end_listing(state, ending, now)


def end_listing(state: Listing, ending: Ending, now: datetime) -> list[Event]:
    """Return the end of the listing in force: decided, removed, and every timer and proposal of it let go."""
    episode = _in_force(state)
    decided = RemovalDecided(
        listing_id=state.listing_id,
        removal_id=ending.removal_id or part_id(state.listing_id, "e", state.version),
        case_id=state.case_id,
        ground=ending.ground,
        number=ending.number,
        decided_on=court_day(now),
        by_rule=ending.by_rule,
        decided_by=ending.by,
        rule_version=REMOVAL_WORKING_DAYS.version,
        paper=ending.paper,
    )
    removed = ListingRemoved(
        listing_id=state.listing_id,
        case_id=state.case_id,
        ground=ending.ground,
        removal_id=decided.removal_id,
        correction_id=ending.correction_id,
        record=removed_record(
            state,
            episode,
            ground=ending.ground,
            decided_at=now,
            now=now,
            wrong=ending.correction_id is not None,
        ),
    )
    return [decided, removed, *_let_go(state, episode)]


def removal_timer_due(state: Listing, due: TimerDue) -> Sequence[Event]:
    """Say that a removal is overdue if it still waits."""
    removal_id = due.timer.removeprefix(REMOVAL)
    if state.removal(removal_id).state != "PROPOSED":
        return ()
    return (
        RemovalOverdue(listing_id=state.listing_id, removal_id=removal_id, case_id=state.case_id, due_at=due.due_at),
    )


def proposal_of(events: Sequence[Event], state: Listing) -> str:
    """Return the id of the removal that was proposed, or taken over, just now."""
    ids = [event.removal_id for event in events if isinstance(event, RemovalProposed)]
    return ids[-1] if ids else list(state.removals)[-1]


def _in_force(state: Listing) -> Episode:
    if state.current is None:
        raise ListingNotInForce
    return state.current


def _check_proof(command: ProposeRemoval) -> None:
    standing: Standing = command.standing
    if command.ground in PAPER_GROUNDS and command.document_id is None:
        raise RemovalUnproved(field="document_id")
    if command.ground == "PERFORMED" and standing.satisfied_on is None and command.document_id is None:
        raise RemovalUnproved(field="document_id")
    if command.ground == "NOTHING_FOUND_AFTER_TERMINATION":
        closed_on = standing.closed_on if standing.closed == "CURRENT_PROCEDURE_TERMINATED" else None
        after = {day for day in command.queries_on if closed_on is not None and day > closed_on}
        if len(after) < QUERIES_AFTER_TERMINATION.value:
            raise RemovalUnproved(field="queries_on")


def _prepare(state: Listing, ground: RemovalGround, reason: str, occurred_on: date) -> list[Event]:
    if state.open_removal is not None:
        return []
    return _proposed(state, ground, reason, occurred_on, by=SERVICE, by_rule=True)


def _proposed(  # noqa: PLR0913 -- the parts of a proposal, named at the call
    state: Listing,
    ground: RemovalGround,
    reason: str,
    occurred_on: date,
    *,
    by: str,
    by_rule: bool = False,
    document_id: str | None = None,
    queries_on: tuple[date, ...] = (),
    request_id: str | None = None,
) -> list[Event]:
    due = removal_due(occurred_on)
    proposed = RemovalProposed(
        listing_id=state.listing_id,
        removal_id=part_id(state.listing_id, "r", len(state.removals)),
        case_id=state.case_id,
        ground=ground,
        reason=reason,
        document_id=document_id,
        queries_on=queries_on,
        occurred_on=occurred_on,
        due=due,
        by_rule=by_rule,
        proposed_by=by,
        request_id=request_id,
    )
    return [proposed, TimerScheduled(timer=f"{REMOVAL}{proposed.removal_id}", due_at=due.due_at)]


def _let_go(state: Listing, episode: Episode) -> list[Event]:
    timers = [TERM] if episode.term_ends_on is not None else []
    timers += [f"{REMOVAL}{name}" for name, one in state.removals.items() if one.state == "PROPOSED"]
    timers += [f"{CORRECTION}{name}" for name, one in state.corrections.items() if one.state == "PROPOSED"]
    return [TimerCancelled(timer=name) for name in timers]
