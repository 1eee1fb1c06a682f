"""How long a listing lasts: two years, three to five with an extension, without end for ground 1 (R-CRB-02)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from typing import Final

from libs.foundation.court_calendar import Deadline, add_months
from libs.foundation.provision import Provision
from libs.schemas.credit_blacklist import Ground
from services.credit_blacklist.rules.grounds import has_term

TERM_YEARS: Final = Provision(2, "R-CRB-02", "失信规定(2017) 第2条第1款", date(2017, 5, 1))
EXTENSION_YEARS: Final = Provision((1, 3), "R-CRB-02", "失信规定(2017) 第2条第1款", date(2017, 5, 1))
"""Shortest and longest extension, both included; several extensions of one listing count together."""

COMING_OF_AGE_YEARS: Final = Provision(18, "R-CRB-04", "失信规定(2017) 第4条; 民法典 第17条", date(2017, 5, 1))

RELISTING_MONTHS: Final = Provision(6, "R-CRB-11", "失信规定(2017) 第10条第2款", date(2017, 5, 1))
"""After deletion at the applicant's request, the applicant's request to list again is not granted so long."""

_MONTHS_A_YEAR: Final = 12


def listed_until(grounds: Collection[Ground], decided_on: date, extension_years: int = 0) -> date | None:
    """Return the last day of the term, or None for a listing without one.

    The term runs from the decision day and ends on the corresponding day; it is no period for an act, so rest days do
    not lengthen it.
    `extension_years` is what `extension_fits` allows.
    """
    if not has_term(grounds):
        return None
    return add_months(decided_on, (TERM_YEARS.value + extension_years) * _MONTHS_A_YEAR)


def extension_fits(years: int, before: int) -> bool:
    """Return whether the law allows an extension by so many years, after so many that a listing has already."""
    shortest, longest = EXTENSION_YEARS.value
    return shortest <= years <= longest - before


def later_end(one: date | None, other: date | None) -> date | None:
    """Return the end of two decisions taken together: none if one has none, else the later (R-CRB-02)."""
    return None if one is None or other is None else max(one, other)


def extended(end: date, years: int) -> date:
    """Return a term's end when it is extended by so many years."""
    return add_months(end, years * _MONTHS_A_YEAR)


def over_at(last_day: date | None) -> datetime | None:
    """Return the instant from which a listing with this last day is no hit any more; None without a term."""
    return None if last_day is None else Deadline(last_day, last_day, provisional=False).ends_at


def is_of_age(birth_date: date, on: date) -> bool:
    """Return whether somebody is of age on a day; on the 18th birthday they are (R-CRB-04)."""
    return add_months(birth_date, COMING_OF_AGE_YEARS.value * _MONTHS_A_YEAR) <= on


def no_request_until(removed_on: date) -> date:
    """Return the last day on which an applicant who asked for the deletion cannot ask to list again (R-CRB-11)."""
    return add_months(removed_on, RELISTING_MONTHS.value)
