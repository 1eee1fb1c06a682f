"""The command centre on the real broker and database, with both gateways as real HTTP servers."""

import asyncio
import json
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from libs.foundation.clock import ClockPoint, ScheduleFile, write_schedule
from libs.testing.simulators.messages import Gateway
from libs.testing.simulators.serving import HttpServer
from libs.web import DevIssuer
from services.command_center.main import build
from services.command_center.settings import CommandCenterSettings
from tests.integration.command_center.wire import Wire
from tests.unit.command_center.wages import CASE, COURT, MORNING

SCOPES = [
    "command_center.timelines.read",
    "command_center.nodes.read",
    "command_center.alerts.read",
    "command_center.alerts.write",
    "command_center.notifications.read",
]


@dataclass
class Centre:
    """A running command centre and its surroundings; every test has one of its own."""

    folder: Path
    settings: CommandCenterSettings
    wire: Wire
    issuer: DevIssuer
    sms: Gateway
    robot: Gateway
    client: httpx.AsyncClient
    schedule: Path
    points: list[ClockPoint]
    server: HttpServer | None = field(default=None)

    async def start(self) -> None:
        self.server = HttpServer(build(self.settings), lifespan=True)
        await self.server.start()

    async def stop(self) -> None:
        if self.server is not None:
            await self.server.stop()
            self.server = None

    def set_clock(self, business: datetime, rate: int = 0) -> None:
        self.points.append(ClockPoint(datetime.now(UTC), business, rate))
        write_schedule(self.schedule, self.points)

    def token(self, *, court: str = COURT, subject: str = "u-leader", roles: tuple[str, ...] = ("team_leader",)) -> str:
        return self.issuer.token(
            subject=subject, organisation=court, roles=roles, scopes=SCOPES, courts=[court], ttl_seconds=600
        )

    async def get(self, path: str, token: str | None = None, **params: str) -> httpx.Response:
        assert self.server is not None
        headers = {"Authorization": f"Bearer {token or self.token()}"}
        return await self.client.get(self.server.url + path, params=params, headers=headers)

    async def post(self, path: str, *, key: str, token: str | None = None) -> httpx.Response:
        assert self.server is not None
        headers = {"Authorization": f"Bearer {token or self.token()}", "Idempotency-Key": key}
        return await self.client.post(self.server.url + path, headers=headers, json={})

    async def until(
        self, path: str, reached: Callable[[dict[str, Any]], bool], *, seconds: float = 60.0, **params: str
    ) -> dict[str, Any]:
        """Read until what is waited for is there."""
        deadline = asyncio.get_running_loop().time() + seconds
        last = ""
        while asyncio.get_running_loop().time() < deadline:
            response = await self.get(path, **params)
            last = response.text
            if response.status_code == 200 and reached(response.json()):
                return dict(json.loads(last))
            await asyncio.sleep(0.2)
        pytest.fail(f"in vain at {path}: {last[:1500]}")

    async def timeline(self, entries: int, case_id: str = CASE) -> dict[str, Any]:
        """The timeline once it has this many entries."""
        return await self.until(f"/v1/case-timelines/{case_id}", lambda body: len(body["entries"]) >= entries)


@pytest_asyncio.fixture
async def centre(kafka_bootstrap: str, mongo_uri: str, tmp_path: Path) -> AsyncIterator[Centre]:
    """A command centre on the morning of the story's day; its clock stands still until a test moves it."""
    unique = f"t{secrets.token_hex(5)}"
    issuer = DevIssuer(tmp_path / "issuer.json")
    schedule = tmp_path / "clock.json"
    points = [ClockPoint(datetime.now(UTC), MORNING, 0)]
    write_schedule(schedule, points)
    clock = ScheduleFile(schedule)
    sms = Gateway("sms", {"silence_seconds": 3.0}, tmp_path, clock)
    robot = Gateway("robot", {"silence_seconds": 3.0}, tmp_path, clock)
    async with AsyncExitStack() as running:
        for part in (sms, robot):
            running.push_async_callback(part.stop)
            await part.start()
        client = await running.enter_async_context(httpx.AsyncClient(timeout=20.0))
        settings = CommandCenterSettings(
            mongo_uri=mongo_uri,
            mongo_database=f"{unique}_cc",
            kafka_bootstrap=kafka_bootstrap,
            topic_prefix=f"{unique}.",
            jwks=str(issuer.write_jwks(tmp_path / "jwks.json")),
            clock_schedule=schedule,
            sms_url=sms.url,
            robot_url=robot.url,
            gateway_seconds_max=1.0,
            log_level="WARNING",
        )
        own = Centre(
            tmp_path,
            settings,
            Wire(kafka_bootstrap, f"{unique}."),
            issuer,
            sms,
            robot,
            client,
            schedule,
            points,
        )
        running.push_async_callback(own.stop)
        await own.start()
        yield own
