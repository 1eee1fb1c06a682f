"""The service on the real broker and database, on a sandbox clock, with simulated agencies where a test wants them."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest_asyncio

from libs.bus import BusSettings, Relay
from libs.evidence import generate_key
from libs.foundation.clock import ClockPoint, ScheduleFile, write_schedule
from libs.journal import Journal, JournalSettings
from libs.testing.simulators.agencies import Agencies
from libs.testing.simulators.serving import HttpServer
from libs.testing.simulators.world import World
from libs.web import DevIssuer
from services.asset_inquiry.main import build
from services.asset_inquiry.settings import AssetInquirySettings
from tests.integration.asset_inquiry.stage import Stage, speaker

RATE = 60
BEGINS_AT = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)

Jump = Callable[[int], None]
AgenciesMaker = Callable[..., Awaitable[Agencies]]


@pytest_asyncio.fixture
async def running() -> AsyncIterator[AsyncExitStack]:
    async with AsyncExitStack() as stack:
        yield stack


@pytest_asyncio.fixture
async def schedule(tmp_path: Path) -> Path:
    path = tmp_path / "clock.json"
    write_schedule(path, [ClockPoint(datetime.now(UTC), BEGINS_AT, RATE)])
    return path


@pytest_asyncio.fixture
async def jump(schedule: Path) -> Jump:
    """Move the business clock of service and agencies forward by minutes: nobody waits for what only time brings."""
    points = [ClockPoint(datetime.now(UTC), BEGINS_AT, RATE)]

    def forward(minutes: int) -> None:
        now = ScheduleFile(schedule).now()
        points.append(ClockPoint(datetime.now(UTC), now + timedelta(minutes=minutes), RATE))
        write_schedule(schedule, points)

    return forward


@pytest_asyncio.fixture
async def configured(
    kafka_bootstrap: str, mongo_uri: str, unique: str, tmp_path: Path, schedule: Path
) -> AssetInquirySettings:
    issuer = DevIssuer(tmp_path / "issuer.json")
    generate_key(tmp_path / "court.jwk", kid="court-1")
    return AssetInquirySettings(
        mongo_uri=mongo_uri,
        mongo_database=f"{unique}_asset_inquiry",
        kafka_bootstrap=kafka_bootstrap,
        topic_prefix=f"{unique}.",
        jwks=str(issuer.write_jwks(tmp_path / "jwks.json")),
        signing_key=tmp_path / "court.jwk",
        clock_schedule=schedule,
        log_level="WARNING",
    )


@pytest_asyncio.fixture
async def stage(
    running: AsyncExitStack, configured: AssetInquirySettings, unique: str, tmp_path: Path, schedule: Path
) -> Stage:
    """The service and two writers of other services' facts; the court's roster is set."""
    speakers = []
    for service, categories in {
        "intake": ("case", "party", "paper", "document", "roster"),
        "payments": ("account",),
    }.items():
        journal = Journal(
            JournalSettings(mongo_uri=configured.mongo_uri, database=f"{unique}_{service}"),
            service=service,
            clock=ScheduleFile(schedule),
            deciders=speaker(service, *categories),
        )
        bus = BusSettings(bootstrap=configured.kafka_bootstrap, topic_prefix=configured.topic_prefix)
        relay = Relay(bus, journal, service=service)
        for part in (journal, relay):
            running.push_async_callback(part.stop)
            await part.start()
        speakers.append(journal)
    url = await serve(running, configured)
    client = await running.enter_async_context(httpx.AsyncClient(timeout=40.0))
    found = Stage(url, DevIssuer(tmp_path / "issuer.json"), speakers[0], speakers[1], client)
    await found.set_roster()
    return found


async def serve(running: AsyncExitStack, settings: AssetInquirySettings) -> str:
    """Start the service, or one more replica of it, and return where it answers."""
    server = HttpServer(build(settings), lifespan=True)
    running.push_async_callback(server.stop)
    await server.start()
    return server.url


@pytest_asyncio.fixture
async def simulate(running: AsyncExitStack, stage: Stage, tmp_path: Path, schedule: Path) -> AgenciesMaker:
    """Bring up simulated agencies, connected by the operator."""

    async def make(*agencies: dict[str, Any], **config: Any) -> Agencies:
        await stage.connect(*(agency["agency_id"] for agency in agencies))
        world = World(
            seed=7,
            services={"asset_inquiry": stage.url},
            issuer=stage.issuer,
            clock=ScheduleFile(schedule),
            folder=tmp_path,
        )
        part = Agencies({"agencies": list(agencies), **config}, world)
        running.push_async_callback(part.stop)
        await part.start()
        return part

    return make
