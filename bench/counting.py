"""The law, the journals and the callers of the benchmarks without HTTP: streams that count what they are told."""

from __future__ import annotations

import asyncio
import random
import secrets
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from motor.motor_asyncio import AsyncIOMotorClient

from libs.foundation.clock import RealClock
from libs.foundation.ids import command_id
from libs.journal import Actor, CommandMeta, Decider, Journal, JournalSettings
from libs.schemas.envelope import Event

COURT = "云0381"
ACTOR = Actor("u-1", COURT, "case_officer")


class Counted(Event, name="counted"):
    """Some more, and what for."""

    by: int
    case_id: str
    note: str


@dataclass(frozen=True, slots=True)
class Count:
    """How many there were."""

    total: int = 0


def decide(_state: Count, command: int, _now: datetime) -> Sequence[Event]:
    """Every command is accepted."""
    return [Counted(by=command, case_id="case_0f3a5c7e9b1d2f4a6c8e", note="银行回函已收")]


def evolve(state: Count, event: Event) -> Count:
    """Add up."""
    return Count(state.total + event.by) if isinstance(event, Counted) else state


COUNTS: Decider[Count] = Decider("bench", "count", Count, decide, evolve)

WRITE_PATH_ONLY = {"run_projector": False, "run_timers": False, "run_effects": False}
"""Settings of a journal that only writes: what follows it is measured by other letters."""


def meta(name: str) -> CommandMeta:
    """Return the meta of a command as the web layer would fill it: its id is a hash and lands anywhere in the index."""
    identity = command_id(name)
    return CommandMeta(
        identity,
        identity,
        ACTOR,
        COURT,
        correlation_id=name,
        trace="00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    )


@asynccontextmanager
async def journal_on(mongo_uri: str, database: str, **settings: Any) -> AsyncIterator[Journal]:
    """Open a journal that only writes, on the default driver."""
    made = JournalSettings(mongo_uri=mongo_uri, database=database, **{**WRITE_PATH_ONLY, **settings})
    journal = Journal(made, service="bench", clock=RealClock(), deciders=[COUNTS])
    await journal.start()
    try:
        yield journal
    finally:
        await journal.stop()


@asynccontextmanager
async def raw_client(mongo_uri: str) -> AsyncIterator[AsyncIOMotorClient[dict[str, Any]]]:
    """Open a client of the same driver with the journal's write concern, for the rivals."""
    client: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(
        mongo_uri, w="majority", journal=True, readConcernLevel="majority", tz_aware=True, maxPoolSize=32
    )
    try:
        yield client
    finally:
        client.close()


@dataclass(frozen=True, slots=True)
class Run:
    """What one run of callers did. Seconds are real; `cpu_seconds` is this process's own."""

    commands: int
    seconds: float
    cpu_seconds: float

    @property
    def per_second(self) -> float:
        """Commands answered in a second."""
        return self.commands / self.seconds

    @property
    def cpu_us(self) -> float:
        """Microseconds of this process's time for one command, its caller included."""
        return self.cpu_seconds / self.commands * 1e6


async def load(journal: Journal, *, streams: int, callers: int, seconds: float) -> Run:
    """Let callers execute commands on streams drawn at random, each awaiting its majority-committed answer."""
    run = secrets.token_hex(4)
    answered = 0
    began, cpu = time.perf_counter(), time.process_time()
    until = began + seconds

    async def caller(number: int) -> None:
        nonlocal answered
        draw = random.Random(f"{run}{number}")
        each = 0
        while time.perf_counter() < until:
            each += 1
            await journal.execute(f"count/{draw.randrange(streams)}", 1, meta(f"{run}-{number}-{each}"))
            answered += 1

    await asyncio.gather(*(caller(number) for number in range(callers)))
    return Run(answered, time.perf_counter() - began, time.process_time() - cpu)


async def warm(journal: Journal, *, streams: int) -> None:
    """Write every stream's first commit, so that no run pays for reading streams that do not exist."""
    run = secrets.token_hex(4)
    await asyncio.gather(*(journal.execute(f"count/{each}", 1, meta(f"{run}-{each}")) for each in range(streams)))
