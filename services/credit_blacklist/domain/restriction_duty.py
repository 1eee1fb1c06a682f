"""`restriction_duty/<case>`: listed debtors who are not restricted yet, though the law says "must" (R-CRB-20)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType

from libs.foundation.court_calendar import court_day
from libs.foundation.ids import stream_name
from libs.schemas.credit_blacklist import FeedRecord
from libs.schemas.credit_blacklist.restriction import RestrictionDutyMet, RestrictionDutyOpened, RestrictionDutyOverdue
from libs.schemas.envelope import Event
from libs.schemas.timers import TimerCancelled, TimerDue, TimerScheduled
from services.credit_blacklist.rules.consumption import duty_due


@dataclass(frozen=True, slots=True)
class Duty:
    """One debtor to be restricted."""

    opened: RestrictionDutyOpened
    overdue: bool = False


@dataclass(frozen=True, slots=True)
class Duties:
    """The duties of a case by debtor."""

    duties: Mapping[str, Duty] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class CompareRecord:
    """A listing or a restriction of the case changed.

    `restricted`: whether an order covers this debtor now; `listed`: the record by which the debtor is listed for a debt
    that is not performed, None without one.
    """

    record: FeedRecord
    restricted: bool
    listed: str | None


def duty_stream(case_id: str) -> str:
    """Return the stream of a case's duties to restrict."""
    return stream_name("restriction_duty", case_id)


def decide_duties(state: Duties, command: CompareRecord | TimerDue, _now: datetime) -> Sequence[Event]:
    """Return the duty that a listing without a restriction opens, or that it is met, or that its day has passed."""
    if isinstance(command, TimerDue):
        return _overdue(state, command)
    record, known = command.record, state.duties.get(command.record.party_id)
    must = command.listed is not None and not command.restricted
    if command.listed is not None and must and known is None:
        due = duty_due(court_day(record.changed_at))
        opened = RestrictionDutyOpened(
            case_id=record.case_id, party_id=record.party_id, listing_record=command.listed, due=due
        )
        return (opened, TimerScheduled(timer=_timer(record.party_id), due_at=due.due_at))
    if not must and known is not None:
        met = RestrictionDutyMet(
            case_id=record.case_id,
            party_id=record.party_id,
            by="RESTRICTION" if command.restricted else "REMOVAL",
            record_id=record.record_id,
        )
        return (met,) if known.overdue else (met, TimerCancelled(timer=_timer(record.party_id)))
    return ()


def evolve_duties(state: Duties, event: Event) -> Duties:
    """Return the duties after `event`."""
    duties = dict(state.duties)
    match event:
        case RestrictionDutyOpened():
            duties[event.party_id] = Duty(event)
        case RestrictionDutyMet():
            duties.pop(event.party_id, None)
        case RestrictionDutyOverdue() if event.party_id in duties:
            duties[event.party_id] = replace(duties[event.party_id], overdue=True)
        case _:
            return state
    return Duties(MappingProxyType(duties))


def _overdue(state: Duties, due: TimerDue) -> Sequence[Event]:
    duty = next((one for party, one in state.duties.items() if _timer(party) == due.timer), None)
    if duty is None or duty.overdue:
        return ()
    opened = duty.opened
    return (
        RestrictionDutyOverdue(
            case_id=opened.case_id, party_id=opened.party_id, listing_record=opened.listing_record, due=opened.due
        ),
    )


def _timer(party_id: str) -> str:
    return f"restrict:{party_id}"
