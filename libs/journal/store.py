"""The driver seam: all that the journal and the bus know of a database client.

Collections are the driver's own. Motor and PyMongo Async agree on everything we use of them (`find(...).to_list(None)`,
`insert_many`, `bulk_write`, `update_many`, `find_one_and_update`, `delete_many`, `create_index`); where they differ,
there is a method here. Writes are acknowledged by a journaled majority and reads see what a majority has. Every answer
is fetched in bulk: iterating a cursor document by document costs eight times as much on Motor.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from libs.journal.settings import JournalSettings

Document = dict[str, Any]


class Store(Protocol):
    """One service's database."""

    def collection(self, name: str) -> Any:
        """Return a collection with majority, journaled writes and majority reads from the primary."""
        ...

    async def aggregate(self, name: str, pipeline: Sequence[Mapping[str, Any]]) -> list[Document]:
        """Return all rows of an aggregation."""
        ...

    async def snapshot(
        self, name: str, query: Mapping[str, Any], *, sort: Sequence[tuple[str, int]], limit: int
    ) -> list[Document]:
        """Return rows as of one instant: without it a page that takes a while can show commit 8 and not commit 7.

        It is one answer of the database, so it ends before `limit` where more than `RELAY_PAGE_BYTES_MAX` would come.
        """
        ...

    async def unpublished(self, bucket: int, limit: int, without: Sequence[str] = ()) -> list[Document]:
        """Return a page of a bucket's unpublished commits as of one instant, leaving out streams, by `(at, _id)`."""
        ...

    async def mark_published(self, ids: Sequence[str]) -> None:
        """Take commits out of the outbox."""
        ...

    async def names(self) -> list[str]:
        """Return the names of all collections."""
        ...

    async def close(self) -> None:
        """Let go of all connections."""
        ...


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
    # Only the driver that is asked for is loaded: it is a tenth of a service's memory at rest.
    if settings.driver == "motor":
        from libs.journal.motor_store import MotorStore  # noqa: PLC0415 -- see above

        return MotorStore(settings)
    from libs.journal.pymongo_store import PymongoStore  # noqa: PLC0415 -- see above

    return PymongoStore(settings)
