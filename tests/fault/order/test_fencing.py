"""The two moments of a relay's page that no signal from outside hits for certain: before the commit and behind it."""

import random
from collections import Counter
from typing import Any

import pytest

from tests.fault.order.sender import Sender
from tests.fault.programs import until

LEASE_SECONDS = 3.0
STREAMS = 20


def _of(said: list[list[Any]]) -> set[tuple[str, int]]:
    return {(stream, seq) for stream, seq in said}


@pytest.mark.timeout(300)
def test_a_relay_paused_between_send_and_commit_and_replaced_is_fenced_and_nothing_of_its_page_is_seen(
    sender: Sender, seed: int, campaign: bool
) -> None:
    options = {"seed": seed, "streams": STREAMS, "callers": 5, "count": 4_000 if campaign else 400}
    page = 1 + seed % 5
    writers = [sender.writer(f"writer-{number}", **options) for number in range(2)]
    zombie = sender.relay("zombie", lease_seconds=LEASE_SECONDS, pause_before_commit=page)
    paused_with = _of(zombie.until_said("paused_with"))
    until(lambda: zombie.stopped, 10, "the relay stands still")
    sender.relay("replacement", lease_seconds=LEASE_SECONDS)
    for writer in writers:
        writer.until_said("done", 120)
    sender.all_published()
    before = sender.prove(*writers)
    zombie.resume()
    assert zombie.until_said("paused_page") == "Fenced"
    late = sender.writer("late", **options)
    late.until_said("done", 120)
    sender.all_published()
    after = sender.prove(*writers, late)
    for counted in (before, after):
        assert {counted[event] for event in paused_with} == {1}, "a record of the fenced page is seen"
    print(f"paused with {len(paused_with)} of {len(after)} events at page {page}")  # noqa: T201 -- counts


@pytest.mark.timeout(300)
def test_a_relay_killed_between_the_commit_and_the_marking_repeats_its_page_byte_for_byte(
    sender: Sender, seed: int, campaign: bool
) -> None:
    draw = random.Random(seed)
    commands = 1_000 if campaign else 150
    dying: Counter[tuple[str, int]] = Counter()
    relay = sender.relay("relay", die_before_marking=draw.randint(1, 3))
    writers = []
    for life in range(6 if campaign else 2):
        if life:
            relay.launch(die_before_marking=draw.randint(1, 3))
        # Every bucket has something to publish, so the third page comes for certain.
        writers.append(sender.writer(f"writer-{life}", seed=seed, streams=STREAMS, callers=5, count=commands))
        writers[-1].until_said("done", 60)
        until(lambda: not relay.running, 60, "the relay has struck itself")
        dying.update(_of(relay.said("died_with")[-1]))
    relay.launch()
    sender.all_published()
    counted = sender.prove(*writers)
    once = {event for event, times in dying.items() if counted[event] <= times}
    assert not once, f"published before each death and not again after the last: {sorted(once)[:5]}"
    print(f"{len(dying)} of {len(counted)} events stood on the wire at a death")  # noqa: T201 -- counts
