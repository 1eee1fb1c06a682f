"""Times by stage: reckoned from the decision, bounded by what the publisher itself saw, and honest about silence."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.credit_blacklist.feed.distribution.timeliness import (
    ENDED_MS_MAX,
    FETCHED_MS_MAX,
    MarkTimes,
    Named,
    Passage,
    passage,
    rows_of,
    spread,
)

NOW = datetime(2024, 6, 3, 2, 0, tzinfo=UTC)


def after(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def one(sequence: int, direction: Any = "PUNISH", decided: float = 0) -> Passage:
    return Passage(sequence, f"r-{sequence}", direction, after(decided), after(decided + 1), after(decided + 3))


def mark(sequence: int, fetched: float, applied: float, received: float | None = None, **more: Any) -> MarkTimes:
    return MarkTimes(sequence, after(fetched), after(applied), after(applied if received is None else received), **more)


def row(rows: list[dict[str, Any]], direction: str) -> dict[str, Any]:
    return next(each for each in rows if each["direction"] == direction)


@pytest.mark.rule("R-CRB-33")
def test_each_stage_is_counted_from_the_one_before_and_from_the_decision() -> None:
    rows = rows_of([one(1, "UNPUNISH")], [mark(1, 10, 11)], {"r-1": after(60)}, after(100))
    found = row(rows, "UNPUNISH")
    assert {stage: figures["p50_ms"] for stage, figures in found["stages"].items()} == {
        "appended": 1000,
        "named": 2000,
        "fetched": 7000,
        "applied": 1000,
        "ended": 49000,
    }
    assert found["since_decided"]["ended"]["p50_ms"] == 60_000
    assert (found["entries"], found["waiting"], found["late"]) == (1, 0, False)


def test_an_entry_counts_for_the_first_position_that_reached_it() -> None:
    rows = rows_of([one(1), one(2), one(3)], [mark(2, 10, 10), mark(5, 50, 50)], {}, after(100))
    figures = row(rows, "PUNISH")["since_decided"]["fetched"]
    assert figures == {"count": 3, "p50_ms": 10_000, "p95_ms": 50_000, "max_ms": 50_000}


def test_punishing_has_no_end_and_is_not_mixed_with_unpunishing() -> None:
    rows = rows_of([one(1), one(2, "UNPUNISH")], [mark(2, 10, 10)], {"r-1": after(20), "r-2": after(30)}, NOW)
    assert "ended" not in row(rows, "PUNISH")["stages"]
    assert row(rows, "UNPUNISH")["stages"]["ended"]["max_ms"] == 20_000
    assert [each["entries"] for each in rows] == [1, 1]


@pytest.mark.parametrize(("fetched", "applied"), [(-3600, -3600), (7200, 7200), (-3600, 7200)])
def test_a_subscribers_clock_that_is_off_cannot_lead_outside_of_what_the_publisher_saw(
    fetched: float, applied: float
) -> None:
    rows = rows_of([one(1)], [mark(1, fetched, applied, received=20)], {}, after(100))
    since = row(rows, "PUNISH")["since_decided"]
    assert 3000 <= since["fetched"]["p50_ms"] <= since["applied"]["p50_ms"] <= 20_000


@pytest.mark.rule("R-CRB-33")
def test_who_never_answers_is_late_and_not_quick() -> None:
    long = FETCHED_MS_MAX / 1000 + 60
    found = row(rows_of([one(1, "UNPUNISH")], [], {}, after(long + 3)), "UNPUNISH")
    assert (found["waiting"], found["late"]) == (1, True)
    assert found["longest_waiting_ms"] == long * 1000
    assert "fetched" not in found["stages"]


def test_what_waits_for_a_moment_is_not_late() -> None:
    found = row(rows_of([one(1)], [], {}, after(10)), "PUNISH")
    assert (found["waiting"], found["late"]) == (1, False)


@pytest.mark.rule("R-CRB-33")
@pytest.mark.parametrize(("ms", "late"), [(ENDED_MS_MAX, False), (ENDED_MS_MAX + 1, True)])
def test_a_measure_that_ends_after_a_day_is_late(ms: int, late: bool) -> None:
    ended = {"r-1": NOW + timedelta(milliseconds=ms)}
    assert row(rows_of([one(1, "UNPUNISH")], [mark(1, 10, 10)], ended, NOW), "UNPUNISH")["late"] is late


def test_what_was_in_the_first_copy_did_not_wait_for_the_subscriber() -> None:
    rows = rows_of([one(1), one(2), one(3)], [mark(2, 9000, 9000, first=True), mark(3, 9010, 9010)], {}, after(9999))
    assert row(rows, "PUNISH")["entries"] == 1


def test_what_was_slept_through_did_wait() -> None:
    rows = rows_of([one(1), one(2)], [mark(2, 9000, 9000)], {}, after(9999))
    assert row(rows, "PUNISH")["since_decided"]["fetched"]["max_ms"] == 9_000_000


def test_an_entry_is_named_by_the_first_head_that_reaches_it_and_not_before_it_was_decided() -> None:
    payload = {"record_id": "r", "status": "RESTRICTED", "changed_at": "2024-06-03T02:00:05+00:00"}
    named = [Named(4, after(2)), Named(9, after(30))]
    found = passage(5, payload, after(6), named)
    assert found is not None
    assert (found.direction, found.named_at) == ("PUNISH", after(30))
    early = passage(4, payload, after(1), named)
    assert early is not None
    assert early.decided_at <= early.appended_at <= early.named_at
    assert passage(10, payload, after(6), named) is None


def test_a_removal_counts_from_its_decision() -> None:
    payload = {
        "record_id": "r",
        "status": "REMOVED",
        "changed_at": "2024-06-03T02:00:09Z",
        "removal": {
            "ground": "PERFORMED",
            "decided_at": "2024-06-03T02:00:00Z",
            "effective_at": "2024-06-03T02:00:09Z",
        },
    }
    found = passage(1, payload, after(10), [Named(1, after(11))])
    assert found is not None
    assert (found.direction, found.decided_at) == ("UNPUNISH", NOW)


def test_shares_are_taken_by_the_nearest_rank() -> None:
    assert spread(list(range(1, 101))) == {"count": 100, "p50_ms": 50, "p95_ms": 95, "max_ms": 100}
    assert spread([7]) == {"count": 1, "p50_ms": 7, "p95_ms": 7, "max_ms": 7}
