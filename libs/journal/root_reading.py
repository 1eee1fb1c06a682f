"""Reading a service's roots, as they stand in their stream."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from libs.journal.commits import COLLECTION, VERSION_MAX, after
from libs.journal.reader import translated
from libs.journal.rooting import root_stream
from libs.journal.store import Document, Store

_PAGE = 500
_DATA = "entries.events.data"


@dataclass(frozen=True, slots=True)
class SignedRoot:
    """A root as it was signed; `number` counts from 1."""

    number: int
    hour: str
    jws: str


class RootReader:
    """Reads the roots of one service."""

    def __init__(self, store: Store, service: str) -> None:
        """Take the service's database and its name."""
        self._commits = store.collection(COLLECTION)
        self._stream = root_stream(service)

    async def of(self, hour: str) -> SignedRoot | None:
        """Return the root of an hour, None if it has none."""
        return next(iter(await self._found({f"{_DATA}.hour": hour}, 1, 1)), None)

    async def newest(self, until: str = "~") -> SignedRoot | None:
        """Return the newest root, or the newest of an hour up to `until`."""
        return next(iter(await self._found({f"{_DATA}.hour": {"$lte": until}}, -1, 1)), None)

    async def covering(self, at: str) -> SignedRoot | None:
        """Return the first root whose hour lies not before that of an instant; None while there is none."""
        return next(iter(await self._found({f"{_DATA}.hour": {"$gte": at[:13]}}, 1, 1)), None)

    async def since(self, hour: str) -> AsyncIterator[SignedRoot]:
        """Yield the roots of an hour and of all later ones, in order."""
        behind, seen = hour, ""
        while page := await self._found({f"{_DATA}.hour": {"$gte": behind, "$ne": seen}}, 1, _PAGE):
            for root in page:
                yield root
            behind = seen = page[-1].hour

    @translated
    async def _found(self, condition: dict[str, Any], order: int, limit: int) -> list[SignedRoot]:
        query: Document = {**after(self._stream, 0, VERSION_MAX), **condition}
        rows = await self._commits.find(query, {_DATA: 1}, sort=[("_id", order)], limit=limit).to_list(None)
        return [
            SignedRoot(event["data"]["number"], event["data"]["hour"], event["data"]["jws"])
            for row in rows
            for entry in row["entries"]
            for event in entry["events"]
        ]
