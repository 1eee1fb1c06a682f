"""Processes that are killed while the publisher publishes: each next life goes on from the last commit."""

import asyncio
import contextlib
import json
import os
import random
import sys
from pathlib import Path

import pytest

from tests.contract.subscriber import life
from tests.contract.subscriber.killing import Killed, Reaper
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
        room.publisher.requests.clear()
        try:
            async with asyncio.timeout(60):
                while not room.publisher.requests:  # noqa: ASYNC110 -- the other side is a process
                    await asyncio.sleep(0.01)
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


@pytest.mark.asyncio
async def test_a_page_is_applied_whole_or_not_at_all_at_whichever_statement_the_process_dies(room: Room) -> None:
    for number in range(20):
        room.publisher.put(f"record-{number}")
    async with room.subscriber() as subscriber:
        await subscriber.sync()
    honest = {20: room.publisher.set_at(20)["digest"]}
    for number in range(0, 20, 2):
        room.publisher.remove(f"record-{number}")
    honest[30] = room.publisher.set_at(30)["digest"]
    seen = []
    for statements in range(400):
        reaper = Reaper()
        async with room.client() as client:
            subscriber = room.subscriber(client=client, opened=reaper.connect)
            reaper.arm(statements)
            with contextlib.suppress(Killed):
                await subscriber.sync()
            subscriber.store.database._reader.close()
            subscriber.store.database._writer.close()
        async with room.subscriber() as subscriber:
            state = subscriber.state()
            assert state.set_digest == honest[state.sequence]
            assert len(list(subscriber.store.in_force())) == state.count
            assert subscriber.store.damage is None
        seen.append(state.sequence)
        if not reaper.dead:
            break
    assert seen == sorted(seen)
    assert (seen[0], seen[-1], len(seen) > 30) == (20, 30, True)


@pytest.mark.asyncio
async def test_whoever_is_put_to_sleep_in_the_middle_of_a_step_wakes_up_in_no_contradiction(room: Room) -> None:
    for number in range(30):
        room.publisher.put(f"record-{number}")
    async with room.subscriber() as subscriber:
        for _ in range(12):
            room.publisher.put("record-1")
            following = asyncio.create_task(subscriber.sync())
            await asyncio.sleep(0.01 + random.Random(room.publisher.sequence).random() * 0.04)
            following.cancel()
            await asyncio.gather(following, return_exceptions=True)
        await subscriber.sync()
        assert holds_the_list(subscriber, room)
    assert not room.codes
