"""Any number of processes: one line of heads, whoever signs; a lost register comes back; a forged one signs nothing."""

import asyncio
import base64
import itertools
import sqlite3
from pathlib import Path
from typing import Any

import orjson
import pytest
from pymongo import AsyncMongoClient

from libs.evidence import Signer
from libs.evidence.keys import new_key
from tests.integration.credit_blacklist.feed_house import House, feed_house, opened, record_of


async def alarms(house: House, replica: int = 0) -> dict[str, str]:
    response = await house.client.get(f"{house.replicas[replica].url}/readyz")
    found: dict[str, str] = response.json()["alarms"]
    return found


async def alarm_of(house: House, name: str, replica: int = 0) -> str:
    async with asyncio.timeout(40):
        while name not in (found := await alarms(house, replica)):  # noqa: ASYNC110 -- the other side is HTTP
            await asyncio.sleep(0.1)
    return found[name]


@pytest.mark.asyncio
@pytest.mark.rule("R-CRB-33")
async def test_two_processes_sign_one_line_of_heads(mongo_uri: str, kafka_bootstrap: str, tmp_path: Path) -> None:
    async with feed_house(mongo_uri, kafka_bootstrap, tmp_path, feed_head_every_s=1) as house:
        await house.replica()
        await house.replica()
        author = await house.author()
        seen: list[dict[str, Any]] = []

        async def watch() -> None:
            for turn in itertools.cycle((0, 1)):
                if head := await house.head(replica=turn):
                    seen.append(head)
                await asyncio.sleep(0.02)

        watching = asyncio.create_task(watch())
        for first in range(1, 61, 6):
            await author.list_persons(*range(first, first + 6))
        for replica in (0, 1):
            await house.named(60, replica=replica)
        await asyncio.sleep(2)
        watching.cancel()

        by_sequence: dict[int, set[str]] = {}
        for head in seen:
            by_sequence.setdefault(head["sequence"], set()).add(orjson.dumps([head["set"], head["log_root"]]).decode())
        pages = [await house.get(f"pages/{seen[-1]['session_id']}/0.p/60", replica=each) for each in (0, 1)]

        assert all(len(said) == 1 for said in by_sequence.values())
        assert [head["sequence"] for head in seen] == sorted(head["sequence"] for head in seen)
        assert [head["issued_at"] for head in seen] == sorted(head["issued_at"] for head in seen)
        assert pages[0].content == pages[1].content
        for replica in (0, 1):
            # A broker that is busy elsewhere is the mirror's alarm, not the feed's.
            assert not [name for name in await alarms(house, replica) if name.startswith("feed ")]


@pytest.mark.asyncio
async def test_a_process_that_lost_its_register_serves_the_very_same_pages(
    mongo_uri: str, kafka_bootstrap: str, tmp_path: Path
) -> None:
    async with feed_house(mongo_uri, kafka_bootstrap, tmp_path) as house:
        first = await house.replica()
        author = await house.author()
        await author.list_persons(*range(1, 271))
        head = await house.named(270)
        names = [f"pages/{head['session_id']}/0", f"pages/{head['session_id']}/1.p/14"]
        before = [(await house.get(name)).content for name in names]
        await first.server.stop()
        await house.replica()
        after = [(await house.get(name, replica=1)).content for name in names]
        assert before == after
        assert (await house.head(replica=1))["set"] == head["set"]


@pytest.mark.asyncio
@pytest.mark.rule("R-CRB-33")
async def test_a_forged_register_signs_nothing_and_says_so(
    mongo_uri: str, kafka_bootstrap: str, tmp_path: Path
) -> None:
    async with feed_house(mongo_uri, kafka_bootstrap, tmp_path, feed_head_every_s=1) as house:
        replica = await house.replica()
        author = await house.author()
        await author.list_persons(1, 2, 3)
        head = await house.named(3)
        with sqlite3.connect(replica.folder / "register-0.sqlite") as forging:
            feed, jws = forging.execute(
                "SELECT feed, jws FROM entries JOIN feeds USING (feed) WHERE view='court' AND record_id='rec_000002'"
            ).fetchone()
            forged = {**opened(jws), "case_number": "（2024）云0381执99999号"}
            parts = jws.split(".")
            parts[1] = base64.urlsafe_b64encode(orjson.dumps(forged)).decode().rstrip("=")
            forging.execute(
                "UPDATE entries SET jws=?, record_version=7 WHERE feed=? AND record_id='rec_000002'",
                (".".join(parts), feed),
            )
        forging.close()
        await author.say(record_of(2, 2, change="UPDATED", duty="支付1元"))
        cause = await alarm_of(house, "feed session " + head["session_id"])
        await asyncio.sleep(2)

        assert "version" in cause
        assert (await house.head())["sequence"] == 3


@pytest.mark.asyncio
async def test_a_process_whose_journal_lost_a_commit_signs_nothing(
    mongo_uri: str, kafka_bootstrap: str, tmp_path: Path
) -> None:
    async with feed_house(mongo_uri, kafka_bootstrap, tmp_path, feed_head_every_s=1) as house:
        first = await house.replica()
        author = await house.author()
        for serial in (1, 2, 3):
            await author.list_persons(serial)
        head = await house.named(3)
        await first.server.stop()
        async with AsyncMongoClient[dict[str, Any]](mongo_uri) as client:
            commits = client[f"{house.unique}_cb"]["commits"]
            await commits.delete_one({"_id": f"feed/court/{head['session_id']}@0000000002"})
        await house.replica()
        cause = await alarm_of(house, "feed session " + head["session_id"], replica=1)
        assert "lost commit 2" in cause


@pytest.mark.asyncio
@pytest.mark.rule("R-CRB-33")
async def test_a_register_of_another_journal_is_made_anew(mongo_uri: str, kafka_bootstrap: str, tmp_path: Path) -> None:
    async with feed_house(mongo_uri, kafka_bootstrap, tmp_path) as house:
        first = await house.replica()
        author = await house.author()
        for serial in (1, 2, 3):
            await author.list_persons(serial)
        head = await house.named(3)
        await first.server.stop()
        for part in (author.register, author.journal):
            await part.stop()
        async with AsyncMongoClient[dict[str, Any]](mongo_uri) as client:
            # The database is put back to a state before the third listing, and another one follows.
            database = client[f"{house.unique}_cb"]
            feed = f"feed/court/{head['session_id']}"
            await database["commits"].delete_one({"_id": f"{feed}@0000000003"})
            await database["commits"].delete_many({"stream": f"feedhead/court/{head['session_id']}"})
            await database["shelf"].drop()
        again = await house.author()
        await again.list_persons(4)
        await house.replica(register_folder=first.folder)
        await house.named(3, replica=1)
        entries = (await house.get("entries", replica=1)).json()["entries"]
        assert [opened(each["entry"])["record_id"] for each in entries] == ["rec_000001", "rec_000002", "rec_000004"]


@pytest.mark.asyncio
async def test_an_event_that_two_processes_carry_at_once_is_one_entry(
    mongo_uri: str, kafka_bootstrap: str, tmp_path: Path
) -> None:
    async with feed_house(mongo_uri, kafka_bootstrap, tmp_path) as house:
        await house.replica()
        authors = [await house.author(), await house.author()]
        for serial in range(1, 11):
            await authors[0].person(serial)
        records = [record_of(serial) for serial in range(1, 11)]
        await asyncio.gather(*(author.say(record) for record in records for author in authors))
        changed = [record_of(serial, 2, change="UPDATED") for serial in range(1, 11)]
        await asyncio.gather(*(author.say(record) for record in changed for author in authors))
        head = await house.named(20)
        await asyncio.sleep(1)
        assert (head["sequence"], (await house.head())["sequence"], head["set"]["count"]) == (20, 20, 10)


@pytest.mark.asyncio
@pytest.mark.rule("R-CRB-33")
async def test_what_another_key_signed_is_never_named_and_operators_see_it(
    mongo_uri: str, kafka_bootstrap: str, tmp_path: Path
) -> None:
    async with feed_house(mongo_uri, kafka_bootstrap, tmp_path) as house:
        await house.replica()
        author = await house.author()
        await author.list_persons(1)
        await house.named(1)
        author.handler._signer = Signer(new_key())
        await author.list_persons(2)
        cause = await alarm_of(house, "feed head court")
        metrics = (await house.client.get(f"{house.replicas[0].url}/metrics")).text
        await asyncio.sleep(1)

        assert cause == "entry 2 is not signed with a key of the court"
        assert 'zhixing_feed_unsigned{view="court"} 1.0' in metrics
        assert (await house.head())["sequence"] == 1
