"""One receiving service of its own on the shared broker and database, gone after the test."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pymongo
import pytest

from tests.fault import programs, topics
from tests.fault.consumers.receiver import Receiver


@pytest.fixture
def receiver(mongo_uri: str, kafka_bootstrap: str, unique: str, tmp_path: Path) -> Iterator[Receiver]:
    with (
        pymongo.MongoClient[dict[str, object]](mongo_uri, tz_aware=True) as client,
        programs.crew(tmp_path) as crew,
    ):
        made = Receiver(crew, mongo_uri, kafka_bootstrap, unique, client[f"{unique}_payments"], tmp_path)
        asyncio.run(topics.make(kafka_bootstrap, made.topic))
        yield made
    asyncio.run(topics.drop(kafka_bootstrap, f"{unique}."))
