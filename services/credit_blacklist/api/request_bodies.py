"""Bodies that requests about listings and about restrictions share."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import StringConstraints

from libs.web import RequestModel, Text

Telephone = Annotated[str, StringConstraints(pattern=r"^\+?[0-9][0-9 -]{4,19}$")]
"""The telephone of a court, 5 to 20 characters."""


class ReasonBody(RequestModel):
    """Why."""

    reason: Text


class RefusalServiceBody(RequestModel):
    """When a refusal was served, and what proves it."""

    served_on: date
    evidence: Text


class ReviewBody(RequestModel):
    """The application for review by the next higher court; received today if not said (R-CRB-12)."""

    reason: Text
    received_on: date | None = None
