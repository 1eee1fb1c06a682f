"""What the bus tells this service: one function per event; the table at the bottom is the map."""

from __future__ import annotations

from typing import Any

from libs.schemas.envelope import Event
from services.credit_blacklist.desk import Desk


def handlers(_desk: Desk) -> dict[type[Event], Any]:
    """Return the map from events to handlers."""
    return {}
