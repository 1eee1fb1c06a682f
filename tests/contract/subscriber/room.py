"""One subscriber and one publisher in a room, with a clock of their own."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import httpx

from tests.contract.subscriber.publisher import Publisher, TestClock
from zhixing_feed import Alarm, AlarmCode, Limits, Pacing, Subscriber


class Room:
    """What a test of the subscriber needs: `publisher`, `clock`, and subscribers of one file."""

    def __init__(self, folder: Path, base_url: str, publisher: Publisher) -> None:
        self.folder = folder
        self.base_url = base_url
        self.publisher = publisher
        self.clock: TestClock = publisher.clock
        self.wall_clock = self.clock.now
        self.alarms: list[Alarm] = []
        self.slept: list[float] = []
        self.limits = Limits()

    def subscriber(self, name: str = "list.sqlite", **options: Any) -> Subscriber:
        """Return a subscriber of a file; the same name is the same copy."""
        defaults: dict[str, Any] = {
            "root_keys": [self.publisher.root_jwk],
            "path": self.folder / name,
            "token": "token",
            "on_alarm": self.alarms.append,
            "limits": self.limits,
            "pacing": Pacing(draw=lambda: 0.5, sleep=self._sleep),
            "clock": self.clock.now,
            "wall_clock": self._wall,
        }
        return Subscriber(self.base_url, **(defaults | options))

    def _wall(self) -> datetime:
        return self.wall_clock()

    async def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)

    @property
    def codes(self) -> list[AlarmCode]:
        """Return the alarms by name, in the order in which they rang."""
        return [alarm.code for alarm in self.alarms]

    def client(self) -> httpx.AsyncClient:
        """Return a client that reaches the publisher without a network: for tests of the law."""

        async def handler(request: httpx.Request) -> httpx.Response:
            query = dict(request.url.params)
            found = self.publisher.answer(request.method, request.url.path, query, request.content)
            return httpx.Response(found.status, content=found.body, headers=found.headers)

        return httpx.AsyncClient(base_url="http://publisher", transport=httpx.MockTransport(handler))
