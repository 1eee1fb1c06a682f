"""The list of punishment reports: by record, by agency, by what is owed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from libs.foundation.clock import instant_text
from libs.journal import View
from services.credit_blacklist.domain.report import Report, Reports
from services.credit_blacklist.domain.report_notices import Notice


def report_rows(state: Reports) -> Mapping[str, Mapping[str, Any]]:
    """Return the reports on a record as lines of the list."""
    return {report_id: report_row(report) for report_id, report in state.reports.items()}


def report_row(report: Report) -> dict[str, Any]:
    """Return one report with what its agency owes."""
    reported = report.reported
    return {
        "id": reported.report_id,
        "agency_id": reported.agency_id,
        "view": reported.view,
        "record_id": reported.record_id,
        "record_version": reported.record_version,
        "session_id": reported.session_id,
        "sequence": reported.sequence,
        "measure_code": reported.measure_code,
        "measure_class": reported.measure_class,
        "legal_basis": reported.legal_basis,
        "outcome": reported.outcome,
        "reason": reported.reason,
        "started_at": instant_text(reported.started_at),
        "ended_at": None if report.ended_at is None else instant_text(report.ended_at),
        "order_number": reported.order_number,
        "agency_reference": reported.agency_reference,
        "reviewed_version": report.reviewed_version,
        "owed": report.owed,
        "due_at": None if report.due_at is None else instant_text(report.due_at),
        "overdue": report.overdue,
    }


def notice_rows(state: Reports) -> Mapping[str, Mapping[str, Any]]:
    """Return the notices of correction of a record as lines of the list."""
    return {notice_id: notice_row(notice) for notice_id, notice in state.notices.items()}


def notice_row(notice: Notice) -> dict[str, Any]:
    """Return one notice with what its agency answered."""
    given = notice.given
    return {
        "id": given.notice_id,
        "agency_id": given.agency_id,
        "view": given.view,
        "record_id": given.record_id,
        "record_version": given.record_version,
        "wrong_version": given.wrong_version,
        "nature": given.nature,
        "fields": list(given.fields),
        "held_sequence": given.held_sequence,
        "held_at": instant_text(given.held_at),
        "due_at": instant_text(given.due_at),
        "answered": notice.effect is not None,
        "effect": notice.effect,
        "overdue": notice.overdue,
    }


REPORTS: Final = View(
    "punishment_reports", "report", report_rows, indexes=(("record_id",), ("agency_id", "owed"), ("court", "owed"))
)
NOTICES: Final = View(
    "correction_notices",
    "report",
    notice_rows,
    indexes=(("record_id",), ("agency_id", "answered"), ("court", "answered")),
)
