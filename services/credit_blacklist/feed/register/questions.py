"""What may be asked of the register, by screening, by subscribers, by whoever signs."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Final, TypeVar

from libs.foundation.clock import instant_text
from services.credit_blacklist.domain.feed_session import ViewSessions
from services.credit_blacklist.feed.register.book import Feed
from services.credit_blacklist.feed.register.following import Following
from services.credit_blacklist.feed.register.model import Checksum, Head, Held, Point, Position, Row
from services.credit_blacklist.feed.register.reading import Reading
from services.credit_blacklist.feed.register.tables import open_for_reading

T = TypeVar("T")

READERS: Final = 3
BATCH: Final = 500


class Questions:
    """Answers from the file, in threads of its own. What is shown to anybody is what a signed head has named."""

    def __init__(self, following: Following) -> None:
        """`following` knows how far each session is kept."""
        self._following = following
        self._known: dict[str, Head] = {}
        self._reading = ThreadPoolExecutor(READERS, "register-read")
        self._local = threading.local()
        self._connections: list[sqlite3.Connection] = []
        self._path = Path()

    async def position(self, view: str) -> Position:
        """Return how far a view may be shown here. Without a head `issued_at` is None and nothing may be concluded."""
        head = self._known.get(view)
        if head is None:
            return Position(view, "", 0, None)
        return Position(view, head.session_id, head.sequence, head.issued_at)

    def named(self, view: str) -> Head | None:
        """Return the newest head whose entries are all here."""
        return self._known.get(view)

    def sessions(self, view: str) -> ViewSessions:
        """Return a view's sessions as far as they were read here."""
        return self._following.sessions(view)

    def view_of(self, session_id: str) -> str | None:
        """Return the view that a session belongs to; None if it is unknown here."""
        feed = self._following.feed(session_id)
        return feed.view if feed else None

    def reached(self, view: str) -> Point | None:
        """Return how far the active session is kept here, named or not."""
        return self._following.point(view)

    def feed(self, session_id: str) -> Feed | None:
        """Return a session as the register stands in it."""
        return self._following.feed(session_id)

    async def lookup(
        self, view: str, documents: Sequence[tuple[str, str]], *, as_of: Point | None = None
    ) -> list[list[Held]]:
        """Return for each `(type, number)` what the view holds of its bearer, `REMOVED` entries included.

        By default as the newest head names it; `as_of` names any earlier point of any session of the view.
        """
        point = as_of or (await self.position(view)).point
        feed = self._following.feed(point.session_id)
        if feed is None or feed.view != view:
            return [[] for _ in documents]
        return await self.read(lambda reading: reading.lookup(feed.feed, documents, point.sequence))

    async def record(self, view: str, record_id: str, *, at: Point | None = None) -> Held | None:
        """Return the entry of a record, by default as the newest head names it."""
        point = at or (await self.position(view)).point
        feed = self._following.feed(point.session_id)
        if feed is None or feed.view != view:
            return None
        return await self.read(lambda reading: reading.record(feed.feed, record_id, point.sequence))

    async def sequence_at(self, view: str, moment: datetime) -> Point | None:
        """Return where the view stood at a business time; None before its first session."""
        begun = [session for session in self.sessions(view).every if session.opened_at <= moment]
        feed = self._following.feed(begun[-1].session_id) if begun else None
        if feed is None:
            return None
        sequence = await self.read(lambda reading: reading.sequence_at(feed.feed, instant_text(moment)))
        head = self._known.get(view)
        limit = head.sequence if head and head.session_id == feed.session_id else feed.sequence
        return Point(feed.session_id, min(sequence, limit))

    async def entries(self, view: str, session_id: str, after: int, limit: int) -> list[Row]:
        """Return up to `limit` entries behind `after`, none that no head has named; fewer where it lacks some yet."""
        feed, until = self._shown(view, session_id)
        if feed is None:
            return []
        return await self.read(lambda reading: reading.rows(feed.feed, after, until, limit))

    async def removed_before(
        self, view: str, session_id: str, after: int, moment: datetime, limit: int
    ) -> list[tuple[int, str]]:
        """Return `(sequence, record_id)` of records that ended behind `after` before `moment`, and stay ended."""
        feed, until = self._shown(view, session_id)
        if feed is None:
            return []
        text = instant_text(moment)
        return await self.read(lambda reading: reading.removed_before(feed.feed, after, until, text, limit))

    async def checksum(self, view: str, session_id: str, sequence: int) -> Checksum:
        """Return what holds after an entry. Raises `LookupError` where this register does not keep it."""
        feed = self._following.feed(session_id)
        if feed is None or feed.view != view or not 0 <= sequence <= feed.sequence:
            raise LookupError(f"{session_id}:{sequence} is not kept here")
        if sequence == feed.sequence:
            return Checksum(feed.point, feed.state, feed.frontier.root.hex())
        return await self.read(lambda reading: reading.checksum(feed.feed, Point(session_id, sequence)))

    async def in_force(self, view: str, *, at: Point | None = None) -> AsyncIterator[list[Held]]:
        """Yield the entries in force in batches, ordered by `record_id`, by default as the newest head names them."""
        point = at or (await self.position(view)).point
        feed = self._following.feed(point.session_id)
        after = ""
        while feed is not None:
            ask = partial(Reading.records, feed=feed.feed, sequence=point.sequence, removed_since=None)
            batch = await self.read(partial(ask, after=after, limit=BATCH))
            if not batch:
                return
            yield batch
            after = batch[-1].record_id

    async def read(self, question: Callable[[Reading], T]) -> T:
        """Ask the file in a reading thread."""
        return await asyncio.get_running_loop().run_in_executor(self._reading, self._answer, question)

    def _shown(self, view: str, session_id: str) -> tuple[Feed | None, int]:
        head, feed = self._known.get(view), self._following.feed(session_id)
        if head is None or head.session_id != session_id:
            return None, 0
        return feed, head.sequence

    def _answer(self, question: Callable[[Reading], T]) -> T:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._local.connection = open_for_reading(self._path)
            self._connections.append(connection)
        return question(Reading(connection))
