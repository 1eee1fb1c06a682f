"""Every write of the six services gets everything that is no request of it: a problem each time, nothing written."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from devstack.demo import wages_world as world
from tests.e2e.bad_input.conftest import House
from tests.e2e.bad_input.letters import Tokens, altered, new_key, unsigned
from tests.e2e.bad_input.outside import Outside
from tests.e2e.bad_input.spoiling import spoiled
from tests.e2e.bad_input.write import Problem, Write

pytestmark = pytest.mark.timeout(200)

ODD_CLAIMS: tuple[dict[str, Any], ...] = (
    {"exp": "tomorrow"},
    {"exp": True},
    {"sub": 7},
    {"sub": ""},
    {"org": None},
)
"""Claims that a genuine issuer would not make; each is the issuer's fault and still no reason for a 500."""

NDJSON = {"/v1/bank-statements", "/v1/restriction-check-batches"}
METHODS = {"post", "put", "patch", "delete"}
MIB = 2**20


def url(outside: Outside, write: Write) -> str:
    return outside.urls[write.service] + write.path


def etag_for(outside: Outside, write: Write) -> str | None:
    if write.shown is None:
        return None
    return '"1"' if write.shown == "*" else outside.etag(write.who, write.service, write.shown)


def sent(outside: Outside, write: Write, **how: Any) -> httpx.Response:
    """Send the write as it should be, but for what `how` says."""
    how.setdefault("token", outside.token(write.who))
    how.setdefault("etag", etag_for(outside, write))
    if write.template in NDJSON:
        how.setdefault("content", b"{}\n")
        how.setdefault("Content_Type", "application/x-ndjson")
    elif write.body is not None and "content" not in how:
        how.setdefault("body", write.body)
    return outside.send(how.pop("method", write.method), url(outside, write), **how)


def with_body(house: House) -> Iterator[Write]:
    return (write for write in house.writes if write.body is not None)


def test_the_table_covers_every_write_that_the_services_document(house: House) -> None:
    documented = set()
    for service, address in house.outside.urls.items():
        paths = house.outside.client.get(f"{address}/openapi.json").json()["paths"]
        documented |= {
            f"{service} {method.upper()} {path}" for path, item in paths.items() for method in item.keys() & METHODS
        }
    assert documented == {write.name for write in house.writes}


def test_every_write_refuses_what_cannot_be_read_as_its_body(house: House) -> None:
    outside = house.outside
    before = outside.written()
    for write in with_body(house):
        refusals: list[tuple[dict[str, Any], int, str]] = [
            ({"content": b""}, 422, "request_invalid"),
            ({"content": b'{"a":'}, 400, "malformed_request"),
            ({"content": b'{"a":1,"a":2}'}, 400, "malformed_request"),
            ({"content": b'{"a":NaN}'}, 400, "malformed_request"),
            ({"content": b'"\xff"'}, 400, "malformed_request"),
            ({"content": b"[" * 100 + b"]" * 100}, 400, "malformed_request"),
            ({"content": b" " * (MIB + 1)}, 413, "body_too_large"),
            ({"content": b"{}", "Content_Type": "text/plain"}, 415, "unsupported_media_type"),
            ({"content": b"{}", "Content_Type": "application/json; charset=gb18030"}, 415, "unsupported_media_type"),
            ({"content": b"{}", "Content_Encoding": "gzip"}, 415, "unsupported_media_type"),
            ({"body": []}, 422, "request_invalid"),
            ({"body": "text"}, 422, "request_invalid"),
            ({"body": None}, 422, "request_invalid"),
            ({"body": {**(write.body or {}), "no_such_field": 1}}, 422, "request_invalid"),
        ]
        if not write.may_be_empty:
            refusals.append(({"body": {}}, 422, "request_invalid"))
        token, etag = outside.token(write.who), etag_for(outside, write)
        for how, status, code in refusals:
            outside.refused(sent(outside, write, token=token, etag=etag, **how), status, code, before)


def test_every_field_of_every_write_refuses_wrong_types_sums_days_and_lengths_and_is_named(house: House) -> None:
    outside = house.outside
    before = outside.written()
    for write in with_body(house):
        token, etag = outside.token(write.who), etag_for(outside, write)
        for field, wrong, body in spoiled(write.body or {}):
            answer = sent(outside, write, token=token, etag=etag, body=body)
            code = answer.json().get("code", "")
            expected = code if code in write.also else "request_invalid"
            problem = outside.refused(answer, 422, expected, before)
            fields = {error["field"] for error in problem.get("errors", [])} | {problem.get("field") or ""}
            assert any(near(field, named) for named in fields), f"{write.name} {field}={str(wrong)[:40]}: {problem}"


def near(field: str, named: str) -> bool:
    """Whether the problem names the field, what it stands in, or a part of it."""
    return bool(named) and (field == named or field.startswith(f"{named}.") or named.startswith(f"{field}."))


def test_every_write_refuses_tokens_that_are_missing_expired_forged_or_signed_by_nobody(
    house: House,
) -> None:
    outside = house.outside
    before = outside.written()
    forger = Tokens(new_key(str(outside.tokens.key.kid)))
    for write in house.writes:
        claims = outside.claims(write.who)
        genuine = outside.tokens.sign(claims)
        bad: list[tuple[str | None, str]] = [
            (None, "token_missing"),
            ("not.a.token", "token_invalid"),
            (outside.token(write.who, ttl=-600), "token_expired"),
            (forger.sign(claims), "token_invalid"),
            (altered(genuine), "token_invalid"),
            (unsigned(claims, {"alg": "none", "typ": "at+jwt", "kid": outside.tokens.key.kid}), "token_invalid"),
            (outside.tokens.sign(claims, kid="another"), "token_invalid"),
            (outside.tokens.sign(claims | {"aud": "elsewhere"}), "token_invalid"),
            (outside.tokens.sign(claims | {"iss": "https://elsewhere.invalid"}), "token_invalid"),
            (outside.tokens.sign(claims | {"nbf": int(time.time()) + 600}), "token_invalid"),
            (outside.tokens.sign({name: value for name, value in claims.items() if name != "exp"}), "token_invalid"),
            *((outside.tokens.sign(claims | odd), "token_invalid") for odd in ODD_CLAIMS),
        ]
        etag = etag_for(outside, write)
        for token, code in bad:
            answer = sent(outside, write, token=token, etag=etag)
            outside.refused(answer, 401, code, before)
            assert "bearer" in answer.headers["www-authenticate"].lower()


def test_every_write_refuses_who_may_not_do_it(house: House) -> None:
    outside = house.outside
    before = outside.written()
    for write in house.writes:
        etag = etag_for(outside, write)
        agency = write.who.startswith("probe")
        scopeless = sent(outside, write, token=outside.token(write.who, scopes=[]), etag=etag)
        outside.refused(scopeless, 403, "scope_missing", before)
        for name, value, code in (
            ("roles", "operator", "role_missing"),
            ("roles", [7], "role_missing"),
            ("scope", 7, "scope_missing"),
        ):
            if write.roleless and code == "role_missing":
                continue
            odd = outside.tokens.sign(outside.claims(write.who, agency_id=None) | {name: value})
            outside.refused(sent(outside, write, token=odd, etag=etag), 403, code, before)
        reader = outside.token(write.who, scopes=["intake.*.read", "asset_inquiry.*.read", "payments.*.read"])
        outside.refused(sent(outside, write, token=reader, etag=etag), 403, "scope_missing", before)
        roleless = outside.token(write.who, roles=[], agency_id=None)
        if not write.roleless:
            outside.refused(sent(outside, write, token=roleless, etag=etag), 403, "role_missing", before)
        if write.foreign is None:
            continue
        stranger = (
            outside.token("probe-b") if agency else outside.token(write.who, courts=["京0107"], organisation="京0107")
        )
        status, code = write.foreign
        problem = outside.refused(sent(outside, write, token=stranger, etag=etag), status, code, before)
        # The address that was asked is repeated; ids of the list hold those of the case.
        told = str({name: value for name, value in problem.items() if name != "instance"})
        assert house.setting.debtor_id not in told, "another court learns nothing of the case"


def test_every_write_needs_a_usable_idempotency_key(house: House) -> None:
    outside = house.outside
    before = outside.written()
    for write in house.writes:
        if write.keyless:
            continue
        etag = etag_for(outside, write)
        outside.refused(sent(outside, write, key=None, etag=etag), 400, "idempotency_key_missing", before)
        for key in ("k" * 201, "two words", "tab\tkey"):
            answer = sent(outside, write, key=key, etag=etag)
            outside.refused(answer, 400, "idempotency_key_invalid", before)


def test_every_change_of_an_existing_thing_needs_its_present_version(house: House) -> None:
    outside = house.outside
    before = outside.written()
    conditional = [write for write in house.writes if write.needs_etag]
    assert len(conditional) == 27
    for write in conditional:
        outside.refused(sent(outside, write, etag=None), 428, "precondition_required", before)
        for malformed in ("1", '"x"', 'W/"1"', "*", '"-1"', '""'):
            answer = sent(outside, write, etag=malformed)
            outside.refused(answer, 400, "precondition_malformed", before)
        problem = outside.refused(sent(outside, write, etag='"999999"'), 412, "stale_version", before)
        assert problem["current_version"] < 999999


def test_what_never_existed_is_not_found_whoever_asks(house: House) -> None:
    outside = house.outside
    before = outside.written()
    codes: dict[str, Problem] = {
        "application_id": (404, "application_not_found"),
        "case_id": (404, "case_not_found"),
        "document_id": (404, "document_not_found"),
        "request_id": (404, "not_found"),
        "payout_id": (404, "payout_unknown"),
        "incoming_id": (404, "incoming_payment_unknown"),
        "closure": (404, "closure_not_found"),
        "entry_id": (404, "quarantine_entry_not_found"),
        **dict.fromkeys(("decision_id", "listing_id", "removal_id"), (404, "listing_unknown")),
        **dict.fromkeys(("order_id", "lifting_id", "exemption_id", "release_id"), (404, "restriction_unknown")),
        "batch_id": (404, "publicity_batch_unknown"),
    }
    for write in house.writes:
        name = next((part[1:-1] for part in write.template.split("/") if part[1:-1] in codes), None)
        if name is None or (write.service == "credit_blacklist" and name == "request_id"):
            continue
        etag = etag_for(outside, write)
        for never in ("nothing", "app_00_00_1", "doc_0", "x" * 80, "..%2f..%2fetc", "%00", "云"):
            path = write.template.replace(f"{{{name}}}", never)
            how: dict[str, Any] = {"token": outside.token(write.who), "etag": etag}
            if write.body is not None:
                how["body"] = write.body
            answer = outside.send(write.method, outside.urls[write.service] + path, **how)
            status, code = codes[name]
            odd = answer.json()["code"] in {"request_invalid", "not_found"}
            outside.refused(
                answer, answer.status_code if odd else status, answer.json()["code"] if odd else code, before
            )
            assert answer.status_code in {404, 422}


def test_paths_and_methods_that_are_not_ours_are_problems_too(house: House) -> None:
    outside = house.outside
    before = outside.written()
    token = outside.token("operator")
    for service, address in outside.urls.items():
        for path in ("/v1/no-such-thing", "/v2/enforcement-cases", "/v1/../etc/passwd", "/%00", "/v1/" + "x" * 4000):
            answer = outside.send("POST", address + path, token=token, body={})
            outside.refused(answer, 404, "not_found", before)
        assert outside.send("DELETE", f"{address}/livez", token=token).status_code == 405, service
    for write in house.writes:
        method = "PUT" if write.method != "PUT" else "POST"
        answer = sent(outside, write, method=method)
        if not write.template.startswith("/v1/agencies/me"):
            outside.refused(answer, 405, "method_not_allowed", before)
            assert write.method in answer.headers["allow"]


def test_courts_that_cannot_be_are_refused(house: House) -> None:
    outside = house.outside
    before = outside.written()
    for write in house.writes:
        if "{court}" not in write.template:
            continue
        for court in ("381", "云381", "云03811", "XX", "云0381%00", "%2e%2e"):
            address = outside.urls[write.service] + write.template.replace("{court}", court)
            answer = outside.send(write.method, address, token=outside.token(write.who), body=write.body)
            assert answer.status_code in {404, 422}, answer.text
            outside.refused(answer, answer.status_code, answer.json()["code"], before)
        real = write.template.replace("{court}", "京0107")
        answer = outside.send(
            write.method, outside.urls[write.service] + real, token=outside.token(write.who), body=write.body
        )
        outside.refused(answer, 403, "court_not_yours", before)
    assert world.COURT == "云0381"
