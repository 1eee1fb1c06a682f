"""Distribution over HTTP and Kafka, on the real service: who holds what, since when, and told by which bell."""

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from devstack.demo.proof.sight import read_wire
from libs.evidence import Signer, Verifier
from libs.evidence.keys import new_key
from libs.foundation.canonical import canonical_bytes
from libs.foundation.clock import instant_text
from libs.journal import Actor, CommandMeta
from services.credit_blacklist.domain.report import report_stream
from services.credit_blacklist.domain.report_law import NoteRecord
from tests.integration.credit_blacklist.feed_house import Author, House, feed_house, opened, record_of

pytestmark = pytest.mark.asyncio(loop_scope="module")
FEED = "/v1/joint-punishment-feed"
POSITION = "zhixing-position+jws"
KEYS = {"air": Signer(new_key(kid="airline-1")), "finance": Signer(new_key(kid="bank-1"))}
AGENCIES = {"air": "airline", "finance": "bank"}


@dataclass
class Stage:
    """A house with two subscribers, and an author of records."""

    house: House
    author: Author

    async def put(self, jws: str, view: str = "air") -> httpx.Response:
        """State a position as the agency of a view."""
        return await self.house.client.put(
            f"{self.house.replicas[0].url}{FEED}/positions/me",
            json={"position": jws},
            headers={"Authorization": f"Bearer {self.house.token(view)}"},
        )

    async def operator(self, path: str) -> Any:
        """Read as an operator."""
        response = await self.house.client.get(
            f"{self.house.replicas[0].url}{FEED}/{path}", headers=self.house.operator("op-1")
        )
        assert response.status_code == 200, response.text
        return response.json()

    async def held(self, view: str = "air", **changed: Any) -> dict[str, Any]:
        """Return what an honest subscriber of a view would state now."""
        answer = await self.house.get("heads/latest", view=view)
        head = opened(answer.text)
        now = instant_text(self.author.clock.now())
        return {
            "view": view,
            "session_id": head["session_id"],
            "sequence": head["sequence"],
            "set_digest": head["set"]["digest"],
            "count": head["set"]["count"],
            "log_root": head["log_root"],
            "head_sha256": hashlib.sha256(answer.text.encode()).hexdigest(),
            "fetched_at": now,
            "applied_at": now,
        } | changed


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stage(mongo_uri: str, kafka_bootstrap: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    folder: Path = tmp_path_factory.mktemp("distribution")
    async with feed_house(mongo_uri, kafka_bootstrap, folder, requests_at_once_max=4) as house:
        await house.replica()
        for view, agency in AGENCIES.items():
            body = {
                "view": view,
                "title": agency,
                "contact_name": "李四",
                "contact_phone": "010-12345678",
                "keys": KEYS[view].jwks()["keys"],
            }
            url = f"{house.replicas[0].url}/v1/subscribers/{agency}"
            response = await house.client.put(url, json=body, headers=house.operator("op-1"))
            assert response.status_code == 201, response.text
        author = await house.author()
        for serial in (1, 2, 3):
            await author.person(serial)
            await author.say(record_of(serial, status="RESTRICTED", at=author.clock.now()))
        await house.named(3, view="air")
        yield Stage(house, author)


@pytest.mark.rule("R-CRB-33")
async def test_a_position_that_is_the_publishers_own_is_confirmed_and_shown_to_operators(stage: Stage) -> None:
    said = await stage.held(snapshot_reason="FIRST")
    answer = await stage.put(KEYS["air"].sign_now(said, POSITION))
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert (body["status"], body["sequence"]) == ("CONFIRMED", said["sequence"])
    assert body["set"] == {"alg": "lthash16-1024-shake256", "count": said["count"], "digest": said["set_digest"]}
    assert body["confirmed"] == {"session_id": said["session_id"], "sequence": said["sequence"]}
    token = answer.headers["x-consistency-token"]
    (row,) = (await stage.operator(f"positions?view=air&after={token}"))["items"]
    assert (row["agency_id"], row["status"], row["stated"]["sequence"]) == ("airline", "CONFIRMED", said["sequence"])
    assert (await stage.operator("positions?view=rail"))["items"] == []


async def test_a_wrong_digest_is_answered_with_what_the_publisher_holds(stage: Stage) -> None:
    said = await stage.held("finance")
    answer = await stage.put(KEYS["finance"].sign_now(said | {"set_digest": "0" * 64}, POSITION), "finance")
    assert answer.json()["status"] == "DIFFERS"
    assert answer.json()["set"]["digest"] == said["set_digest"]
    again = await stage.put(KEYS["finance"].sign_now(said, POSITION), "finance")
    assert again.json()["status"] == "CONFIRMED"


async def test_a_lower_position_is_taken_and_the_mark_stays(stage: Stage) -> None:
    whole = await stage.held()
    await stage.put(KEYS["air"].sign_now(whole, POSITION))
    checksum = (await stage.house.get("checksums/1", view="air")).json()
    lower = whole | {
        "sequence": 1,
        "count": checksum["set"]["count"],
        "set_digest": checksum["set"]["digest"],
        "log_root": checksum["log_root"],
    }
    answer = (await stage.put(KEYS["air"].sign_now(lower, POSITION))).json()
    assert (answer["status"], answer["sequence"]) == ("CONFIRMED", 1)
    assert answer["confirmed"]["sequence"] == whole["sequence"]


async def test_the_same_statement_again_is_answered_as_the_first_time(stage: Stage) -> None:
    jws = KEYS["air"].sign_now(await stage.held(sequence=2, count=99), POSITION)
    first = await stage.put(jws)
    second = await stage.put(jws)
    assert first.json() == second.json()
    assert second.headers["idempotency-replayed"] == "true"


@pytest.mark.rule("R-CRB-33")
@pytest.mark.parametrize(
    ("changed", "signer", "status", "code"),
    [
        ({"sequence": 4_000}, "air", 409, "position_ahead"),
        ({"view": "finance"}, "air", 409, "position_of_another_view"),
        ({"session_id": "0d1e7a52-1d5c-4d53-9a0f-4f6f3f1a2b3c"}, "air", 409, "position_of_replaced_session"),
        ({}, "finance", 409, "position_of_another_agency"),
        ({"applied_at": "2024-01-01T00:00:00Z"}, "air", 422, "position_times_impossible"),
        ({"sequence": "1"}, "air", 422, "request_invalid"),
    ],
)
async def test_what_nobody_can_hold_is_refused(
    stage: Stage, changed: dict[str, Any], signer: str, status: int, code: str
) -> None:
    answer = await stage.put(KEYS[signer].sign_now(await stage.held() | changed, POSITION))
    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_a_forged_position_is_refused(stage: Stage) -> None:
    forged = Signer(new_key(kid="airline-1")).sign_now(await stage.held(), POSITION)
    answer = await stage.put(forged)
    assert (answer.status_code, answer.json()["code"]) == (409, "signature_invalid")


async def test_a_court_has_no_position_and_an_officer_sees_nobodys(stage: Stage) -> None:
    answer = await stage.put(KEYS["air"].sign_now(await stage.held(), POSITION), "court")
    assert answer.status_code == 403
    listed = await stage.house.get("positions")
    assert listed.status_code == 403


async def test_key_sets_and_the_policy_that_heads_name_are_served_as_they_were_signed(stage: Stage) -> None:
    house = stage.house
    first = await house.get("key-sets/1")
    latest = await house.get("key-sets/latest")
    assert first.text == latest.text == (house.keys.key_sets / "1.jws").read_text()
    assert first.headers["content-type"] == "application/jose"
    assert (await house.get("key-sets/2")).status_code == 404
    sets = Verifier({"keys": [house.keys.public_root_key()]}).verify(first.text)
    named = (await house.head(view="air"))["policy"]
    policy = await house.get(f"policies/{named['version']}", view="air")
    payload = Verifier({"keys": sets["head_keys"]}).verify(policy.text)
    assert payload["view"] == "air"
    assert hashlib.sha256(canonical_bytes(payload)).hexdigest() == named["sha256"]
    assert (await house.get("policies/99", view="air")).status_code == 404


@asynccontextmanager
async def listening(
    stage: Stage, last: str | None = None, view: str = "air"
) -> AsyncIterator[AsyncIterator[tuple[str, str, str]]]:
    """Listen to the doorbell; yields `(event, id, data)`."""
    headers = {"Authorization": f"Bearer {stage.house.token(view)}"} | ({"Last-Event-ID": last} if last else {})
    async with httpx.AsyncClient(timeout=60.0) as client:
        url = f"{stage.house.replicas[0].url}{FEED}/stream"
        async with client.stream("GET", url, headers=headers) as response:
            assert response.status_code == 200, await response.aread()
            assert response.headers["content-type"].startswith("text/event-stream")
            yield events_of(response)


async def events_of(response: httpx.Response) -> AsyncIterator[tuple[str, str, str]]:
    fields: dict[str, str] = {}
    async for line in response.aiter_lines():
        if line.startswith(":"):
            continue
        if line:
            name, _, value = line.partition(": ")
            fields[name] = value
        elif fields:
            yield fields["event"], fields.get("id", ""), fields["data"]
            fields = {}


async def test_the_bell_tells_the_newest_head_at_once_and_every_new_one_soon(stage: Stage) -> None:
    async with asyncio.timeout(60), listening(stage) as events:
        event, identity, data = await anext(events)
        head = opened(data)
        assert (event, identity) == ("head", f"{head['session_id']}:{head['sequence']}")
        await stage.author.person(50)
        await stage.author.say(record_of(50, status="RESTRICTED", at=stage.author.clock.now()))
        async for _event, identity, data in events:
            if opened(data)["sequence"] > head["sequence"]:
                assert identity == f"{head['session_id']}:{head['sequence'] + 1}"
                break


async def test_who_comes_from_a_dead_session_is_told_to_take_the_snapshot(stage: Stage) -> None:
    async with asyncio.timeout(60), listening(stage, "dead-session:4") as events:
        event, _, data = await anext(events)
        assert event == "snapshot_required"
        assert json.loads(data)["reason"] == "SESSION_CHANGED"
        assert (await anext(events))[0] == "head"


async def test_open_streams_hold_no_place_among_the_requests(stage: Stage) -> None:
    # The house works on four requests at once; each agency has five streams.
    async with asyncio.timeout(60), AsyncExitStack() as streams:
        bells = []
        for view in ("air", "finance") * 5:
            bells.append(await streams.enter_async_context(listening(stage, view=view)))
            assert (await anext(bells[-1]))[0] == "head"
        answers = [(await stage.house.get("heads/latest", view="air")).status_code for _ in range(8)]
        sixth = await stage.house.get("stream", view="air")
    assert answers == [200] * 8
    assert (sixth.status_code, sixth.json()["code"]) == (429, "too_many_streams")


async def test_a_stream_that_was_left_makes_room(stage: Stage) -> None:
    for _ in range(8):
        async with asyncio.timeout(60), listening(stage) as events:
            await anext(events)
        await asyncio.sleep(0.05)


async def test_pages_and_deltas_are_the_same_sequence(stage: Stage) -> None:
    house = stage.house
    head = await house.named(3, view="air")
    rows = (await house.get("entries", view="air", limit=100)).json()["entries"]
    topic = f"{house.unique}.zhixing.joint-punishment.air.deltas.v1"
    async with asyncio.timeout(60):
        while True:
            records = await read_wire(house.bootstrap, [topic])
            entries = [one for one in records if one.header("kind") == "entry"]
            if len(entries) >= head["sequence"] and records[-1].header("kind") == "head":
                break
            await asyncio.sleep(0.3)
    assert [one.value.decode() for one in entries][: len(rows)] == [row["entry"] for row in rows]
    assert [int(one.header("sequence")) for one in entries] == list(range(1, len(entries) + 1))


@pytest.mark.rule("R-CRB-10", "R-CRB-33")
async def test_the_table_tells_how_long_each_stage_took_each_way(stage: Stage) -> None:
    before = (await stage.held())["sequence"]
    await stage.put(KEYS["air"].sign_now(await stage.held(), POSITION))
    await stage.author.person(60)
    now = stage.author.clock.now()
    await stage.author.say(record_of(60, status="RESTRICTED", at=now))
    await stage.author.say(record_of(60, 2, status="REMOVED", change="REMOVED", list_type="RESTRICTION", at=now))
    await stage.house.named(before + 2, view="air")
    said = await stage.held()
    confirmed = await stage.put(KEYS["air"].sign_now(said, POSITION))
    assert confirmed.json()["status"] == "CONFIRMED", confirmed.text
    async with asyncio.timeout(60):
        while True:
            rows = {row["direction"]: row for row in (await stage.operator("timeliness?view=air"))["items"]}
            if rows and rows["UNPUNISH"]["entries"] and not rows["UNPUNISH"]["waiting"]:
                break
            await asyncio.sleep(0.5)
    unpunished = rows["UNPUNISH"]
    assert (unpunished["agency_id"], unpunished["behind"], unpunished["late"]) == ("airline", 0, False)
    assert list(unpunished["stages"]) == ["appended", "named", "fetched", "applied"]
    assert unpunished["since_decided"]["applied"]["max_ms"] < 60_000
    exposed = (await stage.house.client.get(f"{stage.house.replicas[0].url}/metrics")).text
    assert (
        'zhixing_feed_stage_milliseconds{agency="airline",direction="UNPUNISH",quantile="p95",stage="fetched"}'
        in exposed
    )


@pytest.mark.rule("R-CRB-33")
async def test_the_last_stage_is_the_end_of_the_measure_as_the_agency_reports_it(stage: Stage) -> None:
    author, house = stage.author, stage.house
    await author.person(70)
    decided = author.clock.now()
    restricted = record_of(70, status="RESTRICTED", at=decided)
    removed = record_of(70, 2, status="REMOVED", change="REMOVED", list_type="RESTRICTION", at=decided)
    await stage.put(KEYS["air"].sign_now(await stage.held(), POSITION))
    before = (await stage.held())["sequence"]
    for version in (restricted, removed):
        await author.say(version)
        meta = CommandMeta(f"note {version.version}", "note", Actor("test", "zhixing", "service"), version.court)
        await author.journal.execute(report_stream(version.record_id), NoteRecord(version), meta)
    head = await house.named(before + 2, view="air")
    await stage.put(KEYS["air"].sign_now(await stage.held(), POSITION))
    report = {
        "record_id": restricted.record_id,
        "record_version": 1,
        "session_id": head["session_id"],
        "sequence": before + 1,
        "measure_code": "7.1.AIR",
        "outcome": "APPLIED",
        "started_at": instant_text(decided),
        "ended_at": instant_text(decided + timedelta(seconds=2)),
        "agency_reference": "ticket-70",
    }
    headers = {"Authorization": f"Bearer {house.token('air')}", "Idempotency-Key": "report-70"}
    answer = await house.client.post(f"{house.replicas[0].url}/v1/punishment-reports", json=report, headers=headers)
    assert answer.status_code == 201, answer.text
    async with asyncio.timeout(60):
        while True:
            rows = {row["direction"]: row for row in (await stage.operator("timeliness?view=air"))["items"]}
            if "ended" in rows["UNPUNISH"]["stages"]:
                break
            await asyncio.sleep(0.5)
    assert rows["UNPUNISH"]["stages"]["ended"]["count"] == 1
    assert rows["UNPUNISH"]["since_decided"]["ended"]["p50_ms"] >= 2_000
    assert "ended" not in rows["PUNISH"]["stages"]
