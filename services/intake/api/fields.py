"""Field types of this service's requests."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Final, Literal

from fastapi import Path
from pydantic import BeforeValidator, Field, StringConstraints, WithJsonSchema
from pydantic_core import PydanticCustomError

from libs.foundation.case_number import COURT_PATTERN
from libs.web import Text

FIRST_DAY: Final = date(1949, 10, 1)
LAST_DAY: Final = date(2100, 12, 31)
"""Days outside are slips of the pen: no basis and no term reaches there."""

_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


def _iso_day(value: object) -> object:
    if isinstance(value, date):
        return value
    if not isinstance(value, str) or not _DAY.fullmatch(value):
        raise PydanticCustomError("date_form", "A day is written YYYY-MM-DD")
    return date.fromisoformat(value)


CourtDay = Annotated[
    date,
    Field(ge=FIRST_DAY, le=LAST_DAY),
    BeforeValidator(_iso_day),
    WithJsonSchema({"type": "string", "format": "date"}),
]
"""A day as the court writes it: `2026-03-02`; never a number of seconds."""

CourtCode = Annotated[str, StringConstraints(pattern=f"^{COURT_PATTERN}$", max_length=10)]
CourtPath = Annotated[str, Path(pattern=f"^{COURT_PATTERN}$", description="Court code, for example 云0381 (R-INT-02)")]
IdPath = Annotated[str, Path(pattern=r"^[A-Za-z0-9_.~-]{1,120}$")]

Sha256Text = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
PhoneNumber = Annotated[str, StringConstraints(pattern=r"^\+?[0-9][0-9 -]{4,19}$")]
AccountNumber = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z-]{1,40}$")]
FreeText = Text | Literal[""]
"""A free text that may be empty."""
