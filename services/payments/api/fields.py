"""Field types of this service's requests."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Final

from pydantic import Field, StringConstraints

from libs.web import IsoDay

FIRST_DAY: Final = date(2000, 1, 1)
LAST_DAY: Final = date(2100, 12, 31)
"""Days outside are slips of the pen: no case and no statement reaches there."""

CourtDay = Annotated[IsoDay, Field(ge=FIRST_DAY, le=LAST_DAY)]
"""A day between 2000 and 2100."""

BankReference = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z_.:~/-]{1,120}$")]
