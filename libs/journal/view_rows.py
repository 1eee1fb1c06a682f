"""Rows of a projection: written only by a newer `seq`, and gone when the state no longer gives them.

Several processes may write the rows of one stream at once, the slower one from an older state. It cannot overwrite
newer rows, but it could bring back a row that has vanished since. So each stream has a mark with the highest `seq`
applied; after writing rows, a writer raises the mark, reads it back, and removes the rows that are older than it:
whoever comes last sees the highest mark, and the older row goes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import bson
from pymongo import DeleteMany, ReplaceOne, UpdateOne
from pymongo.errors import BulkWriteError

from libs.journal.fold import Head
from libs.journal.store import Document, Store
from libs.schemas.envelope import jsonable

_DUPLICATE = 11000


@dataclass(frozen=True, slots=True)
class StreamRows:
    """All rows that one stream's state gives to one projection."""

    stream: str
    seq: int
    rows: tuple[Document, ...]


def rows_of(head: Head, rows: Mapping[str, Mapping[str, Any]]) -> StreamRows:
    """Return a stream's rows ready to be stored. Raises what the encoder raises for a row that cannot be stored."""
    stored = []
    for row_id, fields in rows.items():
        # What the journal writes itself stands last: no row of a service can say otherwise.
        row = {
            **jsonable(dict(fields)),
            "_id": row_id,
            "court": head.court,
            "stream": head.stream,
            "seq": head.seq,
            "updated_at": head.at,
        }
        # Now and not in the bulk write: there, one stream's bad row would stop the rows of all others.
        bson.encode(row)
        stored.append(row)
    return StreamRows(head.stream, head.seq, tuple(stored))


def marks_of(collection: str) -> str:
    """Return the name of the collection of marks that belongs to a collection of rows."""
    return f"{collection}_marks"


async def prepare(store: Store, collection: str, indexes: Sequence[Sequence[str]]) -> None:
    """Make a projection's indexes; a leading `-` means descending."""
    rows = store.collection(collection)
    await rows.create_index([("stream", 1), ("seq", 1)])
    for fields in indexes:
        await rows.create_index([(name.lstrip("-"), -1 if name.startswith("-") else 1) for name in fields])


async def apply(store: Store, collection: str, changes: Sequence[StreamRows]) -> None:
    """Bring a projection to the given states, or leave it where it is newer."""
    if not changes:
        return
    rows, marks = store.collection(collection), store.collection(marks_of(collection))
    await _write(
        rows,
        [
            ReplaceOne({"_id": row["_id"], "seq": {"$lt": change.seq}}, row, upsert=True)
            for change in changes
            for row in change.rows
        ],
    )
    await _write(marks, [UpdateOne({"_id": each.stream}, {"$max": {"seq": each.seq}}, upsert=True) for each in changes])
    applied = await marks.find({"_id": {"$in": [change.stream for change in changes]}}).to_list(None)
    await _write(rows, [DeleteMany({"stream": mark["_id"], "seq": {"$lt": mark["seq"]}}) for mark in applied])


async def _write(collection: Any, operations: Sequence[Any]) -> None:
    if not operations:
        return
    try:
        await collection.bulk_write(list(operations), ordered=False)
    except BulkWriteError as error:
        # A duplicate says that the row is there already with this seq or a newer one: nothing is to be done then.
        details: Mapping[str, Any] = error.details or {}
        others = [each for each in details.get("writeErrors", ()) if each.get("code") != _DUPLICATE]
        if others or details.get("writeConcernErrors"):
            raise
