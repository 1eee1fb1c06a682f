"""What a listing is after a fact."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from libs.foundation.court_calendar import court_day
from libs.schemas.credit_blacklist.correction import ListingCorrected
from libs.schemas.credit_blacklist.listing import (
    CreditRepairCertified,
    ListingCancelled,
    ListingDecided,
    ListingDecisionOverdue,
    ListingDrafted,
    ListingDraftRejected,
    ListingGraceEnded,
    ListingPublished,
    ListingRemoved,
    ListingServed,
    ListingUpdated,
    ListingWarned,
    RemovalDecided,
    RemovalOverdue,
    RemovalProposed,
    RemovalRejected,
)
from libs.schemas.envelope import Event
from services.credit_blacklist.domain.correction import evolve_corrections, evolve_requests, withdrawn
from services.credit_blacklist.domain.listing import Decision, Episode, Listing, Removal, corrected_term
from services.credit_blacklist.rules.terms import later_end


def evolve_listing(state: Listing, event: Event) -> Listing:
    """Return the listing after `event`; what other categories say changes nothing."""
    match event:
        case ListingWarned():
            return replace(state, listing_id=event.listing_id, case_id=event.case_id, warned=event)
        case ListingDrafted():
            drafted = MappingProxyType({**state.decisions, event.decision_id: Decision(event)})
            return replace(state, listing_id=event.listing_id, case_id=event.case_id, decisions=drafted)
        case ListingPublished() | ListingUpdated() | ListingCorrected() | ListingRemoved():
            return _with_record(state, event)
        case RemovalProposed() | RemovalDecided() | RemovalRejected() | RemovalOverdue():
            return replace(state, removals=_removals(state.removals, event))
        case CreditRepairCertified():
            return replace(state, certificates=(*state.certificates, event))
    decisions = _decisions(state.decisions, event)
    corrections = evolve_corrections(state.corrections, event)
    return replace(state, decisions=decisions, corrections=corrections, requests=evolve_requests(state.requests, event))


def _with_record(
    state: Listing, event: ListingPublished | ListingUpdated | ListingCorrected | ListingRemoved
) -> Listing:
    state = replace(state, version=event.record.version)
    match event:
        case ListingPublished():
            return _published(state, event)
        case ListingUpdated():
            return _updated(state, event)
        case ListingCorrected():
            return replace(state, current=_corrected(state, event))
    assert state.current is not None, "only what is listed is removed"
    ended = replace(
        state.current,
        record=event.record,
        removed_at=event.record.changed_at,
        removed_on=court_day(event.record.changed_at),
        removal_ground=event.ground,
    )
    removals = {
        name: replace(one, state="WITHDRAWN") if one.state == "PROPOSED" else one
        for name, one in state.removals.items()
    }
    return replace(
        state,
        current=None,
        archive=(*state.archive, ended),
        removals=MappingProxyType(removals),
        corrections=withdrawn(state.corrections),
    )


def _published(state: Listing, event: ListingPublished) -> Listing:
    decision = state.decisions[event.decision_id]
    episode = Episode(
        record=event.record,
        decisions=(event.decision_id,),
        decided_on=event.record.decided_on,
        grounds=event.record.grounds,
        duty=decision.draft.duty,
        published_at=event.record.changed_at,
        term_ends_on=decision.term_ends_on,
        extension_years=decision.draft.extension_years,
        performed_fen=decision.draft.performed_fen,
    )
    return replace(state, current=episode, decisions=_state(state.decisions, event.decision_id, state="PUBLISHED"))


def _updated(state: Listing, event: ListingUpdated) -> Listing:
    assert state.current is not None, "only what is listed is updated"
    episode = replace(state.current, record=event.record, grounds=event.record.grounds)
    if event.performed_fen is not None:
        episode = replace(episode, performed_fen=event.performed_fen)
    if event.decision_id is None:
        return replace(state, current=episode)
    decision = state.decisions[event.decision_id]
    episode = replace(
        episode,
        decisions=(*episode.decisions, event.decision_id),
        term_ends_on=later_end(episode.term_ends_on, decision.term_ends_on),
        extension_years=episode.extension_years + decision.draft.extension_years,
    )
    return replace(state, current=episode, decisions=_state(state.decisions, event.decision_id, state="PUBLISHED"))


def _corrected(state: Listing, event: ListingCorrected) -> Episode:
    assert state.current is not None, "only what is listed is corrected"
    changes = state.corrections[event.correction_id].proposal.changes
    episode = replace(state.current, record=event.record, duty=changes.duty or state.current.duty)
    if changes.performance == "NONE":
        episode = replace(episode, performed_fen=None)
    elif changes.performed_fen is not None:
        episode = replace(episode, performed_fen=changes.performed_fen)
    if changes.grounds is None:
        return episode
    return replace(episode, grounds=event.record.grounds, term_ends_on=corrected_term(episode, event.record.grounds))


def _decisions(known: Mapping[str, Decision], event: Event) -> Mapping[str, Decision]:
    match event:
        case ListingDraftRejected():
            return _state(known, event.decision_id, state="REJECTED", decided_by=event.rejected_by, reason=event.reason)
        case ListingDecided():
            return _state(
                known,
                event.decision_id,
                state="DECIDED",
                number=event.number,
                decided_on=event.decided_on,
                decided_by=event.decided_by,
                term_ends_on=event.term_ends_on,
                grace=event.grace,
                paper=event.paper,
            )
        case ListingServed():
            in_grace = known[event.decision_id].grace is not None
            return _state(known, event.decision_id, served=event, state="GRACE" if in_grace else "DECIDED")
        case ListingGraceEnded():
            return _state(known, event.decision_id, grace_over=True)
        case ListingCancelled():
            return _state(known, event.decision_id, state="CANCELLED", cancelled_for=event.reason)
        case ListingDecisionOverdue():
            return _state(known, event.decision_id, overdue=True)
    return known


def _state(known: Mapping[str, Decision], decision_id: str, **changes: Any) -> Mapping[str, Decision]:
    return MappingProxyType({**known, decision_id: replace(known[decision_id], **changes)})


def _removals(
    known: Mapping[str, Removal], event: RemovalProposed | RemovalDecided | RemovalRejected | RemovalOverdue
) -> Mapping[str, Removal]:
    match event:
        case RemovalProposed():
            # An officer who takes over what the service prepared changes the proposal, not whether it is overdue.
            before = known.get(event.removal_id, Removal(event))
            return MappingProxyType({**known, event.removal_id: replace(before, proposal=event)})
        case RemovalDecided():
            if event.removal_id not in known:
                # Decided by the rule itself: nobody proposed it.
                return known
            changes: dict[str, Any] = {
                "state": "APPROVED",
                "number": event.number,
                "decided_by": event.decided_by,
                "decided_on": event.decided_on,
                "paper": event.paper,
            }
        case RemovalRejected():
            changes = {"state": "REJECTED", "decided_by": event.rejected_by, "reason": event.reason}
        case _:
            changes = {"overdue": True}
    return MappingProxyType({**known, event.removal_id: replace(known[event.removal_id], **changes)})
