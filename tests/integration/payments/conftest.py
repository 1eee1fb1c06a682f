"""The service on the real broker and database, with the custodian bank as a real HTTP server."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest_asyncio

from libs.bus import BusSettings, Relay
from libs.foundation.clock import RealClock
from libs.journal import Journal, JournalSettings
from libs.testing.simulators.custodian import Custodian
from libs.testing.simulators.serving import HttpServer
from libs.testing.simulators.world import World
from libs.web import DevIssuer
from services.payments.main import build
from services.payments.settings import PaymentsSettings
from tests.integration.payments.stage import BANK, INTAKE_SAYS, Stage

StageMaker = Callable[..., Awaitable[tuple[Stage, Custodian]]]


@pytest_asyncio.fixture
async def make_stage(kafka_bootstrap: str, mongo_uri: str, unique: str, tmp_path: Path) -> AsyncIterator[StageMaker]:
    """Bring up the service, a writer of intake's facts and a bank with the given temper."""
    async with AsyncExitStack() as running:

        async def make(**temper: Any) -> tuple[Stage, Custodian]:
            issuer = DevIssuer(tmp_path / "issuer.json")
            prefix = f"{unique}."
            intake = Journal(
                JournalSettings(mongo_uri=mongo_uri, database=f"{unique}_intake"),
                service="intake",
                clock=RealClock(),
                deciders=INTAKE_SAYS,
            )
            relay = Relay(BusSettings(bootstrap=kafka_bootstrap, topic_prefix=prefix), intake, service="intake")
            for part in (intake, relay):
                running.push_async_callback(part.stop)
                await part.start()
            services: dict[str, str] = {}
            world = World(seed=1, services=services, issuer=issuer, clock=RealClock(), folder=tmp_path)
            bank = Custodian({"bank_id": BANK, **temper}, world)
            running.push_async_callback(bank.stop)
            await bank.start()
            settings = PaymentsSettings(
                mongo_uri=mongo_uri,
                mongo_database=f"{unique}_payments",
                kafka_bootstrap=kafka_bootstrap,
                topic_prefix=prefix,
                jwks=str(issuer.write_jwks(tmp_path / "jwks.json")),
                bank_url=bank.url,
                bank_seconds_max=1.0,
                log_level="WARNING",
            )
            server = HttpServer(build(settings), lifespan=True)
            running.push_async_callback(server.stop)
            await server.start()
            services["payments"] = server.url
            client = await running.enter_async_context(httpx.AsyncClient(timeout=20.0))
            return Stage(server.url, issuer, intake, bank, client), bank

        yield make


@pytest_asyncio.fixture
async def stage(make_stage: StageMaker) -> Stage:
    """The service with a bank that makes no trouble, and the court's account set."""
    found, _bank = await make_stage()
    response = await found.set_fund()
    assert response.status_code == 200, response.text
    return found
