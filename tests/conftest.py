"""What every test may ask for: the real broker and database, and names that nobody else uses."""

import secrets
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pymongo
import pytest
from xdist.scheduler import LoadFileScheduling  # type: ignore[import-untyped]  # it ships no types

from devstack.stack import Stack

TESTS = Path(__file__).parent
HOUSE = "tests/e2e/bad_input/"
# The law is tested without network, without a broker and in seconds; a socket there is a mistake and fails the test.
WITHOUT_NETWORK = ("unit", "property", "architecture")
# A broken law is told in seconds, before anything is killed for minutes.
ORDER = (*WITHOUT_NETWORK, "contract", "integration", "e2e", "fault")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if _kind(item) in WITHOUT_NETWORK:
            item.add_marker(pytest.mark.disable_socket)
    items.sort(key=lambda item: ORDER.index(_kind(item)) if _kind(item) in ORDER else len(ORDER))


def _kind(item: pytest.Item) -> str:
    return item.path.relative_to(TESTS).parts[0] if item.path.is_relative_to(TESTS) else ""


class OneHouse(LoadFileScheduling):  # type: ignore[misc]  # it ships no types
    """Files are spread over the workers, but the files that share one running house stay together."""

    def _split_scope(self, nodeid: str) -> str:
        file: str = super()._split_scope(nodeid)
        return HOUSE if file.startswith(HOUSE) else file


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> OneHouse | None:
    return OneHouse(config, log) if config.getoption("dist") == "loadfile" else None


def _say(text: str) -> None:
    print(text, file=sys.__stderr__, flush=True)


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """The broker and the database of this run; started by the first test that asks, gone with the last."""
    with Stack(say=_say) as running:
        yield running


@pytest.fixture(scope="session")
def kafka_bootstrap(stack: Stack) -> str:
    return stack.kafka_bootstrap


@pytest.fixture(scope="session")
def mongo_uri(stack: Stack) -> str:
    return stack.mongo_uri


@pytest.fixture
def unique(request: pytest.FixtureRequest) -> Iterator[str]:
    """A short ASCII name for this test's databases, topics and groups: tests share one stack and never meet.

    Databases whose names begin with it are dropped when the test ends: each holds some twenty files open in the server.
    """
    name = f"t{secrets.token_hex(5)}"
    yield name
    if "mongo_uri" in request.fixturenames:
        uri = request.getfixturevalue("mongo_uri")
        with pymongo.MongoClient[dict[str, object]](uri, serverSelectionTimeoutMS=5000) as client:
            for database in client.list_database_names():
                if database.startswith(name):
                    client.drop_database(database)
