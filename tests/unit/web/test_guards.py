"""Denied by default: tokens, scopes, courts, and routes that forgot to say who may use them."""

import asyncio
import base64
import json
import time
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import APIRouter, FastAPI
from joserfc import jws
from joserfc.jwk import OctKey

from libs.evidence.keys import new_key
from libs.web import DevIssuer, RouteUndeclared, WebSettings, create_app, undeclared_routes
from libs.web.guards import carries
from libs.web.issuer_keys import IssuerKeys

pytestmark = pytest.mark.asyncio

FILING = {"court_code": "云0381", "claim_fen": 500000}


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def _write(path: Path, text: str) -> None:
    path.write_text(text)


def _remove(path: Path) -> None:
    path.unlink()


async def _code(client: httpx.AsyncClient, headers: dict[str, str]) -> tuple[int, str]:
    answer = await client.get("/v1/filings/f-1", headers=headers)
    return answer.status_code, answer.json()["code"]


async def test_a_request_without_a_token_is_told_to_get_one(app: FastAPI) -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://sample") as client:
        answer = await client.get("/v1/filings/f-1")
    assert answer.status_code == 401
    assert answer.json()["code"] == "token_missing"
    assert answer.headers["www-authenticate"] == 'Bearer realm="zhixing"'


async def test_an_expired_token_is_named_as_expired(client: httpx.AsyncClient, issuer: DevIssuer) -> None:
    token = issuer.token(subject="u", organisation="o", scopes=["sample.*.*"], ttl_seconds=-60)
    answer = await client.get("/v1/filings/f-1", headers=_bearer(token))
    assert (answer.status_code, answer.json()["code"]) == (401, "token_expired")
    assert 'error="invalid_token"' in answer.headers["www-authenticate"]


async def test_a_token_that_verified_is_not_believed_after_its_end(
    client: httpx.AsyncClient, issuer: DevIssuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    headers = _bearer(issuer.token(subject="u", organisation="o", scopes=["sample.*.*"], courts=["*"], ttl_seconds=60))
    assert (await client.get("/v1/filings/f-1", headers=headers)).status_code == 200
    later = time.time() + 120
    monkeypatch.setattr("libs.web.tokens.time.time", lambda: later)
    assert await _code(client, headers) == (401, "token_expired")


async def test_a_token_for_another_audience_or_issuer_is_refused(client: httpx.AsyncClient, issuer: DevIssuer) -> None:
    for claim in (
        {"aud": "somebody"},
        {"iss": "https://elsewhere.invalid"},
        {"exp": "soon"},
        {"nbf": time.time() + 600},
    ):
        token = issuer.token(subject="u", organisation="o", scopes=["sample.*.*"], **claim)
        assert await _code(client, _bearer(token)) == (401, "token_invalid")


async def test_a_token_of_a_forged_key_with_the_right_kid_is_refused(
    client: httpx.AsyncClient, issuer: DevIssuer
) -> None:
    kid = issuer.jwks()["keys"][0]["kid"]
    forger = DevIssuer(new_key("ES256", kid))
    assert await _code(client, _bearer(forger.token(subject="u", organisation="o"))) == (401, "token_invalid")


async def test_a_token_without_a_signature_is_refused(client: httpx.AsyncClient, issuer: DevIssuer) -> None:
    claims = issuer.token(subject="u", organisation="o", scopes=["sample.*.*"]).split(".")[1]
    for alg in ("none", "None", "NONE"):
        header = base64.urlsafe_b64encode(json.dumps({"alg": alg, "kid": issuer.jwks()["keys"][0]["kid"]}).encode())
        token = f"{header.decode().rstrip('=')}.{claims}."
        assert await _code(client, _bearer(token)) == (401, "token_invalid")


async def test_a_token_signed_with_our_public_key_as_a_secret_is_refused(
    client: httpx.AsyncClient, issuer: DevIssuer
) -> None:
    public = issuer.jwks()["keys"][0]
    secret = OctKey.import_key(json.dumps(public))
    claims = base64.urlsafe_b64decode(issuer.token(subject="u", organisation="o").split(".")[1] + "==")
    token = jws.serialize_compact({"alg": "HS256", "kid": public["kid"]}, claims, secret, algorithms=["HS256"])
    assert await _code(client, _bearer(token)) == (401, "token_invalid")


@pytest.mark.parametrize("text", ["x", "a.b.c", "é", "a" * 9000, "..", "eyJhbGciOiJFUzI1NiJ9.e30.AAAA"])
async def test_garbage_for_a_token_is_refused_and_nothing_else(client: httpx.AsyncClient, text: str) -> None:
    answer = await client.get("/v1/filings/f-1", headers={b"Authorization": b"Bearer " + text.encode()})
    assert (answer.status_code, answer.json()["code"]) == (401, "token_invalid")


async def test_a_new_key_of_the_issuer_is_found_without_a_restart(
    client: httpx.AsyncClient, issuer: DevIssuer, jwks_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("libs.web.issuer_keys.REFRESH_SECONDS_MIN", -1.0)
    assert (await client.get("/v1/filings/f-1")).status_code == 200
    rotated = DevIssuer(new_key())
    keys = {"keys": issuer.jwks()["keys"] + rotated.jwks()["keys"]}
    _write(jwks_path, json.dumps(keys))
    token = rotated.token(subject="u", organisation="o", scopes=["sample.*.*"], courts=["云0381"])
    assert (await client.get("/v1/filings/f-1", headers=_bearer(token))).status_code == 200


async def test_a_withdrawn_key_takes_its_remembered_tokens_with_it(
    client: httpx.AsyncClient, jwks_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (await client.get("/v1/filings/f-1")).status_code == 200
    monkeypatch.setattr("libs.web.issuer_keys.REFRESH_SECONDS_MIN", -1.0)
    rotated = DevIssuer(new_key())
    _write(jwks_path, json.dumps(rotated.jwks()))
    token = rotated.token(subject="u", organisation="o", scopes=["sample.*.*"], courts=["云0381"])
    assert (await client.get("/v1/filings/f-1", headers=_bearer(token))).status_code == 200
    assert (await client.get("/v1/filings/f-1")).status_code == 401


async def test_the_issuers_keys_stay_when_its_document_cannot_be_read(
    client: httpx.AsyncClient, jwks_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (await client.get("/v1/filings/f-1")).status_code == 200
    monkeypatch.setattr("libs.web.issuer_keys.REFRESH_SECONDS_MIN", -1.0)
    monkeypatch.setattr("libs.web.issuer_keys.REFRESH_SECONDS_MAX", -1.0)
    _write(jwks_path, "{")
    assert (await client.get("/v1/filings/f-1")).status_code == 200


async def test_a_withdrawn_key_is_forgotten_even_if_only_known_tokens_come(
    client: httpx.AsyncClient, jwks_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (await client.get("/v1/filings/f-1")).status_code == 200
    _write(jwks_path, json.dumps(DevIssuer(new_key()).jwks()))
    assert (await client.get("/v1/filings/f-1")).status_code == 200
    monkeypatch.setattr("libs.web.issuer_keys.REFRESH_SECONDS_MAX", -1.0)
    assert (await client.get("/v1/filings/f-1")).status_code == 401


async def test_another_key_under_the_same_name_ends_the_old_ones_tokens(
    client: httpx.AsyncClient, issuer: DevIssuer, jwks_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (await client.get("/v1/filings/f-1")).status_code == 200
    monkeypatch.setattr("libs.web.issuer_keys.REFRESH_SECONDS_MAX", -1.0)
    _write(jwks_path, json.dumps(DevIssuer(new_key(kid=issuer.jwks()["keys"][0]["kid"])).jwks()))
    assert (await client.get("/v1/filings/f-1")).status_code == 401


async def test_while_the_issuers_keys_could_never_be_read_the_fault_is_ours(
    client: httpx.AsyncClient, jwks_path: Path
) -> None:
    _remove(jwks_path)
    answer = await client.get("/v1/filings/f-1")
    assert (answer.status_code, answer.json()["code"]) == (503, "issuer_unavailable")


async def test_a_flood_of_unknown_keys_asks_the_issuer_once(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads = 0
    read = IssuerKeys._read

    async def counted(keys: IssuerKeys) -> dict[str, Any]:
        nonlocal reads
        reads += 1
        return await read(keys)

    monkeypatch.setattr(IssuerKeys, "_read", counted)
    forged = [DevIssuer(new_key()).token(subject="u", organisation="o") for _ in range(20)]
    answers = await asyncio.gather(*(client.get("/v1/filings/f-1", headers=_bearer(token)) for token in forged))
    assert {answer.status_code for answer in answers} == {401}
    assert reads == 1


async def test_a_token_in_a_link_or_a_cookie_opens_nothing(app: FastAPI, token: str) -> None:
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://sample") as client:
        linked = await client.get("/v1/filings/f-1", params={"access_token": token})
        kept = await client.get("/v1/filings/f-1", headers={"Cookie": f"zhixing_token={token}"})
        write = await client.post(
            "/v1/filings", params={"access_token": token}, json=FILING, headers={"Cookie": f"zhixing_token={token}"}
        )
    assert (linked.status_code, kept.status_code, write.status_code) == (401, 401, 401)
    assert linked.headers["referrer-policy"] == "no-referrer"


async def test_a_missing_scope_is_named(client: httpx.AsyncClient, issuer: DevIssuer) -> None:
    token = issuer.token(subject="u", organisation="o", scopes=["sample.other.read"])
    answer = await client.get("/v1/filings/f-1", headers=_bearer(token))
    assert (answer.status_code, answer.json()["code"]) == (403, "scope_missing")
    assert "sample.filings.read" in answer.json()["detail"]


async def test_writing_in_another_court_is_forbidden(client: httpx.AsyncClient) -> None:
    answer = await client.post(
        "/v1/filings", json=FILING | {"court_code": "京0105"}, headers={"Idempotency-Key": "k-1"}
    )
    assert (answer.status_code, answer.json()["code"]) == (403, "court_not_yours")


async def test_reading_in_another_court_tells_nothing(client: httpx.AsyncClient, issuer: DevIssuer) -> None:
    token = issuer.token(subject="u", organisation="o", scopes=["sample.*.*"], courts=["京0105"])
    assert await _code(client, _bearer(token)) == (404, "not_found")


async def test_who_may_not_enter_is_not_told_what_is_wrong_with_the_body(
    client: httpx.AsyncClient, issuer: DevIssuer
) -> None:
    headers = {"Content-Type": "application/json"}
    reader = issuer.token(subject="u", organisation="o", scopes=["sample.filings.read"])
    forged = await client.post("/v1/filings", content=b"{", headers=headers | _bearer("x"))
    unscoped = await client.post("/v1/filings", content=b"{", headers=headers | _bearer(reader))
    assert (forged.status_code, unscoped.status_code) == (401, 403)


@pytest.mark.parametrize(
    ("held", "needed", "enough"),
    [
        ("intake.cases.read", "intake.cases.read", True),
        ("intake.*.read", "intake.cases.read", True),
        ("intake.*.*", "intake.cases.write", True),
        ("intake.*.read", "intake.cases.write", False),
        ("*", "intake.cases.read", False),
        ("payments.*.*", "intake.cases.read", False),
        ("intake.cases.rea", "intake.cases.read", False),
    ],
)
async def test_a_scope_with_stars_covers_its_own_parts_only(held: str, needed: str, enough: bool) -> None:
    assert carries(frozenset([held]), needed) is enough


async def test_an_application_with_an_unguarded_route_does_not_start() -> None:
    router = APIRouter()

    @router.get("/open")
    async def forgot() -> dict[str, str]:
        return {}

    with pytest.raises(RouteUndeclared, match="GET /v1/open"):
        create_app(service="sample", settings=WebSettings(), routers=[router])


async def test_every_route_of_an_application_has_declared_itself(app: FastAPI) -> None:
    assert undeclared_routes(app) == []

    @app.get("/added-later")
    async def forgot() -> dict[str, str]:
        return {}

    assert undeclared_routes(app) == ["GET /added-later"]
