"""When measures ended, from the punishment reports: the last stage of letting somebody go (R-CRB-33)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from libs.foundation.clock import instant, instant_text
from libs.foundation.limits import PAGE_ITEMS_MAX
from libs.journal import Journal
from services.credit_blacklist.views.reports import REPORTS

PAGES_MAX: Final = 50
"""Ten thousand reports of one view: more than the table's window can be about."""

Endings = Mapping[str, Mapping[str, datetime]]
"""By agency and record: when the last of its measures ended."""


async def endings_of(journal: Journal, view: str, since: datetime) -> Endings:
    """Return when the measures of a view's agencies ended, as they reported it, for ends at or after `since`."""
    found: dict[str, dict[str, datetime]] = {}
    cursor: str | None = None
    where = {"view": view, "ended_at": {"$gte": instant_text(since)}}
    for _ in range(PAGES_MAX):
        page = await journal.views.find(REPORTS.name, court=None, where=where, cursor=cursor, limit=PAGE_ITEMS_MAX)
        for row in page.rows:
            ended, known = instant(row["ended_at"]), found.setdefault(row["agency_id"], {})
            known[row["record_id"]] = max(ended, known.get(row["record_id"], ended))
        if (cursor := page.next_cursor) is None:
            break
    return found
