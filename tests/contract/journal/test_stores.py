"""What the journal asks of a database client. Whatever driver stands behind the seam must pass all of it."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pymongo
import pytest
import pytest_asyncio
from bson import BSON
from pymongo import DeleteMany, ReplaceOne, UpdateOne
from pymongo.errors import BulkWriteError, PyMongoError

from libs.evidence.chain import verify_chain
from libs.foundation.canonical import canonical_bytes
from libs.foundation.limits import COMMIT_BYTES_MAX, RELAY_PAGE_BYTES_MAX, RELAY_PAGE_COMMITS_MAX
from libs.journal import EffectSpec, Intent, Journal, JournalSettings, View, token_of
from libs.journal.commits import COLLECTION, INDEXES
from libs.journal.inserting import insert_commits
from libs.journal.store import Store, open_store
from tests.unit.journal.tally import (
    COURT,
    START,
    TALLIES,
    Add,
    Pay,
    PaymentOrdered,
    RecordDoubt,
    RecordPaid,
    Schedule,
    SetClock,
    Take,
    Tally,
    TallyWouldFallBelowZero,
    meta,
)

pytestmark = pytest.mark.asyncio


@pytest.fixture(params=["motor", "pymongo_async"])
def settings(request: pytest.FixtureRequest, mongo_uri: str, unique: str) -> JournalSettings:
    return JournalSettings(
        mongo_uri=mongo_uri,
        database=unique,
        driver=request.param,
        timer_poll_seconds=0.02,
        # One test reads pages of twenty megabytes on machines that do other things as well.
        call_timeout_ms=30_000,
    )


@pytest_asyncio.fixture
async def store(settings: JournalSettings) -> AsyncIterator[Store]:
    opened = open_store(settings)
    for keys, options in INDEXES:
        await opened.collection(COLLECTION).create_index(keys, **options)
    yield opened
    await opened.close()
    with pymongo.MongoClient[dict[str, Any]](settings.mongo_uri) as client:
        client.drop_database(settings.database)


def commit(number: int, *command_ids: str, **changes: Any) -> dict[str, Any]:
    entries = [{"command_id": each, "events": []} for each in command_ids]
    return {"_id": f"tally/{number}@0000000001", "entries": entries, **changes}


async def test_writes_are_acknowledged_by_a_journaled_majority_and_reads_see_a_majority(store: Store) -> None:
    collection = store.collection(COLLECTION)

    assert collection.write_concern.document == {"w": "majority", "j": True}
    assert collection.read_concern.document == {"level": "majority"}
    assert collection.read_preference.name == "Primary"


async def test_an_unordered_insert_says_which_lost_and_lands_the_others(store: Store) -> None:
    collection = store.collection(COLLECTION)
    await collection.insert_many([commit(2, "b")], ordered=False)

    inserted = await insert_commits(collection, [commit(1, "a"), commit(2, "x"), commit(3, "c")])

    assert (inserted.landed, inserted.lost, inserted.unknown) == ([0, 2], [1], [])


async def test_a_command_id_stands_in_one_commit_only(store: Store) -> None:
    collection = store.collection(COLLECTION)
    await collection.insert_many([commit(1, "a", "b")], ordered=False)

    inserted = await insert_commits(collection, [commit(2, "x", "b"), commit(3, "c")])

    assert (inserted.landed, inserted.lost) == ([1], [0])


async def test_a_commit_that_cannot_be_stored_does_not_spoil_the_others(store: Store) -> None:
    collection = store.collection(COLLECTION)
    deep: Any = 1
    for _ in range(250):
        deep = {"in": deep}

    inserted = await insert_commits(
        collection, [commit(1, "a"), commit(2, "b", text="x" * 17_000_000), commit(3, "c", deep=deep), commit(4, "d")]
    )

    assert (inserted.landed, sorted(inserted.refused)) == ([0, 3], [1, 2])


async def test_stored_data_comes_back_with_the_same_canonical_bytes(store: Store) -> None:
    collection = store.collection(COLLECTION)
    data = {"small": 1, "large": 2**53 - 1, "text": "执行\0…", "list": [True, None, {"deep": -(2**40)}], "": ""}
    await collection.insert_many([commit(1, "a", data=data)], ordered=False)

    (row,) = await collection.find({}).to_list(None)

    assert canonical_bytes(row["data"]) == canonical_bytes(data)


async def test_a_page_is_sorted_limited_and_of_one_instant(store: Store) -> None:
    collection = store.collection(COLLECTION)
    rows = [commit(number, f"c{number}", at=f"t{9 - number}", bucket=1, published=False) for number in range(5)]
    await collection.insert_many(rows, ordered=False)

    page = await store.unpublished(1, 3)
    await store.mark_published([row["_id"] for row in page])

    assert [row["at"] for row in page] == ["t5", "t6", "t7"]
    assert [row["at"] for row in await store.unpublished(1, 3)] == ["t8", "t9"]
    assert await store.unpublished(2, 3) == []


async def test_a_page_that_takes_a_while_never_shows_a_later_commit_without_the_earlier(store: Store) -> None:
    collection = store.collection(COLLECTION)
    filler = [commit(n, f"f{n}", at=f"{n % 997:03d}", bucket=1, published=False, pad="x" * 3000) for n in range(4000)]
    await collection.insert_many(filler, ordered=False)
    stop = asyncio.Event()

    async def writer(first: int) -> None:
        number = first
        while not stop.is_set():
            # A cursor that has passed the place of the first may still meet the second.
            await collection.insert_many([commit(100_000 + number, f"e{number}", at="000", bucket=1, published=False)])
            await collection.insert_many([commit(900_000 + number, f"l{number}", at="998", bucket=1, published=False)])
            number += 1

    writing = [asyncio.create_task(writer(each * 10_000)) for each in range(4)]
    pages = [await store.unpublished(1, 100_000) for _ in range(6)]
    stop.set()
    await asyncio.gather(*writing)

    for page in pages:
        seen = {entry["command_id"] for row in page for entry in row["entries"]}
        assert all(f"e{each[1:]}" in seen for each in seen if each.startswith("l"))


async def test_a_page_is_one_answer_however_large_its_commits_are(store: Store) -> None:
    collection = store.collection(COLLECTION)
    large = [commit(n, f"c{n}", at=f"{n}", bucket=1, published=False, pad="x" * 7_000_000) for n in range(4)]
    for row in large:
        await collection.insert_many([row])

    page = await store.unpublished(1, RELAY_PAGE_COMMITS_MAX)

    assert [row["at"] for row in page] == ["0", "1"]
    assert sum(len(BSON.encode(row)) for row in page) <= RELAY_PAGE_BYTES_MAX
    assert 2 * COMMIT_BYTES_MAX <= RELAY_PAGE_BYTES_MAX


async def test_a_page_leaves_out_the_streams_that_are_named(store: Store) -> None:
    collection = store.collection(COLLECTION)
    rows = [commit(n, f"c{n}", at=f"{n}", bucket=1, published=False, stream=f"case/{n % 2}") for n in range(4)]
    await collection.insert_many(rows, ordered=False)

    assert [row["at"] for row in await store.unpublished(1, 10, ["case/0"])] == ["1", "3"]


async def test_rows_are_written_in_bulk_and_counted(store: Store) -> None:
    rows = store.collection("rows")

    done = await rows.bulk_write(
        [
            UpdateOne({"_id": 1}, {"$setOnInsert": {"n": 1}}, upsert=True),
            UpdateOne({"_id": 1}, {"$setOnInsert": {"n": 2}}, upsert=True),
            ReplaceOne({"_id": 2}, {"n": 2}, upsert=True),
            DeleteMany({"_id": 3}),
        ],
        ordered=False,
    )

    assert done.upserted_count == 2
    assert await rows.find({}, sort=[("_id", 1)]).to_list(None) == [{"_id": 1, "n": 1}, {"_id": 2, "n": 2}]


async def test_a_guarded_replacement_of_a_newer_row_is_a_duplicate(store: Store) -> None:
    rows = store.collection("rows")
    await rows.insert_many([{"_id": 1, "seq": 5}])

    with pytest.raises(BulkWriteError) as error:
        await rows.bulk_write([ReplaceOne({"_id": 1, "seq": {"$lt": 4}}, {"seq": 4}, upsert=True)], ordered=False)

    assert error.value.details is not None
    assert [each["code"] for each in error.value.details["writeErrors"]] == [11000]


async def test_a_claim_is_one_step_and_says_what_it_found(store: Store) -> None:
    rows = store.collection("rows")
    await rows.insert_many([{"_id": 1, "started": False}])
    claim = [{"$set": {"before": "$started", "started": True, "until": {"$add": ["$$NOW", 1000]}}}]

    first = await rows.find_one_and_update({"_id": 1}, claim, return_document=True)
    second = await rows.find_one_and_update({"_id": 1}, claim, return_document=True)

    assert (first["before"], second["before"]) == (False, True)
    assert await rows.find_one_and_update({"_id": 2}, claim, return_document=True) is None


async def test_sums_are_taken_by_the_database(store: Store) -> None:
    await store.collection("rows").insert_many([{"n": number} for number in range(5)])

    found = await store.aggregate("rows", [{"$group": {"_id": None, "sum": {"$sum": "$n"}}}])

    assert found == [{"_id": None, "sum": 10}]
    assert "rows" in await store.names()


async def test_a_database_that_does_not_answer_is_an_error_within_the_time_of_a_call(
    settings: JournalSettings,
) -> None:
    accepted: list[asyncio.StreamWriter] = []
    mute = await asyncio.start_server(lambda _, writer: accepted.append(writer), "127.0.0.1", 0)
    port = mute.sockets[0].getsockname()[1]
    uri = f"mongodb://127.0.0.1:{port}/?directConnection=true"
    nobody = open_store(settings.model_copy(update={"mongo_uri": uri, "call_timeout_ms": 200}))
    try:
        with pytest.raises(PyMongoError):
            async with asyncio.timeout(10):
                await nobody.collection("rows").find({}).to_list(None)
    finally:
        await nobody.close()
        for writer in accepted:
            writer.close()
        mute.close()


class PromptBank:
    """A partner that always answers."""

    async def perform(self, intent: Intent) -> Any:
        return RecordPaid(intent.id)

    async def ask(self, intent: Intent) -> Any | None:
        raise AssertionError(f"{intent.id} was answered at once, nobody has to ask")

    def in_doubt(self, intent: Intent) -> Any:
        return RecordDoubt(intent.id)


async def test_a_whole_journal_lives_on_it(settings: JournalSettings, store: Store) -> None:
    clock = SetClock()
    view: View[Tally] = View("totals", "tally", lambda state: {"row": {"total": state.total, "paid": len(state.paid)}})
    effect = EffectSpec("payout", PaymentOrdered, PromptBank())
    parts: dict[str, Any] = {"service": "tally", "clock": clock, "deciders": [TALLIES]}
    journal = Journal(settings, **parts, views=[view], effects=[effect])
    await journal.start()
    try:
        await journal.execute("tally/1", Add(5), meta("a"))
        assert (await journal.execute("tally/1", Add(5), meta("a"))).replayed
        with pytest.raises(TallyWouldFallBelowZero):
            await journal.execute("tally/1", Take(6), meta("b"))
        await journal.execute("tally/1", Pay(1), meta("c"))
        outcome = await journal.execute("tally/1", Schedule("reply", START + timedelta(hours=1)), meta("d"))
        assert await journal.views.wait_for(token_of(outcome), 20)
        clock.forward(hours=1)
        row: dict[str, Any] = {}
        async with asyncio.timeout(20):
            while (row.get("total"), row.get("paid")) != (105, 1):
                await asyncio.sleep(0.02)
                row = await journal.views.get("totals", "row", court=COURT) or {}
        assert journal.readiness() == {}
    finally:
        await journal.stop()
    assert verify_chain(await store.collection(COLLECTION).find({}, sort=[("_id", 1)]).to_list(None)) == []
