"""The agencies' pull loop and the inquiry, over real HTTP, broker and database."""

import base64
import re
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer

from services.asset_inquiry.settings import AssetInquirySettings
from tests.integration.asset_inquiry.conftest import AgenciesMaker, Jump
from tests.integration.asset_inquiry.stage import DEBTOR_NUMBER, Stage

ACCOUNT = "6217003860001234"


def bank(agency_id: str, balance_fen: int, account_number: str = ACCOUNT, **more: Any) -> dict[str, Any]:
    account = {"holder_id_number": DEBTOR_NUMBER, "account_number": account_number, "balance_fen": balance_fen}
    return {"agency_id": agency_id, "kind": "BANK", "latency_minutes": [0, 1], "accounts": [account], **more}


@pytest.mark.asyncio
@pytest.mark.rule("R-INQ-01", "R-INQ-02", "R-INQ-06")
async def test_an_inquiry_reaches_every_capable_agency_by_pull_and_is_complete_when_all_have_answered(
    stage: Stage, simulate: AgenciesMaker, jump: Jump
) -> None:
    await simulate(
        bank("bank-a", 320_000),
        bank("bank-b", 260_000, "6228480868005678", faults={"late_minutes": 14, "duplicate_reply": True}),
        {"agency_id": "land", "kind": "LAND_REGISTRY"},
        {"agency_id": "vehicle", "kind": "VEHICLE_REGISTRY", "faults": {"lose_paper_once": True}},
    )
    case_id = await stage.open_case()
    opened = await stage.inquire(case_id, "DEPOSIT", "REAL_ESTATE", "VEHICLE")
    assert opened.status_code == 201, opened.text
    path = f"/v1/asset-inquiries/{opened.json()['id']}"
    await stage.until(stage.staff(), path, lambda seen: sum(line["state"] == "FINAL" for line in seen["agencies"]) == 3)
    jump(11)
    await stage.until(stage.staff(), path, lambda seen: any(line["reminders"] for line in seen["agencies"]))
    jump(5)
    inquiry = await stage.until(stage.staff(), path, lambda seen: seen["state"] == "COMPLETED")
    lines = {line["agency_id"]: line for line in inquiry["agencies"]}
    assert {line["state"] for line in lines.values()} == {"FINAL"}
    assert (lines["bank-a"]["found_fen"], lines["bank-b"]["found_fen"], inquiry["found_fen"]) == (
        320_000,
        260_000,
        580_000,
    )
    assert (lines["bank-b"]["late"], lines["bank-b"]["reminders"]) == (True, 1)
    assert not lines["bank-a"]["late"]
    assert lines["vehicle"]["replaces"] == lines["vehicle"]["returned"][0]["request_number"]
    assert lines["vehicle"]["returned"][0]["code"] == "PAPER_EMPTY"
    assets = await stage.until(
        stage.staff(), f"/v1/discovered-assets?case_id={case_id}", lambda page: len(page["items"]) == 2
    )
    assert {asset["masked_reference"] for asset in assets["items"]} == {"****1234", "****5678"}
    assert ACCOUNT not in str(assets)


@pytest.mark.asyncio
@pytest.mark.rule("R-GEN-06")
async def test_what_is_published_names_no_account_and_no_person(
    stage: Stage, simulate: AgenciesMaker, configured: AssetInquirySettings
) -> None:
    await simulate(bank("bank-a", 320_000))
    case_id = await stage.open_case()
    opened = await stage.inquire(case_id, "DEPOSIT")
    await stage.until(
        stage.staff(), f"/v1/asset-inquiries/{opened.json()['id']}", lambda seen: seen["state"] == "COMPLETED"
    )
    consumer = AIOKafkaConsumer(
        f"{configured.topic_prefix}zhixing.asset-inquiry.v1",
        bootstrap_servers=configured.kafka_bootstrap,
        auto_offset_reset="earliest",
        isolation_level="read_committed",
    )
    await consumer.start()
    try:
        seen: list[bytes] = []
        while not any(b"inquiry_completed" in value for value in seen):
            for records in (await consumer.getmany(timeout_ms=500)).values():
                seen += [bytes(record.value) + str(record.headers).encode() for record in records]
    finally:
        await consumer.stop()
    wire = b"\n".join(seen)
    assert b"request_issued" in wire
    assert b"reply_received" in wire
    # A signature with its payload would carry the person in base64: only detached ones stand here.
    middles = [token.split(b".")[1] for token in re.findall(rb'"signature":"([^"]+)"', wire)]
    assert set(middles) == {b""}
    for secret in (ACCOUNT, DEBTOR_NUMBER, "李建业", "13908740001"):
        assert secret.encode() not in wire
        assert base64.b64encode(secret.encode()).rstrip(b"=") not in wire
