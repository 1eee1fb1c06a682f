"""Brings up the stage of restriction: the service with its bus, database and feed, and who speaks to it."""

import secrets
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
from pymongo import AsyncMongoClient

from devstack.devkeys import KeyFolder
from libs.bus import BusSettings, Relay
from libs.foundation.clock import ClockPoint, RealClock, ScheduleFile, write_schedule
from libs.journal import Journal, JournalSettings
from libs.testing.simulators.serving import HttpServer
from libs.web import DevIssuer
from services.credit_blacklist.main import build
from services.credit_blacklist.settings import CreditBlacklistSettings
from tests.integration.credit_blacklist.restriction_stage import BEGAN, Stage, speaker


@asynccontextmanager
async def restriction_stage(kafka_bootstrap: str, mongo_uri: str, folder: Path) -> AsyncIterator[Stage]:
    """Bring up the service, and writers of what intake and payments say."""
    unique = f"t{secrets.token_hex(5)}"
    keys = KeyFolder(folder / "keys")
    keys.make(at=BEGAN)
    write_schedule(folder / "clock.json", [ClockPoint(datetime.now(UTC), BEGAN, 1)])
    issuer = DevIssuer(folder / "issuer.json")
    bus = BusSettings(bootstrap=kafka_bootstrap, topic_prefix=f"{unique}.")
    async with AsyncExitStack() as running:
        running.push_async_callback(_dropped, mongo_uri, *(f"{unique}_{name}" for name in ("intake", "payments", "cb")))
        speakers = {}
        for service, categories in (("intake", ("party", "case", "document")), ("payments", ("account",))):
            journal = Journal(
                JournalSettings(mongo_uri=mongo_uri, database=f"{unique}_{service}"),
                service=service,
                clock=RealClock(),
                deciders=speaker(service, *categories),
            )
            speakers[service] = journal
            for part in (journal, Relay(bus, journal, service=service)):
                running.push_async_callback(part.stop)
                await part.start()
        settings = CreditBlacklistSettings(
            mongo_uri=mongo_uri,
            mongo_database=f"{unique}_cb",
            kafka_bootstrap=kafka_bootstrap,
            topic_prefix=bus.topic_prefix,
            jwks=str(issuer.write_jwks(folder / "jwks.json")),
            signing_key=keys.signing_key("credit_blacklist"),
            head_key=keys.head_key,
            key_sets=keys.key_sets,
            clock_schedule=folder / "clock.json",
            log_level="WARNING",
        )
        server = HttpServer(build(settings), lifespan=True)
        running.push_async_callback(server.stop)
        await server.start()
        client = await running.enter_async_context(httpx.AsyncClient(timeout=20.0))
        clock = ScheduleFile(folder / "clock.json")
        yield Stage(server.url, issuer, speakers["intake"], speakers["payments"], clock, client)


async def _dropped(mongo_uri: str, *databases: str) -> None:
    async with AsyncMongoClient[dict[str, Any]](mongo_uri) as client:
        for database in databases:
            await client.drop_database(database)
