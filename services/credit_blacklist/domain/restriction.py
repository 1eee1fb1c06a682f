"""`restriction/<order>`: a consumption restriction order and, for each person it covers, the record that goes out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType
from typing import Final, Literal

from libs.foundation.ids import derived_id, stream_name
from libs.schemas.credit_blacklist import FeedRecord, Suspension
from libs.schemas.credit_blacklist.restriction import (
    CoveredPerson,
    ExemptionDecided,
    ExemptionRequested,
    LiftingDecided,
    LiftingProposed,
    ReleaseEnded,
    RestrictionCancelled,
    RestrictionChanged,
    RestrictionCorrected,
    RestrictionCorrectionDecided,
    RestrictionCorrectionOverdue,
    RestrictionCorrectionProposed,
    RestrictionDrafted,
    RestrictionLifted,
    RestrictionOrdered,
    RestrictionPublished,
    RestrictionRejected,
    RestrictionServed,
)
from libs.schemas.envelope import Event
from services.credit_blacklist.domain.restriction_refusals import RestrictionUnknown
from services.credit_blacklist.domain.restriction_request import NO_REQUESTS, Requests, evolve_requests

OrderState = Literal["DRAFTED", "REJECTED", "DECIDED", "GRACE", "PUBLISHED", "LIFTED", "CANCELLED"]
ProposalState = Literal["PROPOSED", "APPROVED", "REJECTED", "ENDED"]

OPEN: Final[frozenset[OrderState]] = frozenset({"DRAFTED", "DECIDED", "GRACE"})
"""States before publication: nobody outside of the court knows of the order."""

_PART: Final = re.compile(r"(lifting|exemption|correction|objection)_[0-9a-f]{20}_(order_[0-9a-f]{20})")


@dataclass(frozen=True, slots=True)
class Lifting:
    """A proposal to let persons go, and what became of it."""

    proposed: LiftingProposed
    state: ProposalState = "PROPOSED"
    window: Suspension | None = None


@dataclass(frozen=True, slots=True)
class Exemption:
    """A covered person's request, and what became of it: None while it waits."""

    requested: ExemptionRequested
    granted: bool | None = None
    window: Suspension | None = None
    ended: bool = False


@dataclass(frozen=True, slots=True)
class OrderCorrection:
    """A correction of one record, and what became of it."""

    proposed: RestrictionCorrectionProposed
    state: ProposalState = "PROPOSED"
    overdue: bool = False


@dataclass(frozen=True, slots=True)
class RestrictionOrder:
    """An order as it stands. `records` holds the newest version for each person that was ever published."""

    drafted: RestrictionDrafted | None = None
    state: OrderState = "DRAFTED"
    ordered: RestrictionOrdered | None = None
    served: RestrictionServed | None = None
    persons: Mapping[str, CoveredPerson] = field(default_factory=lambda: MappingProxyType({}))
    records: Mapping[str, FeedRecord] = field(default_factory=lambda: MappingProxyType({}))
    liftings: Mapping[str, Lifting] = field(default_factory=lambda: MappingProxyType({}))
    exemptions: Mapping[str, Exemption] = field(default_factory=lambda: MappingProxyType({}))
    corrections: Mapping[str, OrderCorrection] = field(default_factory=lambda: MappingProxyType({}))
    requests: Requests = field(default_factory=lambda: NO_REQUESTS)

    def require(self) -> RestrictionDrafted:
        """Return the draft. Raises `RestrictionUnknown`."""
        if self.drafted is None:
            raise RestrictionUnknown
        return self.drafted

    def in_force(self) -> tuple[FeedRecord, ...]:
        """Return the records that restrict somebody now, in the order in which the persons were named."""
        return tuple(record for record in self.records.values() if record.status == "RESTRICTED")

    def restricts(self, party_id: str) -> bool:
        """Return whether the order restricts this person now."""
        record = self.records.get(party_id)
        return record is not None and record.status == "RESTRICTED"

    def releases(self, party_id: str) -> tuple[Suspension, ...]:
        """Return every window that was ever opened for this person, as long as it really was open."""
        lifted = (one.window for one in self.liftings.values() if party_id in one.proposed.persons)
        exempt = (one.window for one in self.exemptions.values() if party_id == one.requested.party_id)
        return tuple(window for window in (*lifted, *exempt) if window is not None)

    def covers(self, party_id: str) -> bool:
        """Return whether the order restricts this person, or will when it is published."""
        return self.restricts(party_id) or (self.state in OPEN and party_id in self.persons)


def closed_at(window: Suspension | None, moment: datetime) -> Suspension | None:
    """Return what is left of a window that is closed early; None if it never opened."""
    if window is None or moment <= window.from_at:
        return None
    return window.model_copy(update={"until_at": min(window.until_at, moment)})


def restriction_stream(order_id: str) -> str:
    """Return the stream of an order."""
    return stream_name("restriction", order_id)


def order_id_of(cause: str) -> str:
    """Return the id of the order that a command drafts."""
    return derived_id("order", cause)


def record_id_of(order_id: str, party_id: str) -> str:
    """Return the id of the record of one person under an order."""
    return f"{order_id}.{party_id}"


def part_id_of(kind: Literal["lifting", "exemption", "correction", "objection"], order_id: str, cause: str) -> str:
    """Return the id of a part of an order; it names its order, so that no look-up table can lag."""
    return f"{derived_id(kind, cause)}_{order_id}"


def order_of_part(kind: str, part_id: str) -> str:
    """Return the order in the id of one of its parts. Raises `RestrictionUnknown` for any other text."""
    match = _PART.fullmatch(part_id)
    if match is None or match[1] != kind:
        raise RestrictionUnknown
    return match[2]


def evolve_restriction(state: RestrictionOrder, event: Event) -> RestrictionOrder:
    """Return the order after `event`."""
    match event:
        case RestrictionDrafted():
            persons = MappingProxyType({person.party_id: person for person in event.persons})
            return replace(state, drafted=event, persons=persons)
        case RestrictionRejected():
            return replace(state, state="REJECTED")
        case RestrictionOrdered():
            return replace(state, state="DECIDED", ordered=event)
        case RestrictionServed():
            waits = state.ordered is not None and state.ordered.grace_until is not None
            return replace(state, state="GRACE" if waits else state.state, served=event)
        case RestrictionCancelled():
            return replace(state, state="CANCELLED")
        case RestrictionPublished() | RestrictionChanged() | RestrictionCorrected() | RestrictionLifted():
            return _recorded(state, event.record)
    return _evolve_part(state, event)


def _recorded(state: RestrictionOrder, record: FeedRecord) -> RestrictionOrder:
    records = MappingProxyType({**state.records, record.party_id: record})
    everybody_free = all(one.status == "REMOVED" for one in records.values())
    return replace(state, state="LIFTED" if everybody_free else "PUBLISHED", records=records)


def _evolve_part(state: RestrictionOrder, event: Event) -> RestrictionOrder:
    match event:
        case LiftingProposed():
            known = {**state.liftings, event.lifting_id: Lifting(event)}
            return replace(state, liftings=MappingProxyType(known))
        case LiftingDecided() if (lifting := state.liftings.get(event.lifting_id)) is not None:
            decided = replace(lifting, state="APPROVED" if event.approved else "REJECTED", window=event.window)
            changed = replace(state, liftings=MappingProxyType({**state.liftings, event.lifting_id: decided}))
            successor = lifting.proposed.successor
            if event.approved and successor is not None:
                joined = {**state.persons, successor.party_id: successor}
                changed = replace(changed, persons=MappingProxyType(joined))
            return changed
        case ReleaseEnded() if (lifting := state.liftings.get(event.release_id)) is not None:
            window = closed_at(lifting.window, event.ended_at)
            ended = {**state.liftings, event.release_id: replace(lifting, state="ENDED", window=window)}
            return replace(state, liftings=MappingProxyType(ended))
        case ReleaseEnded() if (exemption := state.exemptions.get(event.release_id)) is not None:
            window = closed_at(exemption.window, event.ended_at)
            over = {**state.exemptions, event.release_id: replace(exemption, ended=True, window=window)}
            return replace(state, exemptions=MappingProxyType(over))
        case ExemptionRequested():
            return replace(
                state,
                exemptions=MappingProxyType({**state.exemptions, event.exemption_id: Exemption(event)}),
            )
        case ExemptionDecided() if (asked := state.exemptions.get(event.exemption_id)) is not None:
            decided_one = {
                **state.exemptions,
                event.exemption_id: replace(asked, granted=event.granted, window=event.window),
            }
            return replace(state, exemptions=MappingProxyType(decided_one))
        case RestrictionCorrectionProposed():
            found = {**state.corrections, event.correction_id: OrderCorrection(event)}
            return replace(state, corrections=MappingProxyType(found))
        case RestrictionCorrectionDecided() if (wrong := state.corrections.get(event.correction_id)) is not None:
            put_right = replace(wrong, state="APPROVED" if event.approved else "REJECTED")
            return replace(state, corrections=MappingProxyType({**state.corrections, event.correction_id: put_right}))
        case RestrictionCorrectionOverdue() if (waiting := state.corrections.get(event.correction_id)) is not None:
            late = replace(waiting, overdue=True)
            return replace(state, corrections=MappingProxyType({**state.corrections, event.correction_id: late}))
    requests = evolve_requests(state.requests, event)
    return state if requests is state.requests else replace(state, requests=requests)
