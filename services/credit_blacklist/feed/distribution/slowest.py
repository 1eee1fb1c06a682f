"""The slowest subscriber: pages are kept until it has confirmed them, as far as the settings allow."""

from __future__ import annotations

from typing import Any

from libs.foundation.limits import PAGE_ITEMS_MAX
from libs.journal import NATIONAL, Journal
from services.credit_blacklist.feed.distribution.ports import PublishedFeed
from services.credit_blacklist.views.positions import POSITIONS


class SlowestSubscriber:
    """Says how far every subscriber of a view has come in its present session."""

    def __init__(self, journal: Journal, feed: PublishedFeed) -> None:
        """The journal's view of positions is asked; the feed says which session is the present one."""
        self._journal = journal
        self._feed = feed

    async def __call__(self, view: str) -> int | None:
        """Return the lowest sequence that a subscriber of the view confirmed, None without any in this session.

        Whoever never confirmed anything is not waited for: nothing says that it still reads.
        """
        head = self._feed.named(view)
        if head is None:
            return None
        found: list[dict[str, Any]] = []
        cursor: str | None = None
        while True:
            page = await self._journal.views.find(
                POSITIONS, court=NATIONAL, where={"view": view}, cursor=cursor, limit=PAGE_ITEMS_MAX
            )
            found += page.rows
            if (cursor := page.next_cursor) is None:
                break
        marks = [row["confirmed"] for row in found if row["confirmed"]]
        return min((int(mark["sequence"]) for mark in marks if mark["session_id"] == head.session_id), default=None)
