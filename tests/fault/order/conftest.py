"""One sending service of its own on the shared broker and database, gone after the test."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pymongo
import pytest

from tests.fault import programs, topics
from tests.fault.order.sender import Sender


@pytest.fixture
def sender(mongo_uri: str, kafka_bootstrap: str, unique: str, tmp_path: Path) -> Iterator[Sender]:
    with (
        pymongo.MongoClient[dict[str, object]](mongo_uri, tz_aware=True) as client,
        programs.crew(tmp_path) as crew,
    ):
        yield Sender(crew, mongo_uri, kafka_bootstrap, unique, client[f"{unique}_intake"])
    asyncio.run(topics.drop(kafka_bootstrap, f"{unique}."))
