from typing import Any

import httpx
import pytest

from libs.testing import builders
from tests.integration.intake.desk_work import ACCOUNT, papers_for
from tests.integration.intake.house import House
from tests.integration.intake.partners import Partners

pytestmark = pytest.mark.asyncio

DEBT = 506_575
FROZEN = {"bank-a": 320_000, "bank-b": 186_575}


def items(amounts: dict[str, int], *, on_freeze: bool = True) -> list[dict[str, Any]]:
    original = {"original_sequence": 1} if on_freeze else {}
    return [
        {"agency_id": agency, "asset_id": f"ast-{agency}", "amount_fen": amount}
        | original
        | ({"original_request_number": f"DJ-{agency}"} if on_freeze else {})
        for agency, amount in amounts.items()
    ]


class Desk:
    """The duty officer's desk for one case."""

    def __init__(self, house: House, case: dict[str, Any]) -> None:
        self.house, self.case_id = house, case["id"]
        self.path = f"/v1/enforcement-cases/{case['id']}"
        self.debtor = case["debtors"][0]["party_id"]

    async def order(self, kind: str, wanted: list[dict[str, Any]], papers: list[str], **more: Any) -> httpx.Response:
        body = {
            "kind": kind,
            "debtor_id": self.debtor,
            "officer_ids": ["u-duty", "u-second"],
            "items": wanted,
            "document_ids": papers,
        }
        return await self.house.post(f"{self.path}/control-orders", "u-duty", body | more)

    async def freeze_papers(self) -> list[str]:
        return await papers_for(self.house, self.case_id, "FREEZE_RULING", "ASSISTANCE_FREEZE_NOTICE", DEBT)

    async def deduction_papers(self) -> list[str]:
        return await papers_for(self.house, self.case_id, "DEDUCTION_RULING", "ASSISTANCE_DEDUCTION_NOTICE", DEBT)

    async def close(self) -> httpx.Response:
        etag = (await self.house.get(self.path)).headers["etag"]
        return await self.house.post(f"{self.path}/closures", "u-duty", {"kind": "FULLY_PERFORMED"}, etag=etag)


def refused(answer: httpx.Response, code: str, **facts: Any) -> None:
    assert (answer.status_code, answer.json()["code"]) == (409, code), answer.text
    assert {name: answer.json()[name] for name in facts} == facts


@pytest.mark.rule("R-INQ-04", "R-INQ-05")
async def test_a_freeze_needs_its_papers_a_known_debt_and_two_officers(
    house: House, case: dict[str, Any], partners: Partners
) -> None:
    desk = Desk(house, case)
    wanted = items(FROZEN, on_freeze=False)
    missing = ["FREEZE_RULING", "ASSISTANCE_FREEZE_NOTICE"]
    refused(await desk.order("FREEZE", wanted, []), "control_papers_missing", missing=missing)
    papers = await desk.freeze_papers()
    refused(await desk.order("FREEZE", wanted, papers), "debt_unknown", retryable=True)
    await partners.debt_assessed(DEBT)
    alone = await desk.order("FREEZE", wanted, papers, officer_ids=["u-duty", "u-duty"])
    refused(alone, "two_officers_required")
    unknown = await desk.order("FREEZE", wanted, papers, officer_ids=["u-duty", "u-nobody"])
    refused(unknown, "officer_unknown")
    stranger = await desk.order("FREEZE", wanted, papers, debtor_id=case["applicants"][0]["party_id"])
    assert (stranger.status_code, stranger.json()["code"]) == (404, "party_not_in_case")


@pytest.mark.rule("R-INQ-20")
async def test_what_is_frozen_or_asked_for_never_exceeds_what_is_owed(
    house: House, case: dict[str, Any], partners: Partners
) -> None:
    desk = Desk(house, case)
    papers = await desk.freeze_papers()
    await partners.debt_assessed(DEBT)
    over = items(FROZEN | {"bank-b": 186_576}, on_freeze=False)
    refused(await desk.order("FREEZE", over, papers), "over_attachment", open_fen=DEBT)
    wanted = [one | {"account_reference": "6217003860001234"} for one in items(FROZEN, on_freeze=False)]
    issued = await desk.order("FREEZE", wanted, papers)
    assert (issued.status_code, issued.json()["state"]) == (201, "ISSUED")
    # The order goes to a topic that every room reads: no full account number stands in it.
    assert {one["account_reference"] for one in issued.json()["items"]} == {"****1234"}
    more = items({"bank-a": 1}, on_freeze=False)
    refused(await desk.order("FREEZE", more, papers), "over_attachment", open_fen=0)


@pytest.mark.rule("R-INQ-20", "R-INT-27", "R-INT-22", "R-INT-04")
async def test_money_is_frozen_deducted_paid_out_released_and_the_case_closed(
    house: House, case: dict[str, Any], partners: Partners
) -> None:
    desk = Desk(house, case)
    await partners.account_opened(ACCOUNT)
    await partners.debt_assessed(DEBT)
    frozen = await desk.order("FREEZE", items(FROZEN, on_freeze=False), await desk.freeze_papers())
    await partners.frozen(frozen.json()["id"], FROZEN)
    await house.until(desk.path, lambda seen: [one["state"] for one in seen["controls"]] == ["EFFECTIVE"] * 2)

    papers = await desk.deduction_papers()
    above = await desk.order("DEDUCT", items({"bank-a": 320_001}), papers)
    refused(above, "deduction_above_frozen", deductible_fen=320_000)
    deducted = await desk.order("DEDUCT", items(FROZEN), papers)
    assert deducted.json()["case_account"]["account_number"] == ACCOUNT.account_number
    refused(await desk.order("DEDUCT", items({"bank-a": 1}), papers), "deduction_above_frozen", deductible_fen=0)

    await partners.paid_in_and_out(deducted.json()["id"], FROZEN)
    await house.until(desk.path, lambda one: one["debt"]["settled"])
    unmet = await desk.close()
    refused(unmet, "closing_guards_unmet")
    assert [guard["holds"] for guard in unmet.json()["guards"]] == [True, True, False]

    papers = await papers_for(house, case["id"], "RELEASE_RULING", "ASSISTANCE_RELEASE_NOTICE")
    released = await desk.order("RELEASE", items(dict.fromkeys(FROZEN, 0)), papers)
    assert released.status_code == 201, released.text
    await partners.released(list(FROZEN))
    await house.until(desk.path, lambda one: {item["state"] for item in one["controls"]} == {"RELEASED"})
    await _closed_by_the_leader(desk)
    seen = await house.until(desk.path, lambda one: len(one["documents"]) == 6)
    rulings = {one["number"] for one in seen["documents"] if one["kind"].endswith("RULING")}
    assert rulings == {f"{case['case_number']}之{n}" for n in "一二三"}


async def _closed_by_the_leader(desk: Desk) -> None:
    house = desk.house
    proposed = await desk.close()
    assert (proposed.status_code, proposed.json()["approver"]) == (201, "u-duty-lead"), proposed.text
    queue = await house.until("/v1/approvals", lambda page: page["items"], "u-duty-lead")
    assert (queue["items"][-1]["kind"], queue["items"][-1]["title"]) == ("CLOSURE", "结案审批: 执行完毕")
    etag = (await house.get(desk.path)).headers["etag"]
    decision = f"/v1/closures/{proposed.json()['id']}/approvals"
    closed = await house.post(decision, "u-duty-lead", {"decision": "APPROVE"}, etag=etag)
    assert (closed.status_code, closed.json()["state"]) == (201, "APPROVED")
    seen = (await house.get(desk.path)).json()
    assert (seen["status"], seen["closure"]["recovered_fen"]) == ("CLOSED", DEBT)
    after = await house.post(f"{desk.path}/documents", "u-duty", {"kind": "PROPERTY_REPORT_ORDER"})
    assert (after.status_code, after.json()["code"]) == (409, "case_closed")
    application = f"/v1/enforcement-applications/{seen['application_id']}"
    await house.until(application, lambda one: one["state"] == "CASE_CLOSED")
    again = await house.post("/v1/enforcement-applications", "portal", builders.application(1))
    assert (again.status_code, again.json()["duplicate_of"]) == (200, seen["id"])
