"""Several processes write the same streams: no fork, every accepted command once, no gap, and the rule holds for all.

The rule is a number of facts that a stream takes. A decision on a stale state would let more in, or turn one away while
there is room; both show in the count.
"""

from __future__ import annotations

import pytest

from tests.fault.writers.desk import Desk, answers, tally

SHORT = ((2, 1), (4, 100))
CAMPAIGN = ((2, 1), (2, 100), (2, 5000), (4, 1), (4, 100), (4, 5000))
CALLERS = 40


@pytest.mark.timeout(600)
@pytest.mark.parametrize(("writers", "streams"), CAMPAIGN)
def test_streams_do_not_fork_and_every_accepted_command_stands_once(
    desk: Desk, writers: int, streams: int, campaign: bool, seed: int
) -> None:
    if not campaign and (writers, streams) not in SHORT:
        pytest.skip("the short form has two of the six")
    count = 12_000 if campaign else 600
    room = max(1, writers * count // streams * 3 // 4)
    names = [f"w{number}" for number in range(writers)]
    done = desk.write(names, seed=seed, streams=streams, callers=CALLERS, count=count, closes_at=room)
    told = {command: line for writer in done for command, line in answers(writer).items()}
    assert len(told) == writers * count
    written = desk.written()
    accepted = {command: line["stream"] for command, line in told.items() if line["answer"] == "accepted"}
    lost, added = accepted.keys() - written.stream_of.keys(), written.stream_of.keys() - accepted.keys()
    assert not lost, f"{len(lost)} accepted commands are not written, e.g. {sorted(lost)[:3]}"
    assert not added, f"{len(added)} commands are written that nobody was told of, e.g. {sorted(added)[:3]}"
    assert written.stream_of == accepted, "a command stands in another stream than its own"
    assert sum(written.heads.values()) == len(accepted)
    assert max(written.heads.values()) <= room, "a stream took more than it takes"
    refused = {line["stream"] for line in told.values() if line["answer"] == "refused"}
    assert refused, "nothing was refused: the rule was not put to the test"
    open_still = {stream: written.heads.get(stream, 0) for stream in refused if written.heads.get(stream, 0) < room}
    assert not open_still, f"turned away while there was room for {room}: {open_still}"
    assert written.takes_turns(), "the writers never met in a stream"
    shares = [tally(answers(writer))["accepted"] for writer in done]
    print(f"{writers} writers, {streams} streams: accepted {shares}, turns {written.takes_turns()}")  # noqa: T201 -- counts


@pytest.mark.timeout(300)
def test_one_command_sent_to_two_processes_at_once_happens_once_and_both_are_told_so(
    desk: Desk, campaign: bool, seed: int
) -> None:
    count = 6000 if campaign else 400
    done = desk.write(["twin", "twin"], seed=seed, streams=7, callers=CALLERS, count=count)
    told = [answers(writer) for writer in done]
    assert [tally(each) for each in told] == [{"accepted": count}] * 2
    assert told[0].keys() == told[1].keys()
    written = desk.written()
    assert written.stream_of == {command: line["stream"] for command, line in told[0].items()}
    assert sum(written.heads.values()) == count
