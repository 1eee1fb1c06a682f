"""Following streams event by event on the real database."""

from typing import Any

import pytest
from pymongo.database import Database

from libs.evidence.chain import FIRST_PREV_HASH
from libs.journal.refusals import JournalBroken
from tests.integration.journal.conftest import Open
from tests.unit.journal.tally import Add, meta

BEGIN = (0, FIRST_PREV_HASH)


@pytest.mark.asyncio
async def test_whoever_follows_sees_every_event_once_and_in_order(open_journal: Open) -> None:
    journal = await open_journal()
    for number in range(5):
        await journal.execute("tally/a", Add(number + 1), meta(f"c{number}"))
    first = (await journal.tails({"tally/a": BEGIN, "tally/b": BEGIN}))["tally/a"]
    await journal.execute("tally/a", Add(9), meta("c9"))
    rest = (await journal.tails({"tally/a": (first.version, first.hash)}))["tally/a"]

    assert [each.seq for each in (*first.events, *rest.events)] == [1, 2, 3, 4, 5, 6]
    assert rest.version == first.version + 1
    assert await journal.tails({"tally/a": (rest.version, rest.hash), "tally/b": BEGIN}) == {}


@pytest.mark.asyncio
async def test_a_commit_that_is_missing_is_a_gap_and_one_that_was_changed_is_no_successor(
    open_journal: Open, observer: Database[dict[str, Any]]
) -> None:
    journal = await open_journal()
    for number in range(3):
        await journal.execute("tally/a", Add(1), meta(f"c{number}"))
    whole = (await journal.tails({"tally/a": BEGIN}))["tally/a"]
    observer["commits"].delete_one({"_id": "tally/a@0000000002"})
    cut = (await journal.tails({"tally/a": BEGIN}))["tally/a"]
    observer["commits"].update_one({"_id": "tally/a@0000000001"}, {"$set": {"prev_hash": "1" * 64}})

    assert (whole.version, whole.gap) == (3, False)
    assert (cut.version, cut.gap, [each.seq for each in cut.events]) == (1, True, [1])
    with pytest.raises(JournalBroken):
        await journal.tails({"tally/a": BEGIN})


@pytest.mark.asyncio
async def test_single_commits_are_told_by_version(open_journal: Open) -> None:
    journal = await open_journal()
    for number in range(4):
        await journal.execute("tally/a", Add(number + 1), meta(f"c{number}"))
    found = await journal.commits_at("tally/a", [2, 4, 9])
    assert [(version, [each.seq for each in tail.events]) for version, tail in found] == [(2, [2]), (4, [4])]
