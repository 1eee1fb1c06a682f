"""What distribution needs of the feed: its newest signed heads, and what they name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from services.credit_blacklist.feed.register.model import Checksum, Head, Point, Row


class PublishedFeed(Protocol):
    """The feed as far as signed heads have named it."""

    async def head(self, view: str) -> Head | None:
        """Return the newest signed head of a view as it stands now, of whichever process; None: none was signed yet."""

    def named(self, view: str) -> Head | None:
        """Return the newest signed head whose entries this process has; it may be behind `head` for a moment."""

    async def entries(self, view: str, session_id: str, after: int, limit: int) -> Sequence[Row]:
        """Return up to `limit` entries behind `after`, without gap; fewer where this process does not have them yet."""

    async def removed_before(
        self, view: str, session_id: str, after: int, moment: datetime, limit: int
    ) -> Sequence[tuple[int, str]]:
        """Return `(sequence, record_id)` of records that ended behind `after` before `moment`, in order."""

    async def checksum(self, view: str, session_id: str, sequence: int) -> Checksum:
        """Return what holds after one entry. Raises `LookupError` where this process does not keep it."""

    async def reach(self, point: Point, seconds: float) -> bool:
        """Wait until this process keeps the point; False when the time is over."""

    def on_head(self, callback: Callable[[str], None]) -> None:
        """Have `callback(view)` called in the event loop when a newer head is known here; it must not block."""
