"""One house for all bad-input tests: six services and their partners as processes, on a stack of its own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

import httpx
import pytest
from pymongo import MongoClient

from devstack.demo import wages_world as world
from devstack.demo.ground import Ground, Opening
from devstack.processes import Processes
from devstack.stack import Stack
from tests.e2e.bad_input import setting as settings
from tests.e2e.bad_input.letters import Tokens
from tests.e2e.bad_input.outside import Outside
from tests.e2e.bad_input.setting import Setting
from tests.e2e.bad_input.write import Write
from tests.e2e.bad_input.writes import every_write

OPENING = Opening(world.COURT, datetime(2026, 3, 2, 9, 0, tzinfo=timezone(timedelta(hours=8))), 120)


@dataclass
class House:
    """The running house, what stands in it, and who looks from outside."""

    stack: Stack
    outside: Outside
    setting: Setting
    writes: list[Write]


@pytest.fixture(scope="package")
def house() -> Iterator[House]:
    with Stack(own=True) as stack, Processes(stack.folder, {}) as processes:
        ground = Ground(stack, processes, stack.folder, OPENING)
        partners = settings.register(ground, stack.folder)
        ground.start(lambda _name, _seconds: None)
        ground.run_clock()
        with httpx.Client(timeout=30.0) as client, MongoClient[dict[str, Any]](stack.mongo_uri) as mongo:
            tokens = Tokens.of_issuer(json.loads(ground.keys.issuer_key.read_text()))
            outside = Outside(ground.urls(), partners, tokens, client, mongo)
            setting = settings.build(ground, outside)
            yield House(stack, outside, setting, every_write(setting))
