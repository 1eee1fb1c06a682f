"""The record that a listing publishes: its versions are counted without gap, each is whole (R-CRB-08)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from libs.schemas.credit_blacklist import Correction, FeedRecord, Removal, RemovalGround
from libs.schemas.credit_blacklist.correction import CorrectionProposed
from libs.schemas.envelope import Event
from libs.schemas.timers import TimerCancelled, TimerScheduled
from services.credit_blacklist.domain.listing import Decision, Episode, Listing, corrected_term
from services.credit_blacklist.rules.grounds import in_order
from services.credit_blacklist.rules.terms import later_end, over_at

TERM = "term"
"""The one timer of a listing's term; scheduled anew when the term changes."""


def first_record(state: Listing, decision: Decision, now: datetime) -> FeedRecord:
    """Return the record with which a debtor comes onto the list."""
    draft = decision.draft
    assert decision.number is not None, "what is published is signed"
    assert decision.decided_on is not None, "what is published is signed"
    return FeedRecord(
        record_id=state.listing_id,
        list_type="LISTING",
        version=state.version + 1,
        status="LISTED",
        change="ADDED",
        party_id=draft.party.party_id,
        case_id=draft.case_id,
        case_number=draft.case.case_number,
        case_filed_on=draft.case.case_filed_on,
        court=draft.case.court,
        court_name=draft.case.court_name,
        court_phone=draft.case.court_phone,
        order_number=decision.number,
        decided_on=decision.decided_on,
        changed_at=now,
        effective_from=now,
        expires_at=over_at(decision.term_ends_on),
        basis=draft.case.basis,
        grounds=in_order(draft.grounds),
        duty=draft.duty,
        performance=draft.performance,
        legal_representative=draft.legal_representative.party_id if draft.legal_representative else None,
    )


def grown_record(state: Listing, episode: Episode, decision: Decision, now: datetime) -> FeedRecord:
    """Return the record in force with a further decision's grounds and the later of both terms."""
    end = later_end(episode.term_ends_on, decision.term_ends_on)
    grounds = in_order((*episode.grounds, *decision.draft.grounds))
    return _next(state, episode, now, "UPDATED", grounds=grounds, expires_at=over_at(end))


def performed_record(state: Listing, episode: Episode, performance: str, now: datetime) -> FeedRecord:
    """Return the record in force with another performance."""
    return _next(state, episode, now, "UPDATED", performance=performance)


def corrected_record(state: Listing, episode: Episode, proposal: CorrectionProposed, now: datetime) -> FeedRecord:
    """Return the record in force as it should have been; it names the wrong version and the wrong fields."""
    changes = proposal.changes
    update: dict[str, Any] = {}
    if changes.grounds is not None:
        update["grounds"] = in_order(changes.grounds)
        update["expires_at"] = over_at(corrected_term(episode, changes.grounds))
    for name in ("duty", "performance"):
        if (value := getattr(changes, name)) is not None:
            update[name] = value
    if changes.legal_representative is not None:
        update["legal_representative"] = changes.legal_representative.party_id
    basis = episode.record.basis
    if basis is not None and (changes.basis_number or changes.basis_authority):
        update["basis"] = basis.model_copy(
            update={
                "number": changes.basis_number or basis.number,
                "authority": changes.basis_authority or basis.authority,
            }
        )
    update["correction"] = Correction(
        wrong_version=episode.record.version,
        fields=tuple(sorted(changes.model_dump(exclude_none=True))),
        nature=proposal.nature,
    )
    return _next(state, episode, now, "CORRECTED", **update)


def removed_record(
    state: Listing,
    episode: Episode,
    *,
    ground: RemovalGround,
    decided_at: datetime,
    now: datetime,
    wrong: bool = False,
) -> FeedRecord:
    """Return the record that ends the listing: it names the person once more, but no duty, ground or performance."""
    correction = Correction(wrong_version=episode.record.version, fields=(), nature="WRONGLY_LISTED") if wrong else None
    return _next(
        state,
        episode,
        now,
        "REMOVED",
        status="REMOVED",
        expires_at=None,
        basis=None,
        grounds=(),
        duty=None,
        performance=None,
        legal_representative=None,
        correction=correction,
        removal=Removal(ground=ground, decided_at=decided_at, effective_at=now),
    )


def term_timer(before: date | None, after: date | None, *, lasts: bool = True) -> list[Event]:
    """Return what becomes of the timer of the term: scheduled, scheduled anew, cancelled, or left alone."""
    over = over_at(after) if lasts else None
    if over is not None and (before != after):
        return [TimerScheduled(timer=TERM, due_at=over)]
    if over is None and before is not None:
        return [TimerCancelled(timer=TERM)]
    return []


def _next(state: Listing, episode: Episode, now: datetime, change: str, **update: Any) -> FeedRecord:
    fields = {
        **episode.record.model_dump(),
        "correction": None,
        "version": state.version + 1,
        "change": change,
        "changed_at": now,
        **update,
    }
    return FeedRecord.model_validate(fields)
