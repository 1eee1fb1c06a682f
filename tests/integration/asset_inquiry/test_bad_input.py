"""What bad input gets: a problem with a stable code, never a 500, and nothing half-done."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pymongo
import pytest

from libs.evidence import Signer
from libs.evidence.keys import new_key
from libs.web import DevIssuer
from tests.integration.asset_inquiry.stage import AGENCIES, COURT, PHONE, Stage, debtor_of

Json = dict[str, Any]


def code_of(response: httpx.Response) -> tuple[int, str]:
    assert response.headers["content-type"] == "application/problem+json", response.text
    return response.status_code, str(response.json()["code"])


async def megabyte() -> AsyncIterator[bytes]:
    for _ in range(17):
        yield b" " * (1 << 16)


AGENCY: Json = AGENCIES["bank-a"] | {"contact_name": "值班员", "contact_phone": PHONE}


@pytest.mark.asyncio
async def test_agencies_are_connected_by_operators_with_sound_data_only(stage: Stage) -> None:
    operator, path = stage.staff("u-op", "operator"), "/v1/agencies/bank-a"

    async def put(body: Any, token: str = operator, key: str | None = None, to: str = path) -> tuple[int, str]:
        return code_of(await stage.call("PUT", token, to, body, key=key))

    for wrong in (
        {},
        AGENCY | {"name": ""},
        AGENCY | {"name": "甲" * 10_000},
        AGENCY | {"kind": "CASINO"},
        AGENCY | {"asset_classes": []},
        AGENCY | {"asset_classes": ["GOLD"]},
        AGENCY | {"measure_codes": "01"},
        AGENCY | {"measure_codes": [1]},
        AGENCY | {"extra": 1},
    ):
        assert await put(wrong) == (422, "request_invalid"), wrong
    assert await put(AGENCY | {"measure_codes": ["01", "99"]}) == (422, "measure_code_unknown")
    assert await put(AGENCY, stage.staff("u-duty", "duty_officer")) == (403, "role_missing")
    assert await put(AGENCY, stage.agency("bank-a")) == (403, "scope_missing")
    assert await put(AGENCY, to="/v1/agencies/me") == (404, "not_found")
    forged = DevIssuer(new_key(kid="forged")).token(subject="u", organisation="o", roles=["operator"])
    assert await put(AGENCY, forged) == (401, "token_invalid")
    expired = stage.issuer.token(subject="u", organisation="o", roles=["operator"], ttl_seconds=-60)
    assert await put(AGENCY, expired) == (401, "token_expired")
    headers = {"Authorization": f"Bearer {operator}"}
    bare = await stage.client.put(stage.url + path, json=AGENCY, headers=headers)
    assert code_of(bare) == (400, "idempotency_key_missing")
    json_type = headers | {"Idempotency-Key": "h", "Content-Type": "application/json"}
    # Only the status is read: the connection ends while the rest of the body is still on its way.
    async with stage.client.stream("PUT", stage.url + path, content=megabyte(), headers=json_type) as huge:
        assert huge.status_code == 413
    broken = await stage.client.put(stage.url + path, content=b'{"name":', headers=json_type)
    assert code_of(broken) == (400, "malformed_request")
    assert (await stage.get(operator, "/v1/agencies"))["items"] == [], "nothing was half-done"

    first = await stage.call("PUT", operator, path, AGENCY, key="k1")
    again = await stage.call("PUT", operator, path, AGENCY, key="k1")
    assert (first.status_code, again.status_code, again.headers["idempotency-replayed"]) == (201, 201, "true")
    assert again.json() == first.json()
    assert await put(AGENCY | {"name": "丁银行"}, key="k1") == (422, "idempotency_key_reused")
    other = stage.issuer.token(
        subject="u-op", organisation="其他法院", roles=["operator"], scopes=["asset_inquiry.*.write"], courts=["*"]
    )
    same_key = await stage.call("PUT", other, path, AGENCY, key="k1")
    assert (same_key.status_code, "idempotency-replayed" in same_key.headers) == (200, False)


@pytest.mark.asyncio
async def test_an_agency_changes_only_itself_and_its_keys_never_change_under_their_name(stage: Stage) -> None:
    await stage.connect("bank-a")
    own, path = stage.agency("bank-a"), "/v1/agencies/me"
    stranger = await stage.call("GET", stage.agency("bank-x"), path)
    assert code_of(stranger) == (404, "not_found")
    assert code_of(await stage.call("PATCH", own, path, {"contact_name": "新"})) == (428, "precondition_required")
    assert code_of(await stage.call("PATCH", own, path, {}, If_Match='"99"')) == (412, "stale_version")
    assert code_of(await stage.call("PATCH", own, path, {}, If_Match="1")) == (400, "precondition_malformed")
    changed = await stage.call("PATCH", own, path, {"contact_name": "新"}, If_Match='"1"')
    assert (changed.status_code, changed.json()["contact_name"], changed.headers["etag"]) == (200, "新", '"2"')

    key = new_key(kid="k1")
    public = Signer(key).jwks()["keys"][0]
    assert code_of(await stage.call("PUT", own, f"{path}/keys/k1", {"jwk": dict(key.as_dict(private=True))}))[0] == 422
    keys: list[Json] = [
        {},
        {"kty": "oct", "k": "AAAA"},
        {"kty": "EC", "crv": "P-256", "x": "?", "y": "?"},
        {"kty": "RSA"},
    ]
    for wrong in keys:
        response = await stage.call("PUT", own, f"{path}/keys/k1", {"jwk": wrong})
        assert code_of(response) == (422, "key_unusable"), wrong
    assert (await stage.call("PUT", own, f"{path}/keys/k1", {"jwk": public})).status_code == 201
    assert (await stage.call("PUT", own, f"{path}/keys/k1", {"jwk": public})).status_code == 200
    another = Signer(new_key(kid="k1")).jwks()["keys"][0]
    assert code_of(await stage.call("PUT", own, f"{path}/keys/k1", {"jwk": another})) == (409, "key_conflict")


@pytest.mark.asyncio
@pytest.mark.rule("R-GEN-06", "R-INQ-04", "R-INQ-05", "R-INQ-02")
async def test_an_inquiry_that_the_law_does_not_allow_asks_nobody(stage: Stage) -> None:
    await stage.connect("bank-a")
    case_id = await stage.open_case()
    notice = await stage.paper(case_id, "ASSISTANCE_QUERY_NOTICE")
    assert (await stage.inquire(case_id, "DEPOSIT", document_ids=[notice])).status_code == 201

    async def ask(**changes: Any) -> tuple[int, str]:
        return code_of(await stage.inquire(case_id, "DEPOSIT", **({"document_ids": [notice]} | changes)))

    assert await ask(subject_ids=["somebody"]) == (409, "subject_not_debtor")
    assert await ask(asset_classes=["DEPOSIT", "VEHICLE"]) == (409, "no_capable_agency")
    assert await ask(officer_ids=["u-duty", "u-duty"]) == (409, "officers_not_filed")
    assert await ask(officer_ids=["u-duty", "u-bare"]) == (409, "officers_not_filed")
    wrong_paper = await stage.paper(case_id, "FREEZE_RULING")
    assert await ask(document_ids=[wrong_paper]) == (409, "papers_missing")
    wrongs: list[Json] = [
        {"subject_ids": []},
        {"asset_classes": ["GOLD"]},
        {"officer_ids": "u-duty"},
        {"urgency": "YESTERDAY"},
        {"case_id_sent": "x" * 10_000},
        {"case_id_sent": None},
        {"surprise": 1},
    ]
    for wrong in wrongs:
        assert await ask(**wrong) == (422, "request_invalid"), wrong
    body = {
        "case_id": case_id,
        "subject_ids": [debtor_of(case_id)],
        "asset_classes": ["DEPOSIT"],
        "document_ids": [notice],
        "officer_ids": ["u-duty", "u-second"],
    }
    path = "/v1/asset-inquiries"
    first = await stage.call("POST", stage.staff(), path, body, key="repeated")
    await stage.next_request("bank-a")
    again = await stage.call("POST", stage.staff(), path, body, key="repeated")
    assert (again.status_code, again.json()) == (201, first.json()), "whatever was sent meanwhile"
    assert code_of(await stage.call("POST", stage.staff(court="云0302"), path, body)) == (404, "not_found")
    assert code_of(await stage.call("POST", stage.staff("u-second"), path, body)) == (403, "not_officer_of_case")
    assert code_of(await stage.call("POST", stage.staff(role="fund_officer"), path, body)) == (403, "role_missing")
    unknown = await stage.call("POST", stage.staff(), path, body | {"case_id": "case_nobody"})
    assert code_of(unknown) == (409, "copy_pending")
    assert unknown.json()["retryable"] is True
    await stage.close_case(case_id)
    last = httpx.Response(0)
    for _ in range(100):
        last = await stage.inquire(case_id, "DEPOSIT", document_ids=[notice])
        if not last.is_success:
            break
    assert code_of(last) == (409, "case_closed")
    assert len(await stage.queue("bank-a", status="ALL")) >= 1


async def opened_request(stage: Stage) -> Json:
    """An inquiry waits at bank A, which the test itself plays; bank B is connected and has a key too."""
    await stage.connect("bank-a", "bank-b")
    for agency_id in ("bank-a", "bank-b"):
        await stage.give_key(agency_id)
    case_id = await stage.open_case()
    assert (await stage.inquire(case_id, "DEPOSIT")).status_code == 201
    return await stage.next_request("bank-a") | {"agency": "bank-a"}


NONE_FOUND: Json = {"sequence": 1, "status": "NO_RECORD", "assets_state": "NONE"}


@pytest.mark.asyncio
async def test_forged_foreign_and_stale_signatures_are_refused_by_name(stage: Stage) -> None:
    request = await opened_request(stage)
    other = await stage.next_request("bank-b") | {"agency": "bank-b"}
    path = f"/v1/assistance-requests/{request['id']}/replies"
    own = stage.agency("bank-a")
    body = stage.reply_body(request, NONE_FOUND)

    async def post(signed: Json, to: str = path, token: str = own) -> tuple[int, str]:
        return code_of(await stage.call("POST", token, to, signed))

    good = await stage.signed("REPLY", request, body)
    header, payload, signature = good["signature"].split(".")
    assert await post(good | {"signature": f"{header}.{payload}.{signature[:-8]}AAAAAAAA"}) == (
        409,
        "signature_invalid",
    )
    assert await post(good | {"signature": "a.b.c"}) == (409, "signature_invalid")
    assert await post(good | {"signature": "no"}) == (422, "request_invalid")
    forged = await stage.signed("REPLY", request, body, Signer(new_key(kid="bank-a-k1")))
    assert await post(forged) == (409, "signature_invalid"), "the right kid, the wrong key"
    assert await post(await stage.signed("REPLY", request, body, stage.signers["bank-b"])) == (
        403,
        "signing_key_unknown",
    )
    assert await post(await stage.signed("RETURN", request, body)) == (409, "signature_of_other_content")
    assert await post(await stage.signed("REPLY", request, body, request_number="KZ-1")) == (
        409,
        "signature_of_other_content",
    )
    changed = good | {"status": "PARTIAL"}
    assert await post(changed) == (409, "signature_of_other_content"), "the body is not the signed one"
    assert await post(await stage.signed("REPLY", request, body | {"request_sha256": "0" * 64})) == (
        409,
        "request_hash_differs",
    )
    assert await post(await stage.signed("REPLY", request, body, request_sha256="0" * 64)) == (
        409,
        "request_hash_differs",
    )
    replayed = f"/v1/assistance-requests/{other['id']}/replies"
    assert await post(good, replayed, stage.agency("bank-b")) == (403, "signing_key_unknown")
    assert await post(good, replayed) == (404, "not_found"), "another agency's request"
    assert await post(good, "/v1/assistance-requests/req_never/replies") == (404, "not_found")
    assert await post(good, token=stage.staff()) == (403, "role_missing")
    assert (await stage.queue("bank-a"))[0]["state"] == "WAITING", "nothing was half-done"
    spare = Signer(new_key(kid="bank-a-k2"))
    keys = "/v1/agencies/me/keys/bank-a-k2"
    assert (await stage.call("PUT", own, keys, {"jwk": spare.jwks()["keys"][0]})).status_code == 201
    assert (await stage.call("DELETE", own, keys)).status_code == 200
    assert await post(await stage.signed("REPLY", request, body, spare)) == (403, "signing_key_unknown"), "revoked"
    assert (await stage.call("POST", own, path, good)).status_code == 201


@pytest.mark.asyncio
async def test_a_genuine_message_is_worth_nothing_beside_another_request_of_the_same_agency(stage: Stage) -> None:
    request = await opened_request(stage)
    good = await stage.signed("REPLY", request, stage.reply_body(request, NONE_FOUND))
    await stage.call("POST", stage.agency("bank-a"), f"/v1/assistance-requests/{request['id']}/replies", good)
    second_case = await stage.open_case()
    assert (await stage.inquire(second_case, "DEPOSIT")).status_code == 201
    second = await stage.next_request("bank-a")
    assert second["id"] != request["id"]
    replay = await stage.call("POST", stage.agency("bank-a"), f"/v1/assistance-requests/{second['id']}/replies", good)
    assert code_of(replay) == (409, "signature_of_other_content")


@pytest.mark.asyncio
async def test_a_reply_is_whole_consistent_and_taken_once(stage: Stage, mongo_uri: str, unique: str) -> None:
    request = await opened_request(stage)
    asset = {"asset_id": "a1", "kind": "借记卡", "account_reference": "6217003860001234", "available_fen": 100}
    answered = {"sequence": 1, "status": "ANSWERED", "assets_state": "COMPLETE", "assets": [asset]}

    async def refused(*answers: Json, **changes: Any) -> tuple[int, str]:
        return code_of(await stage.reply(request, stage.reply_body(request, *answers, **changes)))

    assert await refused(answered | {"sequence": 2}) == (409, "reply_inconsistent")
    assert await refused(answered, answered) == (409, "reply_inconsistent")
    assert await refused(NONE_FOUND | {"assets_state": "UNKNOWN"}) == (409, "reply_inconsistent")
    assert await refused({"sequence": 1, "status": "IN_PROGRESS"}) == (409, "reply_incomplete")
    for wrong in (
        answered | {"assets": [asset | {"available_fen": -1}]},
        answered | {"assets": [asset | {"available_fen": "100"}]},
        answered | {"assets": [asset | {"available_fen": 10**15}]},
        answered | {"assets": [asset | {"kind": "卡" * 10_000}]},
        answered | {"effective_to": "2026-02-30"},
        answered | {"effective_from": "2026-03-02T09:00:00"},
        answered | {"status": "FOUND"},
        answered | {"sequence": 0},
    ):
        assert await refused(wrong) == (422, "request_invalid"), wrong
    assert await refused() == (422, "request_invalid")
    fraction = stage.reply_body(request, answered) | {"signature": "a.b.c"}
    fraction["answers"] = [answered | {"assets": [asset | {"available_fen": 1.5}]}]
    path = f"/v1/assistance-requests/{request['id']}/replies"
    assert code_of(await stage.call("POST", stage.agency("bank-a"), path, fraction)) == (422, "request_invalid")

    body = stage.reply_body(request, answered)
    first = await stage.reply(request, body)
    again = await stage.reply(request, body)
    assert (first.status_code, again.status_code) == (201, 200), (first.text, again.text)
    assert again.json() == first.json()
    other = body | {"answers": [NONE_FOUND]}
    assert code_of(await stage.reply(request, other)) == (409, "reply_conflict")
    assert code_of(await stage.reply(request, stage.reply_body(request, NONE_FOUND))) == (409, "already_answered")
    with pymongo.MongoClient[Json](mongo_uri) as client:
        copies = client[f"{unique}_asset_inquiry"]["commits"].count_documents({"stream": f"reply_copy/{request['id']}"})
    assert copies == 1, "of a reply that is refused no copy is kept"
    returned = {
        "code": "UNREADABLE",
        "text": "无法解析",
        "contact_name": "值班员",
        "contact_phone": PHONE,
        "request_sha256": request["content_sha256"],
    }
    response = await stage.call(
        "POST",
        stage.agency("bank-a"),
        f"/v1/assistance-requests/{request['id']}/returns",
        await stage.signed("RETURN", request, returned),
    )
    assert code_of(response) == (409, "already_answered")
    assert await stage.queue("bank-a") == []


@pytest.mark.asyncio
async def test_what_one_agency_is_asked_nobody_else_reads(stage: Stage) -> None:
    request = await opened_request(stage)
    path = f"/v1/assistance-requests/{request['id']}"
    for tail in ("", "/documents/1", "/officers"):
        assert code_of(await stage.call("GET", stage.agency("bank-b"), path + tail)) == (404, "not_found")
        assert code_of(await stage.call("GET", stage.staff(), path + tail)) == (403, "role_missing")
    own = stage.agency("bank-a")
    for n in ("0", "2", "99999999999"):
        assert code_of(await stage.call("GET", own, f"{path}/documents/{n}"))[0] == 404
    assert request["subject"] == {
        "name": "李建业",
        "party_type": "PERSON",
        "id_type": "RESIDENT_IDENTITY_CARD",
        "id_type_number": "01",
        "id_number": "530399198001010015",
    }
    assert "13908740001" not in str(request), "telephone and address are no business of an agency"
    before = (await stage.call("GET", own, path)).headers["etag"]
    await stage.queue("bank-a")
    assert (await stage.call("GET", own, path)).headers["etag"] == before, "reading changes nothing"
    assert COURT in request["court"]["code"]
