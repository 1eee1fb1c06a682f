"""A stream that is shared is left to others after each commit; one that is not, hardly ever."""

import pytest

from libs.journal import lanes
from libs.journal.lanes import HOT_COMMANDS_MIN, LOOK_OUT, REST_SECONDS_MAX, Turns

TURN = 0.02


def test_a_stream_written_alone_is_written_on_at_once_unless_callers_queue_for_it() -> None:
    turns = Turns()
    assert not any(turns.rest("s", HOT_COMMANDS_MIN - 1, TURN) for _ in range(1000))
    looked = sum(turns.rest("s", HOT_COMMANDS_MIN, TURN) > 0 for _ in range(10_000))
    assert 0 < looked < 10_000 * LOOK_OUT * 2, "looking out for others must stay cheap"


def test_after_another_process_was_met_each_commit_leaves_it_the_time_of_a_turn() -> None:
    turns = Turns()
    turns.met("s")
    rests = [turns.rest("s", 1, TURN) for _ in range(1000)]
    assert 0.5 * TURN < min(rests) < TURN < max(rests) < 2 * TURN
    assert not turns.rest("another", 1, TURN)
    assert turns.rest("s", 1, 60.0) == REST_SECONDS_MAX


def test_a_meeting_is_forgotten_and_not_too_many_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    turns = Turns()
    monkeypatch.setattr(lanes, "_STREAMS_MAX", 3)
    for number in range(5):
        turns.met(f"s{number}")
    assert [turns.rest(f"s{number}", 1, TURN) > 0 for number in range(5)] == [False, False, True, True, True]
    monkeypatch.setattr(lanes, "SHARED_SECONDS", -1.0)
    assert not turns.rest("s4", 1, TURN)
