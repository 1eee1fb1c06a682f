"""All six services as processes on the real stack, with one clock, for everybody who asks them over HTTP."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import pytest

from devstack.demo.ground import Ground, Opening
from devstack.demo.roles import WRITES
from devstack.processes import Processes
from devstack.stack import Stack
from libs.foundation.clock import SHANGHAI


@dataclass(frozen=True, slots=True)
class Running:
    """The services' addresses, and a token that may do everything at one court."""

    urls: dict[str, str]
    token: str


@pytest.fixture(scope="session")
def running(stack: Stack) -> Iterator[Running]:
    opening = Opening("云0381", datetime(2026, 3, 2, 9, 0, tzinfo=SHANGHAI), 1)
    folder = stack.folder / "contract"
    folder.mkdir(parents=True, exist_ok=True)
    with Processes(folder, {"TOPIC_PREFIX": "contract."}) as processes:
        ground = Ground(stack, processes, folder, opening)
        nobody = "http://127.0.0.1:9"
        ground.register_services(
            {
                "payments": {"PAYMENTS_BANK_URL": nobody},
                "command_center": {"COMMAND_CENTER_SMS_URL": nobody, "COMMAND_CENTER_ROBOT_URL": nobody},
            }
        )
        processes.start_all()
        ground.run_clock()
        yield Running(ground.urls(), ground.token("everybody", "万能", sorted(WRITES)))
