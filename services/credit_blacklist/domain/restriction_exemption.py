"""Requests to be allowed one act, and the early end of a release (R-CRB-22, R-CRB-23)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from libs.foundation.court_calendar import court_day
from libs.schemas.credit_blacklist import Suspension
from libs.schemas.credit_blacklist.restriction import (
    ExemptionDecided,
    ExemptionRequested,
    ReleaseEnded,
    RestrictionChanged,
)
from libs.schemas.envelope import Event
from services.credit_blacklist.domain.restriction import RestrictionOrder, evolve_restriction
from services.credit_blacklist.domain.restriction_commands import DecideExemption, EndRelease, RequestExemption
from services.credit_blacklist.domain.restriction_lifting import opened, records_of, window_of
from services.credit_blacklist.domain.restriction_records import next_record, open_windows
from services.credit_blacklist.domain.restriction_refusals import (
    ExemptionPurposeInvalid,
    ProposalDecided,
    ReleaseWindowInvalid,
    RestrictionUnknown,
)


def request(state: RestrictionOrder, command: RequestExemption, now: datetime) -> Sequence[Event]:
    """Return the request of a person who is restricted now, if it could be granted."""
    drafted = state.require()
    (record,) = records_of(state, (command.party_id,))
    is_debtor = "DEBTOR" in state.persons[command.party_id].roles
    if is_debtor == (command.purpose == "PRIVATE_OWN_MONEY"):
        raise ExemptionPurposeInvalid(field="purpose")
    kinds = tuple(sorted(set(command.kinds)))
    opened(state, (record,), window_of(command.from_at, command.until_at, kinds, now), now)
    return (
        ExemptionRequested(
            order_id=drafted.order_id,
            exemption_id=command.exemption_id,
            party_id=command.party_id,
            kinds=kinds,
            purpose=command.purpose,
            from_at=command.from_at,
            until_at=command.until_at,
            wording_sha256=command.wording_sha256,
            requested_on=court_day(now),
        ),
    )


def decide(state: RestrictionOrder, command: DecideExemption, now: datetime) -> Sequence[Event]:
    """Return the decision, and with a granted request the window in the record."""
    drafted = state.require()
    exemption = state.exemptions.get(command.exemption_id)
    if exemption is None:
        raise RestrictionUnknown
    if exemption.granted is not None:
        raise ProposalDecided
    asked, window = exemption.requested, None
    changed: Sequence[Event] = ()
    if command.grant:
        window = window_of(asked.from_at, asked.until_at, asked.kinds, now)
        changed = opened(state, records_of(state, (asked.party_id,)), window, now)
    decided = ExemptionDecided(
        order_id=drafted.order_id,
        exemption_id=command.exemption_id,
        granted=command.grant,
        wording_sha256=command.wording_sha256,
        window=window,
        decided_by=command.by,
    )
    return (decided, *changed)


def end(state: RestrictionOrder, command: EndRelease, now: datetime) -> Sequence[Event]:
    """Return the early end of a release or an exemption that is still open for somebody."""
    drafted = state.require()
    window, persons = _release(state, command.release_id)
    if window is None or window.until_at <= now:
        raise ReleaseWindowInvalid(field="id")
    ended = ReleaseEnded(
        order_id=drafted.order_id,
        release_id=command.release_id,
        wording_sha256=command.wording_sha256,
        ended_at=now,
        ended_by=command.by,
    )
    after, events = evolve_restriction(state, ended), list[Event]()
    for party_id in persons:
        if state.restricts(party_id):
            record = state.records[party_id]
            left = open_windows(after, party_id, record.kinds, now)
            events.append(RestrictionChanged(record=next_record(record, "UPDATED", now, suspensions=left)))
    return (ended, *events)


def _release(state: RestrictionOrder, release_id: str) -> tuple[Suspension | None, tuple[str, ...]]:
    if (lifting := state.liftings.get(release_id)) is not None:
        return (None if lifting.state == "ENDED" else lifting.window), lifting.proposed.persons
    if (exemption := state.exemptions.get(release_id)) is not None:
        return (None if exemption.ended else exemption.window), (exemption.requested.party_id,)
    raise RestrictionUnknown
