"""Counted deadlines, whatever the day they begin on."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.foundation.clock import SHANGHAI
from libs.foundation.court_calendar import court_day, is_rest_day
from services.command_center.domain.clocks import counted
from services.command_center.rules.catalogue import CATALOGUE

COUNTED = sorted(code for code, kind in CATALOGUE.items() if kind.method in {"DAYS", "WORKING_DAYS", "MONTHS"})
MOMENTS = st.datetimes(datetime(2024, 1, 1), datetime(2027, 12, 31)).map(lambda naive: naive.replace(tzinfo=UTC))  # noqa: DTZ001 -- the strategy wants naive bounds


@pytest.mark.rule("R-GEN-01", "R-GEN-02")
@given(st.sampled_from(COUNTED), MOMENTS)
def test_a_deadline_ends_at_midnight_after_a_working_day_later_than_its_start_and_says_so(
    code: str, moment: datetime
) -> None:
    due = counted(CATALOGUE[code], moment)
    assert due.last_day > court_day(moment)
    assert due.last_day >= due.nominal_day
    assert not is_rest_day(due.last_day)
    assert due.due_at.astimezone(SHANGHAI).date() == due.last_day + timedelta(days=1)
    assert f"{due.last_day.year}年{due.last_day.month}月{due.last_day.day}日" in due.explanation
    assert CATALOGUE[code].article in due.explanation


@pytest.mark.rule("R-GEN-01")
@given(st.sampled_from(COUNTED), MOMENTS, st.integers(1, 400))
def test_what_begins_later_is_never_due_earlier(code: str, moment: datetime, days: int) -> None:
    later = counted(CATALOGUE[code], moment + timedelta(days=days))
    assert counted(CATALOGUE[code], moment).due_at <= later.due_at
