"""The store on PyMongo Async, which the house moves to when Motor's support ends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pymongo import AsyncMongoClient

from libs.journal.mongo_store import MongoStore
from libs.journal.settings import JournalSettings
from libs.journal.store import Document, client_options


class PymongoStore(MongoStore):
    """One service's database through PyMongo Async."""

    def __init__(self, settings: JournalSettings) -> None:
        """Open the client; connections are made when first needed."""
        self._client: AsyncMongoClient[Document] = AsyncMongoClient(settings.mongo_uri, **client_options(settings))
        super().__init__(self._client[settings.database])

    async def aggregate(self, name: str, pipeline: Sequence[Mapping[str, Any]]) -> list[Document]:
        """Return all rows of an aggregation."""
        rows: list[Document] = await (await self._database[name].aggregate(list(pipeline))).to_list(None)
        return rows

    async def snapshot(
        self, name: str, query: Mapping[str, Any], *, sort: Sequence[tuple[str, int]], limit: int
    ) -> list[Document]:
        """Return rows as of one instant, no more than fit one answer of the database."""
        async with self._client.start_session(snapshot=True) as session:
            # A negative limit asks for one answer, which bounds the bytes too and leaves no cursor behind.
            found = self._database[name].find(query, sort=list(sort), limit=-limit, batch_size=limit, session=session)
            rows: list[Document] = await found.to_list(None)
            return rows

    async def close(self) -> None:
        """Let go of all connections."""
        await self._client.close()
