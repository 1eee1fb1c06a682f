"""A reset: two officers, nothing lost, nothing hidden, and the old copy is not worth less for it."""

import asyncio
from pathlib import Path

import httpx
import pytest

from libs.foundation.errors import Transient
from tests.contract.feed.plain_subscriber import PlainSubscriber
from tests.integration.credit_blacklist.feed_house import BEGAN, Author, House, feed_house, record_of


async def order(house: House, officer: str = "op-1") -> httpx.Response:
    url = f"{house.replicas[0].url}/v1/joint-punishment-feed/views/court/resets"
    return await house.client.post(url, json={"reason": "恢复备份"}, headers=house.operator(officer))


async def approve(house: House, session: str, officer: str) -> httpx.Response:
    url = f"{house.replicas[0].url}/v1/joint-punishment-feed/views/court/resets/{session}/approvals"
    return await house.client.post(url, json={"decision": "APPROVE"}, headers=house.operator(officer))


@pytest.mark.asyncio
@pytest.mark.rule("R-CRB-33")
async def test_a_reset_accounts_for_the_old_session_and_carries_over_what_is_in_force(
    mongo_uri: str, kafka_bootstrap: str, tmp_path: Path
) -> None:
    async with feed_house(mongo_uri, kafka_bootstrap, tmp_path) as house:
        await house.replica()
        await house.replica()
        author = await house.author()
        await author.list_persons(*range(1, 251))
        await author.say(record_of(7, 2, status="REMOVED", change="REMOVED", at=BEGAN))
        old = await house.named(251)
        session = (await order(house)).json()["reset"]["session_id"]
        same = await approve(house, session, "op-1")
        await asyncio.gather(
            approve(house, session, "op-2"), *(author_lists(author, serial) for serial in range(251, 281))
        )
        new = await house.until(lambda head: head["session_id"] == session)
        last = await house.named(279 + 1)

        assert (same.status_code, same.json()["code"]) == (403, "feed_needs_second_officer")
        assert new["previous_session"]["id"] == old["session_id"]
        assert new["previous_session"]["sequence"] >= 251
        assert new["snapshot"]["sequence"] == new["sequence"]
        assert last["set"]["count"] == 279
        async with httpx.AsyncClient(base_url=house.replicas[1].url, timeout=20) as client:
            plain = PlainSubscriber(client, house.token(), [house.keys.public_root_key()])
            await plain.follow(await plain.read_head())
        assert plain.listed() == [f"rec_{serial:06d}" for serial in range(1, 281) if serial != 7]
        assert plain.held["rec_000007"][1] == "REMOVED"


async def author_lists(author: Author, serial: int) -> None:
    """List a person however long a reset is under way, as the consumer would."""
    await author.person(serial)
    async with asyncio.timeout(30):
        while True:
            try:
                await author.say(record_of(serial))
            except Transient:
                await asyncio.sleep(0.05)
            else:
                return


@pytest.mark.asyncio
async def test_a_repeat_that_arrives_after_a_reset_stands_in_neither_session_twice(
    mongo_uri: str, kafka_bootstrap: str, tmp_path: Path
) -> None:
    async with feed_house(mongo_uri, kafka_bootstrap, tmp_path) as house:
        await house.replica()
        author = await house.author()
        await author.list_persons(1, 2)
        await author.say(record_of(1, 2, change="UPDATED"))
        await house.named(3)
        session = (await order(house)).json()["reset"]["session_id"]
        await approve(house, session, "op-2")
        await house.until(lambda head: head["session_id"] == session)
        for record in (record_of(1), record_of(1, 2, change="UPDATED"), record_of(2)):
            await author.say(record)
        await author.say(record_of(2, 2, change="UPDATED"))
        head = await house.named(3)
        assert (head["session_id"], head["sequence"], head["set"]["count"]) == (session, 3, 2)


@pytest.mark.asyncio
async def test_a_reset_that_is_rejected_changes_nothing(mongo_uri: str, kafka_bootstrap: str, tmp_path: Path) -> None:
    async with feed_house(mongo_uri, kafka_bootstrap, tmp_path) as house:
        await house.replica()
        author = await house.author()
        await author.list_persons(1)
        old = await house.named(1)
        session = (await order(house)).json()["reset"]["session_id"]
        twice = await order(house)
        url = f"{house.replicas[0].url}/v1/joint-punishment-feed/views/court/resets/{session}/approvals"
        body = {"decision": "REJECT", "reason": "无必要"}
        rejected = await house.client.post(url, json=body, headers=house.operator("op-2"))
        again = await approve(house, session, "op-2")
        await author.list_persons(2)
        head = await house.named(2)

        assert (twice.status_code, twice.json()["code"]) == (409, "feed_reset_pending")
        assert rejected.json()["reset"] is None
        assert again.status_code == 404
        assert head["session_id"] == old["session_id"]
