"""Publishers, relay and subscribers are killed while the list grows and shrinks; then all four ways are compared."""

from __future__ import annotations

import asyncio
import time

import pytest

from tests.fault.feed import judging
from tests.fault.feed.house import PUBLISHERS, FeedHouse, add_subscribers, feed_under_fire
from tests.fault.feed.judging import Facts
from tests.fault.feed.lives import Court
from tests.fault.feed.mouth import mouth
from tests.fault.kill.faults import Fault, Hand, Weather, schedule

SHORT, LONG = 7, 80
SHOWER = Weather(gap=(0.5, 1.5), frozen=(1.0, 4.0), calm=0.0)
STORM = Weather(gap=(0.3, 2.5), frozen=(1.0, 12.0), calm=20.0)
LATE_SECONDS = {SHORT: 90.0, LONG: 300.0}
"""How long a removal may take to the last subscriber: a storm kills both publishers and the relay again and again."""

LIVED_MIN = 4
LIVED_SECONDS_MAX = 90.0
END_SECONDS_MAX = 5.0
"""Requests in flight are waited for longer than this: whoever waits for a stream to end takes six seconds and more."""
STILL_SECONDS = 40.0
"""Longer than any session, lease and back-off that may stand before an entry."""


def say(text: str) -> None:
    print(text, flush=True)  # noqa: T201 -- progress of a minute, seen with -s and when it fails


@pytest.mark.timeout(900)
@pytest.mark.rule("R-CRB-33", "R-CRB-10")
def test_whoever_is_killed_every_subscriber_ends_with_the_list_and_no_removal_is_late(
    seed: int, campaign: bool
) -> None:
    began = time.monotonic()
    with feed_under_fire(seed) as house:
        say(f"the publishers stand after {time.monotonic() - began:.0f} s")
        asyncio.run(_connected(house, campaign=campaign))
    say(f"all told {time.monotonic() - began:.0f} s")


async def _connected(house: FeedHouse, *, campaign: bool) -> None:
    async with house.client.connected(), mouth(house.stack.kafka_bootstrap, run=f"m{house.seed}") as speaker:
        await house.connect_subscribers()
        await asyncio.to_thread(add_subscribers, house)
        court = Court(house, speaker)
        count, weather = (LONG, STORM) if campaign else (SHORT, SHOWER)
        await _load_under(house, court, schedule(house.seed, count, list(house.victims), weather))
        facts, found = await _settled(house, court, LATE_SECONDS[count])
    found["nobody is answered 500"] = house.client.broken
    if broken := judging.broken(found):
        pytest.fail(f"seed {house.seed}; logs in {house.stack.folder}\n{broken}")
    _tell(house, facts)
    judging.every_promise_can_fail(facts)
    await _ends_in_order(house)


async def _ends_in_order(house: FeedHouse) -> None:
    """Nobody who listens to the doorbell holds up the end of a publisher."""
    began = time.monotonic()
    await asyncio.gather(*(asyncio.to_thread(house.processes[name].stop) for name in PUBLISHERS))
    took = time.monotonic() - began
    assert took < END_SECONDS_MAX, f"publishers with open streams took {took:.1f} s to end"


async def _load_under(house: FeedHouse, court: Court, faults: list[Fault]) -> None:
    """Let cases live while faults strike, until everybody stands again."""
    load = asyncio.create_task(court.many(at_once=3))
    await asyncio.sleep(1)
    hand = Hand(house.victims, say)
    supervisor = asyncio.create_task(hand.supervise())
    await hand.strike(faults)
    assert len(hand.done) == len(faults)
    await house.everybody_ready()
    supervisor.cancel()
    say(f"all stand again; gave up by themselves: {hand.gave_up or 'nobody'}")
    async with asyncio.timeout(LIVED_SECONDS_MAX):
        while sum(life.paid for life in court.lives) < LIVED_MIN:  # noqa: ASYNC110 -- the load goes on meanwhile
            await asyncio.sleep(0.3)
    court.stopping = True
    await load


async def _settled(house: FeedHouse, court: Court, late_seconds: float) -> tuple[Facts, judging.Findings]:
    """Look until every promise holds; what is lost or doubled never heals, and then the looking ends."""
    last, moved = "", time.monotonic()
    while True:
        feed = await house.look()
        facts = Facts(house.commits(), feed, court.lives, late_seconds)
        found = judging.findings(facts)
        state = judging.broken(found)
        if state != last:
            last, moved = state, time.monotonic()
            say(f"not yet: {state[:400]}" if state else "all promises hold")
        if not state or time.monotonic() - moved > STILL_SECONDS:
            return facts, found
        await asyncio.sleep(1)


def _tell(house: FeedHouse, facts: Facts) -> None:
    client = house.client
    paid = sum(life.paid for life in facts.lives)
    say(f"{len(facts.lives)} cases, {paid} of them paid; unanswered on the way: {dict(client.unanswered)}")
    entries = {view: len(judging.entries_of(facts, view)) for view in judging.CARRYING}
    say(f"entries {entries}; slowest removal {judging.slowest_removal(facts):.1f} s")
