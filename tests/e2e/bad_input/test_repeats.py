"""One key, one request: a repeat gets the first answer, another body none, another organisation its own."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from devstack.demo import wages_world as world
from tests.e2e.bad_input.conftest import House
from tests.e2e.bad_input.numbers import application
from tests.e2e.bad_input.setting import AGENCY, PROBES

pytestmark = pytest.mark.timeout(200)


@dataclass(frozen=True)
class Pair:
    """A write, its body, and another body that somebody sends under the same key."""

    who: str
    service: str
    path: str
    body: dict[str, Any]
    other: dict[str, Any]
    method: str = "POST"
    shown: str | None = None


def pairs(house: House) -> list[Pair]:
    """Return writes of every kind that change something each time they are new."""
    setting = house.setting
    documents = f"/v1/enforcement-cases/{setting.case_id}/documents"
    payout = {"case_id": setting.case_id, "purpose": "TO_APPLICANT", "payee_id": setting.applicant_id}
    inquiry = {
        "case_id": setting.case_id,
        "subject_ids": [setting.debtor_id],
        "asset_classes": ["SECURITIES"],
        "document_ids": [setting.query_notice],
        "officer_ids": ["u-officer", "u-second"],
    }
    roster, fund = f"/v1/courts/{world.COURT}/roster", f"/v1/courts/{world.COURT}/fund-accounts"
    renamed = world.FUND_ACCOUNT | {"account_name": "宣威市人民法院案款专户"}
    return [
        Pair("portal", "intake", "/v1/enforcement-applications", application(20), application(21)),
        Pair("u-officer", "intake", documents, {"kind": "PROPERTY_REPORT_ORDER"}, {"kind": "ENFORCEMENT_NOTICE"}),
        Pair("operator", "intake", roster, numbered("13908749001"), numbered("13908749002"), "PUT"),
        Pair("u-maker", "payments", "/v1/payouts", payout | {"amount_fen": 11}, payout | {"amount_fen": 12}),
        Pair("operator", "payments", fund, renamed, renamed | {"account_number_prefix": "5303990002"}, "PUT"),
        Pair("u-officer", "asset_inquiry", "/v1/asset-inquiries", inquiry, inquiry | {"urgency": "URGENT"}),
        Pair(
            "operator",
            "asset_inquiry",
            f"/v1/agencies/{PROBES[1]}",
            AGENCY | {"contact_name": "甲"},
            AGENCY | {"contact_name": "乙"},
            "PUT",
        ),
        Pair(
            PROBES[0],
            "asset_inquiry",
            "/v1/agencies/me",
            {"contact_name": "丙"},
            {"contact_name": "丁"},
            "PATCH",
            "/v1/agencies/me",
        ),
    ]


def numbered(phone: str) -> dict[str, Any]:
    roster = copy.deepcopy(world.roster())
    roster["officers"][0]["phone"] = phone
    return roster


def test_a_repeat_gets_the_first_answer_and_another_body_under_the_same_key_nothing(house: House) -> None:
    outside = house.outside
    for number, pair in enumerate(pairs(house)):
        token = outside.token(pair.who)
        etag = outside.etag(pair.who, pair.service, pair.shown) if pair.shown else None
        key = f"same-key-{number}"

        def sent(
            body: dict[str, Any], pair: Pair = pair, token: str = token, etag: str | None = etag, key: str = key
        ) -> httpx.Response:
            address = outside.urls[pair.service] + pair.path
            return outside.send(pair.method, address, token=token, body=body, key=key, etag=etag)

        first = sent(pair.body)
        assert first.is_success, f"{pair.path}: {first.text}"
        assert "idempotency-replayed" not in first.headers
        before = outside.settle()
        again = sent(pair.body)
        assert (again.status_code, again.json()) == (first.status_code, first.json()), pair.path
        assert again.headers["idempotency-replayed"] == "true"
        assert again.headers["etag"] == first.headers["etag"]
        outside.refused(sent(pair.other), 422, "idempotency_key_reused", before)


def test_the_same_key_of_another_organisation_is_another_request(house: House) -> None:
    outside = house.outside
    for number, pair in enumerate(pairs(house)):
        if pair.method != "POST" or pair.who.startswith("probe"):
            continue
        address, key = outside.urls[pair.service] + pair.path, f"shared-key-{number}"
        body = application(30) if pair.who == "portal" else pair.body
        first = outside.send("POST", address, token=outside.token(pair.who), body=body, key=key)
        assert first.is_success, first.text
        stranger = outside.token(pair.who, organisation="another-organisation")
        theirs = application(31) if pair.who == "portal" else pair.body
        second = outside.send("POST", address, token=stranger, body=theirs, key=key)
        assert second.is_success, second.text
        assert "idempotency-replayed" not in second.headers
        assert second.json()["id"] != first.json()["id"], "the other organisation gets a thing of its own"
        foreign = outside.token(pair.who, organisation="京0107", courts=["京0107"])
        before = outside.settle()
        refused = outside.send("POST", address, token=foreign, body=body, key=key)
        assert refused.status_code in {403, 404}, refused.text
        outside.refused(refused, refused.status_code, refused.json()["code"], before)
        assert first.json()["id"] not in refused.text
