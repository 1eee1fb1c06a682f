"""Journals on the real database, and observers that look with pymongo only."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any

import pymongo
import pytest
import pytest_asyncio
from pymongo.database import Database

from libs.journal import Journal, JournalSettings
from tests.unit.journal.tally import TALLIES, SetClock

Open = Callable[..., Awaitable[Journal]]


@pytest_asyncio.fixture
async def open_journal(mongo_uri: str, unique: str) -> AsyncIterator[Open]:
    """Open journals on this test's database; `settings` and all that `Journal` takes can be changed."""
    opened: list[Journal] = []

    async def opening(settings: dict[str, Any] | None = None, **changes: Any) -> Journal:
        made = JournalSettings(**{"mongo_uri": mongo_uri, "database": unique, **(settings or {})})
        parts = {"service": "tally", "clock": SetClock(), "deciders": [TALLIES], **changes}
        journal = Journal(made, **parts)
        opened.append(journal)
        await journal.start()
        return journal

    yield opening
    for journal in opened:
        await journal.stop()


@pytest.fixture
def observer(mongo_uri: str, unique: str) -> Iterator[Database[dict[str, Any]]]:
    """The test's database with other eyes, which see what is accepted and nothing earlier; dropped at the end."""
    with pymongo.MongoClient[dict[str, Any]](mongo_uri, readConcernLevel="majority") as client:
        yield client[unique]
        client.drop_database(unique)
