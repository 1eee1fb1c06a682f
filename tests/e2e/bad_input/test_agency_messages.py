"""Forged and replayed messages of agencies, and messages about requests that were never sent to them."""

from __future__ import annotations

import time
from typing import Any

import httpx
import pytest

from tests.e2e.bad_input.conftest import House
from tests.e2e.bad_input.letters import altered, new_key, public_jwk, unsigned
from tests.e2e.bad_input.setting import no_record, reply, sealed

pytestmark = pytest.mark.timeout(200)

DAYS = 24 * 3600


def answered(house: House, who: str, request_id: str, body: Any, what: str = "replies", **how: Any) -> httpx.Response:
    outside = house.outside
    path = f"{outside.urls['asset_inquiry']}/v1/assistance-requests/{request_id}/{what}"
    return outside.send("POST", path, token=outside.token(who), body=body, **how)


@pytest.mark.rule("R-INQ-06")
def test_forged_altered_and_old_messages_change_nothing(house: House) -> None:
    before, setting = house.outside.written(), house.setting
    request, own, other = setting.requests["probe-a/0"], setting.keys["probe-a"], setting.keys["probe-b"]
    right = no_record(request)
    good = reply(request, own)
    elsewhere = setting.requests["probe-a/1"]
    claims = {"kind": "REPLY", "request_number": request["request_number"], "request_sha256": request["content_sha256"]}
    forged: list[tuple[dict[str, Any], int, str]] = [
        (reply(request, other), 403, "signing_key_unknown"),
        (sealed(request, other, "REPLY", right, kid="probe-a-1"), 409, "signature_invalid"),
        (sealed(request, new_key("probe-a-1"), "REPLY", right), 409, "signature_invalid"),
        (good | {"signature": altered(good["signature"])}, 409, "signature_invalid"),
        (
            right | {"signature": unsigned(claims | {"body": right}, {"alg": "none", "kid": "probe-a-1"})},
            409,
            "signature_invalid",
        ),
        (good | {"reply_id": "reply-2"}, 409, "signature_of_other_content"),
        (good | {"status": "PARTIAL"}, 409, "signature_of_other_content"),
        (sealed(request, own, "RETURN", right), 409, "signature_of_other_content"),
        (sealed(elsewhere, own, "REPLY", right), 409, "signature_of_other_content"),
        (setting.genuine, 409, "signature_of_other_content"),
        (reply(request, own, request_sha256="0" * 64), 409, "request_hash_differs"),
        (sealed(request, own, "REPLY", right, iat=time.time() - 2 * DAYS), 409, "signature_expired"),
        (sealed(request, own, "REPLY", right, iat=time.time() + DAYS), 409, "signature_expired"),
    ]
    for body, status, code in forged:
        house.outside.refused(answered(house, "probe-a", request["id"], body), status, code, before)
    receipt = sealed(elsewhere, own, "ACKNOWLEDGEMENT", {"code": "ACCEPTED"})
    answer = answered(house, "probe-a", request["id"], receipt, "acknowledgements")
    house.outside.refused(answer, 409, "signature_of_other_content", before)
    mine = sealed(request, other, "RETURN", returned(request))
    house.outside.refused(
        answered(house, "probe-a", request["id"], mine, "returns"), 403, "signing_key_unknown", before
    )


def returned(request: dict[str, Any]) -> dict[str, Any]:
    return {
        "code": "PAPER_EMPTY",
        "text": "文书内容为空",
        "contact_name": "值班员",
        "contact_phone": "0874-7120000",
        "request_sha256": request["content_sha256"],
    }


def test_an_answer_to_a_request_that_was_never_sent_to_this_agency_is_not_found(house: House) -> None:
    before, setting = house.outside.written(), house.setting
    request, key = setting.requests["probe-a/0"], setting.keys["probe-b"]
    bodies = {
        "replies": reply(request, key),
        "acknowledgements": sealed(request, key, "ACKNOWLEDGEMENT", {"code": "ACCEPTED"}),
        "returns": sealed(request, key, "RETURN", returned(request)),
    }
    for what, body in bodies.items():
        for request_id in (request["id"], "req_never_sent"):
            answer = answered(house, "probe-b", request_id, body, what)
            house.outside.refused(answer, 404, "not_found", before)
        answer = answered(house, "probe-unknown", request["id"], body, what)
        house.outside.refused(answer, 404, "not_found", before)


def test_a_reply_contradicts_neither_itself_nor_the_request_nor_an_earlier_one(house: House) -> None:
    before, setting = house.outside.written(), house.setting
    request, key = setting.requests["probe-a/0"], setting.keys["probe-a"]
    none = {"sequence": 1, "status": "NO_RECORD", "assets_state": "NONE"}
    controlled = {
        "sequence": 1,
        "status": "CONTROLLED",
        "controlled_fen": 1,
        "uncovered_limit_fen": 0,
        "effective_from": "2026-03-02T09:00:00+08:00",
        "agency_reference": "A-1",
    }
    wrong: list[tuple[list[dict[str, Any]], str]] = [
        ([none | {"assets_state": "COMPLETE"}], "reply_inconsistent"),
        ([none, none], "reply_inconsistent"),
        ([none | {"sequence": 99}], "reply_inconsistent"),
        ([controlled], "reply_inconsistent"),
        ([{"sequence": 1, "status": "IN_PROGRESS"}], "reply_incomplete"),
    ]
    for answers, code in wrong:
        body = reply(request, key, answers=answers)
        house.outside.refused(answered(house, "probe-a", request["id"], body), 409, code, before)
    settled = setting.requests["probe-a/1"]
    again = answered(house, "probe-a", settled["id"], setting.genuine)
    assert again.status_code == 200, again.text
    conflict = reply(settled, key, receipt={"title": "回执", "sha256": "0" * 64})
    house.outside.refused(answered(house, "probe-a", settled["id"], conflict), 409, "reply_conflict", before)
    late = reply(settled, key, reply_id="reply-2")
    house.outside.refused(answered(house, "probe-a", settled["id"], late), 409, "already_answered", before)
    back = sealed(settled, key, "RETURN", returned(settled))
    answer = answered(house, "probe-a", settled["id"], back, "returns")
    house.outside.refused(answer, 409, "already_answered", before)


def test_a_key_is_public_strong_and_never_changes_under_its_name(house: House) -> None:
    before, outside = house.outside.written(), house.outside
    key, jwk = new_key("probe-a-1"), public_jwk(house.setting.keys["probe-a"])
    private = {name: str(value) for name, value in key.as_dict(private=True).items()}
    wrong: list[tuple[str, dict[str, str], int, str]] = [
        ("probe-a-1", public_jwk(key), 409, "key_conflict"),
        ("probe-a-9", jwk, 422, "key_unusable"),
        ("probe-a-1", private, 422, "key_unusable"),
        ("probe-a-9", {"kty": "oct", "k": "AAAA"}, 422, "key_unusable"),
        ("probe-a-9", {"kty": "RSA", "n": "AQAB", "e": "AQAB"}, 422, "key_unusable"),
        ("probe-a-9", {"kty": "EC", "crv": "P-256", "x": "AAAA", "y": "AAAA"}, 422, "key_unusable"),
        ("probe-a-9", {"kty": "EC", "crv": "secp256k1", "x": jwk["x"], "y": jwk["y"]}, 422, "key_unusable"),
    ]
    for kid, body, status, code in wrong:
        address = f"{outside.urls['asset_inquiry']}/v1/agencies/me/keys/{kid}"
        answer = outside.send("PUT", address, token=outside.token("probe-a"), body={"jwk": body})
        outside.refused(answer, status, code, before)


def test_another_agency_reads_nothing_of_a_request(house: House) -> None:
    outside, request = house.outside, house.setting.requests["probe-a/0"]
    one = f"/v1/assistance-requests/{request['id']}"
    before = outside.written()
    for path in (one, f"{one}/documents/1", f"{one}/officers"):
        outside.refused(outside.get("probe-b", "asset_inquiry", path), 404, "not_found", before)
        outside.refused(outside.get("probe-unknown", "asset_inquiry", path), 404, "not_found", before)
    listed = outside.seen("probe-b", "asset_inquiry", "/v1/assistance-requests?status=ALL")["items"]
    assert {item["id"] for item in listed} == {
        shown["id"] for name, shown in house.setting.requests.items() if name.startswith("probe-b")
    }
