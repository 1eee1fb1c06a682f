"""The law of corrections, of requests for them and their review; the listing goes on meanwhile (R-CRB-12)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from libs.foundation.court_calendar import court_day
from libs.schemas.credit_blacklist import CorrectionNature
from libs.schemas.credit_blacklist.correction import (
    Claim,
    CorrectionDecided,
    CorrectionOverdue,
    CorrectionProposed,
    CorrectionRejected,
    ListingCorrected,
    RecordChanges,
    Remedy,
)
from libs.schemas.envelope import Event
from libs.schemas.timers import TimerCancelled, TimerDue, TimerScheduled
from services.credit_blacklist.domain.correction_commands import DecideCorrection, ProposeCorrection
from services.credit_blacklist.domain.correction_refusals import (
    CorrectionAlreadyProposed,
    CorrectionChangesNothing,
    RemedyMissing,
)
from services.credit_blacklist.domain.listing import Episode, Listing, corrected_term, part_id
from services.credit_blacklist.domain.listing_checks import check_performance
from services.credit_blacklist.domain.listing_record import corrected_record, term_timer
from services.credit_blacklist.domain.listing_refusals import (
    DrafterCannotApprove,
    ExtensionWithoutTerm,
    GroundMissing,
    ListingNotInForce,
    ProposalNotOpen,
)
from services.credit_blacklist.domain.listing_removal import CORRECTION, Ending, end_listing, propose_on_request
from services.credit_blacklist.domain.written_requests import check_happened
from services.credit_blacklist.rules.grounds import has_term, in_order
from services.credit_blacklist.rules.procedure import (
    CORRECTION_WORKING_DAYS,
    TERMED_GROUNDS,
    UNTERMED_GROUNDS,
    correction_due,
)

REMEDIES: dict[Claim, CorrectionNature] = {"NOT_TO_BE_LISTED": "WRONGLY_LISTED", "INACCURATE": "INACCURATE"}


def propose_correction(state: Listing, command: ProposeCorrection, now: datetime) -> Sequence[Event]:
    """Propose to revoke or correct the entry in force, three working days after the error was found."""
    check_happened(command.found_on, now, "found_on")
    return proposed(state, command.nature, command.changes, command.reason, command.found_on, by=command.by)


def proposed(
    state: Listing,
    nature: CorrectionNature,
    changes: RecordChanges,
    reason: str,
    found_on: date,
    *,
    by: str,
    request_id: str | None = None,
) -> list[Event]:
    """Return the proposal with its deadline and timer."""
    episode = state.current
    if episode is None:
        raise ListingNotInForce
    if any(one.state == "PROPOSED" for one in state.corrections.values()):
        raise CorrectionAlreadyProposed
    check_changes(episode, nature, changes)
    due = correction_due(found_on)
    event = CorrectionProposed(
        listing_id=state.listing_id,
        correction_id=part_id(state.listing_id, "c", len(state.corrections)),
        case_id=state.case_id,
        nature=nature,
        changes=changes,
        reason=reason,
        found_on=found_on,
        due=due,
        proposed_by=by,
        request_id=request_id,
    )
    return [event, TimerScheduled(timer=f"{CORRECTION}{event.correction_id}", due_at=due.due_at)]


def decide_correction(state: Listing, command: DecideCorrection, now: datetime) -> Sequence[Event]:
    """Revoke or correct the entry, or leave it."""
    correction = state.correction(command.correction_id)
    proposal = correction.proposal
    if correction.state != "PROPOSED":
        raise ProposalNotOpen
    if proposal.proposed_by == command.by:
        raise DrafterCannotApprove
    timer = TimerCancelled(timer=f"{CORRECTION}{command.correction_id}")
    if not command.approve:
        return (
            CorrectionRejected(
                listing_id=state.listing_id,
                correction_id=command.correction_id,
                case_id=state.case_id,
                rejected_by=command.by,
                reason=command.reason,
            ),
            timer,
        )
    decided = CorrectionDecided(
        listing_id=state.listing_id,
        correction_id=command.correction_id,
        case_id=state.case_id,
        nature=proposal.nature,
        number=command.number,
        decided_on=court_day(now),
        decided_by=command.by,
        rule_version=CORRECTION_WORKING_DAYS.version,
        paper=command.paper,
    )
    return (decided, timer, *_carried_out(state, proposal, command, now))


def remedied(
    state: Listing, claim: Claim, remedy: Remedy, reason: str, today: date, *, by: str, request_id: str
) -> list[Event]:
    """Return the proposal that a justified request leads to. Raises `RemedyMissing` if it does not fit the claim."""
    if claim == "SHOULD_BE_REMOVED":
        episode = state.current
        if episode is None:
            raise ListingNotInForce
        fitting = UNTERMED_GROUNDS if episode.term_ends_on is None else TERMED_GROUNDS
        if remedy.removal_ground not in fitting:
            raise RemedyMissing(field="removal_ground")
        return propose_on_request(state, remedy.removal_ground, reason, today, by=by, request_id=request_id)
    if remedy.nature != REMEDIES[claim]:
        raise RemedyMissing(field="nature")
    return proposed(state, remedy.nature, remedy.changes, reason, today, by=by, request_id=request_id)


def correction_timer_due(state: Listing, due: TimerDue) -> Sequence[Event]:
    """Say that a correction is overdue if it still waits."""
    correction_id = due.timer.removeprefix(CORRECTION)
    if state.correction(correction_id).state != "PROPOSED":
        return ()
    return (
        CorrectionOverdue(
            listing_id=state.listing_id,
            correction_id=correction_id,
            case_id=state.case_id,
            due_at=due.due_at,
        ),
    )


def check_changes(episode: Episode, nature: CorrectionNature, changes: RecordChanges) -> None:
    """Refuse a correction that says nothing new or something impossible."""
    given = changes.model_dump(exclude_none=True)
    if nature == "WRONGLY_LISTED":
        if given:
            raise CorrectionChangesNothing(field="fields")
        return
    if not given or all(_stands(episode, name, getattr(changes, name)) for name in given):
        raise CorrectionChangesNothing(field="fields")
    if changes.grounds is not None:
        if not changes.grounds:
            raise GroundMissing(field="grounds")
        if episode.extension_years and not has_term(changes.grounds):
            raise ExtensionWithoutTerm(field="grounds")
    if changes.performance is not None or changes.performed_fen is not None:
        performance = changes.performance or episode.record.performance
        assert performance is not None, "a listing in force has a performance"
        known = episode.performed_fen if changes.performed_fen is None else changes.performed_fen
        check_performance(performance, 0 if changes.performance == "NONE" else known, 0)


def _stands(episode: Episode, name: str, value: Any) -> bool:
    match name:
        case "grounds":
            return bool(in_order(value) == episode.grounds)
        case "legal_representative":
            return bool(value.party_id == episode.record.legal_representative)
        case "performed_fen":
            return bool(value == episode.performed_fen)
        case "basis_number":
            return episode.record.basis is not None and value == episode.record.basis.number
        case "basis_authority":
            return episode.record.basis is not None and value == episode.record.basis.authority
    return bool(value == getattr(episode.record, name))


def _carried_out(
    state: Listing, proposal: CorrectionProposed, command: DecideCorrection, now: datetime
) -> Sequence[Event]:
    episode = state.current
    assert episode is not None, "a proposal falls with its listing"
    if proposal.nature == "WRONGLY_LISTED":
        ending = Ending(
            "WRONGLY_LISTED",
            by_rule=False,
            by=command.by,
            correction_id=command.correction_id,
            number=command.number,
        )
        return end_listing(state, ending, now)
    check_changes(episode, proposal.nature, proposal.changes)
    corrected = ListingCorrected(
        listing_id=state.listing_id,
        correction_id=command.correction_id,
        case_id=state.case_id,
        record=corrected_record(state, episode, proposal, now),
    )
    if proposal.changes.grounds is None:
        return (corrected,)
    end = corrected_term(episode, proposal.changes.grounds)
    return (corrected, *term_timer(episode.term_ends_on, end, lasts=end is not None))
