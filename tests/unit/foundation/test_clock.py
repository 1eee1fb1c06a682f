"""The sandbox clock is a schedule that every process follows; business time never goes back."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from libs.foundation.clock import ClockPoint, SandboxClock, ScheduleFile, instant, instant_text, write_schedule

REAL = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
BUSINESS = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


def test_business_time_runs_at_the_rate_of_the_point_that_holds() -> None:
    jump = BUSINESS + timedelta(days=1)
    clock = SandboxClock([ClockPoint(REAL, BUSINESS, 120), ClockPoint(REAL + timedelta(seconds=60), jump, 1)])
    assert clock.business_at(REAL - timedelta(hours=1)) == BUSINESS
    assert clock.business_at(REAL + timedelta(seconds=30)) == BUSINESS + timedelta(hours=1)
    assert clock.business_at(REAL + timedelta(seconds=61)) == jump + timedelta(seconds=1)


def test_a_schedule_that_would_set_business_time_back_is_refused() -> None:
    with pytest.raises(ValueError, match="go back"):
        SandboxClock([ClockPoint(REAL, BUSINESS, 120), ClockPoint(REAL + timedelta(seconds=60), BUSINESS, 1)])


def test_processes_follow_the_schedule_file_when_it_changes(tmp_path: Path) -> None:
    path = tmp_path / "clock.json"
    write_schedule(path, [ClockPoint(REAL, BUSINESS, 0)])
    clock = ScheduleFile(path)
    assert clock.now() == BUSINESS
    later = BUSINESS + timedelta(days=30)
    write_schedule(path, [ClockPoint(REAL, BUSINESS, 0), ClockPoint(REAL + timedelta(seconds=1), later, 0)])
    assert clock.now() == later if datetime.now(UTC) > REAL + timedelta(seconds=1) else clock.now() == BUSINESS


def test_an_instant_has_one_text_form_that_sorts_like_time_and_keeps_microseconds() -> None:
    moment = datetime(2026, 3, 2, 9, 0, 0, 7, tzinfo=UTC)
    assert instant_text(moment) == "2026-03-02T09:00:00.000007Z"
    assert instant(instant_text(moment)) == moment
    assert instant("2026-03-02T17:00:00.000007+08:00") == moment


def test_a_time_without_an_offset_has_no_place_here() -> None:
    with pytest.raises(ValueError, match="offset"):
        instant("2026-03-02T09:00:00")
    with pytest.raises(ValueError, match="naive"):
        instant_text(datetime(2026, 3, 2))  # noqa: DTZ001 -- the naive datetime is the point
