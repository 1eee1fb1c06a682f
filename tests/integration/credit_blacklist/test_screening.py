"""Checks against the running service: what the feed holds is what a check says, singly, in bulk, and of the past."""

import asyncio
import hashlib
import hmac
import json
from base64 import urlsafe_b64decode
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from libs.foundation.clock import instant_text
from tests.integration.credit_blacklist.feed_house import Author, House, feed_house, number_of, record_of

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.rule("R-CRB-33")]

CARD = "RESIDENT_IDENTITY_CARD"


def _told(result: dict[str, Any]) -> dict[str, Any]:
    """Return a result without the hour of the head that vouches for it: that one is signed again all the time."""
    return result | {"as_of": result["as_of"] | {"issued_at": None}}


class Desk:
    """Asks the first replica."""

    def __init__(self, house: House, author: Author) -> None:
        self.house, self.author = house, author

    def now(self) -> datetime:
        return self.author.clock.now()

    async def post(self, path: str, view: str = "court", query: str = "", **sent: Any) -> httpx.Response:
        url = f"{self.house.replicas[0].url}/v1/{path}?purpose=check{'' if view == 'air' else '&case_id=c1'}{query}"
        headers = {"Authorization": f"Bearer {self.house.token(view)}", **sent.pop("headers", {})}
        return await self.house.client.post(url, headers=headers, **sent)

    async def check(self, serial: int, view: str = "court", **more: Any) -> dict[str, Any]:
        body = {"document": {"type": CARD, "number": number_of(serial)}, "name": f"张三{serial}", **more}
        answer = await self.post("restriction-checks", view, json=body)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def until(self, serial: int, status: str, view: str = "court") -> dict[str, Any]:
        async with asyncio.timeout(20):
            while (found := await self.check(serial, view))["status"] != status:  # noqa: ASYNC110 -- over HTTP, as an agency asks
                await asyncio.sleep(0.1)
        return found


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(mongo_uri: str, kafka_bootstrap: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    folder: Path = tmp_path_factory.mktemp("screening")
    async with feed_house(mongo_uri, kafka_bootstrap, folder) as house:
        await house.replica()
        await house.subscribe("air")
        yield Desk(house, await house.author())


@pytest.mark.rule("R-CRB-10")
async def test_who_is_listed_is_refused_and_who_was_removed_is_let_go(desk: Desk) -> None:
    await desk.author.list_persons(1)
    listed = await desk.until(1, "LISTED")
    assert [hit["court"]["telephone"] for hit in listed["hits"]] == ["0874-7120000"]
    assert not {"grounds", "duty", "performance"} & set(listed["hits"][0])
    between = desk.now()
    await desk.author.say(record_of(1, 2, status="REMOVED", change="REMOVED", at=between))
    removed = await desk.until(1, "NOT_LISTED")
    assert removed["as_of"]["sequence"] > listed["as_of"]["sequence"]
    past = await desk.check(1, as_of=instant_text(between))
    assert (past["status"], past["as_of"]["moment"]) == ("LISTED", instant_text(between))
    before = await desk.check(1, as_of="2024-06-02T00:00:00Z")
    assert (before["status"], before["reason"]) == ("UNKNOWN", "BEFORE_THE_LIST")


@pytest.mark.rule("R-CRB-23")
async def test_an_airline_refuses_a_restricted_traveller_but_for_a_window(desk: Desk) -> None:
    await desk.author.person(2)
    await desk.author.say(record_of(2, status="RESTRICTED"))
    hit = (await desk.until(2, "LISTED", "air"))["hits"][0]
    assert hit["kinds"] == [1]
    assert (await desk.check(2, "air", measure_code="7.1.AIR"))["status"] == "LISTED"
    window = {"from_at": desk.now() - timedelta(hours=1), "until_at": desk.now() + timedelta(days=9), "kinds": (1,)}
    await desk.author.say(record_of(2, 2, status="RESTRICTED", change="UPDATED", suspensions=(window,)))
    assert (await desk.until(2, "NOT_LISTED", "air"))["as_of"]["view"] == "air"


@pytest.mark.rule("R-INT-07")
async def test_a_name_alone_gives_the_court_candidates_and_the_airline_nothing(desk: Desk) -> None:
    await desk.author.list_persons(3)
    await desk.until(3, "LISTED")
    async with asyncio.timeout(20):
        while (answer := await desk.post("restriction-checks", json={"name": "張三3"})).status_code != 200:
            assert answer.json()["code"] == "names_not_ready"
            await asyncio.sleep(0.2)
    found = answer.json()
    assert (found["status"], found["reason"]) == ("UNKNOWN", "NAME_ALONE")
    best = found["candidates"][0]
    assert (best["record_id"], best["name"], best["score"]) == ("rec_000003", "张**", 98)
    assert best["identity_documents"][0]["number"] == f"{number_of(3)[:10]}****{number_of(3)[-4:]}"
    told = (await desk.post("restriction-checks", "air", json={"name": "張三3"})).json()
    assert (told["status"], "candidates" in told) == ("UNKNOWN", False)


async def test_a_batch_with_a_broken_line_answers_the_others_and_can_go_on(desk: Desk) -> None:
    await desk.author.list_persons(4, 5)
    await desk.until(5, "LISTED")
    await desk.until(4, "LISTED")
    serials = [4, 900, None, 5, 901]
    lines = [
        json.dumps({"document": {"type": CARD, "number": number_of(serial)}, "name": f"张三{serial}"}).encode()
        if serial
        else b'{"document":'
        for serial in serials
    ]
    sent: dict[str, Any] = {"content": b"\n".join(lines), "headers": {"Content-Type": "application/x-ndjson"}}
    whole = await desk.post("restriction-check-batches", **sent)
    results = [json.loads(line) for line in whole.text.splitlines()]
    assert [one["status"] for one in results] == ["LISTED", "NOT_LISTED", "REJECTED", "LISTED", "NOT_LISTED"]
    await desk.author.say(record_of(5, 2, status="REMOVED", change="REMOVED", at=desk.now()))
    await desk.until(5, "NOT_LISTED")
    rest = await desk.post(
        "restriction-check-batches", query=f"&after_line=3&at={whole.headers['x-list-state']}", **sent
    )
    assert [_told(json.loads(line)) for line in rest.text.splitlines()] == [_told(one) for one in results[3:]]


@pytest.mark.rule("R-GEN-06")
async def test_an_agency_without_a_copy_finds_whom_it_asks_for_in_a_range(desk: Desk) -> None:
    await desk.author.person(6)
    await desk.author.say(record_of(6, status="RESTRICTED"))
    await desk.until(6, "LISTED", "air")
    url = f"{desk.house.replicas[0].url}/v1/restriction-check-ranges/key"
    given = await desk.house.client.get(url, headers={"Authorization": f"Bearer {desk.house.token('air')}"})
    key = urlsafe_b64decode(given.json()["key"] + "=")
    digests = [hmac.new(key, f"{CARD}\0{number_of(n)}".encode(), hashlib.sha256).hexdigest()[:32] for n in (6, 902)]
    body = {"prefixes": [digest[:4] for digest in digests]}
    answer = (await desk.post("restriction-check-ranges", "air", json=body)).json()
    assert [digest in found["digests"] for digest, found in zip(digests, answer["ranges"], strict=True)] == [
        True,
        False,
    ]
    assert {len(found["digests"]) for found in answer["ranges"]} == {64}
