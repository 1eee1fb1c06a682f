"""Health, metrics, public keys, and an OpenAPI document that says what is true of every route."""

from pathlib import Path

import httpx
import pytest
from fastapi import APIRouter, FastAPI

from libs.evidence import Signer
from libs.evidence.keys import new_key
from libs.web import ServiceSettings, WebSettings, create_app

pytestmark = pytest.mark.asyncio


async def test_readiness_gives_its_reasons_until_the_parts_have_started(app: FastAPI) -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://sample") as client:
        before = await client.get("/readyz")
        async with app.router.lifespan_context(app):
            after = await client.get("/readyz")
    assert (before.status_code, before.json()["reasons"]) == (503, {"database": "not started"})
    assert (after.status_code, after.json()) == (200, {"status": "ready", "reasons": {}, "alarms": {}})


class _Part:
    def __init__(self, name: str, log: list[str], *, breaks: bool = False) -> None:
        self._name, self._log, self._breaks = name, log, breaks

    async def start(self) -> None:
        self._log.append(f"start {self._name}")
        if self._breaks:
            raise OSError(self._name)

    async def stop(self) -> None:
        self._log.append(f"stop {self._name}")

    def readiness(self) -> dict[str, str]:
        return {}


class _LimpingPart(_Part):
    def alarms(self) -> dict[str, str]:
        return {"projector": "1 streams cannot be projected"}


async def test_what_a_human_must_look_at_stands_beside_readiness_and_does_not_take_it_away() -> None:
    app = create_app(
        service="t", settings=WebSettings(), routers=[], background=[_Part("a", []), _LimpingPart("b", [])]
    )
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://t") as client:
        answer = await client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json()["alarms"] == {"projector": "1 streams cannot be projected"}


async def test_parts_start_in_order_and_stop_in_reverse() -> None:
    log: list[str] = []
    app = create_app(service="t", settings=WebSettings(), routers=[], background=[_Part("a", log), _Part("b", log)])
    async with app.router.lifespan_context(app):
        log.append("serving")
    assert log == ["start a", "start b", "serving", "stop b", "stop a"]


async def test_a_part_that_fails_to_start_lets_the_others_go() -> None:
    log: list[str] = []
    parts = [_Part("a", log), _Part("b", log, breaks=True), _Part("c", log)]
    app = create_app(service="t", settings=WebSettings(), routers=[], background=parts)
    with pytest.raises(OSError, match="b"):
        async with app.router.lifespan_context(app):
            pass
    assert log == ["start a", "start b", "stop b", "stop a"]


async def test_metrics_count_by_route_template_and_never_by_id(client: httpx.AsyncClient) -> None:
    await client.get("/v1/filings/f-secret-1")
    await client.get("/v1/no-such-thing/532224199001011234")
    text = (await client.get("/metrics")).text
    assert 'zhixing_http_requests_total{method="GET",route="/v1/filings/{filing_id}",status="200"}' in text
    assert 'route="unmatched",status="404"' in text
    assert "f-secret-1" not in text
    assert "532224199001011234" not in text


async def test_the_public_keys_of_the_signer_are_published_and_nothing_private() -> None:
    signer = Signer(new_key(kid="k-1"))
    app = create_app(service="t", settings=WebSettings(), routers=[], signer=signer)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://t") as client:
        keys = (await client.get("/.well-known/jwks.json")).json()["keys"]
    assert [key["kid"] for key in keys] == ["k-1"]
    assert "d" not in keys[0]


async def test_openapi_names_problems_headers_and_scopes(client: httpx.AsyncClient) -> None:
    document = (await client.get("/openapi.json")).json()
    write = document["paths"]["/v1/filings"]["post"]
    change = document["paths"]["/v1/filings/{filing_id}"]["put"]
    bulk = document["paths"]["/v1/statements"]["post"]
    required = {item["name"] for item in change["parameters"] if item["required"]}
    assert required == {"filing_id", "Idempotency-Key", "If-Match"}
    assert {"400", "401", "403", "409", "413", "415", "422"} <= set(write["responses"])
    assert {"412", "428"} <= set(change["responses"])
    assert "application/problem+json" in write["responses"]["409"]["content"]
    assert write["security"] == [{"bearer": []}]
    assert "sample.filings.write" in write["description"]
    assert "parameters" not in bulk
    assert "HTTPValidationError" not in document["components"]["schemas"]


async def test_a_router_with_its_own_prefix_is_not_prefixed_again() -> None:
    router = APIRouter(prefix="/v1/things")

    from libs.web import public  # noqa: PLC0415 -- only this test needs it

    @router.get("", dependencies=[public()])
    async def things() -> dict[str, str]:
        return {"found": "yes"}

    app = create_app(service="t", settings=WebSettings(), routers=[router])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://t") as client:
        assert (await client.get("/v1/things")).json() == {"found": "yes"}


async def test_settings_ask_the_prefixed_variable_first(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    class IntakeSettings(ServiceSettings, env_prefix="INTAKE_"):
        hmac_secret: str = "none"

    monkeypatch.setenv("MONGO_URI", "mongodb://shared")
    monkeypatch.setenv("KAFKA_BOOTSTRAP", "shared:9092")
    monkeypatch.setenv("INTAKE_MONGO_URI", "mongodb://own")
    monkeypatch.setenv("INTAKE_HMAC_SECRET", "s")
    monkeypatch.setenv("CLOCK_SCHEDULE", str(tmp_path / "schedule.json"))
    settings = IntakeSettings()
    assert settings.mongo_uri == "mongodb://own"
    assert settings.kafka_bootstrap == "shared:9092"
    assert settings.hmac_secret == "s"
    assert settings.mongo_database == "intake"
    assert type(settings.clock()).__name__ == "ScheduleFile"
    assert type(IntakeSettings(clock_schedule=None).clock()).__name__ == "RealClock"
