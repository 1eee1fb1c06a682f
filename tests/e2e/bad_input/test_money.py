"""Statement lines, identification and payouts: money is never refused, never lost, and never leaves by one hand."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from devstack.demo import wages_world as world
from tests.e2e.bad_input.conftest import House
from tests.e2e.bad_input.setting import PAID_IN_FEN

pytestmark = pytest.mark.timeout(200)

MIB = 2**20


def line(number: str, **changes: Any) -> dict[str, Any]:
    return {
        "bank_id": "custodian",
        "reference": number,
        "account_number": "53039900010000007777",
        "amount_fen": 777,
        "value_at": "2026-03-02T09:30:00+08:00",
        "payer_name": "王不详",
    } | changes


def stated(house: House, *lines: Any, **how: Any) -> httpx.Response:
    outside = house.outside
    content = how.pop("content", None)
    if content is None:
        content = b"".join(json.dumps(each).encode() + b"\n" for each in lines)
    how.setdefault("token", outside.token("bank"))
    how.setdefault("Content_Type", "application/x-ndjson")
    return outside.send("POST", f"{outside.urls['payments']}/v1/bank-statements", content=content, **how)


def results(answer: httpx.Response) -> list[dict[str, Any]]:
    assert answer.status_code == 200, answer.text
    return [json.loads(row) for row in answer.text.splitlines()]


def test_a_line_that_cannot_be_meant_is_rejected_by_itself_and_writes_nothing(house: House) -> None:
    before = house.outside.written()
    wrong: list[tuple[Any, str]] = [
        (line("BAD-1", amount_fen=0), "request_invalid"),
        (line("BAD-1", amount_fen=-1), "request_invalid"),
        (line("BAD-1", amount_fen=5.5), "request_invalid"),
        (line("BAD-1", amount_fen="5.00"), "request_invalid"),
        (line("BAD-1", amount_fen=10**17), "request_invalid"),
        (line("BAD-1", value_at="2026-02-30T09:00:00+08:00"), "request_invalid"),
        (line("BAD-1", value_at="2026-03-02T09:00:00"), "request_invalid"),
        (line("BAD-1", value_at="1999-01-01T09:00:00+08:00"), "value_time_impossible"),
        (line("BAD-1", value_at="2027-01-01T09:00:00+08:00"), "value_time_impossible"),
        (line("BAD-1", payer_name="长" * 10_000), "request_invalid"),
        (line("BAD-1", reference=""), "request_invalid"),
        (line("BAD-1", reference="R" * 200), "request_invalid"),
        (line("BAD-1", no_such_field=1), "request_invalid"),
        (line("BAD-1", bank_id="bank-a"), "bank_not_yours"),
        ({}, "request_invalid"),
        ([], "request_invalid"),
        ("text", "request_invalid"),
        (None, "request_invalid"),
    ]
    answers = results(stated(house, *(one for one, _ in wrong)))
    assert [(one["status"], one["problem"]["code"]) for one in answers] == [("REJECTED", code) for _, code in wrong]
    assert [one["line"] for one in answers] == list(range(1, len(wrong) + 1))
    broken = stated(house, content=b'{"bank_id":\n' + b'{"a":1,"a":2}\n' + b'{"x":"' + b"x" * (MIB + 1) + b'"}\n\xff\n')
    codes = [one["problem"]["code"] for one in results(broken)]
    assert codes == ["malformed_request", "malformed_request", "body_too_large", "malformed_request"]
    assert house.outside.written() == before


def test_a_body_that_is_no_statement_is_refused_as_a_whole(house: House) -> None:
    outside, before = house.outside, house.outside.written()
    outside.refused(stated(house, content=b""), 422, "request_invalid", before)
    outside.refused(stated(house, content=b"\n\n"), 422, "request_invalid", before)
    for kind in ("application/json", "text/plain", "application/x-ndjson; charset=gb18030"):
        answer = stated(house, line("BAD-2"), Content_Type=kind)
        outside.refused(answer, 415, "unsupported_media_type", before)


@pytest.mark.rule("R-PAY-03")
def test_money_for_no_case_waits_in_the_pool_a_repeat_is_harmless_and_a_contradiction_never_merged(
    house: House,
) -> None:
    outside = house.outside
    outside.settle()
    first = results(stated(house, line("STRAY-1"), line("BAD-3", amount_fen=0), line("STRAY-2", remark="无此案")))
    assert [one["status"] for one in first] == ["UNIDENTIFIED", "REJECTED", "UNIDENTIFIED"]
    outside.settle()
    before = outside.written()
    repeated = results(stated(house, line("STRAY-1"), line("STRAY-2", remark="无此案")))
    assert [one["status"] for one in repeated] == ["REPEATED", "REPEATED"]
    assert outside.written() == before
    for _ in range(2):
        [other] = results(stated(house, line("STRAY-1", amount_fen=778)))
        assert (other["status"], other["problem"]["code"]) == ("REJECTED", "statement_line_conflict")
        assert other["problem"]["rule"] == "R-PAY-03"
    outside.settle()
    on_record = before | {"payments": before["payments"] + 1}
    assert outside.written() == on_record, "that the bank contradicts itself is put on record, once"
    pool = outside.seen("u-maker", "payments", "/v1/incoming-payments?status=UNIDENTIFIED&limit=200")["items"]
    mine = {one["reference"]: one["amount_fen"] for one in pool if one["reference"].startswith("STRAY-")}
    assert mine == {"STRAY-1": 777, "STRAY-2": 777}


def test_the_same_key_with_another_statement_is_no_repeat_of_the_first(house: House) -> None:
    outside = house.outside
    results(stated(house, line("KEY-1"), key="statement-key"))
    outside.settle()
    before = outside.written()
    assert [one["status"] for one in results(stated(house, line("KEY-1"), key="statement-key"))] == ["UNIDENTIFIED"]
    answer = stated(house, line("KEY-2"), key="statement-key")
    outside.refused(answer, 422, "idempotency_key_reused", before)
    other = outside.token("bank", organisation="another-bank")
    [refused] = results(stated(house, line("KEY-1"), key="statement-key", token=other))
    assert (refused["status"], refused["problem"]["code"]) == ("REJECTED", "bank_not_yours")
    assert outside.written() == before


@pytest.mark.rule("R-PAY-01", "R-PAY-07")
def test_a_payout_goes_to_an_applicant_and_never_above_what_is_there(house: House) -> None:
    outside, setting = house.outside, house.setting
    before = outside.written()
    right = {"case_id": setting.case_id, "purpose": "TO_APPLICANT", "payee_id": setting.applicant_id, "amount_fen": 1}
    refund = {
        "account_name": "李建业",
        "account_number": "6217003860001234",
        "bank_id": "bank-a",
        "bank_name": "甲银行",
    }
    wrong: list[tuple[dict[str, Any], int, str]] = [
        (right | {"amount_fen": PAID_IN_FEN}, 409, "payout_above_available"),
        (right | {"amount_fen": 10 * world.DEBT_FEN}, 409, "payout_above_entitlement"),
        (right | {"payee_id": setting.debtor_id}, 409, "payee_not_applicant"),
        (right | {"payee_id": "party_of_nobody"}, 409, "payee_not_applicant"),
        ({name: right[name] for name in ("case_id", "purpose", "amount_fen")}, 422, "payee_missing"),
        (right | {"refund_account": refund}, 422, "payee_missing"),
        (right | {"purpose": "ENFORCEMENT_FEE"}, 422, "payee_missing"),
        (right | {"case_id": "case_of_nobody"}, 404, "case_account_unknown"),
        (
            {"case_id": setting.case_id, "purpose": "REFUND_TO_PAYER", "refund_account": refund, "amount_fen": 1},
            409,
            "payout_above_entitlement",
        ),
        (
            {
                "case_id": setting.case_id,
                "purpose": "REFUND_TO_PAYER",
                "refund_account": refund | {"account_name": "路人甲"},
                "amount_fen": 1,
            },
            409,
            "payee_name_mismatch",
        ),
    ]
    for body, status, code in wrong:
        answer = outside.send(
            "POST", f"{outside.urls['payments']}/v1/payouts", token=outside.token("u-maker"), body=body
        )
        outside.refused(answer, status, code, before)


@pytest.mark.rule("R-PAY-07")
def test_a_payout_needs_three_people(house: House) -> None:
    outside = house.outside
    before = outside.written()
    path = f"/v1/payouts/{house.setting.payout}"
    etag = outside.etag("u-maker", "payments", path)
    address = outside.urls["payments"] + path
    approve = {"decision": "APPROVE"}
    doubled = outside.token("u-maker", roles=["fund_officer", "fund_checker", "fund_approver"])
    answer = outside.send("POST", f"{address}/approvals", token=doubled, body=approve, etag=etag)
    problem = outside.refused(answer, 403, "same_person_twice", before)
    assert problem["rule"] == "R-PAY-07"
    early = outside.send("POST", f"{address}/approvals", token=outside.token("u-approver"), body=approve, etag=etag)
    outside.refused(early, 403, "role_not_of_this_step", before)
    checked = outside.send("POST", f"{address}/approvals", token=outside.token("u-checker"), body=approve, etag=etag)
    assert (checked.status_code, checked.json()["state"]) == (201, "CHECKED"), checked.text
    before, etag = outside.settle(), outside.etag("u-maker", "payments", path)
    for twice in ("u-maker", "u-checker"):
        both = outside.token(twice, roles=["fund_checker", "fund_approver"])
        answer = outside.send("POST", f"{address}/approvals", token=both, body=approve, etag=etag)
        outside.refused(answer, 403, "same_person_twice", before)
    resolved = {"outcome": "PAID", "evidence": "回单"}
    answer = outside.send("POST", f"{address}/resolutions", token=outside.token("u-approver"), body=resolved, etag=etag)
    outside.refused(answer, 409, "payout_not_in_doubt", before)


@pytest.mark.rule("R-PAY-03")
def test_unidentified_money_goes_to_a_case_by_two_people_only(house: House) -> None:
    outside, setting = house.outside, house.setting
    outside.settle()
    before = outside.written()
    path = f"/v1/incoming-payments/{setting.unidentified}"
    address = outside.urls["payments"] + path
    maker, etag = outside.token("u-maker"), outside.etag("u-maker", "payments", path)

    def proposed(case_id: str) -> httpx.Response:
        body = {"case_id": case_id, "evidence": "付款人来电"}
        return outside.send("POST", f"{address}/identifications", token=maker, body=body, etag=etag)

    outside.refused(proposed("case_of_nobody"), 404, "case_account_unknown", before)
    agree = {"decision": "APPROVE"}
    checker = outside.token("u-checker")
    answer = outside.send("POST", f"{address}/identification-approvals", token=checker, body=agree, etag=etag)
    outside.refused(answer, 409, "no_identification_proposed", before)
    assert proposed(setting.case_id).status_code == 201
    outside.settle()
    before, etag = outside.written(), outside.etag("u-maker", "payments", path)
    answer = outside.send("POST", f"{address}/identification-approvals", token=maker, body=agree, etag=etag)
    problem = outside.refused(answer, 403, "identification_needs_second_person", before)
    assert problem["rule"] == "R-PAY-03"
