"""What distribution needs of the feed: its newest signed heads, and what they name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

from services.credit_blacklist.feed.register.model import Checksum, Head, Row


class Removed(NamedTuple):
    """A record whose newest entry is a `REMOVED` one."""

    sequence: int
    record_id: str


class PublishedFeed(Protocol):
    """The feed as far as signed heads have named it."""

    async def head(self, view: str) -> Head | None:
        """Return the newest signed head of a view, of whichever process; None: none was signed yet."""

    async def entries(self, view: str, session_id: str, after: int, limit: int) -> Sequence[Row]:
        """Return up to `limit` entries behind `after`, without gap; fewer where this process does not have them yet."""

    async def removed_before(
        self, view: str, session_id: str, after: int, moment: datetime, limit: int
    ) -> Sequence[Removed]:
        """Return records that ended behind `after`, by an entry appended before `moment`, and stay ended; in order."""

    async def checksum(self, view: str, session_id: str, sequence: int) -> Checksum:
        """Return what holds after one entry. Raises what the feed raises where there is no such sequence."""

    def on_head(self, callback: Callable[[str], None]) -> None:
        """Have `callback(view)` called in the event loop when a newer head is known here; it must not block."""
