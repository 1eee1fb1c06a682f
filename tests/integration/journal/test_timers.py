"""Timers fire by the business clock, once, and only while their generation is pending."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from pymongo.database import Database

from tests.integration.journal.conftest import Open
from tests.unit.journal.tally import COURT, START, Add, Cancel, Schedule, SetClock, meta

Observer = Database[dict[str, Any]]
pytestmark = pytest.mark.asyncio

DUE = START + timedelta(hours=2)
QUICK = {"timer_poll_seconds": 0.02}


def fired(observer: Observer) -> int:
    return observer.commits.count_documents({"entries.events.type": "zhixing.timers.timer_fired.v1"})


async def until(condition: Any, seconds: float = 20.0) -> None:
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 -- the observer looks from outside, nothing can ring for it
            await asyncio.sleep(0.02)


async def test_a_timer_fires_when_it_is_due_by_the_business_clock_and_not_before(
    open_journal: Open, observer: Observer
) -> None:
    clock = SetClock()
    journal = await open_journal(QUICK, clock=clock)
    await journal.execute("tally/1", Schedule("reply", DUE), meta("a"))
    clock.forward(hours=1, minutes=59)
    await until(lambda: observer.timers.count_documents({}) == 1)
    await asyncio.sleep(0.2)
    early = fired(observer)
    clock.forward(minutes=1)
    await until(lambda: fired(observer))

    assert early == 0
    folded = await journal.read("tally/1", court=COURT)
    assert (folded.state.total, folded.at) == (100, DUE)


async def test_a_timer_fires_once_with_two_processes(open_journal: Open, observer: Observer) -> None:
    clock = SetClock()
    journals = [await open_journal(QUICK, clock=clock), await open_journal(QUICK, clock=clock)]
    await asyncio.gather(
        *(journals[0].execute(f"tally/{each}", Schedule("reply", DUE), meta(f"c{each}")) for each in range(40))
    )
    clock.forward(hours=3)
    await until(lambda: fired(observer) >= 40)
    await until(lambda: observer.timers.count_documents({}) == 0)
    await asyncio.sleep(0.2)

    assert fired(observer) == 40
    assert [(await journals[1].read(f"tally/{each}", court=COURT)).state.total for each in range(40)] == [100] * 40


async def test_a_cancelled_timer_does_not_fire(open_journal: Open, observer: Observer) -> None:
    clock = SetClock()
    journal = await open_journal(QUICK, clock=clock)
    await journal.execute("tally/1", Schedule("reply", DUE), meta("a"))
    await journal.execute("tally/1", Cancel("reply"), meta("b"))
    clock.forward(days=1)
    await asyncio.sleep(0.3)

    assert fired(observer) == 0
    assert observer.timers.count_documents({}) == 0


async def test_a_timer_that_was_scheduled_anew_fires_at_the_new_time_only(
    open_journal: Open, observer: Observer
) -> None:
    clock = SetClock()
    journal = await open_journal(QUICK, clock=clock)
    await journal.execute("tally/1", Schedule("reply", DUE), meta("a"))
    await journal.execute("tally/1", Schedule("reply", DUE + timedelta(hours=5)), meta("b"))
    clock.forward(hours=3)
    await asyncio.sleep(0.3)
    early = fired(observer)
    clock.forward(hours=5)
    await until(lambda: fired(observer))

    assert early == 0
    assert (await journal.read("tally/1", court=COURT)).state.total == 100


async def test_a_timer_that_was_scheduled_again_after_it_fired_fires_again(
    open_journal: Open, observer: Observer
) -> None:
    clock = SetClock()
    journal = await open_journal(QUICK, clock=clock)
    await journal.execute("tally/1", Schedule("reply", DUE), meta("a"))
    clock.forward(hours=3)
    await until(lambda: fired(observer) == 1)
    await journal.execute("tally/1", Schedule("reply", DUE + timedelta(hours=5)), meta("b"))
    clock.forward(hours=5)

    async with asyncio.timeout(20):
        while (await journal.read("tally/1", court=COURT)).state.total < 200:  # noqa: ASYNC110 -- see `until`
            await asyncio.sleep(0.02)
    assert fired(observer) == 2


async def test_a_stale_row_of_the_due_book_fires_nothing(open_journal: Open, observer: Observer) -> None:
    clock = SetClock()
    journal = await open_journal({**QUICK, "run_timers": False}, clock=clock)
    await journal.execute("tally/1", Add(1), meta("a"))
    observer.timers.insert_one(
        {
            "_id": "tally/1#reply",
            "stream": "tally/1",
            "timer": "reply",
            "generation": 7,
            "due_at": "2026-01-01T00:00:00.000000Z",
            "court": COURT,
            "seq": 0,
        }
    )
    await open_journal(QUICK, clock=clock)
    await until(lambda: observer.timers.count_documents({}) == 0)

    assert fired(observer) == 0
    assert (await journal.read("tally/1", court=COURT)).state.total == 1


async def test_a_timer_whose_consequence_is_refused_fires_and_its_refusal_is_on_record(
    open_journal: Open, observer: Observer
) -> None:
    clock = SetClock()
    journal = await open_journal(QUICK, clock=clock)
    await journal.execute("tally/1", Schedule("unwanted", DUE), meta("a"))
    clock.forward(hours=3)
    await until(lambda: fired(observer))

    commit = observer.commits.find_one({"entries.outcome.status": "refused"}) or {}
    assert commit["entries"][0]["outcome"]["refusal"]["code"] == "timer_not_wanted"


async def test_timers_that_fell_due_while_nobody_ran_fire_at_the_start(open_journal: Open, observer: Observer) -> None:
    clock = SetClock()
    journal = await open_journal(QUICK, clock=clock)
    await journal.execute("tally/1", Schedule("reply", DUE), meta("a"))
    await journal.stop()
    clock.forward(days=3)
    assert fired(observer) == 0

    await open_journal(QUICK, clock=clock)

    await until(lambda: fired(observer) == 1)
