"""The law of the feedback: one report per hit, and what is owed when the record is removed or corrected (R-CRB-33)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from libs.schemas.credit_blacklist import FeedRecord
from libs.schemas.credit_blacklist.subscriber import (
    PunishmentEndDue,
    PunishmentEnded,
    PunishmentReported,
    PunishmentReportOverdue,
    PunishmentReviewDue,
    PunishmentReviewed,
    ReportableRecordNoted,
    ReportOutcome,
)
from libs.schemas.envelope import Event
from libs.schemas.timers import TimerCancelled, TimerDue, TimerScheduled
from services.credit_blacklist.domain.report import Owed, Report, Reports, report_id_of
from services.credit_blacklist.domain.report_notices import AnswerNotice, GiveNotices, answer, give, overdue
from services.credit_blacklist.domain.report_refusals import (
    MeasureNotForRecord,
    RecordVersionNeverSent,
    ReportConflict,
    ReportedRecordUnknown,
    ReportTimesInvalid,
)
from services.credit_blacklist.rules.measure import Measure
from services.credit_blacklist.rules.views import CLOCK_SKEW_S, POLICY_VERSION, FeedView

FEEDBACK_WITHIN: Final = timedelta(hours=24)
"""Within what time an agency reports back after a removal or a correction [D]: R-CRB-33 names 24 hours as a target."""

CLOCK_SKEW: Final = timedelta(seconds=CLOCK_SKEW_S)


@dataclass(frozen=True, slots=True)
class NoteRecord:
    """A version of a record went out."""

    record: FeedRecord


@dataclass(frozen=True, slots=True)
class TakeReport:
    """An agency says what it did. `measure` is the measure of the agency's view that it names."""

    agency_id: str
    view: FeedView
    measure: Measure
    record_id: str
    record_version: int
    session_id: str
    sequence: int
    outcome: ReportOutcome
    reason: str | None
    started_at: datetime
    ended_at: datetime | None
    order_number: str | None
    agency_reference: str


ReportCommand = NoteRecord | TakeReport | GiveNotices | AnswerNotice | TimerDue


def decide_reports(state: Reports, command: ReportCommand, now: datetime) -> Sequence[Event]:
    """Return what follows; a report that says nothing new changes nothing."""
    match command:
        case GiveNotices():
            return give(state.notices, command)
        case AnswerNotice():
            return answer(state.notices, command)
        case NoteRecord():
            return _note(state, command.record)
        case TakeReport():
            return _take(state, command, now)
        case TimerDue():
            return _overdue(state, command) or overdue(state.notices, command)


def _note(state: Reports, record: FeedRecord) -> Sequence[Event]:
    if state.noted is not None and state.noted.record_version >= record.version:
        return ()
    noted = ReportableRecordNoted(
        record_id=record.record_id,
        record_version=record.version,
        list_type=record.list_type,
        status=record.status,
        case_id=record.case_id,
        changed_at=record.changed_at,
    )
    events: list[Event] = [noted]
    for report in state.reports.values():
        if report.is_open and record.status == "REMOVED":
            events += _end_due(report.reported, noted)
        elif report.is_open and record.change == "CORRECTED":
            events += _review_due(report.reported, noted)
    return events


def _take(state: Reports, command: TakeReport, now: datetime) -> Sequence[Event]:
    noted = state.noted
    if noted is None or not command.view.carries(noted.list_type):
        raise ReportedRecordUnknown(field="record_id")
    if command.record_version > noted.record_version:
        raise RecordVersionNeverSent(field="record_version")
    if noted.list_type not in command.measure.list_types:
        raise MeasureNotForRecord(field="measure_code")
    _check_times(state, command, now)
    report_id = report_id_of(command.agency_id, command.record_id, command.agency_reference)
    known = state.reports.get(report_id)
    if known is not None:
        return _continued(known, command)
    reported = _reported(report_id, command)
    if noted.status == "REMOVED" and Report(reported, ended_at=reported.ended_at).is_open:
        return (reported, *_end_due(reported, noted))
    return (reported,)


def _check_times(state: Reports, command: TakeReport, now: datetime) -> None:
    if command.started_at > now + CLOCK_SKEW or (command.ended_at or command.started_at) > now + CLOCK_SKEW:
        raise ReportTimesInvalid("The measure lies in the future.", field="started_at")
    if command.ended_at is not None and command.ended_at < command.started_at:
        raise ReportTimesInvalid("The measure ended before it began.", field="ended_at")
    if state.first_at is not None and command.started_at < state.first_at - CLOCK_SKEW:
        raise ReportTimesInvalid("The measure began before the record went out.", field="started_at")


def _reported(report_id: str, command: TakeReport) -> PunishmentReported:
    return PunishmentReported(
        report_id=report_id,
        agency_id=command.agency_id,
        view=command.view.view_id,
        record_id=command.record_id,
        record_version=command.record_version,
        session_id=command.session_id,
        sequence=command.sequence,
        measure_code=command.measure.measure_code,
        measure_class=command.measure.measure_class,
        legal_basis=command.measure.legal_basis,
        policy_version=POLICY_VERSION,
        outcome=command.outcome,
        reason=command.reason,
        started_at=command.started_at,
        ended_at=command.ended_at,
        order_number=command.order_number,
        agency_reference=command.agency_reference,
    )


def _continued(known: Report, command: TakeReport) -> Sequence[Event]:
    reported = known.reported
    if (command.measure.measure_code, command.started_at) != (reported.measure_code, reported.started_at):
        raise ReportConflict(field="agency_reference")
    if command.ended_at is not None:
        if known.ended_at is None:
            return (
                PunishmentEnded(
                    report_id=reported.report_id,
                    agency_id=reported.agency_id,
                    record_id=reported.record_id,
                    ended_at=command.ended_at,
                ),
                *_nothing_owed(known),
            )
        if known.ended_at != command.ended_at:
            raise ReportConflict("The end of this measure was reported with another time.", field="ended_at")
        return ()
    if known.owed == "REVIEW" and command.record_version > known.reviewed_version:
        return (
            PunishmentReviewed(
                report_id=reported.report_id,
                agency_id=reported.agency_id,
                record_id=reported.record_id,
                record_version=command.record_version,
            ),
            *_nothing_owed(known),
        )
    if command.outcome != reported.outcome:
        raise ReportConflict(field="outcome")
    return ()


def _end_due(reported: PunishmentReported, noted: ReportableRecordNoted) -> Sequence[Event]:
    due_at = noted.changed_at + FEEDBACK_WITHIN
    return (
        PunishmentEndDue(
            report_id=reported.report_id,
            agency_id=reported.agency_id,
            record_id=reported.record_id,
            record_version=noted.record_version,
            removed_at=noted.changed_at,
            due_at=due_at,
        ),
        TimerScheduled(timer=_timer(reported.report_id), due_at=due_at),
    )


def _review_due(reported: PunishmentReported, noted: ReportableRecordNoted) -> Sequence[Event]:
    due_at = noted.changed_at + FEEDBACK_WITHIN
    return (
        PunishmentReviewDue(
            report_id=reported.report_id,
            agency_id=reported.agency_id,
            record_id=reported.record_id,
            record_version=noted.record_version,
            due_at=due_at,
        ),
        TimerScheduled(timer=_timer(reported.report_id), due_at=due_at),
    )


def _nothing_owed(known: Report) -> Sequence[Event]:
    waits = known.owed is not None and not known.overdue
    return (TimerCancelled(timer=_timer(known.reported.report_id)),) if waits else ()


def _overdue(state: Reports, due: TimerDue) -> Sequence[Event]:
    for report_id, report in state.reports.items():
        if _timer(report_id) == due.timer and report.owed is not None and report.due_at is not None:
            return (_said_late(report, report.owed, report.due_at),)
    return ()


def _said_late(report: Report, owed: Owed, due_at: datetime) -> PunishmentReportOverdue:
    return PunishmentReportOverdue(
        report_id=report.reported.report_id,
        agency_id=report.reported.agency_id,
        record_id=report.reported.record_id,
        owed=owed,
        due_at=due_at,
    )


def _timer(report_id: str) -> str:
    return f"owed:{report_id}"
