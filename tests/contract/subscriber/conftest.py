"""Every test of this folder has a room with a publisher behind real HTTP."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contract.subscriber.publisher import Publisher, TestClock
from tests.contract.subscriber.room import Room
from tests.contract.subscriber.serving import served


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    publisher = Publisher(TestClock())
    with served(publisher) as url:
        yield Room(tmp_path, url, publisher)
