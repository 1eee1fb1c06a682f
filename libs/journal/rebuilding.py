"""Rebuilding a view: a new generation is filled from the journal while live updates go on, then one step switches."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

from libs.journal import view_rows
from libs.journal.commits import COLLECTION, VERSION_MAX, commit_id
from libs.journal.fold import Head
from libs.journal.generations import GenerationBook, rows_collection
from libs.journal.model import View
from libs.journal.projector import Projector
from libs.journal.reader import Reader
from libs.journal.store import Store
from libs.telemetry import get_logger

log = get_logger()

_STREAMS_PER_PAGE = 200
_WAIT_SECONDS = 0.2


class Rebuilder:
    """Builds generations of views."""

    def __init__(
        self, store: Store, reader: Reader, projector: Projector, book: GenerationBook, views: Sequence[View[Any]]
    ) -> None:
        """Nothing is built yet."""
        self._store = store
        self._reader = reader
        self._projector = projector
        self._book = book
        self._views = {view.name: view for view in views}
        self._building: set[str] = set()

    def building(self) -> list[str]:
        """Return the names of views that cannot be read yet."""
        return sorted(self._building)

    async def ensure(self) -> None:
        """Build what has no generation of its present version, here or in whichever process began first."""
        self._building = set(self._views)
        for view in self._views.values():
            while True:
                standing = (await self._book.all([view.name]))[view.name]
                if standing.active and standing.version >= view.version:
                    break
                if not await self._build(view):
                    await asyncio.sleep(_WAIT_SECONDS)
            self._building.discard(view.name)

    async def rebuild(self, name: str) -> None:
        """Fill a new generation of a view and switch to it. Raises `LookupError` for a view that is not there."""
        view = self._views[name]
        while True:
            if await self._build(view):
                return
            await asyncio.sleep(_WAIT_SECONDS)

    async def _build(self, view: View[Any]) -> bool:
        """Build one generation; False if another process is building, or took over."""
        generation = await self._book.claim(view)
        if generation is None:
            return False
        name = rows_collection(view.name, generation)
        await view_rows.prepare(self._store, name, view.indexes)
        async for heads in self._all_heads(view.category):
            await view_rows.apply(self._store, name, self._projector.changes(view, heads))
            if not await self._book.renew(view.name, generation):
                return False
        switched = await self._book.switch(view, generation)
        if switched:
            log.info("view_built", view=view.name, generation=generation)
            await self._drop_before(view.name, generation - 1)
        return switched

    async def _all_heads(self, category: str) -> AsyncIterator[Mapping[str, Head]]:
        behind = f"{category}/"
        while streams := await self._streams(behind, f"{category}0"):
            answers = await self._reader.refresh(streams)
            yield {stream: answer.head for stream, answer in answers.items() if not isinstance(answer, Exception)}
            behind = commit_id(streams[-1], VERSION_MAX)

    async def _streams(self, behind: str, until: str) -> list[str]:
        """Return the next streams in the order of their ids; the index alone answers, no commit is read for it."""
        first = commit_id("", 1)
        query = {"_id": {"$gt": behind, "$lt": until, "$regex": f"{first}$"}}
        commits = self._store.collection(COLLECTION)
        rows = await commits.find(query, {"_id": 1}, sort=[("_id", 1)], limit=_STREAMS_PER_PAGE).to_list(None)
        return [row["_id"].removesuffix(first) for row in rows]

    async def _drop_before(self, view: str, generation: int) -> None:
        """Drop old generations; the one before the present is left for readers that are in the middle of it."""
        prefix = f"view_{view}_"
        for name in await self._store.names():
            number = name.removeprefix(prefix).removesuffix("_marks")
            if name.startswith(prefix) and number.isdigit() and int(number) < generation:
                await self._store.collection(name).drop()
