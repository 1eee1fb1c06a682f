"""The driver seam: all that the journal and the bus know of a database client.

Collections are the driver's own. Motor and PyMongo Async agree on everything we use of them (`find(...).to_list(None)`,
`insert_many`, `bulk_write`, `update_many`, `find_one_and_update`, `delete_many`, `create_index`); where one answers at
once and the other is awaited, there is a method here. Writes are acknowledged by a journaled majority and reads see
what a majority has. Every answer is fetched in bulk: iterating a cursor document by document costs eight times as much
on Motor.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from inspect import isawaitable
from typing import Any

import pymongo

from libs.journal.settings import JournalSettings

Document = dict[str, Any]

COLLECTION = "commits"
"""Of the journal's commits; the projections name their own."""

TRANSFORM_SECONDS_MAX = 600
"""How long the database may work on one transformation, in real seconds."""


class Store:
    """One service's database."""

    def __init__(self, client: Any, database: str) -> None:
        """Take the driver's client, which was opened with `client_options`."""
        self._client = client
        self._database = client[database]

    def collection(self, name: str) -> Any:
        """Return a collection with majority, journaled writes and majority reads from the primary."""
        return self._database[name]

    async def aggregate(self, name: str, pipeline: Sequence[Mapping[str, Any]]) -> list[Document]:
        """Return all rows of an aggregation."""
        cursor = await _settled(self._database[name].aggregate(list(pipeline)))
        rows: list[Document] = await cursor.to_list(None)
        return rows

    async def transform(self, name: str, pipeline: Sequence[Mapping[str, Any]]) -> None:
        """Run an aggregation that ends with a `$merge`: the database itself writes, and it may take minutes."""
        with pymongo.timeout(TRANSFORM_SECONDS_MAX):
            await (await _settled(self._database[name].aggregate(list(pipeline), allowDiskUse=True))).to_list(None)

    async def snapshot(
        self, name: str, query: Mapping[str, Any], *, sort: Sequence[tuple[str, int]], limit: int
    ) -> list[Document]:
        """Return rows as of one instant: without it a page that takes a while can show commit 8 and not commit 7.

        It is one answer of the database, so it ends before `limit` where more than `RELAY_PAGE_BYTES_MAX` would come.
        """
        async with await _settled(self._client.start_session(snapshot=True)) as session:
            # A negative limit asks for one answer, which bounds the bytes too and leaves no cursor behind.
            found = self._database[name].find(query, sort=list(sort), limit=-limit, batch_size=limit, session=session)
            rows: list[Document] = await found.to_list(None)
            return rows

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

    async def close(self) -> None:
        """Let go of all connections."""
        await _settled(self._client.close())


async def _settled(answer: Any) -> Any:
    return await answer if isawaitable(answer) else answer


def client_options(settings: JournalSettings) -> dict[str, Any]:
    """Return the options both drivers are opened with; every default that matters is passed explicitly."""
    return {
        "tz_aware": True,
        "w": "majority",
        "journal": True,
        "readConcernLevel": "majority",
        "readPreference": "primary",
        "retryWrites": True,
        "retryReads": True,
        "timeoutMS": settings.call_timeout_ms,
        "serverSelectionTimeoutMS": settings.call_timeout_ms,
        "maxPoolSize": 32,
        "appname": "zhixing-journal",
    }


def open_store(settings: JournalSettings) -> Store:
    """Open the store on the driver that the settings name. Must be called with a running event loop."""
    client: Any
    # Only the driver that is asked for is loaded: it is a tenth of a service's memory at rest.
    if settings.driver == "motor":
        from motor.motor_asyncio import AsyncIOMotorClient  # noqa: PLC0415 -- the only place that knows Motor

        client = AsyncIOMotorClient(settings.mongo_uri, **client_options(settings))
    else:
        from pymongo import AsyncMongoClient  # noqa: PLC0415 -- see above

        client = AsyncMongoClient(settings.mongo_uri, **client_options(settings))
    return Store(client, settings.database)
