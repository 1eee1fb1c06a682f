"""Twenty writers and two competing relays, struck at seeded moments: nothing skipped, every stream in order."""

import pytest

from tests.fault.order.blows import Hand, schedule
from tests.fault.order.sender import Sender
from tests.fault.programs import until

WRITERS, CALLERS, STREAMS = 4, 5, 200


@pytest.mark.timeout(600)
def test_writers_and_relays_that_are_killed_and_paused_skip_nothing_and_keep_every_stream_in_order(
    sender: Sender, seed: int, campaign: bool
) -> None:
    commits, blows = (50_000, 60) if campaign else (3_000, 7)
    # Commands of one process that meet in a stream share a commit: some more commands than commits are wanted.
    commands = commits * 21 // 20 // WRITERS
    options = {"seed": seed, "streams": STREAMS, "callers": CALLERS, "count": commands}
    relays = [sender.relay(f"relay-{number}") for number in range(2)]
    writers = [sender.writer(f"writer-{number}", **options) for number in range(WRITERS)]
    for writer in writers:
        writer.until_said("answer")
    hand = Hand(relays, writers)
    hand.strike(schedule(seed, blows))
    for writer in writers:
        until(lambda: not writer.running, 400, f"{writer.name} is done")  # noqa: B023 -- asked within the turn
        assert writer.said("done")[-1:] == [True], f"{writer.name} ended undone"
    sender.all_published(meanwhile=hand.revive)
    counted = sender.prove(*writers)
    assert len(counted) == WRITERS * commands, f"{len(counted)} events of {WRITERS * commands} commands"
    assert sender.database["commits"].count_documents({}) >= commits
    relays_struck = {what.rpartition("-")[0] for what in hand.struck}
    assert {"killed relay", "paused relay"} <= relays_struck, f"a kind of blow never fell: {hand.struck}"
    print(f"{len(counted)} events, {counted.total() - len(counted)} repeats, {hand.struck}")  # noqa: T201 -- counts
