"""Follows the register: what every view has named, kept in memory so that most checks need no query."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Final, Protocol

import orjson

from libs.telemetry import get_logger
from services.credit_blacklist.feed.documents import document_key
from services.credit_blacklist.feed.register.model import Position, Row
from services.credit_blacklist.feed.register.pages import entry_bytes
from services.credit_blacklist.rules.views import COURT, VIEWS
from services.credit_blacklist.screening.digest_index import DigestIndex, index_key
from services.credit_blacklist.screening.meters import DOCUMENTS
from services.credit_blacklist.screening.name_index import NameIndex
from services.credit_blacklist.screening.persons import AsOf

PAGE_ENTRIES: Final = 1000
LOOK_AGAIN_SECONDS: Final = 1.0

_log = get_logger("credit_blacklist.screening")


class Followed(Protocol):
    """What following needs of the register."""

    async def position(self, view: str) -> Position:
        """Return how far the view may be shown."""

    async def entries(self, view: str, session_id: str, after: int, limit: int) -> list[Row]:
        """Return entries in their order."""

    def on_head(self, callback: Callable[[str], None]) -> None:
        """Call back with the view whenever a newer head is known."""


class ViewIndex:
    """What one session of a view has named up to `sequence`."""

    __slots__ = ("documents", "names", "sequence", "session_id")

    def __init__(self, session_id: str, *, names: bool) -> None:
        """`names`: whether names are kept, too."""
        self.session_id = session_id
        self.sequence = 0
        self.documents = DigestIndex()
        self.names = NameIndex() if names else None

    def take(self, rows: Sequence[Row]) -> None:
        """Take in entries that follow `sequence`."""
        for row in rows:
            subject = orjson.loads(entry_bytes(row.jws))["subject"]
            self.documents.add(
                index_key(*document_key(document["type"], document["number"]))
                for document in subject["identity_documents"]
            )
            if self.names is not None:
                self.names.add(row.sequence, subject["name"])
            self.sequence = row.sequence


class ScreeningIndex:
    """A part of the process: one index per view, made when the process starts and grown with the list.

    Until it has caught up, and whenever it is behind, checks are answered by queries: slower, and the same.
    """

    def __init__(self, register: Followed, *, views: Sequence[str] = tuple(VIEWS)) -> None:
        """Follow these views; names are kept of the court's own."""
        self._register = register
        self._views = views
        self._known: dict[str, ViewIndex] = {}
        self._grown = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        register.on_head(lambda _view: self._grown.set())

    def knowing(self, as_of: AsOf) -> DigestIndex | None:
        """Return the documents that a view has named, where they hold at least those of that state; else None.

        A document that is not among them is surely missing then. None is no knowledge.
        """
        known = self._known.get(as_of.view)
        if known is None or known.session_id != as_of.session_id or known.sequence < as_of.sequence:
            return None
        return known.documents

    def of(self, view: str) -> ViewIndex | None:
        """Return the index of a view; None until it is begun."""
        return self._known.get(view)

    async def catch_up(self, view: str) -> None:
        """Take in what the view may show by now."""
        position = await self._register.position(view)
        known = self._known.get(view)
        if known is None or known.session_id != position.session_id:
            # Half built it is believed about nothing yet, and what is built stays if the rest fails.
            known = self._known[view] = ViewIndex(position.session_id, names=view == COURT)
        while known.sequence < position.sequence:
            rows = await self._register.entries(view, position.session_id, known.sequence, PAGE_ENTRIES)
            if not rows:
                break
            # In a thread, because a list of a million takes seconds and requests are answered meanwhile.
            await asyncio.to_thread(known.take, rows)
        DOCUMENTS.labels(view).set(known.documents.keys)

    async def start(self) -> None:
        """Begin to follow."""
        self._task = asyncio.create_task(self._follow(), name="screening-index")

    async def stop(self) -> None:
        """Let go."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def readiness(self) -> dict[str, str]:
        """Return nothing: without the index checks are slower, not wrong."""
        return {}

    async def _follow(self) -> None:
        while True:
            self._grown.clear()
            for view in self._views:
                try:
                    await self.catch_up(view)
                except Exception:  # noqa: BLE001 -- the index is a convenience: it is tried again, checks go on by query
                    _log.exception("screening_index_behind", view=view)
            try:
                async with asyncio.timeout(LOOK_AGAIN_SECONDS):
                    await self._grown.wait()
            except TimeoutError:
                continue
