"""The list of subscribers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from libs.journal import View
from services.credit_blacklist.domain.subscriber import Subscriber


def subscriber_rows(state: Subscriber) -> Mapping[str, Mapping[str, Any]]:
    """Return a subscriber as a line of the list."""
    if not state.exists:
        return {}
    return {
        state.agency_id: {
            "agency_id": state.agency_id,
            "view": state.view,
            "title": state.title,
            "contact_name": state.contact_name,
            "contact_phone": state.contact_phone,
            "sales_channels": list(state.sales_channels),
            "kids": sorted(state.keys),
        }
    }


SUBSCRIBERS: Final = View("feed_subscribers", "subscriber", subscriber_rows, indexes=(("court", "agency_id"),))
