"""Kill anything: services, relay, broker and database die under a mixed load, then everything is counted."""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections import Counter
from pathlib import Path

import pytest

from tests.fault.kill import counting, facts, tampering
from tests.fault.kill.cases import furnish, many
from tests.fault.kill.faults import Fault, Hand, Weather, schedule
from tests.fault.kill.house import SERVICES, House, under_fire

SHORT, LONG = 10, 100
SHOWER = Weather(gap=(0.4, 2.2), frozen=(1.0, 6.0), calm=0.0)
STORM = Weather(gap=(0.3, 2.5), frozen=(1.0, 12.0), calm=25.0)

LIVED_MIN = 3
"""So many cases must have come to their end, or nothing much was counted."""
ASKED_AGAIN = 150
STILL_SECONDS = 45.0
"""Longer than any session, lease and back-off of the product that may stand before a delivery."""

QUIET_SECONDS_MAX = 60.0


def say(text: str) -> None:
    print(text, flush=True)  # noqa: T201 -- progress of minutes, seen with -s and when it fails


@pytest.mark.timeout(1500)
def test_whoever_is_killed_nothing_is_lost_and_nothing_happens_twice(seed: int, campaign: bool) -> None:
    began = time.monotonic()
    with under_fire(seed) as house:
        say(f"{len(house.victims)} victims stand after {time.monotonic() - began:.0f} s")
        asyncio.run(_connected(house, campaign=campaign))
    say(f"all told {time.monotonic() - began:.0f} s")


async def _connected(house: House, *, campaign: bool) -> None:
    async with house.client.connected():
        await _story(house, campaign=campaign)


async def _story(house: House, *, campaign: bool) -> None:
    await furnish(house)
    count, weather = (LONG, STORM) if campaign else (SHORT, SHOWER)
    faults = schedule(house.seed, count, list(house.victims), weather)
    wrong = await _load_under(house, faults, at_once=16 if campaign else 10)
    _tell(house)
    await _ask_again(house)
    seen, found = await _settled(house)
    found["every case goes on"] = [repr(one) for one in wrong]
    found["nobody is answered 500"] = house.client.broken
    if broken := counting.broken(found):
        pytest.fail(f"seed {house.seed}, everything that was seen is in {_kept(house, seen, found)}\n{broken}")
    _tell_counts(seen)
    tampering.every_promise_can_fail(seen, house.client.commands)


async def _load_under(house: House, faults: list[Fault], at_once: int) -> list[BaseException]:
    """Let cases live while faults strike; the load goes on until everybody stands again."""
    load = asyncio.create_task(many(house, at_once))
    await asyncio.sleep(2)
    hand = Hand(house.victims, say)
    supervisor = asyncio.create_task(hand.supervise())
    await hand.strike(faults)
    assert len(hand.done) == len(faults)
    await house.everybody_ready()
    supervisor.cancel()
    say(f"all stand again; at their start gave up: {hand.gave_up or 'nobody'}")
    async with asyncio.timeout(QUIET_SECONDS_MAX):
        while house.lived < LIVED_MIN:  # noqa: ASYNC110 -- the load goes on meanwhile
            await asyncio.sleep(0.5)
    house.stopping = True
    return await load


async def _ask_again(house: House) -> None:
    """Send resolved commands again, all parties at once: accepted ones get the first answer, refused a no."""
    dice = random.Random(house.seed)
    commands = [one for one in house.client.commands if (one.accepted and not one.took_note) or one.deliberate]
    for command in dice.sample(commands, min(ASKED_AGAIN, len(commands))):
        command.others.append(await house.client.ask(command))


async def _settled(house: House) -> tuple[facts.Facts, dict[str, list[str]]]:
    """Look until every promise holds; what is on its way has sessions, leases and back-offs of seconds before it.

    What is lost or doubled never heals: the looking ends when nothing has moved for `STILL_SECONDS`.
    """
    house.ground.stop_clock()
    last, moved = "", time.monotonic()
    while True:
        before = await _quiet(house)
        seen = await facts.see(house)
        found = counting.findings(seen, house.client.commands)
        state = f"{before} {[len(faults) for faults in found.values()]}"
        if state != last:
            last, moved = state, time.monotonic()
            say(f"not yet: {counting.broken(found)[:300]}" if counting.broken(found) else "all promises hold")
        if not counting.broken(found) or time.monotonic() - moved > STILL_SECONDS:
            return seen, found
        await asyncio.sleep(2)


async def _quiet(house: House) -> dict[str, int]:
    """Wait until nothing is written any more and nothing waits for the relay or the views; the counts."""
    before: dict[str, int] = {}
    until = time.monotonic() + QUIET_SECONDS_MAX
    while time.monotonic() < until:
        now = await asyncio.to_thread(_written, house)
        if now == before and not any(count for name, count in now.items() if name.endswith("open")):
            break
        before = now
        await asyncio.sleep(1)
    return before


def _kept(house: House, seen: facts.Facts, found: dict[str, list[str]]) -> Path:
    """Write down what was seen, for whoever must find out why: the databases are gone when the test has ended."""
    wire = [
        [service, one.topic, one.partition, one.offset, *(one.header(f"ce_{name}") for name in ("id", "subject"))]
        for service, records in seen.wire.items()
        for one in records
    ]
    path = house.stack.folder / "seen.json"
    everything = {"faults": found, "wire": wire, "bank": seen.bank, "commits": seen.commits}
    path.write_text(json.dumps(everything, ensure_ascii=False, default=str))
    return path


def _written(house: House) -> dict[str, int]:
    counts: dict[str, int] = {}
    for service in SERVICES:
        commits = house.mongo[service]["commits"]
        counts[service] = commits.estimated_document_count()
        counts[f"{service} open"] = commits.count_documents({"$or": [{"published": False}, {"projected": False}]})
    return counts


def _tell(house: House) -> None:
    client = house.client
    answers = Counter((one.service, one.kind, one.answer.status) for one in client.commands if one.answer)
    say(f"{len(client.commands)} commands, {sum(one.tries for one in client.commands)} tries")
    say("  ".join(f"{kind} {status}: {count}" for (_, kind, status), count in sorted(answers.items())))
    say(f"unanswered on the way: {dict(client.unanswered)}")


def _tell_counts(seen: facts.Facts) -> None:
    commits = {service: len(found) for service, found in seen.commits.items()}
    distinct = {record.header("ce_id") for records in seen.wire.values() for record in records}
    records = sum(len(found) for found in seen.wire.values())
    events = sum(1 for _ in seen.events())
    say(f"commits {commits}, {events} events, {records} records on the wire, {records - len(distinct)} repeats")
    taken = sum(len(found) for found in seen.messages.values())
    say(f"{len(seen.bank['incoming'])} payments in, {len(seen.bank['transfers'])} transfers, {taken} messages")
