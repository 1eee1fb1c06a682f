"""The head of every stream at the end of each hour that has a root: a projection that the database fills by itself.

`stream_heads` holds one row for each stream, as of the newest root; what a later root replaced goes to
`stream_heads_past` with the hour until which it stood. So any root's tree can be read again, page by page in the order
of the streams' names, at the cost of the streams and of what has changed since. Both are disposable: every row follows
from the commits. Everything may be done twice, and by several processes at once.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from libs.evidence.log_tree import Frontier, inclusion_proofs
from libs.evidence.roots import head_leaf, hour_end, hour_of, hour_start
from libs.journal.commits import COLLECTION as COMMITS
from libs.journal.reader import translated
from libs.journal.store import Document, Store

HEADS = "stream_heads"
PAST = "stream_heads_past"
ROOT_CATEGORY = "root"

_PAGE = 1000
# A commit that landed late, behind the root of its hour, is found by the next root that looks back this far.
_LOOK_BACK = timedelta(hours=24)
_LEAF_BYTES = 32


@dataclass(frozen=True, slots=True)
class ProvedHead:
    """The head of a stream at the end of an hour, and the path from its leaf to the root."""

    stream: str
    version: int
    hash: str
    index: int
    path: tuple[bytes, ...]


class StreamHeads:
    """All streams' heads of a service, hour by hour."""

    def __init__(self, store: Store) -> None:
        """Take the service's database."""
        self._store = store
        self._heads = store.collection(HEADS)
        self._past = store.collection(PAST)
        self._commits = store.collection(COMMITS)

    async def prepare(self) -> None:
        """Make the indexes."""
        await self._past.create_index([("stream", 1), ("until", 1)])
        await self._heads.create_index([("key", 1)])

    @translated
    async def changed(self, since: str, hour: str) -> bool:
        """Tell whether anything but a root was committed behind the hour `since` and up to the end of `hour`."""
        behind = hour_end(since) if since else ""
        query = {"at": {"$gte": behind, "$lt": hour_end(hour)}, "stream": {"$not": {"$regex": f"^{ROOT_CATEGORY}/"}}}
        return bool(await self._commits.find(query, {"_id": 1}, limit=1).to_list(None))

    @translated
    async def advance(self, since: str, hour: str) -> None:
        """Bring the heads from the end of the hour `since` (empty: from the beginning) to the end of `hour`.

        Heads that were lost are made again from the first commit on.
        """
        known = since and await self._heads.find({}, {"_id": 1}, limit=1).to_list(None)
        behind = hour_of(hour_start(since) - _LOOK_BACK) if known else ""
        newer = _newer_heads(behind, hour_end(hour))
        await self._store.transform(COMMITS, [*newer, *_kept_as_past(hour)])
        await self._store.transform(COMMITS, [*newer, *_put_in_place(hour)])

    async def root(self, hour: str) -> tuple[int, bytes]:
        """Return how many streams there were at the end of an hour, and the root over their heads."""
        frontier = Frontier()
        async for rows in self._as_of(hour):
            frontier = frontier.extend(_leaf(row) for row in rows)
        return frontier.size, frontier.root

    async def proofs(self, hour: str, streams: Collection[str], courts: Collection[str] | None) -> list[ProvedHead]:
        """Return the proved heads of those of the streams that there were at the end of an hour.

        A stream of a court that is not among `courts` counts as none.
        """
        wanted, found = set(streams), dict[int, Document]()
        # 32 bytes for each stream of the service: a million streams are 32 MB, for the moment that this takes.
        leaves = bytearray()
        async for rows in self._as_of(hour):
            for row in rows:
                if row["_id"] in wanted and (courts is None or row["court"] in courts):
                    found[len(leaves) // _LEAF_BYTES] = row
                leaves += _leaf(row)
        size = len(leaves) // _LEAF_BYTES
        each = (bytes(leaves[at : at + _LEAF_BYTES]) for at in range(0, len(leaves), _LEAF_BYTES))
        paths = inclusion_proofs(each, size, found) if found else {}
        return [
            ProvedHead(row["_id"], row["version"], row["hash"], index, tuple(paths[index]))
            for index, row in found.items()
        ]

    @translated
    async def with_key(self, key: str) -> list[Document]:
        """Return the newest heads of the streams that were created with a key: what must be there."""
        found: list[Document] = await self._heads.find({"key": key}, sort=[("_id", 1)]).to_list(None)
        return found

    @translated
    async def version_at(self, stream: str, hour: str) -> int:
        """Return the version that a stream had at the end of an hour that has a root; 0 if there was no such stream."""
        rows = await self._heads.find({"_id": stream}).to_list(None)
        return max((row["version"] for row in await self._replaced(rows, hour)), default=0)

    async def _as_of(self, hour: str) -> AsyncIterator[list[Document]]:
        behind = ""
        while rows := await self._page(behind):
            behind = rows[-1]["_id"]
            yield await self._replaced(rows, hour)

    @translated
    async def _page(self, behind: str) -> list[Document]:
        found: list[Document] = await self._heads.find(
            {"_id": {"$gt": behind}}, sort=[("_id", 1)], limit=_PAGE
        ).to_list(None)
        return found

    async def _replaced(self, rows: Sequence[Document], hour: str) -> list[Document]:
        """Return the rows as they were at the end of `hour`, without those of streams that came later."""
        newer = [row["_id"] for row in rows if row["from"] > hour]
        past: dict[str, Document] = {}
        if newer:
            query = {"stream": {"$in": newer}, "from": {"$lte": hour}, "until": {"$gt": hour}}
            past = {row["stream"]: row | {"_id": row["stream"]} for row in await self._past.find(query).to_list(None)}
        return [
            row if row["from"] <= hour else past[row["_id"]]
            for row in rows
            if row["from"] <= hour or row["_id"] in past
        ]


def _leaf(row: Document) -> bytes:
    return head_leaf(row["_id"], row["version"], row["hash"])


def _newer_heads(behind: str, until: str) -> list[dict[str, Any]]:
    """Return the stages that give the last commit of each stream, where it is newer than the head that stands."""
    return [
        {"$match": {"at": {"$gte": behind, "$lt": until}}},
        # The largest of documents is that with the largest first field.
        {
            "$group": {
                "_id": "$stream",
                "last": {"$max": {"version": "$version", "hash": "$hash"}},
                "court": {"$first": "$court"},
                "key": {"$first": "$key"},
            }
        },
        {"$lookup": {"from": HEADS, "localField": "_id", "foreignField": "_id", "as": "standing"}},
        {"$set": {"standing": {"$first": "$standing"}}},
        {"$match": {"$expr": {"$gt": ["$last.version", {"$ifNull": ["$standing.version", 0]}]}}},
    ]


def _kept_as_past(hour: str) -> list[dict[str, Any]]:
    # Before the heads move: what a crash leaves between the two steps is written once more, the same.
    return [
        {"$match": {"standing.from": {"$lt": hour}}},
        {
            "$replaceWith": {
                "_id": {"$concat": ["$_id", "@", "$standing.from"]},
                "stream": "$_id",
                "court": "$court",
                "version": "$standing.version",
                "hash": "$standing.hash",
                "from": "$standing.from",
                "until": hour,
            }
        },
        {"$merge": {"into": PAST, "whenMatched": "keepExisting"}},
    ]


def _put_in_place(hour: str) -> list[dict[str, Any]]:
    newest = {"$cond": [{"$gt": ["$$new.version", "$version"]}, "$$new", "$$ROOT"]}
    return [
        {
            "$replaceWith": {
                "_id": "$_id",
                "court": "$court",
                "key": "$key",
                "version": "$last.version",
                "hash": "$last.hash",
                "from": hour,
            }
        },
        # A slower process must not bring an older head back.
        {"$merge": {"into": HEADS, "whenMatched": [{"$replaceWith": newest}]}},
    ]
