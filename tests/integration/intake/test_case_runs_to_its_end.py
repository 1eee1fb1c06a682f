import asyncio
from datetime import datetime
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer

from libs.evidence import Verifier
from libs.foundation.clock import SHANGHAI
from libs.testing import builders
from tests.integration.intake.desk_work import ACCOUNT, approved, drafted
from tests.integration.intake.house import House
from tests.integration.intake.partners import Partners

pytestmark = pytest.mark.asyncio


@pytest.mark.rule("R-INT-15", "R-PAY-01", "R-GEN-07")
async def test_the_notice_waits_for_the_account_then_is_sealed_by_the_duty_leader(
    house: House, case: dict[str, Any], partners: Partners
) -> None:
    path = f"/v1/enforcement-cases/{case['id']}/documents"
    early = await house.post(path, "u-duty", {"kind": "ENFORCEMENT_NOTICE"})
    assert (early.status_code, early.json()["code"], early.json()["retryable"]) == (409, "case_account_pending", True)

    await partners.account_opened(ACCOUNT)
    document = await drafted(house, case["id"], "ENFORCEMENT_NOTICE")
    assert (document["approver"], document["approval_level"]) == ("u-duty-lead", "TEAM_LEADER")
    queue = await house.until("/v1/approvals?assignee=me", lambda page: len(page["items"]) == 1, "u-duty-lead")
    assert queue["items"][0] | {"waiting_since": ""} == {
        "kind": "DOCUMENT",
        "id": document["id"],
        "document_kind": "ENFORCEMENT_NOTICE",
        "case_id": case["id"],
        "case_number": case["case_number"],
        "title": f"执行通知书 {case['case_number']}",
        "waiting_since": "",
    }
    other = await house.post(f"/v1/documents/{document['id']}/approvals", "u-head", {"decision": "APPROVE"}, etag=1)
    assert (other.status_code, other.json()["code"]) == (403, "not_the_approver")

    sealed = await house.post(
        f"/v1/documents/{document['id']}/approvals", "u-duty-lead", {"decision": "APPROVE"}, etag=1
    )
    assert (sealed.status_code, sealed.json()["state"]) == (201, "APPROVED")
    jwks = (await house.client.get(f"{house.url}/.well-known/jwks.json")).json()
    seal = Verifier(jwks).verify(sealed.json()["seal"])
    assert (seal["sha256"], seal["approved_by"]) == (document["sha256"], "u-duty-lead")

    anonymous = await house.get(f"/v1/documents/{document['id']}/content")
    assert (anonymous.status_code, anonymous.json()["code"]) == (400, "purpose_missing")
    text = await house.get(f"/v1/documents/{document['id']}/content?case_id={case['id']}&purpose=service")
    for words in ("53039900010001", "迟延履行期间的债务利息", "失信被执行人", "5,000.00", "第二百五十一条"):
        assert words in text.text
    queue = await house.until("/v1/approvals?assignee=me", lambda page: not page["items"], "u-duty-lead")


async def test_the_signing_queue_is_read_page_by_page_the_oldest_first(house: House, case: dict[str, Any]) -> None:
    ids = [(await drafted(house, case["id"], "PROPERTY_REPORT_ORDER"))["id"] for _ in range(3)]
    await house.until("/v1/approvals", lambda page: len(page["items"]) == 3, "u-duty-lead")
    seen, cursor = [], ""
    while True:
        page = (await house.get(f"/v1/approvals?limit=1{cursor}", "u-duty-lead")).json()
        seen += [item["id"] for item in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert sorted(seen) == sorted(ids)
    assert (await house.get("/v1/approvals", "u-head")).json()["items"] == []


@pytest.mark.rule("R-INT-16")
async def test_a_served_report_order_runs_ten_days_and_is_breached_by_silence(
    house: House, case: dict[str, Any]
) -> None:
    debtor = case["debtors"][0]["party_id"]
    document = await approved(house, case["id"], "PROPERTY_REPORT_ORDER")
    body = {"party_id": debtor, "method": "DIRECT", "evidence": "送达回证"}
    served = await house.post(f"/v1/documents/{document['id']}/services", "u-duty", body)
    assert served.status_code == 201, served.text
    path = f"/v1/enforcement-cases/{case['id']}"
    running = await house.until(path, lambda seen: seen["property_reports"])
    assert running["property_reports"][0]["due"]["last_day"] == "2026-03-12"

    house.move_clock(datetime(2026, 3, 13, 0, 0, 1, tzinfo=SHANGHAI))
    silent = await house.until(path, lambda seen: seen["property_reports"][0]["breached"])
    assert silent["property_reports"][0]["breached"] == "NOT_REPORTED"
    late = await house.post(
        f"{path}/property-reports",
        "u-duty",
        {"party_id": debtor, "categories": ["REAL_ESTATE"], "report_sha256": "0" * 64},
    )
    assert (late.status_code, late.json()["received"]["in_time"]) == (201, False)


@pytest.mark.rule("R-INT-30", "R-INT-31", "R-INT-14")
async def test_the_inquiry_triages_and_only_a_team_of_that_kind_gets_the_case(
    house: House, case: dict[str, Any], partners: Partners
) -> None:
    path = f"/v1/enforcement-cases/{case['id']}"
    early = await house.post(
        f"{path}/assignments", "u-duty-lead", {"team_id": "fast-1", "case_officer_id": "u-officer"}, etag=2
    )
    assert (early.status_code, early.json()["code"]) == (409, "not_triaged")

    await partners.inquiry_completed(580_000)
    seen = await house.until(path, lambda one: one["status"] == "TRIAGED")
    assert (seen["triage"]["team_kind"], seen["triage"]["rules"]) == ("FAST", ["R-INT-31 b"])
    assert seen["triage"]["facts"]["found_fen"] == 580_000
    etag = (await house.get(path)).headers["etag"]

    wrong = {"team_id": "coercive-1", "case_officer_id": "u-officer-2"}
    refused = await house.post(f"{path}/assignments", "u-duty-lead", wrong, etag=etag)
    assert (refused.status_code, refused.json()["code"], refused.json()["team_kind"]) == (
        409,
        "team_kind_mismatch",
        "FAST",
    )
    right = {"team_id": "fast-1", "case_officer_id": "u-officer"}
    stale = await house.post(f"{path}/assignments", "u-duty-lead", right, etag=1)
    assert (stale.status_code, stale.json()["code"]) == (412, "stale_version")
    assigned = await house.post(f"{path}/assignments", "u-duty-lead", right, etag=etag)
    assert (assigned.status_code, assigned.json()["status"]) == (201, "ASSIGNED")
    assert assigned.json()["acting_officer"]["officer_id"] == "u-officer"

    relieved = await house.post(f"{path}/documents", "u-duty", {"kind": "PROPERTY_REPORT_ORDER"})
    assert (relieved.status_code, relieved.json()["code"]) == (403, "not_the_acting_officer")


@pytest.mark.rule("R-GEN-06")
async def test_personal_data_is_read_only_for_a_party_of_the_named_case(house: House, case: dict[str, Any]) -> None:
    applicant = case["applicants"][0]
    assert "*" in applicant["display_name"]
    named = f"?case_id={case['id']}&purpose=payout"
    seen = await house.get(f"/v1/parties/{applicant['party_id']}{named}")
    assert seen.json()["documents"][0]["id_number"].startswith("530399")
    assert (await house.get(f"/v1/parties/{applicant['party_id']}")).json()["code"] == "purpose_missing"
    stranger = await house.get(f"/v1/parties/party_0{named}")
    assert (stranger.status_code, stranger.json()["code"]) == (404, "party_not_in_case")
    foreign = await house.get(f"/v1/parties/{applicant['party_id']}{named}", courts=["京0107"])
    assert (foreign.status_code, foreign.json()["code"]) == (404, "case_not_found")
    full = seen.json()["name"]
    shown = await house.get(f"/v1/enforcement-cases/{case['id']}")
    assert full not in shown.text
    assert seen.json()["documents"][0]["id_number"] not in shown.text


@pytest.mark.rule("R-GEN-06")
async def test_no_topic_but_the_registers_and_the_papers_shows_a_name_or_a_number(house: House) -> None:
    body = builders.application(50)
    applicant, debtor = body["applicants"][0], body["debtors"][0]
    secrets = [debtor["name"], debtor["documents"][0]["id_number"], applicant["phone"]]
    body["requests"] = f"请求{debtor['name']}({secrets[1]})给付; 联系电话{secrets[2]}"
    body["basis"] = body["basis"] | {"content": f"被告{debtor['name']}支付劳动报酬5000元"}
    filed = (await house.post("/v1/enforcement-applications", "portal", body)).json()
    await house.decide(filed["id"])
    consumer = AIOKafkaConsumer(
        f"{house.prefix}zhixing.intake.v1",
        bootstrap_servers=house.kafka_bootstrap,
        auto_offset_reset="earliest",
        isolation_level="read_committed",
    )
    await consumer.start()
    try:
        seen: list[Any] = []
        while not any(b"case_registered" in dict(record.headers)["ce_type"] for record in seen):
            seen.append(await asyncio.wait_for(consumer.getone(), 20))
    finally:
        await consumer.stop()
    wire = "".join(record.value.decode() + str(record.key) + str(record.headers) for record in seen)
    assert "被告" in wire
    assert not [secret for secret in secrets if secret in wire]
