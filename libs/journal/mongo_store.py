"""What the store does alike on both drivers."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

from libs.journal.commits import COLLECTION
from libs.journal.store import Document


class MongoStore(ABC):
    """One service's database; a driver's module adds what its driver does in its own way."""

    def __init__(self, database: Any) -> None:
        """Take the driver's database, whose client was opened with `client_options`."""
        self._database = database

    def collection(self, name: str) -> Any:
        """Return a collection with majority, journaled writes and majority reads from the primary."""
        return self._database[name]

    @abstractmethod
    async def snapshot(
        self, name: str, query: Mapping[str, Any], *, sort: Sequence[tuple[str, int]], limit: int
    ) -> list[Document]:
        """Return rows as of one instant, no more than fit one answer of the database."""

    async def unpublished(self, bucket: int, limit: int, without: Sequence[str] = ()) -> list[Document]:
        """Return a page of a bucket's unpublished commits as of one instant, leaving out streams, by `(at, _id)`."""
        query: Document = {"bucket": bucket, "published": False}
        if without:
            query["stream"] = {"$nin": list(without)}
        return await self.snapshot(COLLECTION, query, sort=[("at", 1), ("_id", 1)], limit=limit)

    async def mark_published(self, ids: Sequence[str]) -> None:
        """Take commits out of the outbox."""
        await self.collection(COLLECTION).update_many({"_id": {"$in": list(ids)}}, {"$set": {"published": True}})

    async def names(self) -> list[str]:
        """Return the names of all collections."""
        found: list[str] = await self._database.list_collection_names()
        return found
