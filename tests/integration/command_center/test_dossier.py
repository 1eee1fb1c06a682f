"""Facts on the real broker become the dossier that people read over HTTP, whatever happens to the service meanwhile."""

import asyncio
import random
from datetime import timedelta

import pytest

from tests.integration.command_center.conftest import Centre
from tests.unit.command_center.wages import CASE, MORNING, story, until


@pytest.mark.asyncio
@pytest.mark.rule("R-CMD-10", "R-CMD-11")
async def test_the_story_becomes_a_timeline_with_nodes_and_money(centre: Centre) -> None:
    await centre.wire.set_the_ground()
    told = story()
    await centre.wire.say(told)
    body = await centre.timeline(len(told))
    assert body["case_number"] == "(2026)云0381执1号"
    assert body["closed"] == "执行完毕"
    assert body["entries"][0]["text"].startswith("收到浦**的强制执行申请")
    assert any("甲银行足额冻结" in entry["text"] for entry in body["entries"])
    assert (body["money"]["debt_fen"], body["money"]["paid_to_applicant_fen"]) == (506_575, 501_575)
    assert {node["state"] for node in body["nodes"]} == {"DONE"}


@pytest.mark.asyncio
@pytest.mark.rule("R-CMD-11")
async def test_facts_that_come_twice_and_in_any_order_of_their_streams_give_the_same_timeline(centre: Centre) -> None:
    told = story()
    # Within one stream order is promised, between streams nothing is: shuffle the streams.
    streams = sorted({one.stream for one in told})
    random.Random(7).shuffle(streams)
    shuffled = [one for stream in streams for one in told if one.stream == stream]
    await centre.wire.say([*shuffled, *shuffled[:30]])
    body = await centre.timeline(len(told))
    await asyncio.sleep(1.0)
    again = await centre.timeline(len(told))
    assert len(again["entries"]) == len(told)
    assert [entry["event_id"] for entry in body["entries"]] == [
        one.id for one in sorted(told, key=lambda one: (one.at, one.event.SERVICE, one.stream, one.seq))
    ]
    assert {node["state"] for node in again["nodes"]} == {"DONE"}


@pytest.mark.asyncio
@pytest.mark.rule("R-CMD-11", "R-CMD-14")
async def test_a_service_that_slept_over_the_deadlines_catches_up_and_accuses_nobody(centre: Centre) -> None:
    centre.set_clock(MORNING + timedelta(minutes=3), rate=1)
    early, told = until("filing"), story()
    await centre.wire.say(early)
    await centre.timeline(len(early))
    await centre.stop()
    await centre.wire.say([one for one in told if one.id not in {each.id for each in early}])
    centre.set_clock(MORNING + timedelta(days=20), rate=60)
    await centre.start()
    body = await centre.timeline(len(told))
    await asyncio.sleep(12.0)
    body = await centre.timeline(len(told))
    assert {node["state"] for node in body["nodes"]} == {"DONE"}
    assert body["alerts"] == []


@pytest.mark.asyncio
@pytest.mark.rule("R-CMD-10", "R-GEN-01")
async def test_what_is_due_is_asked_by_date_and_explained(centre: Centre) -> None:
    centre.set_clock(MORNING + timedelta(minutes=5), rate=0)
    told = until("filing")
    await centre.wire.say(told)
    await centre.timeline(len(told))
    found = await centre.until(
        "/v1/process-nodes", lambda page: len(page["items"]) == 2, due_before="2026-03-10T00:00:00+08:00", case_id=CASE
    )
    assert {item["name"] for item in found["items"]} == {"确定承办人", "启动总对总查询"}
    node = found["items"][0]["node_id"]
    reason = (await centre.get(f"/v1/process-nodes/{node}/explanation")).json()
    assert "自次日起算" in reason["explanation"]
    assert reason["basis"]["article"]


@pytest.mark.asyncio
async def test_another_court_sees_nothing_and_no_token_sees_nothing(centre: Centre) -> None:
    told = until("filing")
    await centre.wire.say(told)
    await centre.timeline(len(told))
    await centre.until("/v1/process-nodes", lambda page: bool(page["items"]))
    stranger = centre.token(court="京0105")
    assert (await centre.get(f"/v1/case-timelines/{CASE}", stranger)).status_code == 404
    assert (await centre.get(f"/cases/{CASE}", stranger)).status_code == 404
    assert (await centre.get("/v1/process-nodes", stranger)).json()["items"] == []
    assert "(2026)云0381执1号" not in (await centre.get("/", stranger)).text
    assert centre.server is not None
    assert (await centre.client.get(f"{centre.server.url}/cases/{CASE}")).status_code == 401
    unknown = await centre.get("/v1/case-timelines/case_unknown")
    assert unknown.status_code == 404
