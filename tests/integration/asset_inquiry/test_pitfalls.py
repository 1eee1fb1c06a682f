"""The pitfalls that real adapters fell into, played by simulated agencies: each is met, none does harm."""

from contextlib import AsyncExitStack
from typing import Any

import pytest

from libs.testing.simulators.agencies import Agencies
from services.asset_inquiry.settings import AssetInquirySettings
from tests.integration.asset_inquiry import controls_stage as later
from tests.integration.asset_inquiry.conftest import AgenciesMaker, Jump, serve
from tests.integration.asset_inquiry.stage import DEBTOR_NUMBER, Stage
from tests.integration.asset_inquiry.test_pull_loop import bank


def thing(agency_id: str, kind: str, number: str, faults: dict[str, Any], **more: Any) -> dict[str, Any]:
    held = {"holder_id_number": DEBTOR_NUMBER, "account_number": number, "kind": "登记", **more}
    return {"agency_id": agency_id, "kind": kind, "latency_minutes": [0, 1], "accounts": [held], "faults": faults}


def codes(agencies: Agencies, agency_id: str) -> dict[str, str | None]:
    """Return what the court said to each message of an agency, by the message's name."""
    mail = agencies.agencies[agency_id].books.shown()["mail"]
    return {str(letter["key"]).rpartition("-")[2]: letter["code"] for letter in mail}


@pytest.mark.asyncio
@pytest.mark.rule("R-INQ-06")
async def test_failed_look_ups_silence_and_cut_replies_are_never_read_as_nothing_found(
    stage: Stage, simulate: AgenciesMaker, jump: Jump
) -> None:
    wallet = {
        "holder_id_number": DEBTOR_NUMBER,
        "account_number": "wx-000099887766",
        "balance_fen": 700,
        "asset_class": "NET_FUND",
    }
    two = bank("bank-c", 5_000, "6228000011112222", faults={"first_item_only": True, "in_progress_first": True})
    two["accounts"] = [*two["accounts"], wallet]
    agencies = await simulate(
        bank("bank-a", 320_000, faults={"unknown_as_none": True, "earlier_unknown": True}),
        two,
        {"agency_id": "land", "kind": "LAND_REGISTRY", "faults": {"silent_until_reminded": True}},
    )
    case_id = await stage.open_case()
    opened = await stage.inquire(case_id, "DEPOSIT", "NET_FUND", "REAL_ESTATE")
    assert opened.status_code == 201, opened.text
    path = f"/v1/asset-inquiries/{opened.json()['id']}"
    await stage.until(stage.staff(), path, lambda seen: sum(line["state"] == "FINAL" for line in seen["agencies"]) == 2)
    jump(11)
    inquiry = await stage.until(stage.staff(), path, lambda seen: seen["state"] == "COMPLETED")
    assert inquiry["found_fen"] == 325_700
    assert codes(agencies, "bank-a")["unknown"] == "reply_inconsistent"
    assert codes(agencies, "bank-c") == {"ack": None, "progress": None, "only": "reply_incomplete", "final": None}
    land = next(line for line in inquiry["agencies"] if line["agency_id"] == "land")
    assert (land["reminders"], land["late"]) == (1, True)


@pytest.mark.asyncio
@pytest.mark.rule("R-INQ-11", "R-INQ-20")
async def test_premature_hidden_and_queued_controls_never_show_as_effective(
    stage: Stage, simulate: AgenciesMaker
) -> None:
    agencies = await simulate(
        bank("bank-a", 320_000, faults={"hidden_failure": True}),
        thing("vehicle", "VEHICLE_REGISTRY", "云D12345", {"premature_controlled": True, "registration_refused": True}),
        thing("land", "LAND_REGISTRY", "530381001001GB00001F00010001", {}, sealed_by_other=True),
    )
    case_id = await stage.open_case()
    assert (await stage.inquire(case_id, "DEPOSIT", "VEHICLE", "REAL_ESTATE")).status_code == 201
    page = await stage.until(
        stage.staff(), f"/v1/discovered-assets?case_id={case_id}", lambda seen: len(seen["items"]) == 3
    )
    await later.assess(stage, case_id, 506_575)
    amounts = {"bank-a": 400_000, "vehicle": 100_000, "land": 50_000}
    items = [
        {"agency_id": one["agency_id"], "asset_id": one["asset_id"], "amount_fen": amounts[one["agency_id"]]}
        for one in page["items"]
    ]
    decided = await later.decided(stage, await later.order(stage, case_id, "FREEZE", items))
    assert decided["state"] == "ACCEPTED", decided
    settled = await later.measures(stage, case_id, lambda one: one["state"] != "REQUESTED")
    shown = {one["agency_id"]: one for one in settled}
    bank_a = shown["bank-a"]
    assert (bank_a["state"], bank_a["controlled_fen"], bank_a["uncovered_limit_fen"]) == (
        "PARTLY_EFFECTIVE",
        320_000,
        80_000,
    )
    assert codes(agencies, "bank-a")["hidden"] == "reply_inconsistent"
    assert (shown["vehicle"]["state"], shown["vehicle"]["refusal"]) == ("REFUSED", "登记审核不通过")
    assert codes(agencies, "vehicle")["premature"] == "control_not_booked"
    assert (shown["land"]["state"], shown["land"]["rank"], shown["land"]["controlled_fen"]) == ("QUEUED", 2, 0)
    assert shown["land"]["effective_to"] is None
    listed = await stage.get(stage.staff(), f"/v1/control-measures?case_id={case_id}")
    assert (listed["counted_fen"], listed["free_fen"], listed["excess_fen"]) == (320_000, 186_575, 0)


@pytest.mark.asyncio
async def test_a_poll_at_one_replica_sees_what_was_asked_at_another(
    stage: Stage, running: AsyncExitStack, configured: AssetInquirySettings
) -> None:
    await stage.connect("bank-a")
    case_id = await stage.open_case()
    other = await serve(running, configured.model_copy(update={"relay": False}))
    headers = {"Authorization": f"Bearer {stage.agency('bank-a')}"}
    assert (await stage.inquire(case_id, "DEPOSIT")).status_code == 201
    found = await stage.client.get(f"{other}/v1/assistance-requests?status=PENDING&wait=20", headers=headers)
    assert [item["kind"] for item in found.json()["items"]] == ["INQUIRY"]
