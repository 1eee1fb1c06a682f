"""Every service as a process, asked by Schemathesis what its own OpenAPI document allows and what it does not.

Whatever is sent, the answer is a status that the document names, and never a server error.
"""

import os
import re
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pymongo
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.core.result import Ok
from schemathesis.transport import SerializationContext
from schemathesis.transport.requests import REQUESTS_TRANSPORT

from devstack.ports import LOOPBACK, free_ports
from libs.evidence import generate_key
from libs.evidence.keys import new_key
from libs.foundation.limits import BODY_BYTES_MAX, LONG_POLL_SECONDS_MAX
from libs.web import DevIssuer

ROOT = Path(__file__).parents[3]
SERVICES = sorted(path.parent.name for path in ROOT.glob("services/*/main.py"))
COURT = "云0381"
STAFF = [
    *("filing_portal", "filing_clerk", "duty_officer", "duty_leader", "case_officer", "team_leader", "bureau_head"),
    *("president", "fund_officer", "fund_checker", "fund_approver", "node_supervisor", "operator", "custodian_bank"),
]
METHOD_NOT_ALLOWED = 405


@REQUESTS_TRANSPORT.serializer("application/x-ndjson")
def _ndjson(_context: SerializationContext, value: Any) -> dict[str, Any]:
    return {"data": value if isinstance(value, bytes) else str(value).encode(errors="surrogatepass")}


@dataclass
class Asked:
    """What came back."""

    count: int = 0
    wrong: dict[tuple[str, int], str] = field(default_factory=dict)


@dataclass(frozen=True)
class Service:
    """A service that runs, and the tokens it believes."""

    url: str
    tokens: list[str]
    issuer: DevIssuer

    def operations(self, *, writes: bool) -> list[tuple[str, str]]:
        """Return method and path of everything below `/v1`, or only of what changes something."""
        paths = httpx.get(f"{self.url}/openapi.json").json()["paths"]
        return [
            (method.upper(), re.sub(r"{[^}]+}", "x-1", path))
            for path, item in paths.items()
            for method in item
            if path.startswith("/v1/") and (method != "get" or not writes)
        ]


@pytest.fixture(scope="module")
def service(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, mongo_uri: str, kafka_bootstrap: str
) -> Iterator[Service]:
    tmp_path = tmp_path_factory.mktemp("service")
    issuer = DevIssuer(tmp_path / "issuer.json")
    generate_key(tmp_path / "signing.json")
    (port,) = free_ports(1)
    database = f"t{secrets.token_hex(5)}"
    environment = os.environ | {
        "PORT": str(port),
        "JWKS": str(issuer.write_jwks(tmp_path / "jwks.json")),
        "SIGNING_KEY": str(tmp_path / "signing.json"),
        "MONGO_URI": mongo_uri,
        "MONGO_DATABASE": database,
        "KAFKA_BOOTSTRAP": kafka_bootstrap,
        "TOPIC_PREFIX": f"{database}.",
        "LOG_LEVEL": "WARNING",
    }
    log = tmp_path / "service.log"
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603 -- our own service
            [sys.executable, "-m", f"services.{request.param}"], cwd=ROOT, env=environment, stdout=output, stderr=output
        )
    try:
        url = f"http://{LOOPBACK}:{port}"
        _wait_until_ready(url, process, log)
        staff = issuer.token(subject="u", organisation=COURT, roles=STAFF, scopes=["*.*.*"], courts=[COURT])
        agency = issuer.token(
            subject="a", organisation="bank-a", roles=["agency"], agency_id="bank-a", scopes=["*.*.*"], courts=[COURT]
        )
        yield Service(url, [staff, agency], issuer)
    finally:
        process.terminate()
        process.wait(timeout=15)
        with pymongo.MongoClient[dict[str, Any]](mongo_uri) as mongo:
            mongo.drop_database(database)


def _wait_until_ready(url: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    until = time.monotonic() + 40
    while time.monotonic() < until:
        try:
            if httpx.get(f"{url}/readyz").status_code == httpx.codes.OK:
                return
        except httpx.TransportError:
            assert process.poll() is None, log.read_text()
        time.sleep(0.1)
    pytest.fail(f"not ready: {httpx.get(f'{url}/readyz').text}\n{log.read_text()}")


def _ask(found: Any, mode: GenerationMode, service: Service, asked: Asked) -> None:
    assert isinstance(found, Ok)
    operation = found.ok()
    named = {int(status) for status in operation.definition.raw["responses"]} | {METHOD_NOT_ALLOWED}

    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, database=None)
    def ask(case: schemathesis.Case[Any]) -> None:
        # A long poll is asked briefly: how long it waits is another test's matter.
        wait = str((case.query or {}).get("wait", ""))
        if wait.isdigit() and 1 < int(wait) <= LONG_POLL_SECONDS_MAX:
            case.query["wait"] = 1
        for token in service.tokens:
            answer = case.call(headers={"Authorization": f"Bearer {token}"})
            asked.count += 1
            if answer.status_code >= httpx.codes.INTERNAL_SERVER_ERROR or answer.status_code not in named:
                place = (operation.label, answer.status_code)
                asked.wrong.setdefault(place, f"{case.as_curl_command()}\n{answer.text[:500]}")

    try:
        ask()
    except Unsatisfiable:
        # A route without parameters and body has nothing that could be wrong.
        assert mode is GenerationMode.NEGATIVE


@pytest.mark.timeout(300)
@pytest.mark.parametrize("service", SERVICES, indirect=True)
def test_a_service_keeps_to_its_own_document_whatever_it_is_sent(service: Service) -> None:
    schema = schemathesis.openapi.from_url(f"{service.url}/openapi.json")
    asked = Asked()
    for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
        for found in schema.get_all_operations():
            _ask(found, mode, service, asked)
    assert asked.wrong == {}
    assert asked.count > 15


def _answers(
    service: Service, operations: list[tuple[str, str]], headers: dict[str, str], body: bytes = b""
) -> dict[tuple[str, str], tuple[int, str]]:
    """Return status and problem code of every operation's answer to the same request."""
    found = {}
    with httpx.Client(base_url=service.url) as client:
        for method, path in operations:
            answer = client.request(method, path, headers=headers, content=body or None)
            found[method, path] = (answer.status_code, answer.json()["code"])
    return found


@pytest.mark.parametrize("service", SERVICES, indirect=True)
def test_no_door_opens_to_a_token_that_is_missing_forged_expired_or_without_the_scope(service: Service) -> None:
    doors = service.operations(writes=False)
    expired = service.issuer.token(subject="u", organisation=COURT, scopes=["*.*.*"], courts=[COURT], ttl_seconds=-60)
    forged = DevIssuer(new_key(kid=service.issuer.jwks()["keys"][0]["kid"])).token(subject="u", organisation=COURT)
    unscoped = service.issuer.token(subject="u", organisation=COURT, roles=STAFF, courts=[COURT])
    for token, expected in (
        ("", (401, "token_missing")),
        (expired, (401, "token_expired")),
        (forged, (401, "token_invalid")),
        (unscoped, (403, "scope_missing")),
    ):
        answers = _answers(service, doors, {"Authorization": f"Bearer {token}"} if token else {})
        assert {door: answer for door, answer in answers.items() if answer != expected} == {}


@pytest.mark.parametrize("service", SERVICES, indirect=True)
def test_every_write_refuses_a_body_that_is_too_large_of_another_type_or_no_json(service: Service) -> None:
    writes = service.operations(writes=True)
    known = {"Authorization": f"Bearer {service.tokens[0]}", "Idempotency-Key": "k-1", "If-Match": '"1"'}
    for kind, body, expected in (
        ("application/json", b" " * (BODY_BYTES_MAX + 1), (413, "body_too_large")),
        ("text/plain", b"{}", (415, "unsupported_media_type")),
        ("application/json", b'{"a": NaN}', (400, "malformed_request")),
        ("application/json", b'{"a": 1, "a": 2}', (400, "malformed_request")),
        ("application/json", b"[" * 10_000, (400, "malformed_request")),
    ):
        answers = _answers(service, writes, known | {"Content-Type": kind}, body)
        assert {write: answer for write, answer in answers.items() if answer != expected} == {}


@pytest.mark.parametrize("service", SERVICES, indirect=True)
def test_every_write_but_bulk_needs_an_idempotency_key(service: Service) -> None:
    document = httpx.get(f"{service.url}/openapi.json").json()["paths"]
    token = {"Authorization": f"Bearer {service.tokens[0]}", "Content-Type": "application/json"}
    for path, item in document.items():
        for method, operation in item.items():
            needs = any(each["name"] == "Idempotency-Key" for each in operation.get("parameters", []))
            if needs:
                url = service.url + re.sub(r"{[^}]+}", "x-1", path)
                answer = httpx.request(method, url, headers=token, content=b"{}")
                assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_missing"), path
