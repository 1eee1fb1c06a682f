"""When a root is due, and which one may stand behind which."""

from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest

from libs.evidence.roots import hour_end, hour_of, hour_start, last_ended, token_sha256
from libs.journal import Journal
from libs.journal.rooting import KeepRoot, RootKeeper, RootLine, decide_root, evolve_root
from libs.schemas.roots import RootSigned

NOW = datetime(2024, 6, 30, 8, 59, 59, tzinfo=UTC)
MINUTE = 60.0


def keeper() -> RootKeeper:
    return RootKeeper(cast("Journal", None), None, delay_seconds=MINUTE)


def signed(**changes: Any) -> RootSigned:
    fields = {
        "hour": "2024-06-30T08",
        "number": 1,
        "count": 3,
        "tree_root": "00",
        "previous_sha256": "0" * 64,
        "jws": "a",
    }
    return RootSigned(**{**fields, **changes})


def test_an_hour_is_due_a_minute_of_real_time_after_it_was_seen_to_have_ended() -> None:
    one = keeper()
    assert one._due(NOW, at=0) == ""
    assert one._due(NOW + timedelta(seconds=1), at=1) == ""
    assert one._due(NOW + timedelta(seconds=60), at=60) == "2024-06-30T07"
    assert one._due(NOW + timedelta(seconds=61), at=61) == "2024-06-30T08"


def test_of_hours_that_a_jump_passed_only_the_last_one_is_due() -> None:
    one = keeper()
    one._due(NOW, at=0)
    one._due(NOW + timedelta(days=100), at=1)
    assert one._due(NOW + timedelta(days=100), at=61) == "2024-10-08T07"


def test_a_clock_that_runs_fast_makes_the_latest_hour_due_that_is_old_enough() -> None:
    one = keeper()
    due = [one._due(NOW + timedelta(hours=second), at=second) for second in range(90)]
    assert due[59] == ""
    assert due[60] == hour_of(NOW - timedelta(hours=1))
    assert due[89] == hour_of(NOW + timedelta(hours=28))


def test_a_root_follows_the_one_that_it_names() -> None:
    first = signed()
    [event] = decide_root(RootLine(), KeepRoot(first), NOW)
    line = evolve_root(RootLine(), event)
    assert line == RootLine(1, "2024-06-30T08", 3, token_sha256("a"))
    second = signed(number=2, hour="2024-06-30T09", previous_sha256=token_sha256("a"))
    assert decide_root(line, KeepRoot(second), NOW) == (second,)


@pytest.mark.parametrize(
    "wrong",
    [{"number": 3}, {"number": 1}, {"previous_sha256": "0" * 64}, {"hour": "2024-06-30T08"}, {"hour": "2024-06-30T07"}],
)
def test_a_root_that_does_not_follow_changes_nothing(wrong: dict[str, Any]) -> None:
    line = evolve_root(RootLine(), signed())
    following = {"number": 2, "hour": "2024-06-30T09", "previous_sha256": token_sha256("a")}
    assert decide_root(line, KeepRoot(signed(**{**following, **wrong})), NOW) == ()


def test_hours_are_those_of_utc() -> None:
    assert hour_of(NOW) == "2024-06-30T08"
    assert hour_start("2024-06-30T08") == datetime(2024, 6, 30, 8, tzinfo=UTC)
    assert hour_end("2024-06-30T23") == "2024-07-01T00:00:00.000000Z"
    assert last_ended(NOW) == "2024-06-30T07"


@pytest.mark.parametrize("text", ["", "2024-06-30", "2024-06-30T8", "2024-06-30T24", "2024-13-01T00", " 2024-06-30T08"])
def test_what_is_no_hour_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="written like"):
        hour_start(text)
