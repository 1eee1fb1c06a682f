"""Messages leave through real gateways once, whatever the gateways do; alerts reach the work group."""

import asyncio
from datetime import timedelta

import pytest

from tests.integration.command_center.conftest import Centre
from tests.integration.command_center.wire import APPLICANT_PHONE, PHONES
from tests.unit.command_center.wages import CASE, MORNING, NUMBER, until


@pytest.mark.asyncio
@pytest.mark.rule("R-CMD-12")
async def test_officer_applicant_and_leader_get_one_short_message_each(centre: Centre) -> None:
    centre.set_clock(MORNING + timedelta(minutes=3), rate=1)
    await centre.wire.set_the_ground()
    await centre.wire.say(until("filing"))
    body = await centre.until(
        "/v1/notifications",
        lambda page: len(page["items"]) == 3 and all(item["state"] == "SENT" for item in page["items"]),
        case_id=CASE,
    )
    taken = centre.sms.outbox.everything()
    assert {message["receiver"] for message in taken} == {PHONES["u-duty"], PHONES["u-duty-lead"], APPLICANT_PHONE}
    assert {item["partner_reference"] for item in body["items"]} == {message["message_id"] for message in taken}
    assert not any("李" in message["text"] for message in taken)
    assert all(NUMBER in message["text"] for message in taken)


@pytest.mark.asyncio
@pytest.mark.rule("R-CMD-12")
async def test_a_gateway_that_falls_silent_after_acting_is_asked_and_nobody_gets_a_message_twice(
    centre: Centre,
) -> None:
    centre.sms._faults = ["TIMEOUT_AFTER_ACTING", "TIMEOUT_BEFORE_ACTING", "FAIL"]
    centre.set_clock(MORNING + timedelta(minutes=3), rate=1)
    await centre.wire.set_the_ground()
    await centre.wire.say(until("filing"))
    await centre.until(
        "/v1/notifications",
        lambda page: len(page["items"]) == 3 and all(item["state"] == "SENT" for item in page["items"]),
        case_id=CASE,
    )
    taken = centre.sms.outbox.everything()
    assert len(taken) == 3
    assert {message["calls"] for message in taken} == {1}


@pytest.mark.asyncio
@pytest.mark.rule("R-CMD-12")
async def test_a_refused_message_is_on_record_as_failed_with_the_reason(centre: Centre) -> None:
    centre.sms._faults = ["REFUSE"]
    centre.set_clock(MORNING + timedelta(minutes=3), rate=1)
    await centre.wire.set_the_ground()
    await centre.wire.say(until("filing"))
    body = await centre.until(
        "/v1/notifications",
        lambda page: len(page["items"]) == 3 and all(item["state"] != "REQUESTED" for item in page["items"]),
        case_id=CASE,
    )
    assert sorted(item["state"] for item in body["items"]) == ["FAILED", "SENT", "SENT"]
    [failed] = [item for item in body["items"] if item["state"] == "FAILED"]
    assert "422" in failed["reason"]


@pytest.mark.asyncio
@pytest.mark.rule("R-CMD-13", "R-CMD-14", "R-PAY-04")
async def test_overdue_money_reaches_the_work_group_in_the_words_of_the_bureau_and_is_taken_by_one(
    centre: Centre,
) -> None:
    await centre.wire.set_the_ground()
    told = [one for one in until("money") if not one.event.NAME.startswith(("payout", "account_settled"))]
    centre.set_clock(MORNING + timedelta(hours=1), rate=1)
    await centre.wire.say(told)
    await centre.timeline(len(told))
    centre.set_clock(MORNING + timedelta(days=21, hours=15), rate=600)
    page = await centre.until(
        "/v1/alerts", lambda body: any(item["code"] == "FUND_OVERDUE" for item in body["items"]), level="RED"
    )
    alert = next(item for item in page["items"] if item["code"] == "FUND_OVERDUE")
    assert alert["text"].endswith(f"{NUMBER}案件超期未发放案款,请尽快处理!")
    assert alert["text"].startswith("@赵承办 @孙执行长 ")
    for _ in range(100):
        if any(message["text"] == alert["text"] for message in centre.robot.outbox.everything()):
            break
        await asyncio.sleep(0.2)
    [message, *_] = [one for one in centre.robot.outbox.everything() if one["text"] == alert["text"]]
    assert message["receiver"] == "u-officer u-nodes u-head u-president"
    path = f"/v1/alerts/{alert['alert_id']}/acknowledgements"
    taken = await centre.post(path, key="k1")
    assert (taken.status_code, taken.json()["status"]) == (201, "ACKNOWLEDGED")
    again = await centre.post(path, key="k1")
    assert again.headers["idempotency-replayed"] == "true"
    other = await centre.post(path, key="k2", token=centre.token(subject="u-officer", roles=("case_officer",)))
    assert (other.status_code, other.json()["code"]) == (409, "alert_taken")
    clerk = await centre.post(path, key="k3", token=centre.token(subject="u-clerk", roles=("filing_clerk",)))
    assert clerk.status_code == 403


@pytest.mark.asyncio
async def test_taking_an_alert_needs_a_key_a_token_and_an_alert(centre: Centre) -> None:
    assert centre.server is not None
    path = f"{centre.server.url}/v1/alerts/alert_none/acknowledgements"
    bearer = {"Authorization": f"Bearer {centre.token()}"}
    without_key = await centre.client.post(path, headers=bearer, json={})
    assert (without_key.status_code, without_key.json()["code"]) == (400, "idempotency_key_missing")
    without_token = await centre.client.post(path, headers={"Idempotency-Key": "k"}, json={})
    assert without_token.status_code == 401
    unknown = await centre.post("/v1/alerts/alert_none/acknowledgements", key="k")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "not_found")
    assert (await centre.get("/v1/alerts", level="PINK")).status_code == 422
    assert (await centre.get("/v1/process-nodes", due_before="yesterday")).status_code == 422
    assert (await centre.get("/v1/notifications", cursor="forged")).status_code == 422
