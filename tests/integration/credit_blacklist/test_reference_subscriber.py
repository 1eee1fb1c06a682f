"""The reference subscriber against the real publisher: four ways, one list, each position confirmed."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from libs.evidence.keys import generate_key
from tests.integration.credit_blacklist.feed_house import (
    AGENCY_OF,
    Author,
    House,
    feed_house,
    number_of,
    record_of,
)
from zhixing_feed import Alarm, AlarmCode, Pacing, State, Subscriber

pytestmark = pytest.mark.timeout(300)
VIEW = "finance"
LOAN = "1.1"
CARD = "RESIDENT_IDENTITY_CARD"
WAYS = ("pull", "stream", "deltas", "entries")


class Agency:
    """The bank with as many copies as it likes."""

    def __init__(self, house: House, folder: Path, author: Author) -> None:
        self.house = house
        self.clock = author.clock
        self.folder = folder
        self.key = generate_key(folder / "bank.json", kid="bank-1").as_dict(private=True)
        self.alarms: list[Alarm] = []

    async def register(self) -> None:
        body = {
            "view": VIEW,
            "title": "银行",
            "contact_name": "李四",
            "contact_phone": "010-12345678",
            "sales_channels": ["柜台"],
            "keys": [{name: value for name, value in self.key.items() if name != "d"}],
        }
        url = f"{self.house.replicas[0].url}/v1/subscribers/{AGENCY_OF[VIEW]}"
        response = await self.house.client.put(url, json=body, headers=self.house.operator("op-1"))
        assert response.status_code in (200, 201), response.text

    @asynccontextmanager
    async def following(self, way: str) -> AsyncIterator[Subscriber]:
        """A copy that follows by one way; it has the same file each time."""
        subscriber = Subscriber(
            self.house.replicas[0].url,
            root_keys=[self.house.keys.public_root_key()],
            path=self.folder / f"{way}.sqlite",
            token=lambda: self.house.token(VIEW),
            signing_key=self.key,
            on_alarm=self.alarms.append,
            pacing=Pacing(start_jitter_s=0, failure_s=0.2, sleep=lambda seconds: asyncio.sleep(min(seconds, 0.2))),
            clock=self.clock.now,
        )
        servers, prefix = self.house.bootstrap, f"{self.house.unique}."
        async with subscriber:
            coroutines: dict[str, Callable[[], Coroutine[Any, Any, None]]] = {
                "pull": subscriber.follow,
                "stream": subscriber.follow_stream,
                "deltas": partial(subscriber.follow_kafka_deltas, servers, VIEW, topic_prefix=prefix),
                "entries": partial(subscriber.follow_kafka_entries, servers, VIEW, topic_prefix=prefix),
            }
            task = asyncio.create_task(coroutines[way]())
            try:
                yield subscriber
            finally:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)


@asynccontextmanager
async def agency_of(mongo_uri: str, bootstrap: str, folder: Path) -> AsyncIterator[tuple[Agency, Author]]:
    async with feed_house(mongo_uri, bootstrap, folder, feed_minimum_wait_s=0) as house:
        await house.replica()
        author = await house.author()
        agency = Agency(house, folder, author)
        await agency.register()
        await house.until(bool, view=VIEW)
        yield agency, author


async def held(agency: Agency, subscriber: Subscriber, sequence: int) -> State:
    """Wait for a sequence; the copy is then the publisher's list, and the publisher says so."""
    state = await subscriber.wait_for(lambda state: state.sequence >= sequence and state.ready, 60)
    checksum = (await agency.house.get(f"checksums/{state.sequence}", view=VIEW)).json()
    assert (state.set_digest, state.count) == (checksum["set"]["digest"], checksum["set"]["count"])
    assert state.log_root == checksum["log_root"]
    assert await subscriber.acknowledge() == "CONFIRMED"
    return state


@pytest.mark.asyncio
@pytest.mark.rule("R-CRB-33")
async def test_four_ways_lead_to_one_list_and_whoever_slept_catches_up(
    mongo_uri: str, kafka_bootstrap: str, tmp_path: Path
) -> None:
    async with agency_of(mongo_uri, kafka_bootstrap, tmp_path) as (agency, author):
        await author.list_persons(1, 2, 3)
        for way in WAYS:
            async with agency.following(way) as subscriber:
                await held(agency, subscriber, 3)
                answer = await subscriber.check(CARD, number_of(1), "张三1", LOAN)
                assert (answer.decision, answer.status) == ("REFUSE", "LISTED")
        await author.list_persons(4, 5)
        await author.say(record_of(2, 2, change="UPDATED", at=author.clock.now(), performance="PARTLY"))
        await author.say(record_of(1, 2, status="REMOVED", change="REMOVED", at=author.clock.now()))
        for way in WAYS:
            async with agency.following(way) as subscriber:
                state = await held(agency, subscriber, 7)
                assert state.count == 4
                answer = await subscriber.check(CARD, number_of(1), "张三1", LOAN)
                assert (answer.decision, answer.status) == ("PASS", "NOT_LISTED")
        # A busy machine may be late to answer; anything else would be a fault of one of the two.
        assert [alarm for alarm in agency.alarms if alarm.code is not AlarmCode.UNREACHABLE] == []


@pytest.mark.asyncio
@pytest.mark.rule("R-CRB-33")
async def test_a_reset_is_followed_on_every_way_and_frees_nobody(
    mongo_uri: str, kafka_bootstrap: str, tmp_path: Path
) -> None:
    async with agency_of(mongo_uri, kafka_bootstrap, tmp_path) as (agency, author):
        house = agency.house
        await author.list_persons(1, 2, 3)
        former = ""
        for way in WAYS:
            async with agency.following(way) as subscriber:
                former = (await held(agency, subscriber, 3)).session_id
        url = f"{house.replicas[0].url}/v1/joint-punishment-feed/views/{VIEW}/resets"
        ordered = await house.client.post(url, json={"reason": "恢复备份"}, headers=house.operator("op-1"))
        session = ordered.json()["reset"]["session_id"]
        approval = f"{url}/{session}/approvals"
        approved = await house.client.post(approval, json={"decision": "APPROVE"}, headers=house.operator("op-2"))
        assert approved.status_code in (200, 201, 202), approved.text
        await house.until(lambda head: head.get("session_id") == session, view=VIEW)
        for way in WAYS:
            async with agency.following(way) as subscriber:
                await subscriber.wait_for(lambda state: state.session_id == session, 60)
                state = await held(agency, subscriber, 1)
                assert (state.session_id != former, state.count) == (True, 3)
