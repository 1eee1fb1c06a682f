"""What is the same for every written request for correction, of a listing or of a restriction (R-CRB-12)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from libs.foundation.court_calendar import court_day
from libs.schemas.parts import Due
from services.credit_blacklist.domain.correction_refusals import DayInTheFuture, ReviewTooLate

RequestState = Literal["RECEIVED", "JUSTIFIED", "REJECTED", "IN_REVIEW", "REVIEWED"]
"""How far a request has come: received, examined, taken to the next higher court, decided there."""


def check_happened(day: date, now: datetime, field: str) -> None:
    """Refuse a day after the court's today. Raises `DayInTheFuture`, naming the field."""
    if day > court_day(now):
        raise DayInTheFuture(field=field)


def check_served(served_on: date, decided_on: date, now: datetime) -> None:
    """Refuse a service that lies ahead, or before what was served. Raises `DayInTheFuture`."""
    check_happened(served_on, now, "served_on")
    if served_on < decided_on:
        raise DayInTheFuture("It was served before it was decided.", field="served_on")


def check_in_time(received_on: date, review_by: Due | None, now: datetime) -> None:
    """Refuse an application for review after its ten days; without a service they do not run.

    Raises `DayInTheFuture` and `ReviewTooLate`.
    """
    check_happened(received_on, now, "received_on")
    if review_by is not None and received_on > review_by.last_day:
        raise ReviewTooLate(field="received_on", until=review_by.last_day.isoformat())
