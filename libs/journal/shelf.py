"""The shelf: small documents that several processes agree on, and that can be made again when they are lost.

Nothing here is a truth: the newest of a line of signed papers, the parts of a large file. Each document has a revision;
`put` replaces exactly the revision that was read, so of two processes that write at once one is told that it lost.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pymongo.errors import DuplicateKeyError

from libs.journal.reader import translated
from libs.journal.shared_query import SharedQuery
from libs.journal.store import Document, Store

COLLECTION = "shelf"

PART_BYTES_MAX = 4 * 1024 * 1024
"""Largest bytes of one document: a quarter of what MongoDB takes."""

_KEYS_MAX = 100


@dataclass(frozen=True, slots=True)
class Shelved:
    """A document as it was read. `revision` counts its versions from 1."""

    key: str
    revision: int
    value: Mapping[str, Any]


class Shelf:
    """Documents by key. Reads see what a majority has; a write that returned stands at a majority."""

    def __init__(self, store: Store) -> None:
        """Take the service's database."""
        self._rows = store.collection(COLLECTION)
        self._read: SharedQuery[str, Shelved] = SharedQuery(self._fetch, keys_max=_KEYS_MAX)

    async def get(self, key: str) -> Shelved | None:
        """Return a document as it stood at some instant after this call, or None. Raises `StoreUnavailable`."""
        return (await self.all([key])).get(key)

    async def all(self, keys: Sequence[str]) -> dict[str, Shelved]:
        """Return those of the documents that there are. Raises `StoreUnavailable`."""
        return await self._read.ask(keys)

    @translated
    async def put(self, key: str, value: Mapping[str, Any], *, revision: int) -> bool:
        """Replace the version that was read (`revision` 0: there was none); False if it is not that one any more.

        Raises `StoreUnavailable`, after which the document may or may not be there: read it before writing again.
        """
        if revision == 0:
            try:
                await self._rows.insert_one({"_id": key, "revision": 1, "value": dict(value)})
            except DuplicateKeyError:
                return False
            return True
        changed = await self._rows.update_one(
            {"_id": key, "revision": revision}, {"$set": {"value": dict(value), "revision": revision + 1}}
        )
        return bool(changed.matched_count)

    @translated
    async def drop(self, keys: Sequence[str]) -> None:
        """Take documents away; those that are not there are no error."""
        await self._rows.delete_many({"_id": {"$in": list(keys)}})

    @translated
    async def keys(self, prefix: str) -> list[str]:
        """Return the keys that begin with `prefix`, in order."""
        found = self._rows.find({"_id": {"$gte": prefix, "$lt": prefix + "\uffff"}}, {"_id": 1}, sort=[("_id", 1)])
        return [row["_id"] for row in await found.to_list(None)]

    @translated
    async def _fetch(self, keys: list[str]) -> dict[str, Shelved]:
        rows: list[Document] = await self._rows.find({"_id": {"$in": keys}}).to_list(None)
        return {row["_id"]: Shelved(row["_id"], row["revision"], row["value"]) for row in rows}
