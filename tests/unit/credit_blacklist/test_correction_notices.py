"""Who held a wrong version is told, and answers (R-CRB-12)."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from libs.schemas.credit_blacklist.subscriber import (
    CorrectionNoticeAnswered,
    CorrectionNoticeGiven,
    CorrectionNoticeOverdue,
)
from libs.schemas.envelope import Event
from libs.schemas.timers import TimerCancelled, TimerDue, TimerScheduled
from services.credit_blacklist.domain.report import Reports, evolve_reports
from services.credit_blacklist.domain.report_law import ReportCommand, decide_reports
from services.credit_blacklist.domain.report_notices import (
    AnswerNotice,
    GiveNotices,
    Holder,
    NoticeUnknown,
    notice_id_of,
    record_of_notice,
    timer_of,
)
from services.credit_blacklist.feed.register import Held
from services.credit_blacklist.handlers.correction_notices import _mark_on
from tests.unit.credit_blacklist.test_reports import CORRECTED, OUT

HELD_AT = datetime(2024, 4, 10, 3, tzinfo=UTC)
AIRLINE, BANK = Holder("airline", "air", 7, HELD_AT), Holder("agent", "air", 9, HELD_AT)
NOTICE = notice_id_of(CORRECTED, "airline")


class Desk:
    """The notices of one record."""

    def __init__(self) -> None:
        self.state = Reports()

    def do(self, command: ReportCommand) -> Sequence[Event]:
        events = decide_reports(self.state, command, HELD_AT)
        for event in events:
            if not isinstance(event, TimerScheduled | TimerCancelled):
                self.state = evolve_reports(self.state, event)
        return events


def given() -> Desk:
    desk = Desk()
    desk.do(GiveNotices(CORRECTED, (AIRLINE, BANK)))
    return desk


@pytest.mark.rule("R-CRB-12")
def test_every_holder_of_the_wrong_version_is_told_what_was_wrong() -> None:
    first, timer, second, _ = Desk().do(GiveNotices(CORRECTED, (AIRLINE, BANK)))
    assert isinstance(first, CorrectionNoticeGiven)
    assert isinstance(second, CorrectionNoticeGiven)
    assert (first.agency_id, second.agency_id) == ("airline", "agent")
    assert (first.wrong_version, first.record_version, first.fields, first.held_sequence) == (1, 2, ("kinds",), 7)
    assert timer == TimerScheduled(timer=timer_of(NOTICE), due_at=CORRECTED.changed_at + timedelta(hours=24))


def test_nobody_is_told_twice() -> None:
    assert given().do(GiveNotices(CORRECTED, (AIRLINE, BANK))) == []


def test_a_record_that_corrects_nothing_tells_nobody() -> None:
    assert Desk().do(GiveNotices(OUT, (AIRLINE,))) == ()


def test_an_agency_answers_its_notice_once_and_may_think_better_of_it() -> None:
    desk = given()
    answered, cancelled = desk.do(AnswerNotice(NOTICE, "airline", "NO_EFFECT"))
    assert isinstance(answered, CorrectionNoticeAnswered)
    assert isinstance(cancelled, TimerCancelled)
    assert desk.do(AnswerNotice(NOTICE, "airline", "NO_EFFECT")) == ()
    assert len(desk.do(AnswerNotice(NOTICE, "airline", "UNDONE"))) == 1


def test_a_notice_of_another_agency_is_not_there() -> None:
    with pytest.raises(NoticeUnknown):
        given().do(AnswerNotice(NOTICE, "agent", "NO_EFFECT"))


def test_who_does_not_answer_in_time_is_said_to_be_late() -> None:
    desk = given()
    due = TimerDue(timer_of(NOTICE), 1, CORRECTED.changed_at + timedelta(hours=24))
    (late,) = desk.do(due)
    assert isinstance(late, CorrectionNoticeOverdue)
    assert len(desk.do(AnswerNotice(NOTICE, "airline", "UNDONE"))) == 1
    assert desk.do(due) == ()


def test_a_notice_names_its_record() -> None:
    assert record_of_notice(NOTICE) == OUT.record_id


@pytest.mark.parametrize("text", ["notice_1", "report_1_x", "notice_1_", "x"])
def test_other_texts_name_no_notice(text: str) -> None:
    with pytest.raises(NoticeUnknown):
        record_of_notice(text)


def entry(sequence: int) -> Held:
    return Held(sequence, OUT.record_id, 1, "RESTRICTED", {}, "", None, HELD_AT)


def mark(session_id: str, sequence: int, hours: int = 0) -> dict[str, object]:
    moment = (HELD_AT + timedelta(hours=hours)).isoformat().replace("+00:00", "Z")
    return {"session_id": session_id, "sequence": sequence, "received_at": moment}


@pytest.mark.rule("R-CRB-12")
@pytest.mark.parametrize(
    ("marks", "held"),
    [
        ([], False),
        ([mark("s", 4)], False),
        ([mark("s", 5)], True),
        ([mark("s", 4), mark("s", 7)], True),
        ([mark("s", 8)], False),
        ([mark("s", 4), mark("s", 8)], False),
        ([mark("old", 90, hours=-1)], False),
        ([mark("old", 90, hours=1)], True),
    ],
    ids=[
        "never said anything",
        "before the entry",
        "at the entry",
        "behind it",
        "at its correction",
        "past both at once",
        "an old session, before",
        "an old session, after",
    ],
)
def test_only_a_position_between_the_entry_and_its_correction_shows_that_it_was_held(
    marks: list[dict[str, object]], held: bool
) -> None:
    assert (_mark_on(marks, entry(5), "s", 8) is not None) == held
