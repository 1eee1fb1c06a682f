"""From draft to publication: the president signs, the decision is served, the grace period passes (R-CRB-06, -07)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from libs.foundation.court_calendar import court_day
from libs.schemas.credit_blacklist.listing import (
    Cancellation,
    ListingCancelled,
    ListingDecided,
    ListingDecisionOverdue,
    ListingDrafted,
    ListingDraftRejected,
    ListingGraceEnded,
    ListingPublished,
    ListingServed,
    ListingUpdated,
    ListingWarned,
)
from libs.schemas.envelope import Event
from libs.schemas.timers import TimerCancelled, TimerDue, TimerScheduled
from services.credit_blacklist.domain.listing import Decision, Listing, part_id
from services.credit_blacklist.domain.listing_checks import (
    check_bars,
    check_extension,
    check_grounds,
    check_performance,
    check_person,
    check_procedure,
    check_relisting,
)
from services.credit_blacklist.domain.listing_commands import (
    DecideListing,
    DraftListing,
    NotePayment,
    ServeListing,
    UpdatePerformance,
    WarnDebtor,
)
from services.credit_blacklist.domain.listing_evolution import evolve_listing
from services.credit_blacklist.domain.listing_record import first_record, grown_record, performed_record, term_timer
from services.credit_blacklist.domain.listing_refusals import (
    DebtIsSatisfied,
    DecisionNotOpen,
    DrafterCannotApprove,
    ListingNotInForce,
    ServiceBeforeDecision,
)
from services.credit_blacklist.rules.grounds import in_order
from services.credit_blacklist.rules.procedure import decision_due, grace_due
from services.credit_blacklist.rules.terms import TERM_YEARS, extended, later_end, listed_until

DECISION = "decision:"
GRACE = "grace:"


def warn(state: Listing, command: WarnDebtor) -> Sequence[Event]:
    """Record the warning; the first one counts."""
    if state.warned is not None:
        return ()
    return (
        ListingWarned(
            listing_id=command.listing_id,
            case_id=command.case_id,
            party_id=command.party_id,
            document_id=command.document_id,
            served_at=command.served_at,
        ),
    )


def draft_listing(state: Listing, command: DraftListing, now: datetime) -> Sequence[Event]:
    """Draft a decision. On application the court has fifteen days. Raises what `listing_checks` refuses."""
    today = court_day(now)
    check_person(command.standing, today)
    check_procedure(command, today)
    check_grounds(state, command, today)
    check_relisting(state, command)
    check_bars(command.standing, command.grounds)
    check_extension(state, command)
    check_performance(command.performance, command.performed_fen, command.standing.owed_fen)
    assert command.standing.party is not None, "checked above"
    decision_id = part_id(command.listing_id, "d", len(state.decisions))
    due = decision_due(command.applied_on) if command.applied_on else None
    drafted = ListingDrafted(
        listing_id=command.listing_id,
        decision_id=decision_id,
        case_id=command.case.case_id,
        case=command.case,
        party=command.standing.party,
        grounds=in_order(command.grounds),
        acts=command.acts,
        facts=command.facts,
        duty=command.duty,
        performance=command.performance,
        performed_fen=command.performed_fen,
        legal_representative=command.legal_representative,
        extension_years=command.extension_years,
        extension_reason=command.extension_reason,
        grace_months=command.grace_months,
        initiated=command.initiated,
        applied_on=command.applied_on,
        decide_by=due,
        drafted_by=command.drafted_by,
    )
    timer = [TimerScheduled(timer=f"{DECISION}{decision_id}", due_at=due.due_at)] if due else []
    return (drafted, *timer)


def decide_draft(state: Listing, command: DecideListing, now: datetime) -> Sequence[Event]:
    """Sign a draft, or send it back. What speaks against listing is asked again on the day of the decision."""
    decision = state.decision(command.decision_id)
    draft = decision.draft
    if decision.state != "DRAFTED":
        raise DecisionNotOpen
    if command.by == draft.drafted_by:
        raise DrafterCannotApprove
    no_more_overdue = [TimerCancelled(timer=f"{DECISION}{draft.decision_id}")] if _is_watched(decision) else []
    if not command.approve:
        rejected = ListingDraftRejected(
            listing_id=state.listing_id,
            decision_id=draft.decision_id,
            case_id=state.case_id,
            rejected_by=command.by,
            reason=command.reason,
        )
        return (rejected, *no_more_overdue)
    today = court_day(now)
    check_person(command.standing, today)
    check_bars(command.standing, draft.grounds)
    if not draft.grounds and state.current is None:
        raise ListingNotInForce
    decided = ListingDecided(
        listing_id=state.listing_id,
        decision_id=draft.decision_id,
        case_id=state.case_id,
        number=command.number,
        decided_on=today,
        grounds=draft.grounds,
        term_ends_on=_term(state, draft, now),
        grace=grace_due(today, draft.grace_months) if draft.grace_months else None,
        decided_by=command.by,
        rule_version=TERM_YEARS.version,
        paper=command.paper,
    )
    grace = [TimerScheduled(timer=f"{GRACE}{draft.decision_id}", due_at=decided.grace.due_at)] if decided.grace else []
    return (decided, *no_more_overdue, *grace)


def serve_decision(state: Listing, command: ServeListing, now: datetime) -> Sequence[Event]:
    """Record the service; without a grace period, or after it, the decision is published at once."""
    decision = state.decision(command.decision_id)
    if decision.state != "DECIDED" or decision.served is not None:
        raise DecisionNotOpen
    assert decision.decided_on is not None, "what is decided has a day"
    if not decision.decided_on <= court_day(command.served_at) <= court_day(now):
        raise ServiceBeforeDecision(field="served_at")
    if command.standing.satisfied_on is not None:
        raise DebtIsSatisfied
    served = ListingServed(
        listing_id=state.listing_id,
        decision_id=command.decision_id,
        case_id=state.case_id,
        method=command.method,
        served_at=command.served_at,
        evidence=command.evidence,
        recorded_by=command.by,
    )
    after = evolve_listing(state, served)
    return (served, *publish_if_ready(after, command.decision_id, now))


def publish_if_ready(state: Listing, decision_id: str, now: datetime) -> list[Event]:
    """Return the publication of a decision that is signed, served and past its grace period; else nothing."""
    decision = state.decision(decision_id)
    if not decision.may_publish(now):
        return []
    episode = state.current
    if episode is None:
        if not decision.draft.grounds:
            # The listing that it should have lengthened ended while it waited.
            return [_cancelled(state, decision, "CASE_ENDED")]
        published = ListingPublished(
            listing_id=state.listing_id,
            decision_id=decision_id,
            case_id=state.case_id,
            record=first_record(state, decision, now),
        )
        return [published, *term_timer(None, decision.term_ends_on)]
    updated = ListingUpdated(
        listing_id=state.listing_id,
        case_id=state.case_id,
        reason="FURTHER_GROUND" if decision.draft.grounds else "EXTENDED",
        decision_id=decision_id,
        record=grown_record(state, episode, decision, now),
    )
    end = later_end(episode.term_ends_on, decision.term_ends_on)
    return [updated, *term_timer(episode.term_ends_on, end, lasts=end is not None)]


def update_performance(state: Listing, command: UpdatePerformance, now: datetime) -> Sequence[Event]:
    """Say how far the duty of a listing in force is performed; the same again changes nothing (R-CRB-08)."""
    episode = state.current
    if episode is None:
        raise ListingNotInForce
    check_performance(command.performance, command.performed_fen, command.owed_fen)
    if (command.performance, command.performed_fen) == (episode.record.performance, episode.performed_fen):
        return ()
    record = performed_record(state, episode, command.performance, now)
    return (
        ListingUpdated(
            listing_id=state.listing_id,
            case_id=state.case_id,
            reason="PERFORMANCE",
            performed_fen=command.performed_fen,
            record=record,
        ),
    )


def note_payment(state: Listing, command: NotePayment, now: datetime) -> Sequence[Event]:
    """Let the record in force say that part was performed (R-CRB-08); what is wholly performed is not updated.

    Nothing else changes by it: who knows better corrects the performance by hand.
    """
    episode = state.current
    if episode is None or not (episode.performed_fen or 0) < command.recovered_fen < command.owed_fen:
        return ()
    return update_performance(state, UpdatePerformance("PARTLY", command.recovered_fen, command.owed_fen), now)


def cancel_open(state: Listing, reason: Cancellation) -> list[Event]:
    """Return the end of every decision that is not published yet, with its timers."""
    events: list[Event] = []
    for decision_id, decision in state.decisions.items():
        if not decision.is_open:
            continue
        events.append(_cancelled(state, decision, reason))
        if decision.state == "DRAFTED" and _is_watched(decision):
            events.append(TimerCancelled(timer=f"{DECISION}{decision_id}"))
        if decision.grace is not None and not decision.grace_over:
            events.append(TimerCancelled(timer=f"{GRACE}{decision_id}"))
    return events


def decision_timer_due(state: Listing, due: TimerDue, now: datetime) -> Sequence[Event]:
    """Say that a decision is overdue, or that its grace period is over and it is published."""
    decision_id = due.timer.partition(":")[2]
    decision = state.decision(decision_id)
    if due.timer.startswith(DECISION):
        if decision.state != "DRAFTED":
            return ()
        return (
            ListingDecisionOverdue(
                listing_id=state.listing_id, decision_id=decision_id, case_id=state.case_id, due_at=due.due_at
            ),
        )
    if decision.state not in ("DECIDED", "GRACE"):
        return ()
    ended = ListingGraceEnded(listing_id=state.listing_id, decision_id=decision_id, case_id=state.case_id)
    return (ended, *publish_if_ready(evolve_listing(state, ended), decision_id, now))


def _term(state: Listing, draft: ListingDrafted, now: datetime) -> date | None:
    if draft.grounds:
        return listed_until(draft.grounds, court_day(now), draft.extension_years)
    assert state.current is not None, "a decision without a ground lengthens what is in force"
    end = state.current.term_ends_on
    return None if end is None else extended(end, draft.extension_years)


def _cancelled(state: Listing, decision: Decision, reason: Cancellation) -> ListingCancelled:
    return ListingCancelled(
        listing_id=state.listing_id, decision_id=decision.draft.decision_id, case_id=state.case_id, reason=reason
    )


def _is_watched(decision: Decision) -> bool:
    return decision.draft.decide_by is not None and not decision.overdue
