"""Feedback: one report per hit; a removal opens a report that is due (R-CRB-32, R-CRB-33)."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from libs.schemas.credit_blacklist import Correction, FeedRecord
from libs.schemas.credit_blacklist.subscriber import (
    PunishmentEndDue,
    PunishmentEnded,
    PunishmentReported,
    PunishmentReportOverdue,
    PunishmentReviewDue,
    PunishmentReviewed,
)
from libs.schemas.envelope import Event
from libs.schemas.timers import TimerCancelled, TimerDue, TimerScheduled
from services.credit_blacklist.domain.report import Reports, evolve_reports, report_id_of
from services.credit_blacklist.domain.report_law import NoteRecord, TakeReport, decide_reports
from services.credit_blacklist.domain.report_refusals import (
    MeasureNotForRecord,
    RecordVersionNeverSent,
    ReportConflict,
    ReportedRecordUnknown,
    ReportTimesInvalid,
)
from services.credit_blacklist.rules.measures import DECIDABLE
from services.credit_blacklist.rules.views import VIEWS
from tests.unit.credit_blacklist.restricting import NOW, Order

HOUR = timedelta(hours=1)
OUT = Order().published().record("party_li")
LATER = NOW + 48 * HOUR
REMOVED = OUT.model_copy(
    update={"version": 2, "status": "REMOVED", "change": "REMOVED", "changed_at": NOW + 24 * HOUR, "kinds": ()}
)
CORRECTED = OUT.model_copy(
    update={
        "version": 2,
        "change": "CORRECTED",
        "changed_at": NOW + 24 * HOUR,
        "correction": Correction(wrong_version=1, fields=("kinds",), nature="INACCURATE"),
    }
)
REPORT = report_id_of("airline", OUT.record_id, "ticket-1")


class Desk:
    """The reports on one record."""

    def __init__(self, *records: FeedRecord) -> None:
        self.state = Reports()
        for record in records:
            self.note(record)

    def do(self, command: NoteRecord | TakeReport | TimerDue, now: datetime = LATER) -> Sequence[Event]:
        events = decide_reports(self.state, command, now)
        for event in events:
            if not isinstance(event, TimerScheduled | TimerCancelled):
                self.state = evolve_reports(self.state, event)
        return events

    def note(self, record: FeedRecord) -> Sequence[Event]:
        return self.do(NoteRecord(record))

    def report(self, **changed: Any) -> Sequence[Event]:
        return self.do(taking(**changed))


def taking(**changed: Any) -> TakeReport:
    fields: dict[str, Any] = {
        "agency_id": "airline",
        "view": VIEWS["air"],
        "measure": DECIDABLE["7.1.AIR"],
        "record_id": OUT.record_id,
        "record_version": 1,
        "session_id": "s-1",
        "sequence": 7,
        "outcome": "REFUSED",
        "reason": None,
        "started_at": NOW + HOUR,
        "ended_at": None,
        "order_number": "T-1",
        "agency_reference": "ticket-1",
    }
    return TakeReport(**(fields | changed))


@pytest.mark.rule("R-CRB-33")
def test_a_report_names_record_version_copy_measure_and_legal_basis() -> None:
    (reported,) = Desk(OUT).report()
    assert isinstance(reported, PunishmentReported)
    assert (reported.record_id, reported.record_version, reported.session_id, reported.sequence) == (
        OUT.record_id,
        1,
        "s-1",
        7,
    )
    assert (reported.measure_code, reported.measure_class, reported.legal_basis) == (
        "7.1.AIR",
        7,
        DECIDABLE["7.1.AIR"].legal_basis,
    )


def test_the_same_report_again_changes_nothing() -> None:
    desk = Desk(OUT)
    desk.report()
    assert desk.report() == ()


@pytest.mark.parametrize(
    "changed",
    [
        {"measure": DECIDABLE["7.1.SHIP"]},
        {"started_at": NOW + 2 * HOUR},
        {"outcome": "HELD"},
    ],
    ids=["measure", "begin", "outcome"],
)
def test_a_reference_used_for_another_report_is_a_conflict(changed: dict[str, Any]) -> None:
    desk = Desk(OUT)
    desk.report()
    with pytest.raises(ReportConflict):
        desk.report(**changed)


def test_the_same_reference_of_another_agency_is_another_report() -> None:
    desk = Desk(OUT)
    desk.report()
    assert desk.report(agency_id="agent")
    assert len(desk.state.reports) == 2


@pytest.mark.rule("R-CRB-33")
def test_a_record_that_never_went_out_is_not_reported_on() -> None:
    with pytest.raises(ReportedRecordUnknown):
        Desk().report()


@pytest.mark.rule("R-CRB-33")
def test_a_record_of_another_view_is_not_reported_on() -> None:
    listing = OUT.model_copy(update={"list_type": "LISTING", "status": "LISTED"})
    with pytest.raises(ReportedRecordUnknown):
        Desk(listing).report()


@pytest.mark.rule("R-CRB-33")
def test_a_version_that_was_never_sent_is_not_reported_on() -> None:
    with pytest.raises(RecordVersionNeverSent):
        Desk(OUT).report(record_version=2)


@pytest.mark.rule("R-CRB-32")
def test_a_measure_on_listings_has_no_basis_against_a_restriction() -> None:
    with pytest.raises(MeasureNotForRecord):
        Desk(OUT).report(view=VIEWS["finance"], measure=DECIDABLE["5.3"])


@pytest.mark.parametrize(
    "changed",
    [
        {"started_at": LATER + HOUR},
        {"ended_at": LATER + HOUR},
        {"ended_at": NOW},
        {"started_at": NOW - HOUR},
    ],
    ids=["begins in the future", "ends in the future", "ends before it begins", "begins before the record"],
)
def test_times_that_cannot_be_are_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(ReportTimesInvalid):
        Desk(OUT).report(**changed)


def test_a_clock_five_minutes_off_is_forgiven() -> None:
    assert Desk(OUT).report(started_at=LATER + timedelta(minutes=5))


@pytest.mark.rule("R-CRB-33")
def test_a_removal_opens_a_report_that_is_due_within_a_day() -> None:
    desk = Desk(OUT)
    desk.report()
    _, due, timer = desk.note(REMOVED)
    assert isinstance(due, PunishmentEndDue)
    assert due.due_at == REMOVED.changed_at + timedelta(hours=24)
    assert timer == TimerScheduled(timer=f"owed:{REPORT}", due_at=due.due_at)


@pytest.mark.rule("R-CRB-33")
@pytest.mark.parametrize("over", [{"ended_at": NOW + 2 * HOUR}, {"outcome": "NOT_APPLIED", "reason": "已付全款"}])
def test_a_removal_asks_nothing_of_a_measure_that_is_over_or_was_not_taken(over: dict[str, Any]) -> None:
    desk = Desk(OUT)
    desk.report(**over)
    assert len(desk.note(REMOVED)) == 1


@pytest.mark.rule("R-CRB-33")
def test_the_end_is_reported_by_the_same_report_with_its_end() -> None:
    desk = Desk(OUT)
    desk.report()
    desk.note(REMOVED)
    ended, cancelled = desk.report(ended_at=NOW + 25 * HOUR)
    assert isinstance(ended, PunishmentEnded)
    assert isinstance(cancelled, TimerCancelled)
    assert desk.state.reports[REPORT].owed is None
    assert desk.report(ended_at=NOW + 25 * HOUR) == ()
    with pytest.raises(ReportConflict):
        desk.report(ended_at=NOW + 26 * HOUR)


@pytest.mark.rule("R-CRB-33")
def test_a_report_that_comes_after_the_removal_owes_the_end_at_once() -> None:
    _, due, _ = Desk(OUT, REMOVED).report()
    assert isinstance(due, PunishmentEndDue)


@pytest.mark.rule("R-CRB-33")
def test_an_agency_that_says_nothing_in_time_is_said_to_be_late_and_may_still_report() -> None:
    desk = Desk(OUT)
    desk.report()
    desk.note(REMOVED)
    (late,) = desk.do(TimerDue(f"owed:{REPORT}", 3, REMOVED.changed_at + 24 * HOUR))
    assert isinstance(late, PunishmentReportOverdue)
    assert late.owed == "END"
    (ended,) = desk.report(ended_at=LATER)
    assert isinstance(ended, PunishmentEnded)


@pytest.mark.rule("R-CRB-12")
def test_a_correction_asks_each_agency_whether_its_measure_stands() -> None:
    desk = Desk(OUT)
    desk.report()
    _, due, _ = desk.note(CORRECTED)
    assert isinstance(due, PunishmentReviewDue)
    assert desk.report() == ()
    reviewed, _ = desk.report(record_version=2)
    assert isinstance(reviewed, PunishmentReviewed)
    assert desk.report(record_version=2) == ()


def test_an_older_version_that_arrives_late_changes_nothing() -> None:
    assert Desk(OUT, REMOVED).note(OUT) == ()


def test_a_timer_of_a_report_that_owes_nothing_says_nothing() -> None:
    desk = Desk(OUT)
    desk.report()
    assert desk.do(TimerDue(f"owed:{REPORT}", 1, datetime(2024, 5, 1, tzinfo=UTC))) == ()
