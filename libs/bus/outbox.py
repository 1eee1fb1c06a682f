"""The journal's commits as the relay sees them besides its page: what went before it, and what was published."""

from __future__ import annotations

from collections.abc import Sequence

from libs.bus.page import Tail
from libs.foundation import limits
from libs.journal.commits import COLLECTION, commit_id
from libs.journal.store import Document, Store

LAST_CHARACTER = "\U0010ffff"


async def tails(store: Store, commits: Sequence[tuple[str, int]]) -> dict[str, Tail]:
    """Return where streams stand after the commits `(stream, version)`; missing: there is no such commit."""
    if not commits:
        return {}
    query = {"_id": {"$in": [commit_id(stream, version) for stream, version in commits]}}
    fields = {"stream": 1, "version": 1, "seq": 1, "published": 1}
    rows = await store.collection(COLLECTION).find(query, fields).to_list(None)
    return {row["stream"]: Tail(row["version"], row["seq"], row["published"]) for row in rows}


async def published(store: Store, *, prefix: str, since: str | None, until: str | None, after: str) -> list[Document]:
    """Return a page of published commits by the beginning of their stream and by business time, in id order.

    Ids begin with the stream and end with the version: their order is the order within every stream.
    """
    query: Document = {"published": True, "_id": {"$gte": prefix, "$gt": after, "$lt": prefix + LAST_CHARACTER}}
    at = {name: text for name, text in (("$gte", since), ("$lt", until)) if text is not None}
    if at:
        query["at"] = at
    return await store.snapshot(COLLECTION, query, sort=[("_id", 1)], limit=limits.RELAY_PAGE_COMMITS_MAX)
