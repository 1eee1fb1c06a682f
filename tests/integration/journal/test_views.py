"""Views follow the journal; a rebuilt one is the same as one that was kept live."""

import asyncio
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from pymongo.database import Database

from libs.foundation.errors import Rejected
from libs.journal import ConsistencyTokenMalformed, CursorMalformed, Journal, Outcome, View, token_of
from tests.integration.journal.conftest import Open
from tests.unit.journal.tally import COURT, OTHER_COURT, START, Add, SplitInto, Take, Tally, meta

Observer = Database[dict[str, Any]]
pytestmark = pytest.mark.asyncio


def part_rows(state: Tally) -> Mapping[str, Mapping[str, Any]]:
    return {part: {"part": part, "total": state.total, "opened_at": START} for part in state.parts}


def total_rows(state: Tally) -> Mapping[str, Mapping[str, Any]]:
    return {f"tally-{state.parts[0]}": {"total": state.total}} if state.parts else {}


PARTS: View[Tally] = View("parts", "tally", part_rows, indexes=(("court", "part"), ("-total",)))
TOTALS: View[Tally] = View("totals", "tally", total_rows)
SHOUTED: View[Tally] = View("parts", "tally", lambda state: {part.upper(): {} for part in state.parts}, version=2)


async def shown(journal: Journal, outcome: Outcome[Any]) -> None:
    assert await journal.views.wait_for(token_of(outcome), 20)


async def ids(journal: Journal, view: str = "parts", **query: Any) -> list[str]:
    page = await journal.views.find(view, **{"court": None, "limit": 200, **query})
    return [row["row_id"] for row in page.rows]


async def test_a_write_is_shown_once_its_token_is_waited_for(open_journal: Open) -> None:
    journal = await open_journal(views=[PARTS])
    await journal.execute("tally/1", Add(5), meta("a"))
    outcome = await journal.execute("tally/1", SplitInto(("x", "y")), meta("b"))
    await shown(journal, outcome)

    row = await journal.views.get("parts", "x", court=COURT)

    assert row == {
        "row_id": "x",
        "part": "x",
        "total": 5,
        "opened_at": "2026-03-02T01:00:00.000000Z",
        "court": COURT,
        "stream": "tally/1",
        "seq": 2,
        "updated_at": "2026-03-02T01:00:00.000000Z",
    }


async def test_waiting_for_a_write_of_another_process_works(open_journal: Open) -> None:
    writer, reader = await open_journal(views=[PARTS]), await open_journal(views=[PARTS])
    outcome = await writer.execute("tally/1", SplitInto(("x",)), meta("a"))

    await shown(reader, outcome)

    assert await ids(reader) == ["x"]


async def test_waiting_is_bounded_and_says_that_it_was_in_vain(open_journal: Open) -> None:
    journal = await open_journal({"run_projector": False}, views=[PARTS])
    outcome = await journal.execute("tally/1", SplitInto(("x",)), meta("a"))

    assert await journal.views.wait_for(token_of(outcome), 0.1) is False


@pytest.mark.parametrize("token", ["", "no", "!!!", "MUB", "eEB5"])
async def test_a_token_that_is_none_of_ours_is_rejected(open_journal: Open, token: str) -> None:
    journal = await open_journal(views=[PARTS])

    with pytest.raises(ConsistencyTokenMalformed):
        await journal.views.wait_for(token, 0.1)


async def test_rows_that_the_state_does_not_give_any_more_vanish(open_journal: Open) -> None:
    journal = await open_journal(views=[PARTS])
    await journal.execute("tally/1", SplitInto(("x", "y")), meta("a"))
    outcome = await journal.execute("tally/1", SplitInto(("y", "z")), meta("b"))
    await shown(journal, outcome)

    assert await ids(journal) == ["y", "z"]


async def test_an_older_state_neither_overwrites_nor_revives_rows(open_journal: Open, observer: Observer) -> None:
    journal = await open_journal(views=[PARTS])
    await journal.execute("tally/1", SplitInto(("x", "y")), meta("a"))
    outcome = await journal.execute("tally/1", SplitInto(("y",)), meta("b"))
    await shown(journal, outcome)
    projector = journal._following.projector
    past = await journal._reader.commits("tally/1", until=1)
    slow = open_journal(views=[PARTS], settings={"run_projector": False})

    # A process that slept since the first commit goes on with what it had read then.
    stale = (await slow)._reader
    head = (await stale.refresh(["tally/1"]))["tally/1"]
    assert not isinstance(head, Exception)
    old = replace(head.head, state=Tally(parts=("x", "y")), seq=1, version=1)
    await projector.project({"tally/1": old}, past)

    assert await ids(journal) == ["y"]
    assert (await journal.views.get("parts", "y", court=None) or {})["seq"] == 2


async def test_a_court_sees_its_own_rows_only(open_journal: Open) -> None:
    journal = await open_journal(views=[PARTS])
    await journal.execute("tally/1", SplitInto(("x",)), meta("a"))
    outcome = await journal.execute("tally/2", SplitInto(("y",)), meta("b", court=OTHER_COURT))
    await shown(journal, outcome)

    assert await ids(journal, court=COURT) == ["x"]
    assert await ids(journal, court=COURT, where={"court": OTHER_COURT}) == []
    assert await journal.views.get("parts", "y", court=COURT) is None
    assert await ids(journal) == ["x", "y"]


async def test_pages_follow_each_other_without_gap_or_repeat_in_any_order(open_journal: Open) -> None:
    journal = await open_journal(views=[PARTS])
    for stream in range(3):
        await journal.execute(f"tally/{stream}", Add(stream % 2), meta(f"a{stream}"))
        names = tuple(f"{stream}-{each:02d}" for each in range(9))
        outcome = await journal.execute(f"tally/{stream}", SplitInto(names), meta(f"b{stream}"))
        await shown(journal, outcome)

    async def walked(order: tuple[tuple[str, int], ...]) -> list[str]:
        found, cursor = [], None
        while True:
            page = await journal.views.find("parts", court=COURT, order=order, cursor=cursor, limit=4)
            found += [row["row_id"] for row in page.rows]
            cursor = page.next_cursor
            if cursor is None:
                return found

    everything = await ids(journal)
    assert len(everything) == 27
    assert await walked(()) == everything
    assert await walked((("total", -1),)) == [*everything[9:18], *everything[:9], *everything[18:]]
    assert await walked((("missing", 1), ("part", -1))) == everything[::-1]


async def test_a_cursor_of_another_list_is_rejected(open_journal: Open) -> None:
    journal = await open_journal(views=[PARTS])
    await journal.execute("tally/1", SplitInto(("x", "y")), meta("a"))
    outcome = await journal.execute("tally/1", SplitInto(("x", "y", "z")), meta("b"))
    await shown(journal, outcome)
    page = await journal.views.find("parts", court=COURT, limit=1)

    for cursor in (page.next_cursor, "garbage", "W10", "", _forged(10**19), _forged({"$gt": ""}), _forged([1])):
        with pytest.raises(CursorMalformed):
            await journal.views.find("parts", court=COURT, order=(("total", 1),), cursor=cursor)


@pytest.mark.parametrize("limit", [0, 201, -1])
async def test_a_page_has_between_one_and_two_hundred_rows(open_journal: Open, limit: int) -> None:
    journal = await open_journal(views=[PARTS])

    with pytest.raises(Rejected):
        await journal.views.find("parts", court=COURT, limit=limit)


async def test_counters_are_sums_of_what_each_stream_contributes(open_journal: Open, observer: Observer) -> None:
    journal = await open_journal(views=[TOTALS])
    for stream in range(4):
        await journal.execute(f"tally/{stream}", SplitInto((str(stream),)), meta(f"a{stream}"))
        await shown(journal, await journal.execute(f"tally/{stream}", Add(10), meta(f"b{stream}")))
    observer.commits.update_many({}, {"$set": {"projected": False}})
    while observer.commits.count_documents({"projected": False}):  # noqa: ASYNC110 -- seen from outside
        await asyncio.sleep(0.05)

    assert await journal.views.sum("totals", "total", court=COURT) == 40
    assert await journal.views.count("totals", court=COURT) == 4


async def test_a_rebuilt_view_is_the_same_as_the_live_one(open_journal: Open, observer: Observer) -> None:
    journal = await open_journal(views=[PARTS, TOTALS])

    async def life(stream: int) -> list[Outcome[Any]]:
        outcomes = []
        for each in range(20):
            await journal.execute(f"tally/{stream}", Add(each), meta(f"a{stream}-{each}"))
            parts = tuple(f"{stream}-{part}" for part in range(each % 4))
            outcomes.append(await journal.execute(f"tally/{stream}", SplitInto(parts), meta(f"b{stream}-{each}")))
        return outcomes

    lives = [asyncio.create_task(life(stream)) for stream in range(12)]
    await asyncio.sleep(0.1)
    await journal.rebuild("parts")
    for outcomes in await asyncio.gather(*lives):
        await shown(journal, outcomes[-1])
    rebuilt_in_the_middle = list(observer.view_parts_2.find(sort=[("_id", 1)]))
    await journal.rebuild("parts")
    rebuilt_at_rest = list(observer.view_parts_3.find(sort=[("_id", 1)]))

    assert len(rebuilt_at_rest) == 36
    assert rebuilt_in_the_middle == rebuilt_at_rest


async def test_what_is_written_while_a_generation_is_being_filled_goes_to_it_as_well(
    open_journal: Open, observer: Observer
) -> None:
    journal = await open_journal(views=[PARTS])
    generation = await journal._following.book.claim(PARTS)

    outcome = await journal.execute("tally/1", SplitInto(("x",)), meta("a"))
    await shown(journal, outcome)

    assert await ids(journal) == ["x"]
    assert [row["_id"] for row in observer[f"view_parts_{generation}"].find()] == ["x"]


async def test_a_building_that_nobody_carries_on_is_taken_over(open_journal: Open, observer: Observer) -> None:
    journal = await open_journal(views=[PARTS])
    await journal._following.book.claim(PARTS)
    long_ago = {"$set": {"building_until": datetime(2020, 1, 1, tzinfo=UTC)}}
    observer.view_generations.update_one({"_id": "parts"}, long_ago)

    await journal.rebuild("parts")

    standing = observer.view_generations.find_one({"_id": "parts"}) or {}
    assert (standing["active"], standing["building"]) == (3, None)


async def test_a_rebuild_switches_in_one_step_and_drops_what_nobody_reads(
    open_journal: Open, observer: Observer
) -> None:
    journal = await open_journal(views=[PARTS])
    outcome = await journal.execute("tally/1", SplitInto(("x", "y")), meta("a"))
    await shown(journal, outcome)
    seen: set[tuple[str, ...]] = set()
    done = asyncio.Event()

    async def reader() -> None:
        while not done.is_set():
            seen.add(tuple(await ids(journal)))

    reading = asyncio.create_task(reader())
    for _ in range(3):
        await journal.rebuild("parts")
    done.set()
    await reading

    assert seen == {("x", "y")}
    kept = {name for name in observer.list_collection_names() if name.startswith("view_parts")}
    assert kept == {"view_parts_3", "view_parts_3_marks", "view_parts_4", "view_parts_4_marks"}


async def test_a_new_meaning_of_rows_is_built_at_the_start(open_journal: Open) -> None:
    old = await open_journal(views=[PARTS])
    outcome = await old.execute("tally/1", SplitInto(("x",)), meta("a"))
    await shown(old, outcome)
    await old.stop()

    new = await open_journal(views=[SHOUTED])

    assert await ids(new) == ["X"]


async def test_a_process_of_an_older_release_leaves_the_view_to_the_newer(
    open_journal: Open, observer: Observer
) -> None:
    old = await open_journal(views=[PARTS])
    observer.view_generations.update_one({"_id": "parts"}, {"$set": {"version": 2}})
    outcome = await old.execute("tally/1", SplitInto(("x",)), meta("a"))
    left = await old.views.wait_for(token_of(outcome), 0.3)

    assert left is False
    assert old.readiness() == {}
    assert "newer release" in old.alarms()["projector"]

    new = await open_journal(views=[SHOUTED])
    await shown(new, outcome)
    assert await ids(new) == ["X"]


async def test_a_view_that_is_added_later_shows_what_was_before(open_journal: Open) -> None:
    before = await open_journal()
    outcome = await before.execute("tally/1", SplitInto(("x",)), meta("a"))
    await shown(before, outcome)

    after = await open_journal(views=[PARTS])

    assert await ids(after) == ["x"]


async def test_a_stream_whose_rows_cannot_be_made_does_not_hide_the_others(open_journal: Open) -> None:
    def picky(state: Tally) -> Mapping[str, Mapping[str, Any]]:
        if state.total == 13:
            raise ZeroDivisionError
        return part_rows(state)

    journal = await open_journal(views=[View("parts", "tally", picky)])
    await journal.execute("tally/1", Add(13), meta("a"))
    outcome = await journal.execute("tally/2", SplitInto(("x",)), meta("b"))
    await shown(journal, outcome)

    assert await ids(journal) == ["x"]
    assert journal.readiness() == {}
    assert "1 streams" in journal.alarms()["projector"]


async def test_an_old_row_is_replaced_and_not_merged(open_journal: Open) -> None:
    rows = View[Tally]("signs", "tally", lambda state: {"sign": {"plus": 1} if state.total > 0 else {"minus": 1}})
    journal = await open_journal(views=[rows])
    await journal.execute("tally/1", Add(1), meta("a"))
    outcome = await journal.execute("tally/1", Take(1), meta("b"))
    await shown(journal, outcome)

    row = await journal.views.get("signs", "sign", court=COURT)
    assert row is not None
    assert row.keys() & {"plus", "minus"} == {"minus"}


def _forged(value: Any) -> str:
    return urlsafe_b64encode(orjson.dumps([["total", "_id"], [value, "x"]])).decode().rstrip("=")
