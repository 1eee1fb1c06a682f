"""Messages that could not be processed, each with its cause, and the messages of the same key that wait behind them.

An entry is unique by group, topic, partition and offset and is written before the offset moves, so a message is never
lost and never kept twice. Operators ask for a release or a discard; only the owner of the partition carries it out,
because only the owner knows what else of that key is in flight.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from libs.bus.refusals import (
    NotHeadOfItsKey,
    QuarantineEntryBeingReleased,
    QuarantineEntryNotFound,
    QuarantineEntryResolved,
)
from libs.foundation import limits
from libs.foundation.clock import instant_text
from libs.foundation.errors import Rejected
from libs.journal import CursorMalformed
from libs.journal.store import Document
from libs.journal.tokens import cursor_place, cursor_text

COLLECTION: Final = "quarantine"

OPEN: Final = "OPEN"
PARKED: Final = "PARKED"
RELEASE_REQUESTED: Final = "RELEASE_REQUESTED"
RELEASING: Final = "RELEASING"
"""Its owner is at it, or died over it: it may have been applied, so it can be discarded only if it fails again."""

DISCARD_REQUESTED: Final = "DISCARD_REQUESTED"
RELEASED: Final = "RELEASED"
DISCARDED: Final = "DISCARDED"

UNRESOLVED: Final = (OPEN, PARKED, RELEASE_REQUESTED, RELEASING, DISCARD_REQUESTED)
STATUSES: Final = (*UNRESOLVED, RELEASED, DISCARDED)

LANE_PAGE: Final = 20
OFFSET_MAX: Final = 2**63 - 1

# What the wire said stays in the database: it may hold personal data, and a list needs none.
_SHOWN: Final = {"key": 0, "value": 0, "headers": 0}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a message stood, for one consumer group."""

    group: str
    topic: str
    partition: int
    offset: int

    @property
    def id(self) -> str:
        """The entry's id, of characters that a URL leaves alone."""
        return f"{self.group}~{self.topic}~{self.partition}~{self.offset:019d}"


@dataclass(frozen=True, slots=True)
class Held:
    """A message to be kept: where it stood, the lane (its key) that waits, and the record as it came."""

    place: Place
    lane: str
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes | None]]


@dataclass(frozen=True, slots=True)
class WaitingLane:
    """The offset of a lane's first unresolved entry, and whether its owner can go on with it."""

    head: int
    can_go_on: bool


@dataclass(frozen=True, slots=True)
class QuarantinePage:
    """Some entries, and the cursor of the next page or None."""

    rows: list[Document]
    next_cursor: str | None


class Quarantine:
    """The quarantine of one service's database, for operators and for the partitions' owners."""

    def __init__(self, collection: Any) -> None:
        """Take the collection `quarantine` of the service's database (`journal.store.collection(COLLECTION)`)."""
        self._collection = collection

    async def prepare(self) -> None:
        """Make the indexes; without harm if they exist."""
        await self._collection.create_index([("group", 1), ("status", 1)])
        await self._collection.create_index([("group", 1), ("topic", 1), ("partition", 1), ("status", 1)])

    # --- for operators -----------------------------------------------------------------------------------------------

    async def list(
        self, *, status: str | None = None, group: str | None = None, cursor: str | None = None, limit: int = 50
    ) -> QuarantinePage:
        """Return entries in the order of group, topic, partition and offset; unresolved ones if no status is named.

        Raises `Rejected` for an unknown status or a limit outside 1 to `PAGE_ITEMS_MAX`, and `CursorMalformed`: under a
        cursor that is none of ours an operator would see an empty list and believe it.
        """
        if status is not None and status not in STATUSES:
            msg = f"unknown status {status!r}"
            raise Rejected(msg, field="status")
        if not 1 <= limit <= limits.PAGE_ITEMS_MAX:
            msg = f"limit must be 1 to {limits.PAGE_ITEMS_MAX}"
            raise Rejected(msg, field="limit")
        query: Document = {"status": status if status is not None else {"$in": list(UNRESOLVED)}}
        if group is not None:
            query["group"] = group
        if cursor is not None:
            query["_id"] = {"$gt": _behind(cursor)}
        found = await self._collection.find(query, _SHOWN, sort=[("_id", 1)], limit=limit + 1).to_list(None)
        rows = [{"id": row.pop("_id"), **row} for row in found[:limit]]
        return QuarantinePage(rows, cursor_text(COLLECTION, rows[-1]["id"]) if len(found) > limit else None)

    async def release(self, entry_id: str, by: str) -> Document:
        """Ask for an entry to be processed again, and those parked behind it; return the entry.

        Raises `QuarantineEntryNotFound`, `QuarantineEntryResolved`, or `NotHeadOfItsKey` for an entry that is parked.
        """
        return await self._request(entry_id, (OPEN, DISCARD_REQUESTED), RELEASE_REQUESTED, {"requested_by": by})

    async def discard(self, entry_id: str, by: str, reason: str) -> Document:
        """Ask for an entry to be given up for good, parked or not; return the entry.

        What was discarded was never applied. Raises `QuarantineEntryNotFound`, `QuarantineEntryResolved`,
        `QuarantineEntryBeingReleased`, or `Rejected` for an empty reason.
        """
        if not reason.strip():
            raise Rejected("a discard needs a reason", field="reason")
        facts = {"requested_by": by, "reason": reason[: limits.TEXT_CHARS_MAX]}
        return await self._request(entry_id, (OPEN, PARKED, RELEASE_REQUESTED), DISCARD_REQUESTED, facts)

    async def _request(self, entry_id: str, allowed: Sequence[str], status: str, facts: Document) -> Document:
        change = {"$set": {"status": status, "requested_at": _real_now(), **facts}}
        query = {"_id": entry_id, "status": {"$in": list(allowed)}}
        row = await self._collection.find_one_and_update(query, change, return_document=True)
        if row is None:
            row = await self._collection.find_one({"_id": entry_id})
            if row is None:
                raise QuarantineEntryNotFound(entry_id)
            if row["status"] == PARKED:
                raise NotHeadOfItsKey(entry_id)
            if row["status"] == RELEASING:
                if status == DISCARD_REQUESTED:
                    raise QuarantineEntryBeingReleased(entry_id)
            elif row["status"] != status:
                raise QuarantineEntryResolved(f"{entry_id} is {row['status']}")
        return {"id": row.pop("_id"), **{name: value for name, value in row.items() if name not in _SHOWN}}

    # --- for the owner of a partition --------------------------------------------------------------------------------

    async def keep(self, held: Held, *, status: str, cause: Document) -> None:
        """Keep a message with its cause; a message that is kept already stays as it is."""
        place = held.place
        entry = {
            "group": place.group,
            "topic": place.topic,
            "partition": place.partition,
            "offset": place.offset,
            "lane": held.lane,
            "status": status,
            "cause": cause,
            "tries": 1,
            "quarantined_at": _real_now(),
            "key": held.key,
            "value": held.value,
            "headers": [[name, data] for name, data in held.headers],
        }
        await self._collection.update_one({"_id": place.id}, {"$setOnInsert": entry}, upsert=True)

    async def lanes(self, group: str, topic: str, partition: int) -> dict[str, WaitingLane]:
        """Return the lanes of a partition that have unresolved entries.

        The owner of one can go on if a request stands, if a release was begun, or if the first entry is merely parked
        (its head was resolved before a crash).
        """
        query = _unresolved(group, topic, partition)
        rows = await self._collection.find(query, {"lane": 1, "status": 1, "offset": 1}, sort=[("_id", 1)]).to_list(
            None
        )
        lanes: dict[str, WaitingLane] = {}
        for row in rows:
            known = lanes.get(row["lane"])
            goes = row["status"] not in {OPEN, PARKED} or (row["status"] == PARKED and known is None)
            if known is None or (goes and not known.can_go_on):
                lanes[row["lane"]] = WaitingLane(known.head if known else int(row["offset"]), goes)
        return lanes

    async def kept(self, group: str, topic: str, partition: int, since: int) -> set[int]:
        """Return the offsets from `since` on that have an entry, resolved or not."""
        first, last = Place(group, topic, partition, since), Place(group, topic, partition, OFFSET_MAX)
        rows = await self._collection.find({"_id": {"$gte": first.id, "$lte": last.id}}, {"offset": 1}).to_list(None)
        return {int(row["offset"]) for row in rows}

    async def unresolved(self, group: str, topic: str, partition: int, lane: str) -> AsyncIterator[Document]:
        """Yield the entries of a lane in order, with the record as it came; read in pages, for values may be large."""
        query = {**_unresolved(group, topic, partition), "lane": lane}
        while True:
            page = await self._collection.find(query, sort=[("_id", 1)], limit=LANE_PAGE).to_list(None)
            for entry in page:
                yield entry
            if len(page) < LANE_PAGE:
                return
            query["_id"] = {"$gt": page[-1]["_id"]}

    async def begin_release(self, entry: Document) -> bool:
        """Note that an entry is being processed; False if its status has changed meanwhile."""
        if not await self._swap(entry, {"$set": {"status": RELEASING}}):
            return False
        entry["status"] = RELEASING
        return True

    async def resolve(self, entry: Document, status: str) -> bool:
        """Note that an entry was processed or given up; False if its status has changed meanwhile."""
        change: Document = {"$set": {"status": status, "resolved_at": _real_now()}}
        if status == RELEASED:
            # What was applied stands in the journal; a second copy of what may be personal data is kept for nobody.
            change["$unset"] = {"value": "", "headers": ""}
        return await self._swap(entry, change)

    async def reopen(self, entry: Document, cause: Document) -> bool:
        """Note that an entry failed again, with its new cause; False if its status has changed meanwhile."""
        return await self._swap(entry, {"$set": {"status": OPEN, "cause": cause}, "$inc": {"tries": 1}})

    async def open_count(self, group: str, stop_at: int) -> int:
        """Return how many entries of a group are unresolved, counting no further than `stop_at`."""
        query = {"group": group, "status": {"$in": list(UNRESOLVED)}}
        return len(await self._collection.find(query, {"_id": 1}, limit=stop_at).to_list(None))

    async def _swap(self, entry: Document, change: Document) -> bool:
        query = {"_id": entry["_id"], "status": entry["status"]}
        return await self._collection.find_one_and_update(query, change) is not None


def cause_of(error: BaseException) -> dict[str, Any]:
    """Return what an operator must know of an error: its code, its class, and its sentence (bounded)."""
    return {
        "code": getattr(error, "code", "unexpected_error"),
        "error": type(error).__name__,
        # Half a surrogate pair in a text cannot be stored, and what cannot be kept stops its partition.
        "detail": str(error)[: limits.TEXT_CHARS_MAX].encode(errors="replace").decode(),
    }


def _unresolved(group: str, topic: str, partition: int) -> Document:
    return {"group": group, "topic": topic, "partition": partition, "status": {"$in": list(UNRESOLVED)}}


def _real_now() -> str:
    # Real time: quarantine is about machines, not about the law.
    return instant_text(datetime.now(UTC))


def _behind(cursor: str) -> str:
    entry_id = cursor_place(cursor, COLLECTION)
    if not isinstance(entry_id, str):
        raise CursorMalformed(field="cursor")
    return entry_id
