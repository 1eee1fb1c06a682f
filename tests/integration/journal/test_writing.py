"""The ten sentences on writing, on the real database; races, hangs and timers stand in files of their own."""

import asyncio
from collections.abc import Awaitable
from typing import Any

import pytest
from pymongo.database import Database

from libs.evidence.chain import verify_chain
from libs.foundation.errors import Conflict, KeyReused, NotFound, Overloaded
from libs.journal import CommandMeta, Journal
from tests.integration.journal.conftest import Open
from tests.unit.journal.tally import (
    COURT,
    OTHER_COURT,
    START,
    Add,
    Note,
    SetClock,
    Take,
    Tally,
    TallyWouldFallBelowZero,
    meta,
)

Observer = Database[dict[str, Any]]
pytestmark = pytest.mark.asyncio


async def test_an_accepted_command_stands_in_the_journal_when_it_is_answered(
    open_journal: Open, observer: Observer
) -> None:
    journal = await open_journal()

    outcome = await journal.execute("tally/1", Add(5), meta("a"))

    (commit,) = observer.commits.find()
    assert commit["_id"] == "tally/1@0000000001"
    assert (commit["court"], commit["seq"], commit["bucket"] in range(4)) == (COURT, 1, True)
    assert commit["entries"][0]["command_id"] == "a"
    assert (outcome.state, outcome.seq, outcome.replayed) == (Tally(total=5), 1, False)


async def test_a_repeat_gets_the_first_answer_with_the_state_of_that_time(open_journal: Open) -> None:
    journal = await open_journal()
    await journal.execute("tally/1", Add(5), meta("a"))
    await journal.execute("tally/1", Add(7), meta("b"))

    again = await journal.execute("tally/1", Add(5), meta("a"))

    assert (again.state.total, again.seq, again.replayed) == (5, 1, True)
    assert [event.data() for event in again.events] == [{"amount": 5}]


async def test_a_repeat_is_found_in_whichever_stream_it_stands(open_journal: Open, observer: Observer) -> None:
    journal = await open_journal()
    await journal.execute("tally/1", Add(5), meta("a"))

    again = await journal.execute("tally/2", Add(5), meta("a"))

    assert (again.stream, again.replayed) == ("tally/1", True)
    assert observer.commits.count_documents({}) == 1


async def test_a_repeat_that_the_law_would_refuse_by_now_still_gets_the_first_answer(open_journal: Open) -> None:
    journal = await open_journal()
    await journal.execute("tally/1", Add(5), meta("a"))
    await journal.execute("tally/1", Take(5), meta("b"))

    again = await journal.execute("tally/1", Take(5), meta("b"))

    assert (again.state.total, again.replayed) == (0, True)


async def test_a_repeat_with_a_stale_if_match_still_gets_the_first_answer(open_journal: Open) -> None:
    journal = await open_journal()
    await journal.execute("tally/1", Add(5), meta("a"))
    await journal.execute("tally/1", Add(1), meta("b", expected_seq=1))

    assert (await journal.execute("tally/1", Add(1), meta("b", expected_seq=1))).replayed


async def test_a_key_with_another_body_is_refused(open_journal: Open) -> None:
    journal = await open_journal()
    await journal.execute("tally/1", Add(5), meta("a"))

    with pytest.raises(KeyReused):
        await journal.execute("tally/1", Add(6), meta("a", fingerprint="another body"))


async def test_a_request_of_several_commands_can_ask_first_what_its_last_was_answered(open_journal: Open) -> None:
    journal = await open_journal()
    assert await journal.recall(meta("a")) is None
    await journal.execute("tally/1", Add(5), meta("a"))
    await journal.execute("tally/1", Add(7), meta("b"))

    recalled = await journal.recall(meta("a"))

    assert recalled is not None
    assert (recalled.state.total, recalled.replayed) == (5, True)
    with pytest.raises(KeyReused):
        await journal.recall(meta("a", fingerprint="another body"))


async def test_a_repeat_from_another_court_learns_nothing(open_journal: Open) -> None:
    journal = await open_journal()
    await journal.execute("tally/1", Add(5), meta("a"))

    with pytest.raises(NotFound):
        await journal.execute("tally/2", Add(6), meta("a", fingerprint="another body", court=OTHER_COURT))


async def test_repeats_in_one_batch_share_one_answer_and_one_entry(open_journal: Open, observer: Observer) -> None:
    journal = await open_journal()

    outcomes = await asyncio.gather(*(journal.execute("tally/1", Add(5), meta("a")) for _ in range(20)))

    assert {outcome.seq for outcome in outcomes} == {1}
    assert sum(not outcome.replayed for outcome in outcomes) == 1
    assert observer.commits.count_documents({}) == 1


async def test_a_command_goes_on_without_its_caller_and_a_repeat_gets_its_answer(
    open_journal: Open, observer: Observer
) -> None:
    journal = await open_journal()
    caller = asyncio.create_task(journal.execute("tally/1", Add(5), meta("a")))
    await asyncio.sleep(0)
    caller.cancel()

    outcome = await journal.execute("tally/1", Add(5), meta("a"))

    assert caller.cancelled()
    assert (outcome.state.total, outcome.replayed) == (5, True)
    assert observer.commits.count_documents({}) == 1


async def test_a_repeat_whose_caller_went_away_takes_no_answer_from_the_first(open_journal: Open) -> None:
    journal = await open_journal()
    first = asyncio.create_task(journal.execute("tally/1", Add(5), meta("a")))
    second = asyncio.create_task(journal.execute("tally/1", Add(5), meta("a")))
    await asyncio.sleep(0)
    second.cancel()

    assert (await first).state.total == 5
    assert second.cancelled()


async def test_the_same_key_with_another_body_in_one_batch_is_refused(open_journal: Open) -> None:
    journal = await open_journal()

    first, second = await _both(
        journal.execute("tally/1", Add(5), meta("a")),
        journal.execute("tally/1", Add(6), meta("a", fingerprint="another body")),
    )

    assert not isinstance(first, BaseException)
    assert isinstance(second, KeyReused)


async def test_another_courts_stream_does_not_exist_for_reading_and_writing(open_journal: Open) -> None:
    journal = await open_journal()
    await journal.execute("tally/1", Add(5), meta("a"))

    for attempt in (
        journal.execute("tally/1", Add(1), meta("b", court=OTHER_COURT)),
        journal.fold("tally/1", court=OTHER_COURT),
        journal.read("tally/1", court=OTHER_COURT),
        journal.history("tally/1", court=OTHER_COURT),
    ):
        with pytest.raises(NotFound):
            await attempt


async def test_commands_on_one_stream_share_commits_and_its_chain_is_whole(
    open_journal: Open, observer: Observer
) -> None:
    journal = await open_journal()

    await asyncio.gather(*(journal.execute("tally/1", Add(1), meta(f"c{number}")) for number in range(300)))

    commits = list(observer.commits.find(sort=[("_id", 1)]))
    assert len(commits) < 30
    assert sum(len(commit["entries"]) for commit in commits) == 300
    assert verify_chain(commits) == []
    assert (await journal.read("tally/1", court=COURT)).state.total == 300


async def test_commands_on_many_streams_leave_together(open_journal: Open, observer: Observer) -> None:
    journal = await open_journal()
    await journal.execute("tally/0", Add(1), meta("warm"))
    observer.command({"profile": 2})

    await asyncio.gather(*(journal.execute(f"tally/{number}", Add(1), meta(f"c{number}")) for number in range(200)))

    observer.command({"profile": 0})
    assert observer["system.profile"].count_documents({"op": "insert", "ns": f"{observer.name}.commits"}) <= 5


async def test_a_refusal_over_http_leaves_no_trace(open_journal: Open, observer: Observer) -> None:
    journal = await open_journal()
    await journal.execute("tally/1", Add(1), meta("a"))

    with pytest.raises(TallyWouldFallBelowZero):
        await journal.execute("tally/1", Take(5), meta("b"))

    assert observer.commits.count_documents({"entries.command_id": "b"}) == 0


async def test_a_refusal_over_the_bus_is_recorded_and_repeated_as_it_was(open_journal: Open) -> None:
    journal = await open_journal()
    first = await journal.execute("tally/1", Take(5), meta("a", record_refusal=True))
    await journal.execute("tally/1", Add(9), meta("b"))

    again = await journal.execute("tally/1", Take(5), meta("a", record_refusal=True))

    assert first.refusal is not None
    assert first.refusal.code == "tally_would_fall_below_zero"
    assert (again.refusal, again.replayed, again.seq) == (first.refusal, True, 0)


async def test_a_no_op_over_http_is_answered_with_the_present_state_and_not_recorded(
    open_journal: Open, observer: Observer
) -> None:
    journal = await open_journal()
    await journal.execute("tally/1", Add(1), meta("a"))

    outcome = await journal.execute("tally/1", Add(0), meta("b"))

    assert (outcome.seq, outcome.events, outcome.refusal) == (1, (), None)
    assert observer.commits.count_documents({}) == 1


async def test_a_stale_if_match_is_a_conflict(open_journal: Open) -> None:
    journal = await open_journal()
    await journal.execute("tally/1", Add(1), meta("a"))

    with pytest.raises(Conflict) as conflict:
        await journal.execute("tally/1", Add(1), meta("b", expected_seq=0))
    assert conflict.value.extra == {"current_version": 1}


async def test_a_stream_without_events_can_be_folded_but_not_read(open_journal: Open) -> None:
    journal = await open_journal()

    assert (await journal.fold("tally/1", court=COURT)).seq == 0
    with pytest.raises(NotFound):
        await journal.read("tally/1", court=COURT)


async def test_a_past_state_can_be_folded(open_journal: Open) -> None:
    journal = await open_journal()
    for number in range(4):
        await journal.execute("tally/1", Add(10), meta(f"c{number}"))

    assert (await journal.fold("tally/1", court=COURT, at_seq=2)).state.total == 20
    with pytest.raises(NotFound):
        await journal.fold("tally/1", court=COURT, at_seq=5)


async def test_the_history_says_who_did_what_and_when(open_journal: Open) -> None:
    journal = await open_journal()
    await journal.execute("tally/1", Add(10), meta("a", correlation_id="corr"))
    await journal.execute("tally/1", Take(4), meta("b"))

    first, second = await journal.history("tally/1", court=COURT)

    assert (first.seq, first.type, first.correlation_id) == (1, "zhixing.tally.added.v1", "corr")
    assert (second.event.data(), second.actor.role, second.at) == ({"amount": 4}, "case_officer", START)


async def test_business_time_of_a_stream_does_not_go_back_with_the_clock(open_journal: Open) -> None:
    clock = SetClock()
    journal = await open_journal(clock=clock)
    await journal.execute("tally/1", Add(1), meta("a"))
    clock.forward(hours=-1)

    assert (await journal.execute("tally/1", Add(1), meta("b"))).at == START


async def test_a_full_queue_turns_commands_away_and_writes_nothing_of_them(
    open_journal: Open, observer: Observer
) -> None:
    journal = await open_journal({"queue_max": 10})

    answers = await asyncio.gather(
        *(journal.execute("tally/1", Add(1), meta(f"c{number}")) for number in range(40)), return_exceptions=True
    )

    turned_away = [answer for answer in answers if isinstance(answer, Overloaded)]
    assert len(turned_away) == 30
    assert observer.commits.distinct("entries.command_id") == sorted(f"c{number}" for number in range(10))


async def test_a_record_that_the_database_does_not_take_spoils_nobody_elses(open_journal: Open) -> None:
    journal = await open_journal()
    deep: Any = "bottom"
    for _ in range(250):
        deep = {"in": deep}

    bad, good = await _both(
        journal.execute("tally/1", Note(deep), meta("a")),
        journal.execute("tally/2", Add(1), meta("b")),
    )

    assert getattr(bad, "code", None) == "record_too_large"
    assert not isinstance(good, BaseException)


async def test_a_stopped_journal_has_answered_what_it_took(open_journal: Open, observer: Observer) -> None:
    journal: Journal = await open_journal()
    writes = [asyncio.create_task(journal.execute("tally/1", Add(1), meta(f"c{number}"))) for number in range(50)]
    await asyncio.sleep(0)

    await journal.stop()

    assert all([(await write).seq for write in writes])
    assert observer.commits.distinct("entries.command_id") == sorted(f"c{number}" for number in range(50))


async def test_without_a_court_in_the_command_the_streams_own_is_meant(open_journal: Open) -> None:
    journal = await open_journal()
    await journal.execute("tally/1", Add(1), meta("a"))
    system: CommandMeta = meta("b", court=None)

    assert (await journal.execute("tally/1", Add(1), system)).court == COURT


async def _both(one: Awaitable[Any], other: Awaitable[Any]) -> tuple[Any, Any]:
    """Both answers, errors included."""
    return await asyncio.gather(one, other, return_exceptions=True)
