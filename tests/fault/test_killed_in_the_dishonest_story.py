"""The feed's publisher, its relay and all subscribers are killed while story 2 is played; all end with one list."""

import asyncio
import os
import random

import pytest

from devstack.demo.dishonest import Dishonest
from devstack.demo.ground import Ground
from devstack.demo.run import performed
from devstack.processes import Processes
from devstack.stack import Stack

SEED = int(os.environ.get("SEED", "20240313"))

VICTIMS = {
    "list_them": ("credit_blacklist",),
    "restrict": ("credit_blacklist-relay", "simulators"),
    "refuse": ("simulators",),
    "correct": ("credit_blacklist",),
    "pay": ("payments", "credit_blacklist-relay"),
    "remove": ("credit_blacklist", "simulators"),
    "wake": ("credit_blacklist",),
}
"""Who dies in which chapter: each while the list is on its way to those who read it."""


@pytest.mark.rule("R-CRB-10", "R-CRB-33")
@pytest.mark.timeout(600)
def test_the_list_is_everywhere_the_same_whoever_is_killed_on_the_way() -> None:
    dice = random.Random(SEED)
    killed: list[str] = []

    def at_stage(chapter: str, ground: Ground) -> None:
        loop = asyncio.get_running_loop()
        for victim in VICTIMS.get(chapter, ()):
            program = ground.processes[victim]
            delay = dice.uniform(0.1, 1.0)
            loop.call_later(delay, program.kill)
            loop.call_later(delay, killed.append, victim)
            loop.call_later(delay + dice.uniform(0.3, 1.5), program.launch)

    with Stack(own=True) as stack, Processes(stack.folder, {}) as processes:
        story = performed(stack, processes, Dishonest(), at_stage=at_stage, split_relay_of="credit_blacklist")
        outcome = asyncio.run(story)
    assert outcome.holds, f"repeat with SEED={SEED}"
    assert sorted(killed) == sorted(victim for victims in VICTIMS.values() for victim in victims)
