"""Freeze, deduct, release with simulated banks, over real HTTP, broker and database; the banks' books must agree."""

from pathlib import Path
from typing import Any

import pytest

from libs.foundation.clock import RealClock
from libs.testing.simulators.custodian import Custodian
from libs.testing.simulators.world import World
from tests.integration.asset_inquiry import controls_stage as later
from tests.integration.asset_inquiry.conftest import AgenciesMaker
from tests.integration.asset_inquiry.stage import Stage
from tests.integration.asset_inquiry.test_pull_loop import bank

DEBT_FEN = 506_575


async def found_assets(stage: Stage, case_id: str, count: int) -> dict[str, dict[str, Any]]:
    opened = await stage.inquire(case_id, "DEPOSIT")
    assert opened.status_code == 201, opened.text
    path = f"/v1/discovered-assets?case_id={case_id}"
    page = await stage.until(stage.staff(), path, lambda seen: len(seen["items"]) == count)
    return {asset["agency_id"]: asset for asset in page["items"]}


@pytest.mark.asyncio
@pytest.mark.rule("R-INQ-20", "R-INQ-10", "R-INQ-04", "R-INQ-05", "R-INQ-25")
async def test_what_is_owed_is_frozen_to_the_fen_deducted_once_and_released_when_the_money_is_there(
    stage: Stage, simulate: AgenciesMaker, running: Any, tmp_path: Path
) -> None:
    world = World(1, {"payments": stage.url}, stage.issuer, RealClock(), tmp_path)
    custodian = Custodian({"bank_id": "custodian"}, world)
    running.push_async_callback(custodian.stop)
    await custodian.start()
    agencies = await simulate(
        bank("bank-a", 320_000, faults={"premature_controlled": True}),
        bank("bank-b", 260_000, "6228480868005678", faults={"transfer_fails_once": True}),
        custodian={"url": custodian.url},
    )
    case_id = await stage.open_case()
    assets = await found_assets(stage, case_id, 2)
    await later.assess(stage, case_id, DEBT_FEN)

    amounts = {"bank-a": 320_000, "bank-b": DEBT_FEN - 320_000}
    items = [
        {"agency_id": agency, "asset_id": assets[agency]["asset_id"], "amount_fen": fen}
        for agency, fen in amounts.items()
    ]
    assert (await later.decided(stage, await later.order(stage, case_id, "FREEZE", items)))["state"] == "ACCEPTED"
    frozen = await later.measures(stage, case_id, lambda one: one["state"] == "EFFECTIVE")
    assert {one["agency_id"]: one["controlled_fen"] for one in frozen} == amounts
    assert {one["effective_to"] for one in frozen} == {"2027-03-01"}

    more = [{"agency_id": "bank-b", "asset_id": assets["bank-b"]["asset_id"], "amount_fen": 1}]
    refused = await later.decided(stage, await later.order(stage, case_id, "FREEZE", more))
    assert (refused["state"], refused["code"], refused["rule"]) == ("REFUSED", "over_attachment", "R-INQ-20")

    deduct = [later.on_freeze(one, one["controlled_fen"]) for one in frozen]
    assert (await later.decided(stage, await later.order(stage, case_id, "DEDUCT", deduct)))["state"] == "ACCEPTED"
    answered = await later.measures(stage, case_id, lambda one: (one["deduction"] or {}).get("state") == "ANSWERED")
    incoming = custodian.books.incoming()
    assert {line["payment_reference"]: line["amount_fen"] for line in incoming} == {
        one["deduction"]["payment_reference"]: one["deduction"]["amount_fen"] for one in answered
    }

    release_id = await later.order(stage, case_id, "RELEASE", [later.on_freeze(one, 0) for one in frozen])
    waiting = await stage.until(stage.staff(), f"/v1/control-orders/{release_id}", lambda seen: seen["items"])
    assert waiting["state"] == "PENDING", "a release waits while the money of a deduction is on the way"
    for line in incoming:
        await later.credit(stage, case_id, line["amount_fen"], line["payment_reference"])
    released = await later.measures(stage, case_id, lambda one: one["state"] == "RELEASED")
    assert {one["deduction"]["state"] for one in released} == {"CONFIRMED"}

    books = {agency_id: agency.books.shown() for agency_id, agency in agencies.agencies.items()}
    assert {name: shown["accounts"][0]["balance_fen"] for name, shown in books.items()} == {
        "bank-a": 0,
        "bank-b": 260_000 - amounts["bank-b"],
    }
    assert books["bank-b"]["deductions"][0]["runs"] == 2, "the run began again, the debit did not"
    codes = {line["key"].rpartition("-")[2]: line["code"] for shown in books.values() for line in shown["mail"]}
    assert (codes["premature"], codes["locked"], codes["final"]) == ("control_not_booked", None, None)
    await the_record_says_it_all(stage, released[0]["measure_id"])


async def the_record_says_it_all(stage: Stage, measure_id: str) -> None:
    """R-INQ-25: orders with papers and officers, every step with its time, every request with what came of it."""
    record = await stage.get(stage.staff(), f"/v1/control-measures/{measure_id}/record")
    assert [one["kind"] for one in record["orders"]] == ["FREEZE", "DEDUCT", "RELEASE", "RELEASE"]
    assert all(len(one["officers"]) == 2 and len(one["papers"]) == 2 for one in record["orders"])
    assert [one["fact"] for one in record["steps"]] == [
        "control_requested",
        "control_effective",
        "deduction_requested",
        "deduction_answered",
        "deduction_confirmed",
        "control_released",
    ]
    sent = [one for one in record["requests"] if one["fact"] == "request_issued"]
    answered = [one for one in record["requests"] if one.get("status") == "FINAL"]
    assert (len(sent), len(answered)) == (3, 3)
    assert all(one["content_sha256"] for one in sent)
    elsewhere = await stage.call("GET", stage.staff(court="云0302"), f"/v1/control-measures/{measure_id}/record")
    assert elsewhere.status_code == 404
