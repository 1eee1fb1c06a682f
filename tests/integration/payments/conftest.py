"""The service on the real broker and database, with the custodian bank as a real HTTP server.

One stage serves all tests of a module: each test has cases and references of its own, so they never meet. The bank's
temper is the test's to set and is put back afterwards.
"""

import secrets
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from pymongo import AsyncMongoClient

from libs.bus import BusSettings, Relay
from libs.foundation.clock import RealClock
from libs.journal import Journal, JournalSettings
from libs.testing.simulators.custodian import Custodian, Temper
from libs.testing.simulators.serving import HttpServer
from libs.testing.simulators.world import World
from libs.web import DevIssuer
from services.payments.main import build
from services.payments.settings import PaymentsSettings
from tests.integration.payments.stage import BANK, INTAKE_SAYS, Stage


async def dropped(mongo_uri: str, *databases: str) -> None:
    """Drop databases: each holds some twenty files open in the server."""
    async with AsyncMongoClient[dict[str, Any]](mongo_uri) as client:
        for database in databases:
            await client.drop_database(database)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def theatre(
    kafka_bootstrap: str, mongo_uri: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Stage]:
    """Bring up the service, a writer of intake's facts and the bank; the court's account is set."""
    folder: Path = tmp_path_factory.mktemp("payments")
    unique = f"t{secrets.token_hex(5)}"
    issuer = DevIssuer(folder / "issuer.json")
    intake = Journal(
        JournalSettings(mongo_uri=mongo_uri, database=f"{unique}_intake"),
        service="intake",
        clock=RealClock(),
        deciders=INTAKE_SAYS,
    )
    bus = BusSettings(bootstrap=kafka_bootstrap, topic_prefix=f"{unique}.")
    services: dict[str, str] = {}
    world = World(seed=1, services=services, issuer=issuer, clock=RealClock(), folder=folder)
    bank = Custodian({"bank_id": BANK}, world)
    async with AsyncExitStack() as running:
        running.push_async_callback(dropped, mongo_uri, f"{unique}_intake", f"{unique}_payments")
        for part in (intake, Relay(bus, intake, service="intake"), bank):
            running.push_async_callback(part.stop)
            await part.start()
        settings = PaymentsSettings(
            mongo_uri=mongo_uri,
            mongo_database=f"{unique}_payments",
            kafka_bootstrap=kafka_bootstrap,
            topic_prefix=bus.topic_prefix,
            jwks=str(issuer.write_jwks(folder / "jwks.json")),
            bank_url=bank.url,
            bank_seconds_max=2.0,
            bank_attempts_max=5,
            bank_backoff_seconds=0.2,
            log_level="WARNING",
        )
        server = HttpServer(build(settings), lifespan=True)
        running.push_async_callback(server.stop)
        await server.start()
        services["payments"] = server.url
        client = await running.enter_async_context(httpx.AsyncClient(timeout=20.0))
        stage = Stage(server.url, issuer, intake, bank, client)
        response = await stage.set_fund()
        assert response.status_code == 200, response.text
        yield stage


@pytest.fixture
def stage(theatre: Stage) -> Stage:
    """The stage with a bank that makes no trouble."""
    theatre.own_bank.temper = Temper()
    return theatre
