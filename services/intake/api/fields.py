"""Field types of this service's requests."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Final

from pydantic import Field, StringConstraints

FIRST_DAY: Final = date(1949, 10, 1)
LAST_DAY: Final = date(2100, 12, 31)
"""Days outside are slips of the pen: no basis and no term reaches there."""

CourtDay = Annotated[date, Field(ge=FIRST_DAY, le=LAST_DAY)]
"""A day of a body, `2026-03-02`."""

PhoneNumber = Annotated[str, StringConstraints(pattern=r"^\+?[0-9][0-9 -]{4,19}$")]
