"""Bounded field types of requests, the same in every service."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from fastapi import Path
from pydantic import BeforeValidator, Field, StringConstraints

from libs.foundation.case_number import COURT_PATTERN
from libs.foundation.fen import FEN_MAX
from libs.foundation.limits import NAME_CHARS_MAX, TEXT_CHARS_MAX
from libs.web.strict_model import iso_reader

PositiveFen = Annotated[int, Field(ge=1, le=FEN_MAX, strict=True)]
"""An amount of money in integer fen, at least one."""

Text = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True,
        min_length=1,
        max_length=TEXT_CHARS_MAX,
        pattern=r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]*$",
    ),
]
"""A free text: not blank, at most 2 000 characters, no control characters but line breaks and tabs.

Signs that turn the direction of writing are refused, too: a reader would see another text than the one that is signed.
"""

Name = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True,
        min_length=1,
        max_length=NAME_CHARS_MAX,
        pattern=r"^[^\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]*$",
    ),
]
"""A name of a person or firm: not blank, one line, at most 100 characters."""

Identifier = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.~-]{1,80}$")]
"""One of our ASCII ids."""

IdPath = Annotated[str, Path(pattern=r"^[A-Za-z0-9_.~-]{1,400}$")]
"""One of our ids in a path; those that can be read back (`in_…`) are longer than those that a body names."""

FreeText = Text | Literal[""]
"""A free text that may be empty."""

AccountNumber = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z-]{1,40}$")]
"""The number of an account at a bank."""

CourtCode = Annotated[str, StringConstraints(pattern=f"^{COURT_PATTERN}$", max_length=10)]
"""A court code (R-INT-02)."""

CourtPath = Annotated[str, Path(pattern=f"^{COURT_PATTERN}$", description="Court code, for example 云0381 (R-INT-02)")]

IsoDay = Annotated[date, BeforeValidator(iso_reader("date"))]
"""A day in a path or a query as a body would write it, `2026-03-02`; never a number of seconds."""
