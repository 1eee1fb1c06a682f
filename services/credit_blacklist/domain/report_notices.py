"""Notices of correction: who held a wrong version is told, and answers what it had led to (R-CRB-12)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final

from libs.foundation.errors import NotFound
from libs.foundation.ids import derived_id
from libs.schemas.credit_blacklist import FeedRecord, NoticeEffect
from libs.schemas.credit_blacklist.subscriber import (
    CorrectionNoticeAnswered,
    CorrectionNoticeGiven,
    CorrectionNoticeOverdue,
)
from libs.schemas.envelope import Event
from libs.schemas.timers import TimerCancelled, TimerDue, TimerScheduled

ANSWER_WITHIN: Final = timedelta(hours=24)
"""Within what time an agency answers a notice [D], as it answers a removal (R-CRB-33)."""

PREFIX: Final = "notice"


class NoticeUnknown(NotFound):
    """There is no such notice, or it went to another agency."""

    code = "correction_notice_unknown"
    title = "There is no such notice of correction"
    remedy = "Read /v1/correction-notices for those that wait."


@dataclass(frozen=True, slots=True)
class Notice:
    """One notice to one agency."""

    given: CorrectionNoticeGiven
    effect: NoticeEffect | None = None
    overdue: bool = False


Notices = Mapping[str, Notice]
NO_NOTICES: Final[Notices] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Holder:
    """An agency whose signed position shows that it held the wrong version: at which sequence, confirmed when."""

    agency_id: str
    view: str
    sequence: int
    held_at: datetime


@dataclass(frozen=True, slots=True)
class GiveNotices:
    """Tell everyone who held the version that this record corrects."""

    record: FeedRecord
    holders: tuple[Holder, ...]


@dataclass(frozen=True, slots=True)
class AnswerNotice:
    """An agency answers a notice."""

    notice_id: str
    agency_id: str
    effect: NoticeEffect


def notice_id_of(record: FeedRecord, agency_id: str) -> str:
    """Return the id of a notice; it names its record, so that no look-up table can lag."""
    digest = derived_id(PREFIX, record.record_id, str(record.version), agency_id)
    return f"{digest}_{record.record_id}"


def record_of_notice(notice_id: str) -> str:
    """Return the record in the id of a notice. Raises `NoticeUnknown` for any other text."""
    parts = notice_id.split("_", 2)
    if len(parts) != 3 or parts[0] != PREFIX or not parts[2]:  # noqa: PLR2004 -- prefix, digest, record
        raise NoticeUnknown
    return parts[2]


def give(known: Notices, command: GiveNotices) -> Sequence[Event]:
    """Return a notice for every holder that has none yet, each with the time by which it is answered."""
    record, events = command.record, list[Event]()
    wrong = record.correction
    if wrong is None:
        return ()
    due_at = record.changed_at + ANSWER_WITHIN
    for holder in command.holders:
        notice_id = notice_id_of(record, holder.agency_id)
        if notice_id in known:
            continue
        given = CorrectionNoticeGiven(
            notice_id=notice_id,
            agency_id=holder.agency_id,
            view=holder.view,
            record_id=record.record_id,
            record_version=record.version,
            wrong_version=wrong.wrong_version,
            nature=wrong.nature,
            fields=wrong.fields,
            held_sequence=holder.sequence,
            held_at=holder.held_at,
            due_at=due_at,
        )
        events += [given, TimerScheduled(timer=timer_of(notice_id), due_at=due_at)]
    return events


def answer(known: Notices, command: AnswerNotice) -> Sequence[Event]:
    """Return the answer; the same one again changes nothing, a later one replaces it."""
    notice = known.get(command.notice_id)
    if notice is None or notice.given.agency_id != command.agency_id:
        raise NoticeUnknown
    if notice.effect == command.effect:
        return ()
    answered = CorrectionNoticeAnswered(
        notice_id=command.notice_id,
        agency_id=command.agency_id,
        record_id=notice.given.record_id,
        effect=command.effect,
    )
    waits = notice.effect is None and not notice.overdue
    return (answered, TimerCancelled(timer=timer_of(command.notice_id))) if waits else (answered,)


def overdue(known: Notices, due: TimerDue) -> Sequence[Event]:
    """Return that an agency did not answer in time, if the timer is of a notice that waits."""
    for notice_id, notice in known.items():
        if timer_of(notice_id) == due.timer and notice.effect is None:
            given = notice.given
            return (
                CorrectionNoticeOverdue(
                    notice_id=notice_id,
                    agency_id=given.agency_id,
                    record_id=given.record_id,
                    due_at=given.due_at,
                ),
            )
    return ()


def evolve_notices(known: Notices, event: Event) -> Notices:
    """Return the notices after `event`; facts about other things change nothing."""
    match event:
        case CorrectionNoticeGiven():
            return MappingProxyType({**known, event.notice_id: Notice(event)})
        case CorrectionNoticeAnswered():
            answered = replace(known[event.notice_id], effect=event.effect)
            return MappingProxyType({**known, event.notice_id: answered})
        case CorrectionNoticeOverdue():
            late = replace(known[event.notice_id], overdue=True)
            return MappingProxyType({**known, event.notice_id: late})
    return known


def timer_of(notice_id: str) -> str:
    """Return the name of the timer that watches a notice."""
    return f"notice:{notice_id}"
