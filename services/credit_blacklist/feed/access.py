"""Who may ask the feed for what: an agency its own view, and of that what a signed head has named (R-CRB-33)."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from libs.foundation.errors import Transient
from libs.journal import Journal
from libs.web import Caller
from services.credit_blacklist.domain.feed_refusals import (
    CursorOfAnotherView,
    CursorUnreadable,
    HeadMissing,
    PageNotNamed,
    PositionExpired,
    SessionReplaced,
    ViewClosed,
)
from services.credit_blacklist.domain.position_refusals import PositionAhead
from services.credit_blacklist.feed.register import Head, Point, Register
from services.credit_blacklist.feed.register.book import Feed
from services.credit_blacklist.subscribers import view_for

REACH_SECONDS: Final = 3.0
"""How long a question waits for this process to have what another process's head has named."""

_CURSOR: Final = re.compile(r"([0-9A-Za-z-]{1,64}):([0-9]{1,12})")


class CopyBehind(Transient):
    """A head names this, and this process does not have it yet."""

    code = "feed_copy_behind"
    title = "This process does not have what was named yet"


@dataclass(frozen=True, slots=True)
class Sight:
    """What one caller may see: a view, as its newest head names it."""

    view: str
    head: Head


class FeedAccess:
    """Checks every question before the register is asked."""

    def __init__(self, journal: Journal, register: Register, *, closed: Collection[str] = ()) -> None:
        """The journal knows subscribers and heads, the register the entries; `closed` views are served to nobody."""
        self._journal = journal
        self._closed = closed
        self._register = register

    async def sight(self, caller: Caller) -> Sight:
        """Return the caller's view with its newest head.

        Raises `NotASubscriber` (403), `ViewClosed` (410) and `HeadMissing` (503).
        """
        view = (await view_for(self._journal, caller)).view_id
        if view in self._closed:
            raise ViewClosed
        head = await self._register.head(view)
        if head is None:
            raise HeadMissing
        return Sight(view, head)

    def session(self, sight: Sight, session_id: str) -> None:
        """Raise `CursorOfAnotherView` (409) or `SessionReplaced` (410) unless the session is the view's present one."""
        if session_id == sight.head.session_id:
            return
        if self._register.view_of(session_id) not in (None, sight.view):
            raise CursorOfAnotherView
        raise SessionReplaced(session_id=sight.head.session_id)

    def cursor(self, sight: Sight, text: str | None) -> int:
        """Return the sequence behind which a reader goes on; without a cursor the oldest that is served.

        Raises `CursorUnreadable` (422), `PositionAhead` (409), `PositionExpired` (410), and what `session` raises.
        """
        if text is None:
            return sight.head.oldest_sequence - 1
        match = _CURSOR.fullmatch(text)
        if match is None:
            raise CursorUnreadable(field="after")
        self.session(sight, match[1])
        sequence = int(match[2])
        self.served(sight, sequence + 1, sequence)
        return sequence

    def served(self, sight: Sight, first: int, last: int) -> None:
        """Raise `PositionAhead` (409) or `PositionExpired` (410) unless heads named `last` and still offer `first`."""
        if last > sight.head.sequence:
            raise PositionAhead(f"The newest head names {sight.head.sequence}.")
        if first < sight.head.oldest_sequence:
            raise PositionExpired(oldest_sequence=sight.head.oldest_sequence)

    def named(self, sight: Sight, session_id: str, last: int) -> None:
        """Raise `PageNotNamed` (404) unless a head named `last`, and what `session` raises."""
        self.session(sight, session_id)
        if last > sight.head.sequence:
            raise PageNotNamed

    async def feed(self, sight: Sight, sequence: int) -> Feed:
        """Return the session in the register, once it has the entry `sequence` that a head named. Raises 503."""
        session_id = sight.head.session_id
        if not await self._register.reach(Point(session_id, sequence), REACH_SECONDS):
            raise CopyBehind
        feed = self._register.feed(session_id)
        assert feed is not None, "it was reached"
        return feed
