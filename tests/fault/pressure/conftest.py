"""One payments service for the tests of pressure; each leaves it as it was, or it would not have recovered."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient

from devstack.demo.ground import Ground, Opening
from devstack.processes import Processes
from devstack.stack import Stack
from tests.e2e.bad_input.letters import Tokens
from tests.fault.pressure.house import House

OPENING = Opening("云0381", datetime(2026, 3, 2, 1, 0, tzinfo=UTC), 1)


@pytest.fixture(scope="package")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = Path(tmp_path_factory.mktemp("pressure"))
    with Stack(own=True) as stack, Processes(folder, {}) as processes:
        ground = Ground(stack, processes, folder, OPENING)
        processes.service("payments", ground.settings("payments"))
        ground.start(lambda _name, _seconds: None)
        ground.run_clock()
        tokens = Tokens.of_issuer(json.loads(ground.keys.issuer_key.read_text()))
        with MongoClient[dict[str, Any]](stack.mongo_uri) as mongo:
            yield House(stack, ground, processes, tokens, mongo, folder)
