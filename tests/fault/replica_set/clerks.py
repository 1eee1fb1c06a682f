"""Callers that never stop: they write, repeat what was not answered, and read; and remember the furthest they saw."""

from __future__ import annotations

import asyncio
import random
from collections import Counter, defaultdict
from dataclasses import dataclass, field

import httpx

from tests.fault.outcomes.desk import Desk
from tests.fault.outcomes.writes import Pen, Write

PURSUITS = ("change", "change", "key", "connect", "read", "read", "read")


@dataclass
class Clerks:
    """Two callers for every agency, at any of the service's processes; `furthest` is what anybody was shown of each."""

    desk: Desk
    pen: Pen
    seed: int
    furthest: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    counts: Counter[str] = field(default_factory=Counter)
    stopping: asyncio.Event = field(default_factory=asyncio.Event)

    async def work(self, agencies: list[str]) -> None:
        """Work until `stopping` is set; then what is open is answered before this returns."""
        async with asyncio.TaskGroup() as group:
            for agency in agencies:
                for place in range(2):
                    group.create_task(self._work(agency, random.Random(f"{self.seed} {agency} {place}")))

    async def _work(self, agency: str, dice: random.Random) -> None:
        while not self.stopping.is_set():
            pursuit = dice.choice(PURSUITS)
            if pursuit == "read":
                await self._read(agency, dice)
            elif pursuit == "key":
                await self._write(agency, self.pen.with_key(agency))
            elif pursuit == "connect":
                await self._write(agency, self.pen.connected(agency))
            else:
                seq = await self._read(agency, dice)
                if seq:
                    await self._write(agency, self.pen.changed(agency, f'"{seq}"'))
            await asyncio.sleep(dice.uniform(0, 0.05))

    async def _write(self, agency: str, write: Write) -> None:
        answer = await self.desk.settle(write)
        self.counts["accepted" if answer.accepted else "refused"] += 1
        if answer.accepted and not answer.replayed:
            self._saw(agency, answer.fields["etag"])

    async def _read(self, agency: str, dice: random.Random) -> int:
        """Return the `seq` shown. Nobody is shown less than what anybody had been shown before the question."""
        before = self.furthest[agency]
        url = dice.choice(self.desk.urls["asset_inquiry"])
        headers = {"Authorization": f"Bearer {self.pen.token(agency)}"}
        try:
            answer = await self.desk.client.get(f"{url}/v1/agencies/me", headers=headers)
        except httpx.TransportError:
            self.counts["reads broken"] += 1
            return 0
        if answer.status_code == httpx.codes.SERVICE_UNAVAILABLE:
            self.counts["reads put off"] += 1
            return 0
        assert answer.is_success, f"{agency}: {answer.status_code} {answer.text[:300]}"
        seq = int(answer.headers["etag"].strip('"'))
        assert seq >= before, f"{agency}: {before} was shown, then {seq} by {url}: what was seen has disappeared"
        self._saw(agency, answer.headers["etag"])
        self.counts["reads"] += 1
        return seq

    def _saw(self, agency: str, etag: str) -> None:
        self.furthest[agency] = max(self.furthest[agency], int(etag.strip('"')))
