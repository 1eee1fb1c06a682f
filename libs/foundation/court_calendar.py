"""Periods counted by the court calendar (R-GEN-01, R-GEN-02), in days of Asia/Shanghai.

Rest days come from the State Council's yearly notices through `chinesecalendar`. For a year that is not published yet,
weekends and the fixed holidays count and the result is marked provisional.
"""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import chinese_calendar

from libs.foundation.clock import SHANGHAI

FIXED_HOLIDAYS = {(1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)}
"""Fixed statutory holidays (全国年节及纪念日放假办法 as of 2025): used only while a year's notice is missing."""


@dataclass(frozen=True, slots=True)
class Deadline:
    """A counted end: the last day of the period, and whether its calendar year was published when it was counted."""

    day: date
    nominal: date
    provisional: bool

    @property
    def ends_at(self) -> datetime:
        """The instant at which the last day is over in Shanghai, in UTC; an act before it is in time."""
        following = self.day + timedelta(days=1)
        return datetime(following.year, following.month, following.day, tzinfo=SHANGHAI).astimezone(UTC)


def court_day(moment: datetime) -> date:
    """Return the Shanghai day of an aware instant."""
    return moment.astimezone(SHANGHAI).date()


def is_published(year: int) -> bool:
    """Return whether the holidays of `year` are known from its notice."""
    return any(day.year == year for day in (*chinese_calendar.holidays, *chinese_calendar.workdays))


def is_rest_day(day: date) -> bool:
    """Return whether `day` is a statutory rest day; a make-up Saturday or Sunday is not (R-GEN-01)."""
    if is_published(day.year):
        return bool(chinese_calendar.is_holiday(day))
    return day.weekday() >= calendar.SATURDAY or (day.month, day.day) in FIXED_HOLIDAYS


def rolled(nominal: date) -> Deadline:
    """Return the first working day on or after `nominal` (R-GEN-01)."""
    day = nominal
    while is_rest_day(day):
        day += timedelta(days=1)
    return Deadline(day, nominal, provisional=not (is_published(nominal.year) and is_published(day.year)))


def add_months(day: date, months: int) -> date:
    """Return the corresponding day `months` later, or the last day of that month if there is none (R-GEN-01)."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def after_days(trigger: date, days: int) -> Deadline:
    """Return the end of a period of days: it starts the day after `trigger` and rolls over rest days (R-GEN-01)."""
    return rolled(trigger + timedelta(days=days))


def after_months(trigger: date, months: int) -> Deadline:
    """Return the end of a period of months from `trigger`, rolled over rest days (R-GEN-01)."""
    return rolled(add_months(trigger, months))


def after_working_days(trigger: date, days: int) -> Deadline:
    """Return the last of `days` working days, the next working day after `trigger` being the first (R-GEN-02)."""
    day, counted = trigger, 0
    published = is_published(trigger.year)
    while counted < days:
        day += timedelta(days=1)
        published = published and is_published(day.year)
        if not is_rest_day(day):
            counted += 1
    return Deadline(day, day, provisional=not published)


def term_end(begins: date, months: int) -> date:
    """Return the last day of a measure's term: the day before the corresponding day, never rolled (R-INQ-10).

    Where the month has no corresponding day, it is that month's last day. A protection that lapses earlier than
    thought is the risk, so rest days do not lengthen it.
    """
    corresponding = add_months(begins, months)
    return corresponding - timedelta(days=1) if corresponding.day == begins.day else corresponding


def after_hours(trigger: datetime, hours: int) -> datetime:
    """Return the end of a period in hours, which starts with the next full hour (CPL Art 85; R-GEN-01)."""
    start = trigger.replace(minute=0, second=0, microsecond=0)
    if start < trigger:
        start += timedelta(hours=1)
    return start + timedelta(hours=hours)
