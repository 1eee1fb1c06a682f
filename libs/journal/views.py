"""Reading views: pages in a stable order, one row, sums, and waiting for one's own write."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from libs.foundation.canonical import INTEGER_LIMIT
from libs.foundation.errors import Rejected
from libs.foundation.limits import LONG_POLL_SECONDS_MAX, PAGE_ITEMS_MAX
from libs.journal.generations import GenerationBook, rows_collection
from libs.journal.model import Page
from libs.journal.reader import translated
from libs.journal.refusals import CursorMalformed
from libs.journal.store import Document, Store
from libs.journal.tokens import cursor_place, cursor_text, parse_token
from libs.schemas.envelope import jsonable

Order = Sequence[tuple[str, int]]


class ViewStore:
    """The views of one service. A row is a dict of its fields with `row_id`, `court`, `stream`, `seq`, `updated_at`.

    `court` None means the rows of all courts: for operators, and for callers that put their own fence into `where`.
    `where` holds fields with the value they must have, a list of values, or a MongoDB condition such as `{"$lte": x}`;
    times are compared as their one text form.
    """

    def __init__(
        self, store: Store, book: GenerationBook, reached: Callable[[str, int, float], Awaitable[bool]]
    ) -> None:
        """`reached(stream, version, seconds)` waits for the projector."""
        self._store = store
        self._book = book
        self._reached = reached

    @translated
    async def find(
        self,
        view: str,
        *,
        court: str | None,
        where: Mapping[str, Any] | None = None,
        order: Order = (),
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page:
        """Return one page. Raises `CursorMalformed`, and `Rejected` for a limit outside 1 to `PAGE_ITEMS_MAX`."""
        if not 1 <= limit <= PAGE_ITEMS_MAX:
            raise Rejected(f"limit must be 1 to {PAGE_ITEMS_MAX}", field="limit")
        sort = [*order, ("_id", 1)]
        conditions = [_filter(court, where)]
        if cursor is not None:
            conditions.append(_behind(sort, _cursor_values(cursor, sort)))
        rows = await self._rows(view)
        found = await rows.find({"$and": conditions}, sort=sort, limit=limit + 1).to_list(None)
        more = len(found) > limit
        following = _cursor(sort, found[limit - 1]) if more else None
        return Page([_shown(row) for row in found[:limit]], following)

    @translated
    async def get(self, view: str, row_id: str, *, court: str | None) -> Document | None:
        """Return one row, or None if there is none for this court."""
        found = await (await self._rows(view)).find_one({"_id": row_id, **_filter(court, None)})
        return None if found is None else _shown(found)

    @translated
    async def sum(
        self, view: str, field: str, *, court: str | None = None, where: Mapping[str, Any] | None = None
    ) -> int:
        """Return the sum of a field over rows; a counter is a sum of what each stream contributes."""
        pipeline = [{"$match": _filter(court, where)}, {"$group": {"_id": None, "sum": {"$sum": f"${field}"}}}]
        name = rows_collection(view, await self._book.active(view))
        found = await self._store.aggregate(name, pipeline)
        return int(found[0]["sum"]) if found else 0

    @translated
    async def count(self, view: str, *, court: str | None = None, where: Mapping[str, Any] | None = None) -> int:
        """Return how many rows there are."""
        return int(await (await self._rows(view)).count_documents(_filter(court, where)))

    @translated
    async def wait_for(self, token: str, seconds: float) -> bool:
        """Wait until views show the write that the token names; False if they do not within `seconds` of real time.

        Raises `ConsistencyTokenMalformed`. The wait is bounded by `LONG_POLL_SECONDS_MAX`.
        """
        stream, version = parse_token(token)
        return await self._reached(stream, version, min(seconds, LONG_POLL_SECONDS_MAX))

    async def _rows(self, view: str) -> Any:
        return self._store.collection(rows_collection(view, await self._book.active(view)))


def _filter(court: str | None, where: Mapping[str, Any] | None) -> Document:
    found: Document = {}
    for name, value in (where or {}).items():
        plain = jsonable(value)
        found[name] = {"$in": plain} if isinstance(plain, list) else plain
    if court is not None:
        # Last, so that no condition of the caller can widen it.
        found["court"] = court if found.get("court", court) == court else {"$in": []}
    return found


def _shown(row: Document) -> Document:
    return {"row_id": row.pop("_id"), **row}


def _cursor(sort: Order, row: Document) -> str:
    return cursor_text(_names(sort), [row.get(name) for name, _ in sort])


def _cursor_values(cursor: str, sort: Order) -> list[Any]:
    values = cursor_place(cursor, _names(sort))
    plain = isinstance(values, list) and all(_plain(value) for value in values)
    if not plain or len(values) != len(sort):
        raise CursorMalformed(field="cursor")
    return list(values)


def _names(sort: Order) -> list[str]:
    return [name for name, _ in sort]


def _plain(value: object) -> bool:
    """Whether a row can have the value at all; a forged cursor must not reach the encoder with another."""
    if isinstance(value, int):
        return -INTEGER_LIMIT < value < INTEGER_LIMIT
    return value is None or isinstance(value, str | float)


def _behind(sort: Order, values: Sequence[Any]) -> Document:
    """Return the condition for rows that come after the given one; nothing sorts before every value."""
    alternatives: list[Document] = []
    equal: Document = {}
    for (name, direction), value in zip(sort, values, strict=True):
        if value is None:
            later: list[Any] = [{"$ne": None}] if direction > 0 else []
        else:
            later = [{"$gt": value}] if direction > 0 else [{"$lt": value}, None]
        alternatives += [{**equal, name: condition} for condition in later]
        equal = {**equal, name: value}
    return {"$or": alternatives} if alternatives else {"_id": {"$in": []}}
