"""Requests that arrive at the same moment: one of them wins, the others are told so, and nothing happens twice."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from tests.e2e.bad_input.conftest import House
from tests.e2e.bad_input.numbers import application

pytestmark = pytest.mark.timeout(200)

MANY = 8


def together(house: House, who: str, service: str, path: str, bodies: list[Any], **how: Any) -> list[httpx.Response]:
    """Send all bodies at once."""
    outside = house.outside
    address, token = outside.urls[service] + path, outside.token(who)
    with ThreadPoolExecutor(len(bodies)) as pool:
        return list(pool.map(lambda body: outside.send("POST", address, token=token, body=body, **how), bodies))


def test_one_key_sent_many_times_at_once_is_one_application(house: House) -> None:
    path, body = "/v1/enforcement-applications", application(22)
    answers = together(house, "portal", "intake", path, [body] * MANY, key="all-at-once")
    assert {answer.status_code for answer in answers} == {201}, [answer.text for answer in answers]
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert Counter("idempotency-replayed" in answer.headers for answer in answers)[False] == 1


def test_one_application_filed_many_times_at_once_is_registered_once(house: House) -> None:
    path, body = "/v1/enforcement-applications", application(23)
    answers = together(house, "portal", "intake", path, [body] * MANY)
    assert Counter(answer.status_code for answer in answers) == {201: 1, 200: MANY - 1}
    assert len({answer.json()["id"] for answer in answers}) == 1


@pytest.mark.rule("R-PAY-01")
def test_payouts_drafted_at_once_never_hold_more_than_is_there(house: House) -> None:
    setting = house.setting
    account = f"/v1/case-accounts/{setting.case_id}"
    house.outside.settle()
    available = house.outside.seen("u-maker", "payments", account)["available_fen"]
    draft = {
        "case_id": setting.case_id,
        "purpose": "TO_APPLICANT",
        "payee_id": setting.applicant_id,
        "amount_fen": available // 2 - 1,
    }
    answers = together(house, "u-maker", "payments", "/v1/payouts", [draft] * MANY)
    codes = Counter(answer.json().get("code", "drafted") for answer in answers)
    assert codes == {"drafted": 2, "payout_above_available": MANY - 2}
    after = house.outside.seen("u-maker", "payments", account)
    assert 0 <= after["available_fen"] == available - 2 * draft["amount_fen"]


def test_of_two_decisions_on_the_same_version_one_is_stale(house: House) -> None:
    path = f"/v1/enforcement-applications/{house.setting.pending}"
    etag = house.outside.etag("u-clerk", "intake", path)
    conditions = {
        "document_effective": True,
        "applicant_entitled": True,
        "content_clear": False,
        "has_jurisdiction": True,
    }
    refuse = {"decision": "REFUSE", "conditions": conditions, "reason": "给付内容不明确"}
    answers = together(house, "u-clerk", "intake", f"{path}/decisions", [refuse] * 2, etag=etag)
    assert Counter(answer.status_code for answer in answers) == {201: 1, 412: 1}, [answer.text for answer in answers]
    house.outside.settle()
