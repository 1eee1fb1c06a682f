"""Two processes on the same streams, played by two journals that share nothing but the database."""

import asyncio
import time
from collections import Counter
from typing import Any

import pytest
from pymongo.database import Database

from libs.evidence.chain import verify_chain
from libs.foundation.clock import instant_text
from libs.foundation.errors import Conflict, ZhixingError
from libs.journal.drafting import draft
from libs.journal.pending import Pending
from tests.integration.journal.conftest import Open
from tests.unit.journal.tally import COURT, START, TALLIES, Add, Take, TallyWouldFallBelowZero, meta

Observer = Database[dict[str, Any]]
pytestmark = pytest.mark.asyncio


async def test_a_refusal_on_a_stale_head_is_not_answered(open_journal: Open) -> None:
    stale, other = await open_journal(), await open_journal()
    await stale.execute("tally/1", Add(1), meta("a"))
    await other.execute("tally/1", Add(9), meta("b"))

    assert (await stale.execute("tally/1", Take(10), meta("c"))).state.total == 0


async def test_a_refusal_on_a_head_that_is_still_the_head_is_answered(open_journal: Open) -> None:
    journal = await open_journal()
    await journal.execute("tally/1", Add(1), meta("a"))

    with pytest.raises(TallyWouldFallBelowZero):
        await journal.execute("tally/1", Take(10), meta("c"))


async def test_a_no_op_is_answered_with_the_confirmed_state(open_journal: Open) -> None:
    stale, other = await open_journal(), await open_journal()
    await stale.execute("tally/1", Add(1), meta("a"))
    await other.execute("tally/1", Add(9), meta("b"))

    outcome = await stale.execute("tally/1", Add(0), meta("c"))

    assert (outcome.state.total, outcome.seq) == (10, 2)


async def test_an_if_match_is_compared_with_the_confirmed_head(open_journal: Open) -> None:
    stale, other = await open_journal(), await open_journal()
    await stale.execute("tally/1", Add(1), meta("a"))
    await other.execute("tally/1", Add(9), meta("b"))

    with pytest.raises(Conflict) as conflict:
        await stale.execute("tally/1", Add(1), meta("c", expected_seq=1))
    assert conflict.value.extra == {"current_version": 2}
    assert (await stale.execute("tally/1", Add(1), meta("d", expected_seq=2))).seq == 3


async def test_an_if_match_newer_than_the_cache_is_not_a_conflict(open_journal: Open) -> None:
    stale, other = await open_journal(), await open_journal()
    await stale.execute("tally/1", Add(1), meta("a"))
    await other.execute("tally/1", Add(9), meta("b"))

    assert (await stale.execute("tally/1", Add(1), meta("c", expected_seq=2))).seq == 3


async def test_reading_shows_what_another_process_has_committed(open_journal: Open) -> None:
    stale, other = await open_journal(), await open_journal()
    await stale.execute("tally/1", Add(1), meta("a"))
    await other.execute("tally/1", Add(9), meta("b"))

    assert (await stale.fold("tally/1", court=COURT)).state.total == 10


async def test_many_readings_of_one_moment_share_few_queries(open_journal: Open, observer: Observer) -> None:
    journal = await open_journal({"run_projector": False, "run_timers": False})
    streams = [f"tally/{number}" for number in range(100)]
    await asyncio.gather(*(journal.execute(stream, Add(1), meta(stream)) for stream in streams))
    observer.command({"profile": 2})

    await asyncio.gather(*(journal.fold(stream, court=COURT) for stream in streams))

    observer.command({"profile": 0})
    looked = observer["system.profile"].count_documents({"op": "query", "ns": f"{observer.name}.commits"})
    assert 1 <= looked <= 3


async def test_a_repeat_in_another_process_gets_the_first_answer(open_journal: Open) -> None:
    one, other = await open_journal(), await open_journal()
    await one.execute("tally/1", Add(5), meta("a"))
    await one.execute("tally/1", Add(1), meta("b"))

    again = await other.execute("tally/1", Add(5), meta("a"))

    assert (again.state.total, again.seq, again.replayed) == (5, 1, True)


async def test_the_same_command_in_two_processes_at_once_is_accepted_once(
    open_journal: Open, observer: Observer
) -> None:
    journals = [await open_journal(), await open_journal()]

    outcomes = await asyncio.gather(
        *(
            journal.execute(f"tally/{number}", Add(5), meta(f"c{number}"))
            for number in range(40)
            for journal in journals
        )
    )

    assert {outcome.state.total for outcome in outcomes} == {5}
    assert sum(not outcome.replayed for outcome in outcomes) == 40
    assert _entries(observer) == dict.fromkeys((f"c{number}" for number in range(40)), 1)


async def test_two_writers_of_the_same_streams_lose_nothing_and_fork_nothing(
    open_journal: Open, observer: Observer
) -> None:
    journals = [await open_journal(), await open_journal()]

    async def writer(number: int) -> None:
        for each in range(25):
            stream = f"tally/{(number * 7 + each) % 6}"
            await journals[number % 2].execute(stream, Add(1), meta(f"c{number}-{each}"))

    await asyncio.gather(*(writer(number) for number in range(24)))

    commits = list(observer.commits.find(sort=[("_id", 1)]))
    assert verify_chain(commits) == []
    assert _entries(observer) == {f"c{number}-{each}": 1 for number in range(24) for each in range(25)}
    totals = [(await journals[0].read(f"tally/{each}", court=COURT)).state.total for each in range(6)]
    assert sum(totals) == 600


async def test_what_two_writers_take_is_never_more_than_there_is(open_journal: Open) -> None:
    journals = [await open_journal(), await open_journal()]
    await journals[0].execute("tally/1", Add(30), meta("a"))

    async def take(number: int) -> bool:
        try:
            await journals[number % 2].execute("tally/1", Take(1), meta(f"c{number}"))
        except TallyWouldFallBelowZero:
            return False
        return True

    taken = await asyncio.gather(*(take(number) for number in range(60)))

    assert sum(taken) == 30
    assert (await journals[0].read("tally/1", court=COURT)).state.total == 0


async def test_one_key_with_two_bodies_in_two_processes_is_one_success_and_one_refusal(open_journal: Open) -> None:
    journals = [await open_journal(), await open_journal()]

    answers = await asyncio.gather(
        *(journal.execute("tally/1", Add(n), meta("a", fingerprint=str(n))) for n, journal in enumerate(journals, 1)),
        return_exceptions=True,
    )

    codes = [answer.code if isinstance(answer, ZhixingError) else "accepted" for answer in answers]
    assert sorted(codes) == ["accepted", "idempotency_key_reused"]


async def test_a_refusal_waits_while_an_earlier_insert_of_the_same_command_may_still_land(
    open_journal: Open, observer: Observer
) -> None:
    journal = await open_journal({"deadline_seconds": 20.0})
    await journal.execute("tally/1", Add(5), meta("a"))
    base = journal._reader.cache.get("tally/1")
    assert base is not None
    loop = asyncio.get_running_loop()
    # The first attempt took 5 and was cut off; meanwhile the law says no to a second one.
    waiting = [Pending("tally/1", Take(5), meta("b"), 0.0, loop.create_future())]
    late = draft(TALLIES, base, waiting, START, instant_text(START))
    doubtful = Pending("tally/1", Take(9), meta("b"), time.monotonic(), loop.create_future(), doubt_version=2)
    journal._writer._enqueue(doubtful)
    await asyncio.sleep(0.4)
    answered_early = doubtful.answer
    observer.commits.insert_one(late.commit or {})

    await doubtful.future

    assert answered_early is None
    assert doubtful.told().state.total == 0


async def test_many_repeats_on_one_stream_fold_it_once(open_journal: Open, observer: Observer) -> None:
    journal = await open_journal({"run_projector": False, "run_timers": False})
    for number in range(60):
        await journal.execute("tally/1", Add(1), meta(f"c{number}"))
    other = await open_journal({"run_projector": False, "run_timers": False})
    observer.command({"profile": 2})

    outcomes = await asyncio.gather(*(other.execute("tally/1", Add(1), meta(f"c{number}")) for number in range(60)))

    observer.command({"profile": 0})
    assert [outcome.state.total for outcome in outcomes] == list(range(1, 61))
    looked = observer["system.profile"].count_documents({"op": "query", "ns": f"{observer.name}.commits"})
    assert looked <= 12


def _entries(observer: Observer) -> dict[str, int]:
    counts = Counter(entry["command_id"] for commit in observer.commits.find() for entry in commit["entries"])
    return dict(counts)


async def test_a_process_that_joins_a_hot_stream_is_not_kept_out(open_journal: Open) -> None:
    journals, taken = [await open_journal(), await open_journal()], [0, 0]

    async def call(place: int, caller: int) -> None:
        while min(taken) < 100 and max(taken) < 10_000:
            await journals[place].execute("tally/1", Add(1), meta(f"c{place}-{caller}-{taken[place]}"))
            taken[place] += 1

    first = [asyncio.create_task(call(0, caller)) for caller in range(20)]
    while taken[0] < 100:  # noqa: ASYNC110 -- a look at a count, in a test
        await asyncio.sleep(0.005)
    await asyncio.gather(*first, *(call(1, caller) for caller in range(20)))

    assert min(taken) >= 100, f"{taken}: who was there first takes everything"
