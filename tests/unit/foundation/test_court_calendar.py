"""Periods as the rulebook counts them, with its worked examples."""

from datetime import UTC, date, datetime

import pytest

from libs.foundation import court_calendar as calendar


@pytest.mark.rule("R-GEN-01")
@pytest.mark.parametrize(
    ("trigger", "days", "nominal", "last"),
    [
        (date(2025, 9, 26), 10, date(2025, 10, 6), date(2025, 10, 9)),
        (date(2025, 4, 25), 7, date(2025, 5, 2), date(2025, 5, 6)),
    ],
)
def test_a_period_of_days_starts_the_day_after_and_rolls_over_the_holidays(
    trigger: date, days: int, nominal: date, last: date
) -> None:
    end = calendar.after_days(trigger, days)
    assert (end.nominal, end.day) == (nominal, last)


@pytest.mark.rule("R-GEN-01")
@pytest.mark.parametrize(
    ("day", "months", "end"),
    [
        (date(2025, 8, 31), 6, date(2026, 2, 28)),
        (date(2025, 11, 30), 3, date(2026, 2, 28)),
        (date(2025, 3, 10), 6, date(2025, 9, 10)),
        (date(2025, 8, 31), 30, date(2028, 2, 29)),
    ],
)
def test_a_period_of_months_ends_on_the_corresponding_day_or_the_months_last(day: date, months: int, end: date) -> None:
    assert calendar.add_months(day, months) == end


@pytest.mark.rule("R-GEN-02")
@pytest.mark.parametrize(
    ("trigger", "days", "last"),
    [
        (date(2025, 9, 30), 3, date(2025, 10, 11)),
        (date(2025, 9, 24), 10, date(2025, 10, 14)),
        (date(2025, 9, 24), 15, date(2025, 10, 21)),
    ],
)
def test_working_days_skip_the_holidays_and_count_the_make_up_saturday(trigger: date, days: int, last: date) -> None:
    assert calendar.after_working_days(trigger, days).day == last


@pytest.mark.rule("R-GEN-01")
def test_a_make_up_sunday_is_no_rest_day_and_a_plain_one_is() -> None:
    assert not calendar.is_rest_day(date(2025, 9, 28))
    assert calendar.is_rest_day(date(2025, 9, 21))


@pytest.mark.rule("R-GEN-01")
def test_a_year_without_a_notice_is_counted_by_weekends_and_fixed_holidays_and_marked_provisional() -> None:
    assert not calendar.is_published(2099)
    end = calendar.after_days(date(2099, 9, 21), 10)
    assert end.provisional
    assert end.day == date(2099, 10, 5)
    assert not calendar.after_days(date(2025, 9, 26), 10).provisional


@pytest.mark.rule("R-GEN-01")
def test_a_period_of_hours_starts_with_the_next_full_hour() -> None:
    moment = datetime(2026, 3, 2, 1, 5, tzinfo=UTC)
    assert calendar.after_hours(moment, 24) == datetime(2026, 3, 3, 2, 0, tzinfo=UTC)
    full = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
    assert calendar.after_hours(full, 24) == datetime(2026, 3, 3, 1, 0, tzinfo=UTC)


def test_a_deadline_ends_with_its_day_in_shanghai_not_in_utc() -> None:
    end = calendar.after_days(date(2026, 3, 2), 7)
    assert end.day == date(2026, 3, 9)
    assert end.ends_at == datetime(2026, 3, 9, 16, 0, tzinfo=UTC)


def test_the_court_day_of_an_evening_in_utc_is_the_next_day_in_shanghai() -> None:
    assert calendar.court_day(datetime(2026, 3, 1, 16, 0, tzinfo=UTC)) == date(2026, 3, 2)


@pytest.mark.rule("R-INQ-10")
@pytest.mark.parametrize(
    ("begins", "months", "last"),
    [
        (date(2025, 3, 10), 12, date(2026, 3, 9)),
        (date(2024, 2, 29), 36, date(2027, 2, 28)),
        (date(2025, 10, 2), 12, date(2026, 10, 1)),
    ],
)
def test_a_measures_term_ends_the_day_before_the_corresponding_day_and_is_never_rolled(
    begins: date, months: int, last: date
) -> None:
    assert calendar.term_end(begins, months) == last
