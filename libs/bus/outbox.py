"""The journal's commits as the relay sees them: what is not published yet, what went before, what was published."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from libs.bus.page import Tail
from libs.bus.store import Document
from libs.journal.commits import COLLECTION, commit_id
from libs.journal.store import Store

LAST_CHARACTER = "\U0010ffff"


class Outbox:
    """Reads and marks commits. Order is by business time, then id: within a stream that is the order of `seq`."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._commits = store.collection(COLLECTION)

    async def unpublished(self, bucket: int, limit: int) -> list[Document]:
        """Return the oldest unpublished commits of a bucket, as of one instant.

        Without a snapshot a page that takes several batches could show commit 8 of a stream and not commit 7.
        """
        return await self._store.unpublished(bucket, limit)

    async def mark_published(self, ids: Sequence[str]) -> None:
        """Note that these commits are on the wire."""
        await self._store.mark_published(ids)

    async def tails(self, commits: Sequence[tuple[str, int]]) -> dict[str, Tail]:
        """Return where streams stand after the commits `(stream, version)`; missing: there is no such commit."""
        if not commits:
            return {}
        query = {"_id": {"$in": [commit_id(stream, version) for stream, version in commits]}}
        fields = {"stream": 1, "version": 1, "seq": 1, "published": 1}
        rows = await self._commits.find(query, fields).to_list(None)
        return {row["stream"]: Tail(int(row["version"]), int(row["seq"]), row["published"]) for row in rows}

    async def published(
        self, *, prefix: str, since: str | None, until: str | None, after: str, limit: int
    ) -> list[Document]:
        """Return published commits by the beginning of their stream and by business time, in the order of their ids.

        Ids begin with the stream and end with the version: their order is the order within every stream.
        """
        query: Document = {"published": True, "_id": {"$gte": prefix, "$gt": after, "$lt": prefix + LAST_CHARACTER}}
        at = {name: text for name, text in (("$gte", since), ("$lt", until)) if text is not None}
        if at:
            query["at"] = at
        found: list[dict[str, Any]] = await self._commits.find(query, sort=[("_id", 1)], limit=limit).to_list(None)
        return found
