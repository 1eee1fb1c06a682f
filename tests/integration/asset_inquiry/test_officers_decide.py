"""What sending again cannot cure waits for an officer; and the queue shows reminders and wakes who waits."""

import asyncio
import time

import pytest

from tests.integration.asset_inquiry.conftest import Jump
from tests.integration.asset_inquiry.stage import PHONE, Stage
from tests.integration.asset_inquiry.test_bad_input import code_of, opened_request


@pytest.mark.asyncio
async def test_an_officer_sends_a_returned_request_again_under_a_new_number(stage: Stage) -> None:
    request = await opened_request(stage)
    returned = {
        "code": "SUBJECT_MISMATCH",
        "text": "账号与被控制人证件信息不匹配",
        "contact_name": "值班员",
        "contact_phone": PHONE,
        "request_sha256": request["content_sha256"],
    }
    path = f"/v1/assistance-requests/{request['id']}"
    signed = await stage.signed("RETURN", request, returned)
    first = await stage.call("POST", stage.agency("bank-a"), f"{path}/returns", signed)
    again = await stage.call("POST", stage.agency("bank-a"), f"{path}/returns", signed)
    assert (first.status_code, first.json()["reissued_as"], again.status_code) == (201, None, 200)
    assert await stage.queue("bank-a") == []

    inquiry_id = str(request["batch_number"])
    inquiry = await stage.until(
        stage.staff(), f"/v1/asset-inquiries/{inquiry_id}", lambda seen: seen["agencies"][0]["state"] == "RETURNED"
    )
    version = inquiry["agencies"][0]["version"]
    body = {"decision": "REISSUE", "reason": "已核对证件"}
    decide = f"{path}/decisions"
    assert code_of(await stage.call("POST", stage.staff(), decide, body))[0] == 428
    assert code_of(await stage.call("POST", stage.staff(), decide, body, If_Match='"1"')) == (412, "stale_version")
    assert (
        code_of(await stage.call("POST", stage.staff(court="云0302"), decide, body, If_Match=f'"{version}"'))[0] == 404
    )
    give_up = await stage.call("POST", stage.staff(), decide, body | {"decision": "GIVE_UP"}, If_Match=f'"{version}"')
    assert code_of(give_up) == (409, "request_closed")
    ordered = await stage.call("POST", stage.staff(), decide, body, If_Match=f'"{version}"')
    assert (ordered.status_code, ordered.json()["reissued_as"]) == (201, f"{request['request_number']}-R2")
    second = await stage.next_request("bank-a")
    assert (second["request_number"], second["replaces"]) == (
        f"{request['request_number']}-R2",
        request["request_number"],
    )
    assert second["documents"] == request["documents"]


@pytest.mark.asyncio
@pytest.mark.rule("R-INQ-06")
async def test_a_long_poll_wakes_for_a_new_request_and_for_a_reminder_and_leases_nothing(
    stage: Stage, jump: Jump
) -> None:
    await stage.connect("bank-a")
    own = stage.agency("bank-a")
    path = "/v1/assistance-requests?status=PENDING&wait=30"
    empty = await stage.call("GET", own, "/v1/assistance-requests?status=PENDING")
    waiting = asyncio.create_task(stage.call("GET", own, path, If_None_Match=empty.headers["etag"]))
    case_id = await stage.open_case()
    assert (await stage.inquire(case_id, "DEPOSIT")).status_code == 201
    opened_at = time.monotonic()
    first = await waiting
    assert time.monotonic() - opened_at < 10.0, "a pull of half an hour was the old world"
    assert [item["reminders"] for item in first.json()["items"]] == [0]
    twice = await stage.call("GET", own, "/v1/assistance-requests?status=PENDING")
    assert twice.json() == first.json(), "nothing was leased: what is unanswered is offered again"
    unchanged = await stage.call(
        "GET", own, "/v1/assistance-requests?status=PENDING", If_None_Match=twice.headers["etag"]
    )
    assert unchanged.status_code == 304
    jump(11)
    reminded = await stage.call("GET", own, path, If_None_Match=twice.headers["etag"])
    assert [(item["state"], item["reminders"]) for item in reminded.json()["items"]] == [("OVERDUE", 1)]
    nobody = await stage.call("GET", stage.agency("bank-b"), "/v1/assistance-requests?status=PENDING&wait=1")
    assert nobody.json()["items"] == []
    for wrong in ("wait=31", "wait=-1", "wait=x", "status=OLD", "limit=0", "limit=201"):
        assert code_of(await stage.call("GET", own, f"/v1/assistance-requests?{wrong}"))[0] == 422, wrong
    bad_cursor = await stage.call("GET", own, "/v1/assistance-requests?cursor=%00")
    assert 400 <= code_of(bad_cursor)[0] < 500
