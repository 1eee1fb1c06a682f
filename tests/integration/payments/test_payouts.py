"""Payouts over HTTP: three people, then the bank; each order reaches the bank's books once."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from libs.testing.simulators.custodian import Custodian, Temper
from tests.integration.payments.stage import BANK, COURT, FUND, Stage, applicant_of

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def funded(stage: Stage, *amounts: int, claim_fen: int = 500_000) -> str:
    """Return a case with money in its account and an applicant who named an account of their own."""
    case_id = await stage.register_case(claim_fen=claim_fen)
    await stage.register_party(applicant_of(case_id), "浦明远", "浦明远")
    await stage.paid_in(case_id, *amounts)
    return case_id


async def paid_to_applicant(stage: Stage, case_id: str, amount_fen: int) -> str:
    return await stage.approved(case_id, "TO_APPLICANT", amount_fen, payee_id=applicant_of(case_id))


async def state_reached(stage: Stage, payout_id: str, state: str, seconds: float = 20.0) -> dict[str, Any]:
    return await stage.until(f"/v1/payouts/{payout_id}", lambda seen: seen["state"] == state, seconds=seconds)


async def draft(stage: Stage, case_id: str, changes: dict[str, Any] | None = None, *, who: str = "maker") -> Any:
    body = {"case_id": case_id, "purpose": "TO_APPLICANT", "payee_id": applicant_of(case_id), "amount_fen": 100}
    return await stage.post(who, "/v1/payouts", {**body, **(changes or {})})


@pytest.mark.rule("R-PAY-01", "R-PAY-07")
async def test_the_story_applicant_and_fee_are_paid_and_the_account_is_settled(stage: Stage) -> None:
    case_id = await funded(stage, 320_000, 185_000)
    first = await paid_to_applicant(stage, case_id, 500_000)
    second = await stage.approved(case_id, "ENFORCEMENT_FEE", 5_000)
    for payout_id in (first, second):
        await state_reached(stage, payout_id, "CONFIRMED")
    account = await stage.account(case_id)
    assert account["settled"]
    assert (account["balance_fen"], account["paid_out_fen"], account["recovered_fen"]) == (0, 505_000, 505_000)
    transfers = {transfer["to_account"]: transfer for transfer in await stage.transfers(case_id)}
    assert transfers["6217003860009999"]["to_name"] == "浦明远"
    assert transfers["6217003860009999"]["amount_fen"] == 500_000
    assert transfers[FUND["fee_account"]["account_number"]]["amount_fen"] == 5_000
    assert all(transfer["calls"] == 1 for transfer in transfers.values())


@pytest.mark.rule("R-PAY-07")
async def test_maker_checker_and_approver_are_three_people(stage: Stage) -> None:
    case_id = await funded(stage, 1_000)
    payout_id = (await draft(stage, case_id)).json()["id"]
    all_roles = ("fund_officer", "fund_checker", "fund_approver")
    etag = (await stage.get("maker", f"/v1/payouts/{payout_id}")).headers["etag"]
    path = f"/v1/payouts/{payout_id}/approvals"
    by_maker = await stage.post("maker", path, {"decision": "APPROVE"}, etag=etag, roles=all_roles)
    assert (by_maker.status_code, by_maker.json()["code"]) == (403, "same_person_twice")
    by_approver = await stage.post("approver", path, {"decision": "APPROVE"}, etag=etag)
    assert (by_approver.status_code, by_approver.json()["code"]) == (403, "role_not_of_this_step")
    by_officer = await stage.post("officer", path, {"decision": "APPROVE"}, etag=etag)
    assert (by_officer.status_code, by_officer.json()["code"]) == (403, "role_missing")
    checked = await stage.decide("checker", payout_id)
    assert checked.json()["state"] == "CHECKED"
    etag = checked.headers["etag"]
    again = await stage.post("checker", path, {"decision": "APPROVE"}, etag=etag, roles=all_roles)
    assert (again.status_code, again.json()["code"]) == (403, "same_person_twice")
    approved = await stage.decide("approver", payout_id)
    assert approved.json()["state"] == "APPROVED"


@pytest.mark.rule("R-PAY-07")
async def test_a_rejected_payout_frees_its_money(stage: Stage) -> None:
    case_id = await funded(stage, 1_000)
    payout_id = (await draft(stage, case_id, {"amount_fen": 1_000})).json()["id"]
    assert (await stage.account(case_id))["available_fen"] == 0
    unexplained = await stage.decide("checker", payout_id, "REJECT")
    assert (unexplained.status_code, unexplained.json()["errors"][0]["code"]) == (422, "reason_missing")
    rejected = await stage.decide("checker", payout_id, "REJECT", reason="金额有误")
    assert (rejected.json()["state"], rejected.json()["reason"]) == ("REJECTED", "金额有误")
    assert (await stage.account(case_id))["available_fen"] == 1_000


async def test_a_time_out_after_the_bank_acted_is_asked_and_not_paid_twice(stage: Stage) -> None:
    stage.own_bank.temper = Temper(transfer_faults=["TIMEOUT_AFTER_ACTING"], silence_seconds=3.0)
    case_id = await funded(stage, 10_000)
    payout_id = await paid_to_applicant(stage, case_id, 10_000)
    await state_reached(stage, payout_id, "CONFIRMED", 30)
    (transfer,) = await stage.transfers(case_id)
    assert (transfer["calls"], transfer["amount_fen"]) == (1, 10_000)
    assert (await stage.account(case_id))["paid_out_fen"] == 10_000


async def test_a_time_out_before_the_bank_acted_is_asked_and_then_ordered_again(stage: Stage) -> None:
    stage.own_bank.temper = Temper(transfer_faults=["TIMEOUT_BEFORE_ACTING"], silence_seconds=3.0)
    case_id = await funded(stage, 10_000)
    await state_reached(stage, await paid_to_applicant(stage, case_id, 10_000), "CONFIRMED", 30)
    assert [transfer["state"] for transfer in await stage.transfers(case_id)] == ["DONE"]


async def test_a_refusal_of_the_bank_frees_the_money(stage: Stage) -> None:
    stage.own_bank.temper = Temper(transfer_faults=["REFUSE"])
    case_id = await funded(stage, 10_000)
    failed = await state_reached(stage, await paid_to_applicant(stage, case_id, 10_000), "FAILED")
    assert failed["reason"]
    assert (await stage.account(case_id))["available_fen"] == 10_000
    await state_reached(stage, await paid_to_applicant(stage, case_id, 10_000), "CONFIRMED")
    assert [transfer["state"] for transfer in await stage.transfers(case_id)] == ["REFUSED", "DONE"]


async def test_a_pending_order_is_followed_to_its_end_and_never_ordered_again(stage: Stage) -> None:
    stage.own_bank.temper = Temper(transfer_faults=["PENDING"], pending_seconds=1.5)
    case_id = await funded(stage, 10_000)
    payout_id = await paid_to_applicant(stage, case_id, 10_000)
    await state_reached(stage, payout_id, "SUBMITTED")
    assert (await stage.account(case_id))["held_fen"] == 10_000
    await state_reached(stage, payout_id, "CONFIRMED", 30)
    (transfer,) = await stage.transfers(case_id)
    assert transfer["calls"] == 1


async def test_a_bank_that_answers_nothing_leaves_the_payout_in_doubt_until_a_person_decides(stage: Stage) -> None:
    case_id = await funded(stage, 10_000)
    stage.own_bank.temper = Temper(silent=True)
    payout_id = await paid_to_applicant(stage, case_id, 10_000)
    doubtful = await state_reached(stage, payout_id, "IN_DOUBT", 60)
    assert doubtful["reference"]
    assert (await stage.account(case_id))["held_fen"] == 10_000
    path = f"/v1/payouts/{payout_id}/resolutions"
    etag = (await stage.get("approver", f"/v1/payouts/{payout_id}")).headers["etag"]
    body = {"outcome": "NOT_PAID", "evidence": "银行柜台书面答复：无此笔"}
    assert (await stage.post("checker", path, body, etag=etag)).json()["code"] == "role_missing"
    assert (await stage.post("approver", path, {"outcome": "NOT_PAID"}, etag=etag)).status_code == 422
    assert (await stage.post("approver", path, body)).status_code == 428
    resolved = await stage.post("approver", path, body, etag=etag)
    assert (resolved.status_code, resolved.json()["state"]) == (201, "FAILED")
    assert resolved.json()["evidence"] == body["evidence"]
    again = await stage.post("approver", path, body, etag=resolved.headers["etag"])
    assert (again.status_code, again.json()["code"]) == (409, "payout_not_in_doubt")
    assert (await stage.account(case_id))["available_fen"] == 10_000
    assert await stage.transfers(case_id) == []


@pytest.mark.rule("R-PAY-07")
async def test_only_the_applicant_is_paid_and_only_to_an_account_of_their_name(stage: Stage) -> None:
    case_id = await stage.register_case()
    applicant = applicant_of(case_id)
    await stage.paid_in(case_id, 1_000)
    assert (await draft(stage, case_id)).json()["code"] == "payee_account_missing"
    assert (await draft(stage, case_id, {"payee_id": "party_x"})).json()["code"] == "payee_not_applicant"
    await stage.register_party(applicant, "浦明远", "浦某")
    code = ""
    for _ in range(100):
        code = (await draft(stage, case_id)).json()["code"]
        if code != "payee_account_missing":
            break
        await asyncio.sleep(0.05)
    assert code == "payee_name_mismatch"


@pytest.mark.rule("R-PAY-07")
async def test_a_new_payee_account_stops_a_payout_that_was_drafted_to_the_old_one(stage: Stage) -> None:
    from libs.schemas.intake import BankAccount, PartyUpdated  # noqa: PLC0415 -- only this test speaks of a change

    case_id = await funded(stage, 1_000)
    applicant = applicant_of(case_id)
    payout_id = (await draft(stage, case_id)).json()["id"]
    new = BankAccount(account_name="浦明远", account_number="6217000000000000", bank_id="bank-b", bank_name="乙银行")
    await stage.say(f"party/{applicant}", PartyUpdated(party_id=applicant, payee_account=new), applicant, COURT)
    for _ in range(100):
        probe = await draft(stage, case_id)
        if probe.json()["payee_account"].endswith("0000"):
            break
        await asyncio.sleep(0.05)
    refused = await stage.decide("checker", payout_id)
    assert (refused.status_code, refused.json()["code"]) == (409, "payee_account_changed")
    assert (await stage.decide("checker", payout_id, "REJECT", reason="换卡")).json()["state"] == "REJECTED"


@pytest.mark.rule("R-PAY-07")
async def test_surplus_goes_back_to_who_paid_it_in(stage: Stage) -> None:
    case_id = await funded(stage, 505_000, 300)
    refund = {
        "account_name": "李建业",
        "account_number": "6217003860001234",
        "bank_id": "bank-a",
        "bank_name": "甲银行",
    }
    stranger = refund | {"account_name": "王小二"}
    asked = {"purpose": "REFUND_TO_PAYER", "payee_id": None, "refund_account": stranger}
    refused = await draft(stage, case_id, asked)
    assert refused.json()["code"] == "payee_name_mismatch"
    payout_id = await stage.approved(case_id, "REFUND_TO_PAYER", 300, refund_account=refund)
    await state_reached(stage, payout_id, "CONFIRMED")
    (transfer,) = await stage.transfers(case_id)
    assert (transfer["to_account"], transfer["amount_fen"]) == ("6217003860001234", 300)


async def test_a_repeated_draft_is_the_same_payout(stage: Stage) -> None:
    case_id = await funded(stage, 1_000)
    body = {"case_id": case_id, "purpose": "TO_APPLICANT", "payee_id": applicant_of(case_id), "amount_fen": 600}
    first = await stage.post("maker", "/v1/payouts", body, key=case_id)
    again = await stage.post("maker", "/v1/payouts", body, key=case_id)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert again.headers["idempotency-replayed"] == "true"
    assert (await stage.account(case_id))["held_fen"] == 600
    other = await stage.post("maker", "/v1/payouts", body | {"amount_fen": 1}, key=case_id)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")


async def test_a_stale_or_missing_etag_decides_nothing(stage: Stage) -> None:
    case_id = await funded(stage, 1_000)
    payout_id = (await draft(stage, case_id)).json()["id"]
    path = f"/v1/payouts/{payout_id}/approvals"
    assert (await stage.post("checker", path, {"decision": "APPROVE"})).status_code == 428
    assert (await stage.post("checker", path, {"decision": "APPROVE"}, etag='"1"')).status_code == 412
    assert (await stage.post("checker", path, {"decision": "APPROVE"}, etag="x")).status_code == 400
    assert (await stage.get("maker", f"/v1/payouts/{payout_id}")).json()["state"] == "DRAFTED"


BAD_DRAFTS: dict[str, dict[str, Any]] = {
    "nothing": {"amount_fen": 0},
    "a negative amount": {"amount_fen": -1},
    "a fraction of a fen": {"amount_fen": 0.5},
    "an amount in a text": {"amount_fen": "100"},
    "an amount beyond all bounds": {"amount_fen": 10**18},
    "no purpose of ours": {"purpose": "GIFT"},
    "no payee": {"payee_id": None},
    "a payee of ten thousand characters": {"payee_id": "x" * 10_000},
    "a payee for the fee": {"purpose": "ENFORCEMENT_FEE"},
    "a refund without an account": {"purpose": "REFUND_TO_PAYER", "payee_id": None},
    "an unknown field": {"note": "x"},
    "a case id with a slash": {"case_id": "a/b"},
    "a null case": {"case_id": None},
}


async def test_bad_drafts_get_a_problem_and_hold_nothing(stage: Stage) -> None:
    case_id = await funded(stage, 1_000)
    for what, changes in BAD_DRAFTS.items():
        response = await draft(stage, case_id, changes)
        assert response.status_code == 422, (what, response.text)
        assert response.json()["code"], what
    no_bodies: tuple[Any, ...] = ({}, [], None, "x")
    for no_body in no_bodies:
        assert (await stage.post("maker", "/v1/payouts", no_body)).status_code == 422
    assert await status_above_one_mebibyte(stage) == 413
    above = await draft(stage, case_id, {"amount_fen": 1_001})
    assert (above.status_code, above.json()["code"], above.json()["available_fen"]) == (
        409,
        "payout_above_available",
        1_000,
    )
    unknown = await draft(stage, "case_99999999")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "case_account_unknown")
    assert (await draft(stage, case_id, who="checker")).json()["code"] == "role_missing"
    account = await stage.account(case_id)
    assert (account["held_fen"], account["payouts"]) == (0, [])


async def status_above_one_mebibyte(stage: Stage) -> int:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(17):
            yield b" " * (1 << 16)

    headers = stage.headers(stage.token("maker")) | {"Content-Type": "application/json"}
    # Only the status is read: the connection ends while the rest of the body is still on its way.
    async with stage.client.stream("POST", f"{stage.url}/v1/payouts", content=pieces(), headers=headers) as response:
        return response.status_code


async def test_another_courts_case_and_payout_are_out_of_sight(stage: Stage) -> None:
    case_id = await funded(stage, 1_000)
    payout_id = (await draft(stage, case_id)).json()["id"]
    elsewhere = ("云0325",)
    foreign = await stage.post(
        "checker", f"/v1/payouts/{payout_id}/approvals", {"decision": "APPROVE"}, etag='"1"', courts=elsewhere
    )
    assert foreign.status_code == 404
    body = {"case_id": case_id, "purpose": "TO_APPLICANT", "payee_id": applicant_of(case_id), "amount_fen": 1}
    assert (await stage.post("maker", "/v1/payouts", body, courts=elsewhere)).status_code == 404
    headers = {"Authorization": f"Bearer {stage.token('maker', courts=elsewhere)}"}
    for path in (f"/v1/payouts/{payout_id}", f"/v1/case-accounts/{case_id}", f"/v1/debt-statements?case_id={case_id}"):
        assert (await stage.client.get(stage.url + path, headers=headers)).status_code == 404


async def test_unreadable_ids_and_days_are_problems_and_no_crash(stage: Stage) -> None:
    case_id = await stage.register_case()
    for path in ("/v1/payouts/x", "/v1/payouts/payout_a_b", "/v1/incoming-payments/in_x", "/v1/case-accounts/none"):
        assert (await stage.get("maker", path)).status_code == 404
    for day in ("2026-02-30", "1700000000", "0001-01-01", "9999-12-31", "yesterday", ""):
        response = await stage.get("maker", "/v1/debt-statements", case_id=case_id, as_of=day)
        assert response.status_code == 422, day
        assert (await stage.get("maker", f"/v1/trial-balances/{day or 'x'}", court=COURT)).status_code == 422


async def test_the_queue_shows_what_waits_for_whom(stage: Stage) -> None:
    case_id = await funded(stage, 1_000)
    drafted = await draft(stage, case_id)
    page = await stage.get(
        "checker",
        "/v1/payouts",
        court=COURT,
        state="DRAFTED",
        case_id=case_id,
        after=drafted.headers["x-consistency-token"],
    )
    assert [item["payout_id"] for item in page.json()["items"]] == [drafted.json()["id"]]


@pytest.mark.rule("R-PAY-01")
async def test_a_case_before_the_courts_account_is_set_gets_its_account_afterwards(stage: Stage) -> None:
    court = "云0302"
    case_id = await stage.register_case(open_it=False, court=court)
    path = f"/v1/case-accounts/{case_id}"
    waiting = await stage.until(path, lambda seen: "debt" in seen, court=court)
    assert waiting["account"] is None
    assert waiting["debt"]["total_fen"] == 505_000
    body = {"case_id": case_id, "purpose": "ENFORCEMENT_FEE", "amount_fen": 1}
    refused = await stage.post("maker", "/v1/payouts", body, courts=(court,))
    assert refused.json()["code"] == "case_account_not_open"
    await stage.set_fund(court, account_number_prefix="7703020001")
    await stage.until(path, lambda seen: seen["account"] is not None, court=court)


async def test_two_courts_cannot_share_the_beginning_of_their_numbers(stage: Stage) -> None:
    response = await stage.set_fund("云0326")
    assert (response.status_code, response.json()["code"]) == (409, "account_prefix_taken")
    assert (await stage.set_fund("云0326", account_number_prefix="x" * 10_000)).status_code == 422
    assert (await stage.set_fund("云0326", fee_account=None)).status_code == 422
    assert (await stage.set_fund()).status_code == 200


async def test_the_bank_keeps_its_books_over_a_restart(stage: Stage) -> None:
    case_id = await funded(stage, 10_000)
    await state_reached(stage, await paid_to_applicant(stage, case_id, 10_000), "CONFIRMED")
    again = Custodian({"bank_id": BANK}, stage.own_bank._world)
    try:
        assert again.books.transfers() == stage.own_bank.books.transfers()
    finally:
        again.books.close()
