"""The few calls that the bus needs of a collection, the same on every driver.

The journal's store hands such collections out; writes are acknowledged by a majority and journaled, reads are majority
reads. Nothing here is a transaction: each document stands for itself.
"""

from __future__ import annotations

from collections.abc import Awaitable, Mapping, Sequence
from typing import Any, Protocol

Document = dict[str, Any]
Filter = Mapping[str, Any]


class Cursor(Protocol):
    """What a query answers; it is read in one go."""

    def to_list(self, length: int | None = None) -> Awaitable[list[Document]]:
        """Return all rows."""
        ...


class Collection(Protocol):
    """A collection of the service's database."""

    def find(
        self,
        filter: Filter,  # noqa: A002 -- the driver's own name
        projection: Mapping[str, int] | None = None,
        *,
        sort: Sequence[tuple[str, int]] = (),
        limit: int = 0,
    ) -> Cursor:
        """Query rows."""
        ...

    def find_one(self, filter: Filter) -> Awaitable[Document | None]:  # noqa: A002 -- the driver's own name
        """Return one row or None."""
        ...

    def find_one_and_update(
        self,
        filter: Filter,  # noqa: A002 -- the driver's own name
        update: Any,
        *,
        return_document: bool = False,
    ) -> Awaitable[Document | None]:
        """Change one row and return it, as it was or (`return_document=True`) as it is."""
        ...

    def update_one(self, filter: Filter, update: Any, *, upsert: bool = False) -> Awaitable[Any]:  # noqa: A002 -- the driver's own name
        """Change or make one row."""
        ...

    def create_index(self, keys: Sequence[tuple[str, int]]) -> Awaitable[Any]:
        """Make an index if it is missing."""
        ...
