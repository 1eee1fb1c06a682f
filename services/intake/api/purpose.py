"""Reading personal data: the case and the purpose are named, and the reading is logged (R-GEN-06)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import Depends, Header, Query

from libs.foundation.limits import NAME_CHARS_MAX
from libs.telemetry import get_logger
from libs.web import Caller
from libs.web.errors import PurposeMissing

log = get_logger("zhixing.intake.readings")


@dataclass(frozen=True, slots=True)
class Purpose:
    """For which case, and what for."""

    case_id: str
    purpose: str


async def _purpose(
    case_id: Annotated[str | None, Query(max_length=120)] = None,
    purpose: Annotated[str | None, Query(max_length=NAME_CHARS_MAX)] = None,
    header: Annotated[str | None, Header(alias="Purpose", max_length=NAME_CHARS_MAX)] = None,
) -> Purpose:
    said = (purpose or header or "").strip()
    if not case_id or not said:
        raise PurposeMissing
    return Purpose(case_id, said)


purpose_of: Final = Depends(_purpose)
"""`purpose: Annotated[Purpose, purpose_of]`; 400 without case or purpose."""


def reading(caller: Caller, purpose: Purpose, **what: str) -> None:
    """Log who read which personal data for which case and what for; never the data."""
    log.info("personal_data_read", reader=caller.subject, case_id=purpose.case_id, purpose=purpose.purpose, **what)
