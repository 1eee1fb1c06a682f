"""Three mongods under load, their primary struck again and again: no accepted command disappears."""

from __future__ import annotations

import asyncio
import functools
import random

import httpx
import pytest
from pymongo import MongoClient
from pymongo.read_concern import ReadConcern

from tests.fault.outcomes.desk import Desk, say
from tests.fault.outcomes.premises import Commit, Premises
from tests.fault.outcomes.writes import Pen
from tests.fault.replica_set.clerks import Clerks
from tests.fault.replica_set.conftest import House
from tests.fault.replica_set.strokes import STROKES, Scene, Stroke

AGENCIES = 5


def schedule(dice: random.Random, *, campaign: bool) -> list[tuple[float, Stroke]]:
    """Return what happens in which order, and how many seconds of work come before each."""
    strokes: list[Stroke] = []
    for _ in range(8 if campaign else 1):
        strokes += dice.sample(STROKES, len(STROKES))
    return [(dice.uniform(0.3, 1.2), stroke) for stroke in strokes]


def look_through(premises: Premises, clerks: Clerks, member: MongoClient[Commit]) -> None:
    """Hold the wire and all that anybody was shown against what this member knows a majority to have, in this order."""
    shown = dict(clerks.furthest)
    records = asyncio.run(premises.wire())
    commits = list(member["asset_inquiry"].get_collection("commits", read_concern=ReadConcern("majority")).find())
    clerks.assert_a_majority_has(commits, shown)
    events = {event["id"] for commit in commits for entry in commit["entries"] for event in entry["events"]}
    early = [record.header("ce_subject") for record in records if record.header("ce_id") not in events]
    assert not early, f"published before a majority had it: {early}"


async def played(house: House, seed: int, *, campaign: bool) -> tuple[Desk, Clerks, list[str]]:
    """Let the clerks work through all strokes and a moment longer; return when every command has its answer."""
    dice = random.Random(seed)
    told: list[str] = []
    async with httpx.AsyncClient(timeout=httpx.Timeout(30.0)) as client:
        desk = Desk(client, house.premises.urls, seed)
        pen = Pen(house.premises.tokens, f"e{house.premises.prefix.strip('.')}")
        agencies = [f"{pen.run}-{number}" for number in range(AGENCIES)]
        await desk.all_settled([pen.connected(agency) for agency in agencies])
        clerks = Clerks(desk, pen, seed)
        working = asyncio.create_task(clerks.work(agencies))
        witness = functools.partial(look_through, house.premises, clerks)
        scene = Scene(house.members, dice, witness, functools.partial(clerks.rest, house.premises.mongo))
        for seconds, stroke in schedule(dice, campaign=campaign):
            await asyncio.wait({working}, timeout=seconds)
            if working.done():
                break
            told.append(await asyncio.to_thread(stroke, scene))
        await asyncio.wait({working}, timeout=0.5)
        clerks.stopping.set()
        await working
        await desk.assert_answered_the_same_again(list(desk.answers)[:: 1 + len(desk.answers) // 200])
    return desk, clerks, told


@pytest.mark.timeout(500)
def test_elections_lose_no_accepted_command_and_publish_nothing_that_is_taken_back(
    house: House, seed: int, campaign: bool
) -> None:
    desk, clerks, told = asyncio.run(played(house, seed, campaign=campaign))
    tally = desk.assert_counted(house.premises)
    sums = house.premises.assert_whole_and_published()
    states = clerks.assert_stands(house.premises.commits("asset_inquiry"))
    taken_back = house.members.taken_back()
    assert taken_back, "no member ever had to take a write back: nothing was proved"
    say(f"{told}\n{dict(clerks.counts)} {dict(tally)} {dict(desk.troubles)}")
    say(f"{sums}, {states} states shown, {taken_back} files of writes taken back")
