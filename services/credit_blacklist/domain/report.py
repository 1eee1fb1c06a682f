"""`report/<record>`: what agencies did because of one record, and what they owe since it changed. State and names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType
from typing import Literal

from libs.foundation.ids import derived_id, stream_name
from libs.schemas.credit_blacklist.subscriber import (
    PunishmentEndDue,
    PunishmentEnded,
    PunishmentReported,
    PunishmentReportOverdue,
    PunishmentReviewDue,
    PunishmentReviewed,
    ReportableRecordNoted,
)
from libs.schemas.envelope import Event
from services.credit_blacklist.domain.report_notices import NO_NOTICES, Notices, evolve_notices

Owed = Literal["END", "REVIEW"]


@dataclass(frozen=True, slots=True)
class Report:
    """One report of one agency. `owed`: what the agency has to say next, by `due_at`."""

    reported: PunishmentReported
    ended_at: datetime | None = None
    reviewed_version: int = 0
    owed: Owed | None = None
    due_at: datetime | None = None
    overdue: bool = False

    @property
    def is_open(self) -> bool:
        """Whether a measure was taken and has not ended."""
        return self.ended_at is None and self.reported.outcome != "NOT_APPLIED"


@dataclass(frozen=True, slots=True)
class Reports:
    """A record's newest version, since when it may be reported on, and the reports."""

    noted: ReportableRecordNoted | None = None
    first_at: datetime | None = None
    reports: Mapping[str, Report] = field(default_factory=lambda: MappingProxyType({}))
    notices: Notices = field(default_factory=lambda: NO_NOTICES)


def report_stream(record_id: str) -> str:
    """Return the stream of the reports on a record."""
    return stream_name("report", record_id)


def report_id_of(agency_id: str, record_id: str, agency_reference: str) -> str:
    """Return the id of a report: the same reference of the same agency on the same record is the same report."""
    return derived_id("report", agency_id, record_id, agency_reference)


def evolve_reports(state: Reports, event: Event) -> Reports:
    """Return the reports after `event`."""
    match event:
        case ReportableRecordNoted():
            return replace(state, noted=event, first_at=state.first_at or event.changed_at)
        case PunishmentReported():
            report = Report(event, ended_at=event.ended_at, reviewed_version=event.record_version)
            return _with(state, event.report_id, report)
    notices = evolve_notices(state.notices, event)
    if notices is not state.notices:
        return replace(state, notices=notices)
    report_id = getattr(event, "report_id", "")
    if report_id not in state.reports:
        return state
    return _with(state, report_id, _evolve(state.reports[report_id], event))


def _evolve(report: Report, event: Event) -> Report:
    match event:
        case PunishmentEndDue():
            return replace(report, owed="END", due_at=event.due_at, overdue=False)
        case PunishmentReviewDue():
            return replace(report, owed="REVIEW", due_at=event.due_at, overdue=False)
        case PunishmentReviewed():
            return replace(report, owed=None, due_at=None, overdue=False, reviewed_version=event.record_version)
        case PunishmentEnded():
            return replace(report, owed=None, due_at=None, overdue=False, ended_at=event.ended_at)
        case PunishmentReportOverdue():
            return replace(report, overdue=True)
    return report


def _with(state: Reports, report_id: str, report: Report) -> Reports:
    return replace(state, reports=MappingProxyType({**state.reports, report_id: report}))
