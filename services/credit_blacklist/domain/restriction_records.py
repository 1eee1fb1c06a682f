"""The versions of the record of one restricted person: complete, counted from 1, without gap (R-CRB-33)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from libs.schemas.credit_blacklist import (
    Change,
    ConsumptionKind,
    Correction,
    FeedRecord,
    Removal,
    RemovalGround,
    Suspension,
)
from libs.schemas.credit_blacklist.restriction import CoveredPerson, RestrictionDrafted, RestrictionOrdered
from services.credit_blacklist.domain.restriction import RestrictionOrder, record_id_of


def first_record(
    drafted: RestrictionDrafted, ordered: RestrictionOrdered, person: CoveredPerson, now: datetime
) -> FeedRecord:
    """Return version 1 of a person's record: restricted from the publication on."""
    return FeedRecord(
        record_id=record_id_of(drafted.order_id, person.party_id),
        list_type="RESTRICTION",
        version=1,
        status="RESTRICTED",
        change="ADDED",
        party_id=person.party_id,
        role=person.roles[0],
        case_id=drafted.case_id,
        case_number=drafted.case_number,
        case_filed_on=drafted.case_filed_on,
        court=drafted.court,
        court_name=drafted.court_name,
        court_phone=drafted.court_phone,
        order_number=ordered.order_number,
        decided_on=ordered.decided_on,
        changed_at=now,
        effective_from=now,
        basis=drafted.basis,
        kinds=ordered.kinds,
    )


def next_record(record: FeedRecord, change: Change, now: datetime, **updates: Any) -> FeedRecord:
    """Return the record's next version; windows that are over are left out."""
    fields: dict[str, Any] = {"suspensions": record.suspensions, "correction": None, **updates}
    fields["suspensions"] = tuple(window for window in fields["suspensions"] if window.until_at > now)
    return record.model_copy(
        update={"version": record.version + 1, "change": change, "changed_at": now, **fields},
    )


def removed_record(
    record: FeedRecord, ground: RemovalGround, now: datetime, *, correction: Correction | None = None
) -> FeedRecord:
    """Return the last version of a record: who is let go, and why; nothing of what was restricted."""
    return next_record(
        record,
        "REMOVED",
        now,
        status="REMOVED",
        kinds=(),
        suspensions=(),
        basis=None,
        correction=correction,
        removal=Removal(ground=ground, decided_at=now, effective_at=now),
    )


def with_window(record: FeedRecord, window: Suspension, now: datetime) -> FeedRecord:
    """Return the next version with a further window in which kinds are allowed (R-CRB-23)."""
    return next_record(record, "UPDATED", now, suspensions=(*record.suspensions, window))


def open_windows(
    state: RestrictionOrder, party_id: str, kinds: Collection[ConsumptionKind], now: datetime
) -> tuple[Suspension, ...]:
    """Return the windows of a person that are not over, each with the kinds that are restricted at all."""
    windows = (
        one.model_copy(update={"kinds": tuple(kind for kind in one.kinds if kind in kinds)})
        for one in state.releases(party_id)
        if one.until_at > now
    )
    return tuple(one for one in windows if one.kinds)
