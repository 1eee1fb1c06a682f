"""HTTP: parse, authorise, execute, render. One module per resource."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import APIRouter

from services.credit_blacklist.desk import Desk


def routers(_desk: Desk) -> Sequence[APIRouter]:
    """Return the routes of this service."""
    return ()
