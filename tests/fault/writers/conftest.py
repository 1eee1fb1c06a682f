"""The writers of one test, on a database of their own that is gone after it."""

from collections.abc import Iterator
from pathlib import Path

import pymongo
import pytest

from tests.fault import programs
from tests.fault.writers.desk import Desk


@pytest.fixture
def desk(mongo_uri: str, unique: str, tmp_path: Path) -> Iterator[Desk]:
    with (
        pymongo.MongoClient[dict[str, object]](mongo_uri, tz_aware=True) as client,
        programs.crew(tmp_path) as crew,
    ):
        yield Desk(crew, mongo_uri, client[f"{unique}_intake"], tmp_path / "begin")
