"""The projector: follows unprojected commits into views, the book of due timers and the list of effects.

Safe with any number of processes: everything it writes may be written twice. A page is marked only after all of it is
written. It is poked by the writer of its own process and polls for what other processes have written.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from typing import Any

from pymongo.errors import PyMongoError

from libs.foundation.errors import Transient
from libs.foundation.ids import category_of
from libs.journal import case_rows, effect_rows, meters, view_rows
from libs.journal.commits import COLLECTION, commit_id
from libs.journal.fold import Head
from libs.journal.generations import GenerationBook, NewerVersion, rows_collection
from libs.journal.model import EffectSpec, View
from libs.journal.reader import Reader
from libs.journal.settings import JournalSettings
from libs.journal.store import Document, Store
from libs.journal.timer_rows import COLLECTION as TIMERS
from libs.journal.timer_rows import timer_rows
from libs.telemetry import get_logger

log = get_logger()

_PAUSE_SECONDS_MIN = 0.02
_FAILED_STREAM_SECONDS = 10.0
"""How long a stream that cannot be projected is left alone, in real seconds; the others go on meanwhile."""


class Projector:
    """Follows the journal of one service."""

    def __init__(
        self,
        settings: JournalSettings,
        service: str,
        store: Store,
        reader: Reader,
        book: GenerationBook,
        views: Sequence[View[Any]],
        effects: Sequence[EffectSpec],
    ) -> None:
        """Nothing runs yet."""
        self._settings = settings
        self._service = service
        self._store = store
        self._commits = store.collection(COLLECTION)
        self._reader = reader
        self._book = book
        self._views = views
        self._effects = effects
        self._poked = asyncio.Event()
        self._moved = asyncio.Event()
        self._failed: dict[str, float] = {}
        self.trouble: str | None = None
        self._newer: str | None = None
        self.on_effects: list[Any] = []

    @property
    def alarm(self) -> str | None:
        """What a human must look at though following goes on."""
        if self._newer:
            return f"a newer release keeps the view {self._newer}"
        return f"{len(self._failed)} streams cannot be projected" if self._failed else None

    def poke(self) -> None:
        """Look at once: something was committed."""
        self._poked.set()

    async def run(self) -> None:
        """Follow until cancelled; errors are backed off from, never given up."""
        pause = _PAUSE_SECONDS_MIN
        while True:
            self._poked.clear()
            try:
                moved = await self.page()
                self.trouble = None
                self._newer = None if moved else self._newer
            except NewerVersion as newer:
                # No reason to turn callers away: writing and reading by id go on, and the newer release follows.
                moved, self.trouble, self._newer = False, None, str(newer)
            except (PyMongoError, Transient) as error:
                moved, self.trouble = False, f"{type(error).__name__}: {error}"[:300]
                log.warning("projector_waits", service=self._service, error=self.trouble)
            except Exception as error:
                moved, self.trouble = False, f"{type(error).__name__}: {error}"[:300]
                log.exception("projector_failed", service=self._service)
            if moved:
                pause = _PAUSE_SECONDS_MIN
                continue
            pause = min(2 * pause, self._settings.projector_poll_seconds)
            if await _within(pause, self._poked):
                pause = _PAUSE_SECONDS_MIN

    async def page(self) -> bool:
        """Project one page; return whether there was anything to project."""
        now = time.monotonic()
        self._failed = {stream: until for stream, until in self._failed.items() if until > now}
        query: Document = {"projected": False}
        if self._failed:
            query["stream"] = {"$nin": list(self._failed)}
        limit = self._settings.projector_page_max
        commits = await self._commits.find(query, sort=[("at", 1), ("_id", 1)], limit=limit).to_list(None)
        meters.UNPROJECTED.labels(self._service).set(len(commits))
        if not commits:
            return False
        heads = await self._heads(commits)
        await self.project(heads, [each for each in commits if each["stream"] in heads])
        done = [each["_id"] for each in commits if each["stream"] not in self._failed]
        await self._commits.update_many({"_id": {"$in": done}}, {"$set": {"projected": True}})
        self._moved.set()
        self._moved = asyncio.Event()
        return True

    async def _heads(self, commits: Sequence[Document]) -> dict[str, Head]:
        """Return the heads of a page's streams, none older than the page."""
        needed = {each["stream"]: each["version"] for each in commits}
        heads: dict[str, Head] = {}
        for stream, version in needed.items():
            known = self._reader.cache.get(stream)
            if known is not None and known.head.version >= version:
                heads[stream] = known.head
        for stream, answer in (await self._reader.refresh(needed.keys() - heads.keys())).items():
            if isinstance(answer, Exception):
                self._fail(stream, answer)
            else:
                heads[stream] = answer.head
        return heads

    async def project(self, heads: Mapping[str, Head], commits: Sequence[Document]) -> None:
        """Write what the heads give to views and timers, and the intents that stand in the commits."""
        # The standings are read after the commits: a generation that is begun later will read these commits itself.
        standings = await self._book.all(view.name for view in self._views)
        for view in self._views:
            targets = standings[view.name].targets(view)
            changes = self.changes(view, heads) if targets else []
            for generation in targets:
                await view_rows.apply(self._store, rows_collection(view.name, generation), changes)
        await view_rows.apply(self._store, TIMERS, timer_rows(heads, commits))
        await case_rows.record(self._store, commits)
        if self._effects and await effect_rows.record(self._store, self._effects, commits):
            for callback in self.on_effects:
                callback()

    def changes(self, view: View[Any], heads: Mapping[str, Head]) -> list[view_rows.StreamRows]:
        """Return the rows that heads of a view's category give; a stream whose rows fail is left for later."""
        found = []
        for stream, head in heads.items():
            if category_of(stream) != view.category or stream in self._failed:
                continue
            try:
                found.append(view_rows.rows_of(head, view.rows(head.state)))
            except Exception as error:  # noqa: BLE001 -- one stream that cannot be shown must not hide the others
                self._fail(stream, error)
        return found

    def _fail(self, stream: str, error: Exception) -> None:
        meters.PROJECTION_FAILURES.labels(self._service).inc()
        log.error("stream_not_projected", service=self._service, stream=stream, error=repr(error)[:500])
        self._failed[stream] = time.monotonic() + _FAILED_STREAM_SECONDS

    async def reached(self, stream: str, version: int, seconds: float) -> bool:
        """Wait until a stream is projected up to a version; False if it is not within `seconds` of real time."""
        until = time.monotonic() + seconds
        pending = {"_id": {"$gte": commit_id(stream, 1), "$lte": commit_id(stream, version)}, "projected": False}
        while True:
            moved = self._moved
            if not await self._commits.find(pending, {"_id": 1}, limit=1).to_list(None):
                return True
            left = until - time.monotonic()
            if left <= 0:
                return False
            self.poke()
            await _within(min(left, _PAUSE_SECONDS_MIN * 2), moved)


async def _within(seconds: float, event: asyncio.Event) -> bool:
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return False
    return True
