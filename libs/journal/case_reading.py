"""Reading the commits of a case as evidence: its own streams whole, of other streams what names it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any

from libs.evidence.chain import HEADER_FIELDS
from libs.journal.commits import COLLECTION, after
from libs.journal.reader import translated
from libs.journal.store import Document, Store

_PAGE = 50
"""Commits in memory at once: one answer of the database never brings more than 16 MiB of them."""

_HEADERS_PAGE = 1000
HEADER = dict.fromkeys((*HEADER_FIELDS, "hash"), 1)
"""The projection of a commit's header with its hash."""


@dataclass(frozen=True, slots=True)
class CaseStream:
    """A stream as it stood when the reading began."""

    stream: str
    court: str
    version: int


class CaseReader:
    """Reads commits as they are stored, at majority; nothing is folded, so that nothing can be left out by a law."""

    def __init__(self, store: Store) -> None:
        """Take the service's database."""
        self._store = store
        self._commits = store.collection(COLLECTION)

    @translated
    async def streams_with_key(self, key: str) -> list[CaseStream]:
        """Return the streams that were created with a key, by name."""
        rows = await self._store.aggregate(
            COLLECTION,
            [
                {"$match": {"key": key}},
                {"$group": {"_id": "$stream", "version": {"$max": "$version"}, "court": {"$first": "$court"}}},
                {"$sort": {"_id": 1}},
            ],
        )
        return [CaseStream(row["_id"], row["court"], row["version"]) for row in rows]

    @translated
    async def stream(self, stream: str) -> CaseStream | None:
        """Return a stream as it stands; None if there is none."""
        rows = await self._commits.find(after(stream, 0), HEADER, sort=[("_id", -1)], limit=1).to_list(None)
        return CaseStream(stream, rows[0]["court"], rows[0]["version"]) if rows else None

    async def commits(self, stream: str, first: int, last: int) -> AsyncIterator[Document]:
        """Yield the commits `first` to `last` of a stream in order, with everything in them."""
        async for commit in self._paged(stream, first, last, None, _PAGE):
            yield commit

    async def headers(self, stream: str, first: int, last: int) -> AsyncIterator[Document]:
        """Yield the headers of the commits `first` to `last` of a stream in order."""
        async for header in self._paged(stream, first, last, HEADER, _HEADERS_PAGE):
            yield header

    async def _paged(self, stream: str, first: int, last: int, projection: Any, page: int) -> AsyncIterator[Document]:
        while first <= last:
            until = min(last, first + page - 1)
            rows = await self._range(after(stream, first - 1, until), projection)
            for row in rows:
                yield row
            first = until + 1

    @translated
    async def _range(self, query: Document, projection: Any) -> list[Document]:
        found: list[Document] = await self._commits.find(query, projection, sort=[("_id", 1)]).to_list(None)
        return found

    @translated
    async def followed_up_to(self, at: str) -> bool:
        """Tell whether the rows of everything committed up to a business instant are written."""
        query = {"projected": False, "at": {"$lte": at}}
        return not await self._commits.find(query, {"_id": 1}, limit=1).to_list(None)


def runs_of(versions: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return ranges of versions, in order and joined where they touch."""
    runs: list[tuple[int, int]] = []
    for first, last in sorted(versions):
        if runs and first <= runs[-1][1] + 1:
            runs[-1] = (runs[-1][0], max(last, runs[-1][1]))
        else:
            runs.append((first, last))
    return runs
