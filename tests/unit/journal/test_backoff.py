"""Back-off grows, is bounded, and is jittered."""

from libs.journal.backoff import backoff_seconds


def test_it_grows_to_its_bound_and_keeps_at_least_half_of_it() -> None:
    for attempt, ceiling in ((0, 0.1), (1, 0.2), (4, 1.6), (7, 10.0), (10_000, 10.0)):
        drawn = [backoff_seconds(attempt, first=0.1, longest=10.0) for _ in range(50)]
        assert all(ceiling / 2 <= seconds <= ceiling for seconds in drawn)
        assert len(set(drawn)) > 1
