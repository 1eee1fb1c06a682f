"""Callers that never stop: they write, repeat what was not answered, read, and remember what they were shown."""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
from pymongo import MongoClient

from tests.fault.outcomes.desk import Desk
from tests.fault.outcomes.premises import Commit
from tests.fault.outcomes.writes import Pen, Write

PURSUITS = ("change", "change", "key", "connect")
WRITERS = 3
Shown = dict[str, Any]


@dataclass
class Clerks:
    """Some writers and a reader for every agency, each at any of the service's processes.

    `furthest` is the highest `seq` that anybody was shown of an agency, `shown` every state of it by `seq`.
    """

    desk: Desk
    pen: Pen
    seed: int
    furthest: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    shown: dict[tuple[str, int], Shown] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    writing: asyncio.Event = field(default_factory=asyncio.Event)
    _open: int = 0

    async def work(self, agencies: list[str]) -> None:
        """Work until `stopping` is set; then what is open is answered before this returns."""
        self._loop = asyncio.get_running_loop()
        self.writing.set()
        async with asyncio.TaskGroup() as group:
            for agency in agencies:
                group.create_task(self._look(agency, random.Random(f"{self.seed} {agency} reader")))
                for place in range(WRITERS):
                    group.create_task(self._work(agency, random.Random(f"{self.seed} {agency} {place}")))

    async def _look(self, agency: str, dice: random.Random) -> None:
        while not self.stopping.is_set():
            await self._read(agency, dice)
            await asyncio.sleep(dice.uniform(0, 0.1))

    async def _work(self, agency: str, dice: random.Random) -> None:
        while not self.stopping.is_set():
            await self.writing.wait()
            pursuit = dice.choice(PURSUITS)
            if pursuit == "key":
                await self._write(agency, self.pen.with_key(agency))
            elif pursuit == "connect":
                await self._write(agency, self.pen.connected(agency))
            elif seq := await self._read(agency, dice):
                await self._write(agency, self.pen.changed(agency, f'"{seq}"'))
            await asyncio.sleep(dice.uniform(0, 0.1))

    @contextmanager
    def rest(self, mongo: MongoClient[Commit], seconds: float = 30) -> Iterator[None]:
        """From another thread: inside, nobody writes, every write has its answer, every commit is published."""
        self._loop.call_soon_threadsafe(self.writing.clear)
        until = time.monotonic() + seconds
        commits = mongo["asset_inquiry"]["commits"]
        try:
            while self._open or self.writing.is_set() or commits.count_documents({"published": False}, limit=1):
                assert time.monotonic() < until, "the clerks do not come to rest"
                time.sleep(0.02)
            yield
        finally:
            self._loop.call_soon_threadsafe(self.writing.set)

    async def _write(self, agency: str, write: Write) -> None:
        self._open += 1
        try:
            answer = await self.desk.settle(write)
        finally:
            self._open -= 1
        self.counts["accepted" if answer.accepted else "refused"] += 1
        if answer.accepted and not answer.replayed:
            self._saw(agency, answer.fields["etag"], answer.body)

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
        self._saw(agency, answer.headers["etag"], answer.content)
        self.counts["reads"] += 1
        return seq

    def _saw(self, agency: str, etag: str, body: bytes) -> None:
        seq, state = int(etag.strip('"')), json.loads(body)
        before = self.shown.setdefault((agency, seq), state)
        assert before == state, f"{agency} at {seq} was shown as {before}, then as {state}"
        self.furthest[agency] = max(self.furthest[agency], seq)

    def assert_a_majority_has(self, commits: list[Commit], shown: dict[str, int]) -> None:
        """Nobody was shown more of an agency than stands in these commits."""
        last: defaultdict[str, int] = defaultdict(int)
        for commit in commits:
            last[commit["stream"]] = max(last[commit["stream"]], commit["seq"])
        early = {agency: seq for agency, seq in shown.items() if seq > last[f"agency/{agency}"]}
        assert not early, f"shown before a majority had it: {early}"

    def assert_stands(self, commits: list[Commit]) -> int:
        """Hold all that was shown against the journal's events; return how many states there were."""
        states: dict[tuple[str, int], Shown] = {}
        now: dict[str, Shown] = {}
        for commit in sorted(commits, key=lambda one: (one["stream"], one["version"])):
            kind, _, agency = commit["stream"].partition("/")
            if kind != "agency":
                continue
            for event in (event for entry in commit["entries"] for event in entry["events"]):
                now[agency] = _after(now.get(agency, {}), event["data"])
                states[agency, event["seq"]] = now[agency]
        for (agency, seq), state in self.shown.items():
            stands = states.get((agency, seq))
            said = {name: state[name] for name in ("name", "contact_name")} | {
                "keys": [one["kid"] for one in state["keys"]]
            }
            assert said == stands, f"{agency} at {seq} was shown as {said} and stands in the journal as {stands}"
        return len(self.shown)


def _after(state: Shown, data: dict[str, Any]) -> Shown:
    """What a caller sees of an agency after an event: who it is, whom to call, its keys."""
    changed = {name: data[name] for name in ("name", "contact_name") if name in data}
    keys = state.get("keys", [])
    return state | changed | {"keys": sorted([*keys, data["kid"]]) if "kid" in data else keys}
