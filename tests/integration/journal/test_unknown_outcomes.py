"""What a database that hangs or dies leaves open is looked up: nothing is lost, nothing happens twice."""

import asyncio
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import pymongo
import pytest
from pymongo.database import Database

from devstack.mongo import NativeMongo
from devstack.ports import free_ports
from libs.evidence.chain import verify_chain
from libs.foundation.errors import OutcomeUnknown
from libs.journal import Journal, StoreUnavailable
from tests.integration.journal.conftest import Open
from tests.unit.journal.tally import COURT, Add, Take, TallyWouldFallBelowZero, meta

pytestmark = pytest.mark.asyncio

PATIENT = {"call_timeout_ms": 400, "deadline_seconds": 15.0}
HASTY = {"call_timeout_ms": 300, "deadline_seconds": 1.0}


@pytest.fixture(scope="module")
def mongod(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NativeMongo]:
    """A database of our own: it is paused and killed here."""
    node = NativeMongo(Path(tmp_path_factory.mktemp("mongod")), free_ports(1)[0])
    node.start()
    yield node
    node.stop()


@pytest.fixture
def mongo_uri(mongod: NativeMongo) -> str:
    return mongod.uri


@contextmanager
def paused(mongod: NativeMongo) -> Iterator[None]:
    """Inside, the database has stopped for certain: the signal alone leaves it time for a last write."""
    mongod.pause()
    try:
        while psutil.Process(mongod.pid).status() != psutil.STATUS_STOPPED:
            time.sleep(0.001)
        yield
    finally:
        mongod.resume()


def entries(mongod: NativeMongo, database: str) -> Counter[str]:
    with pymongo.MongoClient[dict[str, Any]](mongod.uri) as client:
        commits: Database[dict[str, Any]] = client[database]
        assert verify_chain(commits.commits.find(sort=[("_id", 1)])) == []
        return Counter(entry["command_id"] for commit in commits.commits.find() for entry in commit["entries"])


async def warm(journal: Journal, streams: int) -> None:
    await asyncio.gather(*(journal.execute(f"tally/{each}", Add(1), meta(f"warm{each}")) for each in range(streams)))


async def test_writes_in_flight_while_the_database_hangs_are_accepted_once_when_it_goes_on(
    open_journal: Open, mongod: NativeMongo, unique: str
) -> None:
    journal = await open_journal(PATIENT)
    await warm(journal, 8)
    with paused(mongod):
        writes = [
            asyncio.create_task(journal.execute(f"tally/{number % 8}", Add(1), meta(f"c{number}")))
            for number in range(32)
        ]
        await asyncio.sleep(1.5)

    outcomes = await asyncio.gather(*writes)

    assert len(outcomes) == 32
    assert set(entries(mongod, unique).values()) == {1}
    totals = [(await journal.read(f"tally/{each}", court=COURT)).state.total for each in range(8)]
    assert totals == [5] * 8


async def test_a_take_that_landed_unseen_is_not_refused_for_its_own_sake(
    open_journal: Open, mongod: NativeMongo
) -> None:
    journal = await open_journal(PATIENT)
    await journal.execute("tally/1", Add(10), meta("a"))
    with paused(mongod):
        # Decided again on the state it made itself, it would be refused: there is nothing left to take.
        write = asyncio.create_task(journal.execute("tally/1", Take(10), meta("b")))
        await asyncio.sleep(1.2)

    assert (await write).state.total == 0


async def test_at_the_deadline_the_outcome_is_said_to_be_unknown_and_the_same_key_learns_it(
    open_journal: Open, mongod: NativeMongo, unique: str
) -> None:
    journal = await open_journal(HASTY)
    await warm(journal, 4)
    with paused(mongod):
        answers = await asyncio.gather(
            *(journal.execute(f"tally/{number}", Add(5), meta(f"c{number}")) for number in range(4)),
            return_exceptions=True,
        )
    await asyncio.sleep(0.5)

    again = await asyncio.gather(
        *(journal.execute(f"tally/{number}", Add(5), meta(f"c{number}")) for number in range(4))
    )

    assert {type(answer) for answer in answers} == {OutcomeUnknown}
    assert {outcome.state.total for outcome in again} == {6}
    assert set(entries(mongod, unique).values()) == {1}


async def test_a_write_on_its_way_at_the_deadline_is_said_to_be_unknown(
    open_journal: Open, mongod: NativeMongo, unique: str
) -> None:
    journal = await open_journal({"call_timeout_ms": 5000, "deadline_seconds": 0.5})
    await warm(journal, 1)
    with paused(mongod), pytest.raises(OutcomeUnknown):
        await journal.execute("tally/0", Add(5), meta("c"))

    assert (await journal.execute("tally/0", Add(5), meta("c"))).state.total == 6
    assert entries(mongod, unique)["c"] == 1


async def test_what_never_left_is_said_not_to_be_written(open_journal: Open, mongod: NativeMongo, unique: str) -> None:
    journal = await open_journal(HASTY)
    # The stream has to be read first, and that is where the time goes.
    with paused(mongod), pytest.raises(StoreUnavailable):
        await journal.execute("tally/1", Add(5), meta("a"))
    await asyncio.sleep(0.5)

    assert entries(mongod, unique)["a"] == 0


async def test_a_refusal_is_not_answered_while_it_cannot_be_confirmed(open_journal: Open, mongod: NativeMongo) -> None:
    journal = await open_journal(HASTY)
    await journal.execute("tally/1", Add(5), meta("a"))
    with paused(mongod), pytest.raises(StoreUnavailable):
        await journal.execute("tally/1", Take(9), meta("b"))

    with pytest.raises(TallyWouldFallBelowZero):
        await journal.execute("tally/1", Take(9), meta("b"))


async def test_a_database_that_is_killed_and_comes_back_loses_and_repeats_nothing(
    open_journal: Open, mongod: NativeMongo, unique: str
) -> None:
    journal = await open_journal({"call_timeout_ms": 1000, "deadline_seconds": 30.0})
    await warm(journal, 4)
    accepted: list[str] = []

    async def writer(number: int) -> None:
        for each in range(60):
            name = f"c{number}-{each}"
            await journal.execute(f"tally/{number}", Add(1), meta(name))
            accepted.append(name)

    writers = [asyncio.create_task(writer(number)) for number in range(4)]
    await asyncio.sleep(0.05)
    await asyncio.to_thread(mongod.kill)
    await asyncio.to_thread(mongod.start)
    await asyncio.gather(*writers)

    counts = entries(mongod, unique)
    assert len(accepted) == 240
    assert all(counts[name] == 1 for name in accepted)
    assert sum(counts.values()) == 244


async def test_following_goes_on_after_the_database_came_back(open_journal: Open, mongod: NativeMongo) -> None:
    journal = await open_journal(PATIENT)
    with paused(mongod):
        await asyncio.sleep(1.5)
        troubled = journal.readiness()
    for _ in range(100):
        if not journal.readiness():
            break
        await asyncio.sleep(0.1)

    assert troubled
    assert journal.readiness() == {}
