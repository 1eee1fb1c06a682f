"""Every service and a relay of its own are killed once while the story is played; it ends with the same books."""

import asyncio
import os
import random
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from devstack.demo import wages_world as world
from devstack.demo.ground import Ground, Opening
from devstack.demo.run import perform
from devstack.devkeys import SERVICES
from devstack.processes import Processes
from devstack.stack import Stack

SHANGHAI = ZoneInfo("Asia/Shanghai")
RATE = 40
SEED = int(os.environ.get("SEED", "20260302"))

VICTIMS = {
    "file": ("intake",),
    "notify": ("intake-relay",),
    "inquire": ("asset_inquiry", "auction"),
    "freeze": ("command_center", "credit_blacklist"),
    "deduct": ("asset_inquiry",),
    "pay_out": ("payments",),
}
"""Who dies in which chapter: each while it is needed most."""


@pytest.mark.timeout(600)
def test_the_story_ends_with_the_same_books_whoever_is_killed_on_the_way() -> None:
    dice = random.Random(SEED)
    killed: list[str] = []

    def at_stage(chapter: str, ground: Ground) -> None:
        loop = asyncio.get_running_loop()
        for victim in VICTIMS.get(chapter, ()):
            program = ground.processes[victim]
            delay = dice.uniform(0.2, 1.5)
            loop.call_later(delay, program.kill)
            loop.call_later(delay, killed.append, victim)
            loop.call_later(delay + dice.uniform(0.5, 2.0), program.launch)

    opening = Opening(world.COURT, datetime(2026, 3, 2, 9, 0, tzinfo=SHANGHAI), RATE)
    with Stack(own=True) as stack, Processes(stack.folder, {}) as processes:
        code = asyncio.run(perform(stack, processes, opening, at_stage=at_stage, split_relay_of="intake"))
    assert code == 0, f"repeat with SEED={SEED}"
    assert set(killed) == {*SERVICES, "intake-relay"}


@pytest.mark.timeout(300)
def test_nobody_waits_for_the_command_centre_and_it_catches_up_when_it_comes_back() -> None:
    ran: list[bool] = []

    def at_stage(chapter: str, ground: Ground) -> None:
        command_center = ground.processes["command_center"]
        if chapter == "prepare_the_house":
            command_center.kill()
        ran.append(command_center.running)
        if chapter == "close":
            command_center.launch()

    opening = Opening(world.COURT, datetime(2026, 3, 2, 9, 0, tzinfo=SHANGHAI), 120)
    with Stack(own=True) as stack, Processes(stack.folder, {}) as processes:
        code = asyncio.run(perform(stack, processes, opening, at_stage=at_stage))
    assert code == 0
    assert not any(ran)
