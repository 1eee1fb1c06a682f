"""What bad input gets from intake's writes: a problem with a stable code, never a 500, and nothing half-done."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from pymongo import AsyncMongoClient

from libs.testing import builders
from libs.web import DevIssuer
from tests.integration.intake.desk_work import drafted
from tests.integration.intake.house import House

pytestmark = pytest.mark.asyncio

APPLICATIONS = "/v1/enforcement-applications"
HUGE = "名" * 10_000


@pytest_asyncio.fixture
async def writes(house: House, case: dict[str, Any]) -> list[tuple[str, str, str, dict[str, Any], bool]]:
    """Every write of intake: method, path, who may, a body that fits its schema, whether it needs If-Match."""
    debtor = case["debtors"][0]["party_id"]
    document = await drafted(house, case["id"], "PROPERTY_REPORT_ORDER")
    filed = (await house.post(APPLICATIONS, "portal", builders.application(77))).json()
    a_case = f"/v1/enforcement-cases/{case['id']}"
    conditions = dict.fromkeys(("document_effective", "applicant_entitled", "content_clear", "has_jurisdiction"), True)
    item = {"agency_id": "bank-a", "asset_id": "ast", "amount_fen": 1}
    order = {"kind": "FREEZE", "debtor_id": debtor, "items": [item], "officer_ids": ["u-duty", "u-second"]}
    report = {"party_id": debtor, "categories": ["OTHER"], "report_sha256": "0" * 64}
    closure = f"/v1/closures/clo_{case['id'].removeprefix('case_')}_{'0' * 12}"
    return [
        ("PUT", "/v1/courts/云0381/roster", "operator", builders.roster(), False),
        ("POST", APPLICATIONS, "portal", builders.application(78), False),
        ("POST", f"{APPLICATIONS}/{filed['id']}/supplements", "portal", {"papers": [builders.paper("OTHER")]}, False),
        (
            "POST",
            f"{APPLICATIONS}/{filed['id']}/decisions",
            "u-clerk",
            {"decision": "ACCEPT", "conditions": conditions},
            True,
        ),
        ("POST", f"{a_case}/triage-decisions", "u-duty", {"preserved_fen": 1}, False),
        ("POST", f"{a_case}/assignments", "u-duty-lead", {"team_id": "fast-1", "case_officer_id": "u-officer"}, True),
        ("POST", f"{a_case}/documents", "u-duty", {"kind": "PROPERTY_REPORT_ORDER"}, False),
        ("POST", f"/v1/documents/{document['id']}/approvals", "u-duty-lead", {"decision": "APPROVE"}, True),
        (
            "POST",
            f"/v1/documents/{document['id']}/services",
            "u-duty",
            {"party_id": debtor, "method": "DIRECT", "evidence": "回证"},
            False,
        ),
        ("POST", f"{a_case}/property-reports", "u-duty", report, False),
        ("POST", f"{a_case}/control-orders", "u-duty", order, False),
        ("POST", f"{a_case}/closures", "u-duty", {"kind": "FULLY_PERFORMED"}, True),
        ("POST", f"{closure}/approvals", "u-duty-lead", {"decision": "APPROVE"}, True),
    ]


async def commits(house: House) -> int:
    """Count what stands in intake's journal, looking past the service; hourly roots come by time alone."""
    said = {"stream": {"$not": {"$regex": "^root/"}}}
    async with AsyncMongoClient[dict[str, Any]](house.mongo_uri) as client:
        return await client[f"{house.prefix.rstrip('.')}_intake"]["commits"].count_documents(said)


def is_problem(answer: httpx.Response, status: int | tuple[int, ...], code: str | None = None) -> None:
    expected = (status,) if isinstance(status, int) else status
    assert answer.status_code in expected, f"{answer.request.method} {answer.request.url}: {answer.text[:300]}"
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert code is None or answer.json()["code"] == code, answer.text


async def test_every_write_refuses_what_is_no_body_of_it(
    house: House, writes: list[tuple[str, str, str, dict[str, Any], bool]]
) -> None:
    before = await commits(house)
    for method, path, who, body, needs_etag in writes:
        etag = 1 if needs_etag else None
        strange = {"no_such_field": 1}
        if "triage" not in path:
            is_problem(await house.send(method, path, who, {}, etag=etag), 422, "request_invalid")
        no_bodies: list[Any] = [[], "text", 7, None, body | strange, {name: {"a": 1} for name in body}]
        for wrong in no_bodies:
            is_problem(await house.send(method, path, who, wrong, etag=etag), 422, "request_invalid")
        token = {"Authorization": f"Bearer {house.token(who)}", "Idempotency-Key": "k", "If-Match": '"1"'}
        send = house.client.request
        json_type = {"Content-Type": "application/json"}
        broken = await send(method, house.url + path, content=b'{"a":', headers=token | json_type)
        is_problem(broken, 400, "malformed_request")
        huge = await send(method, house.url + path, content=b" " * (2**20 + 1), headers=token | json_type)
        is_problem(huge, 413, "body_too_large")
        as_text = await send(method, house.url + path, content=b"{}", headers=token | {"Content-Type": "text/plain"})
        is_problem(as_text, 415, "unsupported_media_type")
    assert await commits(house) == before


async def test_every_write_refuses_strangers_and_stale_or_missing_preconditions(
    house: House, writes: list[tuple[str, str, str, dict[str, Any], bool]], tmp_path: Path
) -> None:
    before = await commits(house)
    forger = DevIssuer(tmp_path / "forged.json")
    for method, path, who, body, needs_etag in writes:
        etag = 1 if needs_etag else None
        other_court = await house.send(method, path, who, body, etag=etag, courts=["京0107"])
        is_problem(other_court, (403, 404))
        is_problem(await house.send(method, path, who, body, etag=etag, roles=["agency"]), 403, "role_missing")
        is_problem(await house.send(method, path, who, body, etag=etag, scopes=[]), 403, "scope_missing")
        expired = await house.send(method, path, who, body, etag=etag, ttl_seconds=-3600)
        is_problem(expired, 401, "token_expired")
        token = forger.token(
            subject=who, organisation="云0381", roles=["operator"], scopes=["intake.*.*"], courts=["云0381"]
        )
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": "k"}
        forged = await house.client.request(method, house.url + path, json=body, headers=headers)
        is_problem(forged, 401, "token_invalid")
        keyless = await house.client.request(
            method, house.url + path, json=body, headers={"Authorization": f"Bearer {house.token(who)}"}
        )
        is_problem(keyless, 400, "idempotency_key_missing")
        if needs_etag:
            is_problem(await house.send(method, path, who, body), 428, "precondition_required")
            is_problem(await house.send(method, path, who, body, etag="W/x"), 400, "precondition_malformed")
            if "closures/clo_" not in path:
                is_problem(await house.send(method, path, who, body, etag=999), 412, "stale_version")
    assert await commits(house) == before


def changed(path: str, value: Any) -> dict[str, Any]:
    """Return an application with one field changed; `path` is dotted, numbers are places in lists."""
    body = copy.deepcopy(builders.application(5))
    *way, last = path.split(".")
    place: Any = body
    for step in way:
        place = place[int(step)] if step.isdigit() else place[step]
    place[int(last) if last.isdigit() else last] = value
    return body


@pytest.mark.rule("R-INT-05", "R-INT-06", "R-INT-02")
async def test_an_application_with_one_bad_field_names_that_field(house: House) -> None:
    number = "applicants.0.documents.0.id_number"
    firm = builders.firm(1)
    false_firm = firm | {"documents": [firm["documents"][0] | {"id_number": "91110000600037341M"}]}
    bad: list[tuple[str, Any, str | None]] = [
        ("claim_fen", 0, None),
        ("claim_fen", -1, None),
        ("claim_fen", 5000.5, None),
        ("claim_fen", "500000", None),
        ("claim_fen", 10**15, None),
        ("claim_fen", True, None),
        ("applicants.0.name", "", None),
        ("applicants.0.name", "   ", None),
        ("applicants.0.name", HUGE, None),
        ("requests", HUGE, None),
        (number, "530399198001010016", "identity_number_invalid"),
        (number, "530399198502290019", "identity_number_invalid"),
        (number, 530399198001010015, None),
        ("applicants.0", false_firm, "credit_code_invalid"),
        ("applicants.0.documents.0.id_type", "UNIFIED_SOCIAL_CREDIT_CODE", None),
        ("basis.effective_on", "2026-02-30", None),
        ("basis.effective_on", "0000-01-01", None),
        ("basis.effective_on", "9999-12-31", None),
        ("basis.effective_on", 1767225600, None),
        ("basis.last_day_of_performance", "2026-01-01", "dates_contradict"),
        ("basis.number", "民初105号", "case_number_invalid"),
        ("basis.kind", "GUESS", None),
        ("cause", "REVENGE", None),
        ("court_code", "云381", None),
        ("debtors", [], None),
        ("debtors", [builders.payee(10)], "party_named_twice"),
        ("papers.0.sha256", "xyz", None),
        ("papers.0.kind", "SELFIE", None),
    ]
    before = await commits(house)
    for path, value, code in bad:
        answer = await house.post(APPLICATIONS, "portal", changed(path, value))
        is_problem(answer, 422, "request_invalid")
        errors = answer.json()["errors"]
        stem = path.split(".")[0] if code in {"dates_contradict", "credit_code_invalid"} else path.rsplit(".", 1)[0]
        assert any(error["field"].startswith(stem) for error in errors), (path, errors)
        assert code is None or code in {error["code"] for error in errors}, (path, errors)
    several = changed("claim_fen", -1) | {"cause": "REVENGE", "requests": ""}
    errors = (await house.post(APPLICATIONS, "portal", several)).json()["errors"]
    assert {error["field"] for error in errors} == {"claim_fen", "cause", "requests"}
    assert await commits(house) == before


async def test_a_number_under_another_name_leaves_no_half_of_an_application(house: House) -> None:
    await house.post(APPLICATIONS, "portal", builders.application(6))
    before = await commits(house)
    body = builders.application(7)
    body["debtors"] = [builders.person(13, name="冒名者")]
    is_problem(await house.post(APPLICATIONS, "portal", body), 409, "party_name_mismatch")
    assert await commits(house) == before


async def test_a_reused_key_registers_nobody(house: House) -> None:
    filed = await house.post(APPLICATIONS, "portal", builders.application(61), key="reused")
    assert filed.status_code == 201, filed.text
    before = await commits(house)
    is_problem(await house.post(APPLICATIONS, "portal", builders.application(62), key="reused"), 422)
    assert await commits(house) == before


async def test_what_was_never_there_is_not_found_and_another_courts_thing_neither(
    house: House, case: dict[str, Any]
) -> None:
    paths = [
        f"{APPLICATIONS}/app_nothing",
        f"{APPLICATIONS}/app_{'云0381'.encode().hex()}_{'0' * 40}_1",
        "/v1/enforcement-cases/case_nothing",
        "/v1/documents/doc_nothing",
        f"/v1/parties/party_nothing?case_id={case['id']}&purpose=x",
    ]
    for path in paths:
        is_problem(await house.get(path), 404)
    is_problem(await house.get(f"/v1/enforcement-cases/{case['id']}", courts=["京0107"]), 404, "case_not_found")
    listed = await house.get("/v1/enforcement-cases", courts=["京0107"])
    assert listed.json()["items"] == []
    is_problem(await house.get("/v1/enforcement-cases?case_number=云381"), 422, "case_number_invalid")
    is_problem(await house.get("/v1/enforcement-cases?limit=201"), 422)
    is_problem(await house.get("/v1/approvals?cursor=x:y"), 422, "cursor_malformed")


@pytest.mark.rule("R-INT-01")
async def test_a_case_is_found_by_its_number_in_either_kind_of_brackets(house: House, case: dict[str, Any]) -> None:
    page = await house.until("/v1/enforcement-cases?case_number=（2026）云0381执1号", lambda found: found["items"])
    assert [one["id"] for one in page["items"]] == [case["id"]]
    assert "*" in page["items"][0]["debtors"][0]


async def test_the_same_key_means_another_request_when_another_organisation_uses_it(
    house: House, case: dict[str, Any]
) -> None:
    path = f"/v1/enforcement-cases/{case['id']}/documents"
    first = await house.post(path, "u-duty", {"kind": "PROPERTY_REPORT_ORDER"}, key="same")
    repeat = await house.post(path, "u-duty", {"kind": "PROPERTY_REPORT_ORDER"}, key="same")
    assert (repeat.status_code, repeat.json()["id"]) == (201, first.json()["id"])
    assert repeat.headers["idempotency-replayed"] == "true"
    other_body = await house.post(path, "u-duty", {"kind": "CLOSING_NOTICE"}, key="same")
    is_problem(other_body, 422, "idempotency_key_reused")
    other = await house.post(path, "u-duty", {"kind": "PROPERTY_REPORT_ORDER"}, key="same", organisation="elsewhere")
    assert (other.status_code, other.json()["id"] != first.json()["id"]) == (201, True)


async def test_strange_but_honest_text_is_kept_and_text_that_is_none_is_refused(house: House) -> None:
    honest = builders.application(8, requests="支付😀 𠮷 abc\r\n<script>", clues="—" * 2000)
    kept = await house.post(APPLICATIONS, "portal", honest)
    assert kept.status_code == 201, kept.text
    headers = {
        "Authorization": f"Bearer {house.token('portal')}",
        "Idempotency-Key": "k",
        "Content-Type": "application/json",
    }
    url = house.url + APPLICATIONS
    for poison in (b'{"requests": "\\u0000"}', b'{"requests": "\\ud800"}', b'{"a": NaN}', b'{"a":1,"a":2}', b"\xff"):
        answer = await house.client.post(url, content=poison, headers=headers)
        is_problem(answer, (400, 422))
    backwards = await house.post(APPLICATIONS, "portal", builders.application(9, requests="abc\u202ecba"))
    is_problem(backwards, 422, "request_invalid")
