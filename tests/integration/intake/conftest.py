"""Intake over real HTTP, on the real broker and database, with a sandbox clock that stands still until it is moved."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest_asyncio
import uvicorn
from pydantic import SecretStr

from libs.evidence import generate_key
from libs.foundation.clock import ClockPoint, write_schedule
from libs.testing import builders
from libs.web import DevIssuer
from services.intake.main import build
from services.intake.settings import IntakeSettings
from tests.integration.intake.house import COURT, MORNING, House
from tests.integration.intake.partners import Partners


@pytest_asyncio.fixture
async def house(tmp_path: Path, mongo_uri: str, kafka_bootstrap: str, unique: str) -> AsyncIterator[House]:
    issuer = DevIssuer(tmp_path / "issuer.json")
    generate_key(tmp_path / "intake.json", kid="intake-1")
    schedule = tmp_path / "clock.json"
    points = [ClockPoint(datetime.now(UTC) - timedelta(seconds=5), MORNING, 0)]
    write_schedule(schedule, points)
    settings = IntakeSettings(
        port=0,
        mongo_uri=mongo_uri,
        mongo_database=f"{unique}_intake",
        kafka_bootstrap=kafka_bootstrap,
        topic_prefix=f"{unique}.",
        jwks=str(issuer.write_jwks(tmp_path / "jwks.json")),
        signing_key=tmp_path / "intake.json",
        clock_schedule=schedule,
        party_secret=SecretStr(secrets.token_hex(16)),
    )
    server = uvicorn.Server(
        uvicorn.Config(build(settings), host="127.0.0.1", port=0, log_config=None, access_log=False, lifespan="on")
    )
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.02)
        assert not serving.done(), "the service did not start"
    port = server.servers[0].sockets[0].getsockname()[1]
    async with httpx.AsyncClient(timeout=30) as client:
        url = f"http://127.0.0.1:{port}"
        home = House(url, issuer, client, schedule, f"{unique}.", mongo_uri, kafka_bootstrap, points)
        put = await home.send("PUT", f"/v1/courts/{COURT}/roster", "operator", builders.roster())
        assert put.status_code == 200, put.text
        yield home
    server.should_exit = True
    await serving


@pytest_asyncio.fixture
async def case(house: House) -> dict[str, Any]:
    return await house.registered_case(1)


@pytest_asyncio.fixture
async def partners(house: House, case: dict[str, Any]) -> AsyncIterator[Partners]:
    async with Partners(house, case["id"]) as running:
        yield running
