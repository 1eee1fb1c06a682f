"""Following the journal: which sessions there are, and every entry of each, into the book."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from libs.evidence.chain import FIRST_PREV_HASH
from libs.foundation.clock import instant_text
from libs.journal import NATIONAL, Journal
from libs.journal.tailing import Tail
from libs.schemas.credit_blacklist import FeedEntryAppended, FeedSessionEnded
from libs.telemetry import get_logger
from services.credit_blacklist.domain.feed import feed_stream
from services.credit_blacklist.domain.feed_session import ViewSessions, session_stream
from services.credit_blacklist.feed.register.book import Book, Feed, FeedFault
from services.credit_blacklist.feed.register.model import Appended, Point

T = TypeVar("T")

log = get_logger("zhixing.feed")


@dataclass(slots=True)
class Standing:
    """A view: its sessions as the journal has them, and the stream of sessions read so far."""

    sessions: ViewSessions
    behind: tuple[int, str]


class Following:
    """Brings the book up to the journal; `step` says whether there was anything."""

    def __init__(self, journal: Journal, views: Iterable[str], writing: Executor) -> None:
        """`writing` runs one thing at a time."""
        self._journal = journal
        self._writing = writing
        self._views = {view: Standing(ViewSessions(view=view), (0, FIRST_PREV_HASH)) for view in views}
        self._feeds: dict[str, Feed] = {}
        self._gaps: dict[str, int] = {}
        self._book: Book | None = None
        self.faults: dict[str, str] = {}
        """What stops a session from being shown any further, by session."""

    async def open(self, book: Book) -> None:
        """Take the book, and from it how far the journal was read; a book of another journal is emptied.

        A database that was put back to an earlier state goes on with other commits under the same numbers: what was
        read before must not stand beside them.
        """
        self._book = book
        feeds = [feed for feed in await self._run(book.feeds) if feed.view in self._views]
        if not all([await self._is_of_this_journal(feed) for feed in feeds]):
            log.warning("register_made_anew", cause="the journal does not have what the register has read")
            await self._run(book.clear)
            feeds = []
        self._feeds = {feed.session_id: feed for feed in feeds}

    async def _is_of_this_journal(self, feed: Feed) -> bool:
        if feed.commit_version == 0:
            return True
        found = await self._journal.commits_at(feed_stream(feed.view, feed.session_id), [feed.commit_version])
        return [tail.hash for _version, tail in found] == [feed.commit_hash]

    def sessions(self, view: str) -> ViewSessions:
        """Return a view's sessions as they were read."""
        return self._views[view].sessions

    def feed(self, session_id: str) -> Feed | None:
        """Return a session of any view as the book stands in it."""
        return self._feeds.get(session_id)

    def point(self, view: str) -> Point | None:
        """Return how far the active session of a view is kept; None before the first session."""
        feed = self._feeds.get(self._views[view].sessions.active or "")
        return feed.point if feed else None

    async def step(self) -> set[str]:
        """Read once what is new, of all streams together; return the views that got on.

        Raises `StoreUnavailable` and `JournalBroken`.
        """
        behind = {session_stream(view): one.behind for view, one in self._views.items()}
        open_feeds = [feed for feed in self._feeds.values() if not feed.ended and feed.session_id not in self.faults]
        behind |= {
            feed_stream(feed.view, feed.session_id): (feed.commit_version, feed.commit_hash) for feed in open_feeds
        }
        found = await self._journal.tails(behind)
        moved = set()
        for view, one in self._views.items():
            if (tail := found.get(session_stream(view))) is not None:
                await self._read_sessions(view, one, tail)
                moved.add(view)
        for feed in open_feeds:
            tail = found.get(feed_stream(feed.view, feed.session_id))
            if tail is not None and await self._read_entries(feed, tail):
                moved.add(feed.view)
        return moved

    async def _read_sessions(self, view: str, one: Standing, tail: Tail) -> None:
        folded = await self._journal.fold(session_stream(view), court=NATIONAL)
        one.sessions, one.behind = folded.state, (tail.version, tail.hash)
        book = self._book
        assert book is not None, "opened before it follows"
        for session in one.sessions.every:
            if session.session_id not in self._feeds:
                opened_at = instant_text(session.opened_at)
                begin = partial(book.open, view, session.session_id, opened_at, FIRST_PREV_HASH)
                self._feeds[session.session_id] = await self._run(begin)

    async def _read_entries(self, feed: Feed, tail: Tail) -> bool:
        if tail.gap and tail.version == feed.commit_version:
            self._gaps[feed.session_id] = self._gaps.get(feed.session_id, 0) + 1
            if self._gaps[feed.session_id] > 1:
                self.faults[feed.session_id] = f"the journal has lost commit {tail.version + 1} of {feed.view}"
            return False
        self._gaps.pop(feed.session_id, None)
        entries, ended = _entries(tail, feed)
        book = self._book
        assert book is not None, "opened before it follows"
        try:
            append = partial(book.append, feed, entries, version=tail.version, commit_hash=tail.hash, ended=ended)
            self._feeds[feed.session_id] = await self._run(append)
        except FeedFault as fault:
            self.faults[feed.session_id] = str(fault)
            return False
        return True

    async def _run(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._writing, work)


def _entries(tail: Tail, feed: Feed) -> tuple[list[Appended], bool]:
    entries, ended = [], feed.ended
    for each in tail.events:
        match each.event:
            case FeedEntryAppended(record_id=record_id, record_version=version, jws=jws, case_id=case_id):
                entries.append(Appended(each.seq, record_id, version, jws, each.at, each.version, case_id))
            case FeedSessionEnded():
                ended = True
    return entries, ended
