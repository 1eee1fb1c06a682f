"""Putting the record of a restricted person right, by the procedure of listings (R-CRB-12)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from libs.foundation.court_calendar import court_day
from libs.schemas.credit_blacklist import Correction, FeedRecord
from libs.schemas.credit_blacklist.restriction import (
    RestrictionCorrected,
    RestrictionCorrectionDecided,
    RestrictionCorrectionOverdue,
    RestrictionCorrectionProposed,
)
from libs.schemas.envelope import Event
from libs.schemas.timers import TimerCancelled, TimerDue, TimerScheduled
from services.credit_blacklist.domain.restriction import RestrictionOrder
from services.credit_blacklist.domain.restriction_commands import DecideCorrection, ProposeCorrection
from services.credit_blacklist.domain.restriction_lifting import records_of
from services.credit_blacklist.domain.restriction_records import next_record, open_windows, removed_record
from services.credit_blacklist.domain.restriction_refusals import (
    NothingToCorrect,
    PersonNotCoverable,
    ProposalDecided,
    RestrictionUnknown,
    SignedByItsDrafter,
)
from services.credit_blacklist.rules.procedure import correction_due

CORRECTION: Final = "correction:"
"""The timer of a correction that waits for the president."""

CORRECTABLE: Final = ("kinds", "role", "court_phone")
"""Fields of a record that an order's correction can change; the person's identity is corrected in the register."""


def propose(state: RestrictionOrder, command: ProposeCorrection, now: datetime) -> Sequence[Event]:
    """Return what is found wrong, with the timer of the day by which it must be right: three working days (R-CRB-12).

    Raises `PersonNotCovered`, `PersonNotCoverable` for a role that a correction cannot give, and `NothingToCorrect`.
    """
    drafted = state.require()
    (record,) = records_of(state, (command.party_id,))
    event = RestrictionCorrectionProposed(
        order_id=drafted.order_id,
        correction_id=command.correction_id,
        party_id=command.party_id,
        nature=command.nature,
        kinds=None if command.kinds is None else tuple(sorted(set(command.kinds))),
        role=command.role,
        court_phone=command.court_phone,
        wording_sha256=command.wording_sha256,
        due=correction_due(court_day(now)),
        proposed_by=command.by,
    )
    if command.role is not None and "DEBTOR" in {command.role, record.role}:
        raise PersonNotCoverable("Who owes the debt is fixed by the basis.", field="role")
    if command.nature == "INACCURATE" and not _changes(record, event):
        raise NothingToCorrect
    return (event, TimerScheduled(timer=f"{CORRECTION}{event.correction_id}", due_at=event.due.due_at))


def decide(state: RestrictionOrder, command: DecideCorrection, now: datetime) -> Sequence[Event]:
    """Return the decision and the record as it is right, or its end where the person should never have been covered.

    Raises `RestrictionUnknown`, `ProposalDecided`, `SignedByItsDrafter` (R-GEN-09), and `PersonNotCovered` or
    `NothingToCorrect` where the record changed since.
    """
    drafted = state.require()
    correction = state.corrections.get(command.correction_id)
    if correction is None:
        raise RestrictionUnknown
    if correction.state != "PROPOSED":
        raise ProposalDecided
    proposed = correction.proposed
    if command.by == proposed.proposed_by:
        raise SignedByItsDrafter
    decided = RestrictionCorrectionDecided(
        order_id=drafted.order_id,
        correction_id=command.correction_id,
        approved=command.approve,
        wording_sha256=command.wording_sha256,
        decided_by=command.by,
    )
    timer = () if correction.overdue else (TimerCancelled(timer=f"{CORRECTION}{command.correction_id}"),)
    if not command.approve:
        return (decided, *timer)
    (record,) = records_of(state, (proposed.party_id,))
    return (decided, *timer, RestrictionCorrected(record=_corrected(state, record, proposed, now)))


def timer_due(state: RestrictionOrder, due: TimerDue) -> Sequence[Event]:
    """Return that a correction is overdue if it still waits; for a person who is free meanwhile nothing is late."""
    correction_id = due.timer.removeprefix(CORRECTION)
    correction = state.corrections.get(correction_id)
    if correction is None or correction.state != "PROPOSED" or not state.restricts(correction.proposed.party_id):
        return ()
    drafted = state.require()
    return (
        RestrictionCorrectionOverdue(
            order_id=drafted.order_id, correction_id=correction_id, case_id=drafted.case_id, due_at=due.due_at
        ),
    )


def _corrected(
    state: RestrictionOrder, record: FeedRecord, proposed: RestrictionCorrectionProposed, now: datetime
) -> FeedRecord:
    changes = _changes(record, proposed)
    wrong = Correction(wrong_version=record.version, fields=tuple(sorted(changes)), nature=proposed.nature)
    if proposed.nature == "WRONGLY_LISTED":
        return removed_record(record, "WRONGLY_LISTED", now, correction=wrong)
    if not changes:
        raise NothingToCorrect
    windows = open_windows(state, record.party_id, changes.get("kinds", record.kinds), now)
    return next_record(record, "CORRECTED", now, correction=wrong, suspensions=windows, **changes)


def _changes(record: FeedRecord, proposed: RestrictionCorrectionProposed) -> dict[str, Any]:
    if proposed.nature == "WRONGLY_LISTED":
        return {}
    named = {name: getattr(proposed, name) for name in CORRECTABLE}
    return {name: value for name, value in named.items() if value is not None and value != getattr(record, name)}
