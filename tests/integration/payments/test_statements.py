"""Statement lines: registered once, never merged, never refused for want of a case, never lost."""

from typing import Any

import orjson
import pytest

from tests.integration.payments.stage import COURT, PREFIX, Stage, eventually, line

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.mark.rule("R-PAY-03")
async def test_a_repeated_line_is_harmless_under_the_same_and_under_another_key(stage: Stage) -> None:
    case_id = await stage.register_case()
    number = (await stage.account(case_id))["account"]["account_number"]
    sent = line(number, 100, stage.reference())
    key = sent["reference"]
    first = await stage.results(sent, key=key)
    same_key = await stage.results(sent, key=key)
    other_key = await stage.results(sent, sent)
    assert first[0]["status"] == "RECORDED"
    assert same_key == first
    assert [result["status"] for result in other_key] == ["REPEATED", "REPEATED"]
    account = await stage.until(f"/v1/case-accounts/{case_id}", lambda seen: seen["balance_fen"] > 0)
    assert account["recovered_fen"] == 100


@pytest.mark.rule("R-PAY-03")
async def test_the_same_reference_with_another_amount_is_rejected_and_the_first_stands(stage: Stage) -> None:
    case_id = await stage.register_case()
    number = (await stage.account(case_id))["account"]["account_number"]
    first = line(number, 100, stage.reference())
    await stage.results(first)
    twice = [await stage.results({**first, "amount_fen": 101}) for _ in range(2)]
    for (result,) in twice:
        assert result["status"] == "REJECTED"
        assert result["problem"]["code"] == "statement_line_conflict"
        assert result["problem"]["registered_fen"] == 100
    incoming = (await stage.get("maker", f"/v1/incoming-payments/{twice[0][0]['incoming_id']}")).json()
    assert (incoming["amount_fen"], incoming["contradictions"]) == (100, 1)


@pytest.mark.rule("R-PAY-03")
async def test_money_for_an_unknown_case_waits_in_the_pool_and_in_the_trial_balance(stage: Stage) -> None:
    (result,) = await stage.results(line(f"{PREFIX}999999", 8_800, stage.reference(), remark="还款"))
    assert (result["status"], "case_id" in result) == ("UNIDENTIFIED", False)

    async def shown() -> dict[str, Any] | None:
        page = (await stage.get("maker", "/v1/incoming-payments", status="UNIDENTIFIED", limit="200")).json()
        return next((item for item in page["items"] if item["incoming_id"] == result["incoming_id"]), None)

    assert (await eventually(shown, "the line in the pool"))["amount_fen"] == 8_800

    async def pooled() -> dict[str, Any] | None:
        balance = await stage.balance()
        return balance if balance["unidentified_fen"] >= 8_800 else None

    assert (await eventually(pooled, "the money in the trial balance"))["difference_fen"] == 0


@pytest.mark.rule("R-PAY-03", "R-INT-04")
async def test_a_case_number_in_the_remark_identifies_the_money(stage: Stage) -> None:
    case_id = await stage.register_case()
    number = (await stage.account(case_id))["case_number"].replace("(", "（").replace(")", "）")
    (result,) = await stage.results(line(f"{PREFIX}999999", 700, stage.reference(), remark=f"{number} 案款"))
    assert (result["status"], result["case_id"]) == ("RECORDED", case_id)
    await stage.until(f"/v1/case-accounts/{case_id}", lambda seen: seen["balance_fen"] == 700)


@pytest.mark.rule("R-PAY-03")
async def test_two_people_identify_money_and_one_alone_does_not(stage: Stage) -> None:
    case_id = await stage.register_case()
    (result,) = await stage.results(line(f"{PREFIX}999999", 700, stage.reference()))
    path = f"/v1/incoming-payments/{result['incoming_id']}"

    async def act(who: str, what: str, body: dict[str, str]) -> tuple[int, dict[str, object]]:
        etag = (await stage.get(who, path)).headers["etag"]
        response = await stage.post(who, f"{path}/{what}", body, etag=etag)
        return response.status_code, response.json()

    status, body = await act("checker", "identification-approvals", {"decision": "APPROVE"})
    assert (status, body["code"]) == (409, "no_identification_proposed")
    status, body = await act("maker", "identifications", {"case_id": "case_99999999", "evidence": "票据"})
    assert (status, body["code"]) == (404, "case_account_unknown")
    status, body = await act("maker", "identifications", {"case_id": case_id, "evidence": "付款人电话确认"})
    assert (status, body["status"]) == (201, "CANDIDATE")
    status, body = await act("maker", "identification-approvals", {"decision": "APPROVE"})
    assert (status, body["code"]) == (403, "identification_needs_second_person")
    status, body = await act("checker", "identification-approvals", {"decision": "REJECT"})
    assert (status, body["code"]) == (422, "request_invalid")
    status, body = await act("checker", "identification-approvals", {"decision": "APPROVE"})
    assert (status, body["status"], body["method"]) == (201, "IDENTIFIED", "TWO_PERSONS")
    await stage.until(f"/v1/case-accounts/{case_id}", lambda seen: seen["balance_fen"] == 700)


async def test_a_malformed_line_gets_its_problem_and_the_others_go_on(stage: Stage) -> None:
    case_id = await stage.register_case()
    number = (await stage.account(case_id))["account"]["account_number"]
    good = line(number, 100, stage.reference())
    bad = {
        "no json": b"{",
        "not an object": b"[1]",
        "not utf-8": b'{"bank_id": "\xff"}',
        "the same key twice": b'{"bank_id": "a", "bank_id": "b"}',
        "a null character": b'{"bank_id": "a\\u0000"}',
        "missing fields": orjson.dumps({"bank_id": "custodian"}),
        "an unknown field": orjson.dumps({**good, "note": "x"}),
        "a negative amount": orjson.dumps({**good, "amount_fen": -1}),
        "nothing": orjson.dumps({**good, "amount_fen": 0}),
        "a fraction of a fen": orjson.dumps({**good, "amount_fen": 1.5}),
        "an amount in a text": orjson.dumps({**good, "amount_fen": "100"}),
        "an amount beyond all bounds": orjson.dumps({**good, "amount_fen": 10**15}),
        "a day that does not exist": orjson.dumps({**good, "value_at": "2026-02-30T10:00:00+08:00"}),
        "a time without an offset": orjson.dumps({**good, "value_at": "2026-03-02T10:00:00"}),
        "a time in the future": orjson.dumps({**good, "value_at": "2199-03-02T10:00:00+08:00"}),
        "a time before all cases": orjson.dumps({**good, "value_at": "0001-01-01T00:00:00+08:00"}),
        "an empty reference": orjson.dumps({**good, "reference": ""}),
        "a name of ten thousand characters": orjson.dumps({**good, "payer_name": "李" * 10_000}),
        "another bank's line": orjson.dumps({**good, "bank_id": "bank-z"}),
        "a line above one mebibyte": orjson.dumps({**good, "remark": "x" * (1 << 20)}),
    }
    results = await stage.results(good, *bad.values(), line(number, 200, stage.reference()))
    assert [result["line"] for result in results] == list(range(1, len(bad) + 3))
    assert (results[0]["status"], results[-1]["status"]) == ("RECORDED", "RECORDED")
    for what, result in zip(bad, results[1:-1], strict=True):
        assert result["status"] == "REJECTED", what
        assert result["problem"]["code"], what
    await stage.until(f"/v1/case-accounts/{case_id}", lambda seen: seen["recovered_fen"] == 300)


@pytest.mark.rule("R-PAY-01", "R-PAY-03")
async def test_only_the_bank_that_keeps_an_account_credits_it(stage: Stage) -> None:
    case_id = await stage.register_case()
    number = (await stage.account(case_id))["account"]["account_number"]
    foreign = line(number, 100, stage.reference(), bank_id="bank-z")
    (result,) = await stage.results(foreign, token=stage.bank_token("bank-z", courts=(COURT,)))
    assert result["status"] == "UNIDENTIFIED"


async def test_who_may_not_send_statements_is_told_so(stage: Stage) -> None:
    sent = line(f"{PREFIX}000001", 1, stage.reference())
    assert (await stage.statement(sent, token=stage.token("maker"))).json()["code"] == "role_missing"
    expired = stage.issuer.token(subject="x", organisation="custodian", ttl_seconds=-60)
    assert (await stage.statement(sent, token=expired)).status_code == 401
    assert (await stage.statement(sent, token="forged.token.x")).status_code == 401


async def test_a_statement_is_ndjson_with_lines_and_a_key(stage: Stage) -> None:
    url = f"{stage.url}/v1/bank-statements"
    headers = {"Authorization": f"Bearer {stage.bank_token()}", "Content-Type": "application/x-ndjson"}
    assert (await stage.client.post(url, content=b"{}", headers=headers)).json()["code"] == "idempotency_key_missing"
    keyed = headers | {"Idempotency-Key": "k"}
    assert (await stage.client.post(url, content=b"", headers=keyed)).json()["code"] == "request_invalid"
    assert (await stage.client.post(url, content=b"\n\n", headers=keyed)).json()["code"] == "request_invalid"
    as_json = keyed | {"Content-Type": "application/json"}
    assert (await stage.client.post(url, content=b"{}", headers=as_json)).status_code == 415


async def test_the_same_key_with_other_lines_is_refused(stage: Stage) -> None:
    sent = line(f"{PREFIX}000001", 1, stage.reference())
    key = sent["reference"]
    await stage.results(sent, key=key)
    again = await stage.statement({**sent, "reference": stage.reference()}, key=key)
    assert (again.status_code, again.json()["code"]) == (422, "idempotency_key_reused")


async def test_another_courts_books_are_out_of_sight(stage: Stage) -> None:
    (result,) = await stage.results(line(f"{PREFIX}999999", 700, stage.reference()))
    elsewhere = {"Authorization": f"Bearer {stage.token('maker', courts=('云0325',))}"}
    path = f"/v1/incoming-payments/{result['incoming_id']}"
    assert (await stage.client.get(stage.url + path, headers=elsewhere)).status_code == 404
    page = await stage.client.get(f"{stage.url}/v1/incoming-payments", headers=elsewhere)
    assert page.json()["items"] == []
    for courts in (("云0325", COURT), ("*",)):
        wider = {"Authorization": f"Bearer {stage.token('maker', courts=courts)}"}
        page = await stage.client.get(f"{stage.url}/v1/incoming-payments", params={"limit": "200"}, headers=wider)
        assert COURT in {row["court"] for row in page.json()["items"]}
    balance = await stage.client.get(
        f"{stage.url}/v1/trial-balances/2100-01-01", params={"court": COURT}, headers=elsewhere
    )
    assert balance.status_code == 404


async def test_a_body_of_thousands_of_lines_is_taken_line_by_line(stage: Stage) -> None:
    lines = [line(f"{PREFIX}999999", number, stage.reference(), remark="x" * 800) for number in range(1, 2001)]
    results = await stage.results(*lines)
    assert {result["status"] for result in results} == {"UNIDENTIFIED"}
    assert len({result["incoming_id"] for result in results}) == 2000
