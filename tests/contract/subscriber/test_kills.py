"""Processes that are killed while the publisher publishes: each next life goes on from the last commit."""

import asyncio
import json
import os
import random
import sys
from pathlib import Path

import pytest

from tests.contract.subscriber import life
from tests.contract.subscriber.room import Room
from tests.contract.subscriber.test_following import holds_the_list

ROOT = Path(__file__).parents[3]


@pytest.mark.asyncio
@pytest.mark.rule("R-CRB-33")
@pytest.mark.parametrize("seed", [1, 2])
async def test_a_subscriber_killed_again_and_again_holds_exactly_the_list(room: Room, seed: int) -> None:
    rng = random.Random(seed)
    root = json.dumps(room.publisher.root_jwk)
    command = [sys.executable, life.__file__, room.base_url, str(room.folder / "list.sqlite"), root]
    path = os.pathsep.join([str(ROOT), str(ROOT / "clients" / "python")])
    for number in range(250):
        room.publisher.put(f"record-{number}")
    sequences = []
    for _ in range(5):
        process = await asyncio.create_subprocess_exec(*command, env={**os.environ, "PYTHONPATH": path})
        try:
            for _ in range(rng.randint(5, 40)):
                record = f"record-{rng.randrange(300)}"
                change = room.publisher.remove if rng.random() < 0.3 else room.publisher.put
                change(record)
                await asyncio.sleep(rng.random() * 0.08)
            if rng.random() < 0.4:
                room.publisher.take_snapshot()
            if rng.random() < 0.3:
                room.publisher.reset()
            await asyncio.sleep(rng.random() * 0.2)
        finally:
            process.kill()
            await process.wait()
        async with room.subscriber() as subscriber:
            assert subscriber.store.damage is None
            sequences.append(subscriber.state().sequence)
    async with room.subscriber() as subscriber:
        await subscriber.sync()
        assert holds_the_list(subscriber, room)
        assert subscriber.state().log_root == room.publisher.log_root(room.publisher.sequence)
        assert await subscriber.verify()
    assert any(sequences), "no life lived long enough to take anything"
