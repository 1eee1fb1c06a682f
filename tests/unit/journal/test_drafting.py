import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from libs.evidence.chain import verify_chain
from libs.foundation.clock import instant_text
from libs.foundation.errors import Conflict, NotFound
from libs.foundation.limits import ENTRIES_PER_COMMIT_MAX, EVENT_BYTES_MAX
from libs.journal.cache import Known
from libs.journal.drafting import Draft, draft
from libs.journal.fold import Head, blank, fold_commits
from libs.journal.model import CommandMeta, Outcome, TimerDue
from libs.journal.pending import Pending
from libs.journal.refusals import NotDueYet, NotRecordable, RecordTooLarge
from tests.unit.journal.tally import (
    COURT,
    OTHER_COURT,
    START,
    TALLIES,
    Add,
    Break,
    Note,
    Schedule,
    Take,
    TallyWouldFallBelowZero,
    meta,
)

STREAM = "tally/1"


def decided(*commands: tuple[Any, CommandMeta], base: Head | None = None, now: Any = START) -> Draft:
    async def inside() -> Draft:
        loop = asyncio.get_running_loop()
        waiting = [
            Pending(STREAM, command, each, float(number), loop.create_future())
            for number, (command, each) in enumerate(commands)
        ]
        return draft(TALLIES, Known(base or blank(TALLIES, STREAM), 0.0), waiting, now, instant_text(now))

    return asyncio.run(inside())


def after(*commands: Any) -> Head:
    return decided(*((command, meta(f"before-{number}")) for number, command in enumerate(commands))).after


def held_errors(one: Draft) -> list[type]:
    return [type(answer) for _, answer in one.held]


def test_commands_of_one_stream_share_one_commit_and_see_each_other() -> None:
    one = decided((Add(5), meta("a")), (Take(3), meta("b")))

    assert one.commit is not None
    assert [entry["command_id"] for entry in one.commit["entries"]] == ["a", "b"]
    assert [outcome.state.total for _, outcome in one.recorded] == [5, 2]
    assert [outcome.seq for _, outcome in one.recorded] == [1, 2]


def test_the_head_after_a_commit_is_what_folding_it_gives() -> None:
    one = decided((Add(5), meta("a")), (Schedule("reply", START), meta("b")), (Take(3), meta("c")))

    assert one.commit is not None
    assert fold_commits(TALLIES, blank(TALLIES, STREAM), [one.commit]) == one.after


def test_a_drafted_commit_has_a_whole_chain() -> None:
    first = decided((Add(5), meta("a")))
    second = decided((Take(3), meta("b")), base=first.after)

    assert verify_chain([first.commit or {}, second.commit or {}]) == []


def test_a_refusal_and_a_no_op_over_http_are_held_and_nothing_is_drafted_for_them() -> None:
    one = decided((Take(1), meta("a")), (Add(0), meta("b")))

    assert one.commit is None
    assert held_errors(one) == [TallyWouldFallBelowZero, Outcome]


def test_a_refusal_over_the_bus_is_an_entry_without_events() -> None:
    one = decided((Take(1), meta("a", record_refusal=True)))

    assert one.commit is not None
    (entry,) = one.commit["entries"]
    assert entry["events"] == []
    assert entry["outcome"]["refusal"]["code"] == "tally_would_fall_below_zero"
    assert entry["outcome"]["refusal"]["rule"] == "R-TEST-01"


def test_a_no_op_over_the_bus_is_an_entry_without_events() -> None:
    one = decided((Add(0), meta("a", record_refusal=True)))

    assert one.commit is not None
    assert one.commit["entries"][0]["outcome"] == {"status": "unchanged", "seq": 0}


def test_a_commit_without_events_is_of_no_interest_to_the_projector() -> None:
    one = decided((Add(0), meta("a", record_refusal=True)))

    assert one.commit is not None
    assert one.commit["projected"] is True


def test_a_category_without_a_topic_is_never_in_the_outbox() -> None:
    one = decided((Add(1), meta("a")))

    assert one.commit is not None
    assert one.commit["published"] is True


def test_a_bug_in_the_law_is_the_answer_of_its_command_alone() -> None:
    one = decided((Break(), meta("a")), (Add(1), meta("b")))

    assert held_errors(one) == [AssertionError]
    assert len(one.recorded) == 1


def test_another_courts_stream_does_not_exist() -> None:
    one = decided((Add(1), meta("a", court=OTHER_COURT)), base=after(Add(1)))

    assert held_errors(one) == [NotFound]


def test_a_new_stream_needs_a_court() -> None:
    assert held_errors(decided((Add(1), meta("a", court=None)))) == [NotFound]


def test_without_a_court_the_streams_own_court_is_meant() -> None:
    one = decided((Add(1), meta("a", court=None)), base=after(Add(1)))

    assert one.recorded[0][1].court == COURT


def test_a_stale_if_match_is_a_conflict_that_names_the_present_version() -> None:
    one = decided((Add(1), meta("a", expected_seq=7)), base=after(Add(1)))

    (_, answer) = one.held[0]
    assert isinstance(answer, Conflict)
    assert answer.extra == {"current_version": 1}


def test_business_time_never_goes_back_in_a_stream() -> None:
    base = after(Add(1))
    one = decided((Add(1), meta("a")), base=base, now=START - timedelta(hours=1))

    assert one.commit is not None
    assert one.commit["at"] == base.at == instant_text(START)


def test_the_key_is_fixed_when_the_stream_is_created() -> None:
    first = decided((Add(1), meta("a", key="case_1")))
    second = decided((Add(1), meta("b", key="case_2")), base=first.after)

    assert second.commit is not None
    assert second.commit["key"] == "case_1"


def test_a_commit_takes_no_more_entries_than_its_limit() -> None:
    commands = [(Add(1), meta(f"c{number}")) for number in range(ENTRIES_PER_COMMIT_MAX + 5)]

    assert len(decided(*commands).recorded) == ENTRIES_PER_COMMIT_MAX


def test_what_does_not_fit_a_commit_any_more_waits_for_the_next() -> None:
    large = Note("x" * 700_000)
    commands = [(large, meta(f"c{number}")) for number in range(14)]

    assert len(decided(*commands).recorded) == 11


def test_an_event_above_its_limit_can_never_be_recorded() -> None:
    one = decided((Note("x" * (EVENT_BYTES_MAX + 1)), meta("a")))

    assert held_errors(one) == [RecordTooLarge]


def test_a_command_whose_events_fill_more_than_a_commit_can_never_be_recorded() -> None:
    one = decided((Note("x" * 700_000, times=13), meta("a")))

    assert held_errors(one) == [RecordTooLarge]


@pytest.mark.parametrize("text", [1.5, {"a\0b": 1}, {"键": 1}, 2**53, "\ud800"])
def test_what_has_no_canonical_form_is_rejected_alone(text: Any) -> None:
    one = decided((Note(text), meta("a")), (Add(1), meta("b")))

    assert held_errors(one) == [NotRecordable]
    assert len(one.recorded) == 1


def test_a_nul_in_a_text_is_kept_as_it_is() -> None:
    assert len(decided((Note("a\0b"), meta("a"))).recorded) == 1


def test_event_ids_follow_from_the_command_and_are_the_same_on_a_repeat() -> None:
    first = decided((Note("a", times=2), meta("a"))).commit or {}
    again = decided((Note("a", times=2), meta("a")), base=after(Add(1))).commit or {}

    ids = [stored["id"] for stored in first["entries"][0]["events"]]
    assert ids == [stored["id"] for stored in again["entries"][0]["events"]]
    assert len(set(ids)) == 2


def test_a_due_timer_fires_in_front_of_what_follows_from_it() -> None:
    base = after(Schedule("reply", START))
    one = decided((TimerDue("reply", 1, START), meta("a", record_refusal=True)), base=base)

    assert [type(event).__name__ for event in one.recorded[0][1].events] == ["TimerFired", "Added"]
    assert dict(one.after.timers) == {}


def test_a_timer_of_another_generation_changes_nothing() -> None:
    base = after(Schedule("reply", START), Schedule("reply", START + timedelta(days=1)))
    one = decided((TimerDue("reply", 1, START), meta("a", record_refusal=True)), base=base)

    assert one.recorded[0][1].events == ()
    assert one.after.timers["reply"].generation == 2


def test_a_timer_whose_consequence_is_refused_has_fired_all_the_same() -> None:
    base = after(Schedule("unwanted", START))
    one = decided((TimerDue("unwanted", 1, START), meta("a", record_refusal=True)), base=base)

    outcome = one.recorded[0][1]
    assert outcome.refusal is not None
    assert outcome.refusal.code == "timer_not_wanted"
    assert dict(one.after.timers) == {}


def test_a_timer_does_not_fire_before_its_time() -> None:
    due = START + timedelta(minutes=1)
    one = decided((TimerDue("reply", 1, due), meta("a", record_refusal=True)), base=after(Schedule("reply", due)))

    assert held_errors(one) == [NotDueYet]


def test_the_key_of_a_stream_without_one_is_opaque_and_follows_from_its_name() -> None:
    first, second = decided((Add(1), meta("a"))), decided((Add(2), meta("b")))

    assert first.after.key == second.after.key
    assert "tally" not in first.after.key


def test_meta_is_kept_with_the_entry() -> None:
    stamp = replace(meta("a"), correlation_id="corr", causation_id="cause", trace="trace")
    entry = (decided((Add(1), stamp)).commit or {})["entries"][0]

    assert (entry["correlation_id"], entry["causation_id"], entry["trace"]) == ("corr", "cause", "trace")
    assert entry["actor"] == {"subject": "u-1", "organisation": COURT, "role": "case_officer"}
