"""The road of letter (c): what travels on it, the two services at its ends, and how its programs talk to the bench.

A program gets its arguments as one JSON text, prints a line when it is ready, begins when a line comes in, and answers
with one line of JSON. Instants are of the system's monotonic clock, which all processes of a machine share.
"""

from __future__ import annotations

import asyncio
import cProfile
import json
import os
import sys
import time
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from typing import Any

import uvloop

from libs.bus import BusSettings
from libs.foundation.clock import RealClock
from libs.foundation.garbage import collect_rarely
from libs.foundation.ids import command_id
from libs.journal import Actor, CommandMeta, Journal, JournalSettings
from libs.testing.drill.law import CASES, COURT, NOTES, Reject

PADDING = "卷宗材料不齐，请补正后重新送审。" * 6


@dataclass(frozen=True, slots=True)
class Leg:
    """What a program is told."""

    bootstrap: str
    mongo_uri: str
    prefix: str
    sender: str
    receiver: str
    events: int
    streams: int
    live: bool = False
    rate: float = 0.0
    """Events a second of live load; 0 is as fast as `callers` get answers."""
    callers: int = 128
    documents: str = ""
    """The collection where the rival finds what the receiving journal stored."""

    def bus(self) -> BusSettings:
        """Return the settings that a service has, under a prefix of this round."""
        return BusSettings(bootstrap=self.bootstrap, topic_prefix=self.prefix)

    def journal(self, service: str, kind: type[Journal] = Journal) -> Journal:
        """Return one of the two journals; what does not belong to the road does not run."""
        intake = service == "intake"
        settings = JournalSettings(
            mongo_uri=self.mongo_uri,
            database=self.sender if intake else self.receiver,
            run_projector=False,
            run_timers=False,
            run_effects=False,
        )
        return kind(settings, service=service, clock=RealClock(), deciders=[CASES if intake else NOTES])


def text_of(number: int) -> str:
    """Return what event `number` says; it begins with now."""
    return f"{time.monotonic_ns()} {number} {PADDING}"


def sent_at(text: str) -> float:
    """Return when a text was sent, in seconds."""
    return int(text.partition(" ")[0]) / 1e9


async def say(journal: Journal, number: int, streams: int) -> None:
    """Have the sending service accept event `number`. Streams come in a scattered, but always the same order."""
    stream = f"case/{number * 7919 % streams}"
    identity = command_id("bench", stream, str(number))
    meta = CommandMeta(
        identity, identity, Actor("officer_1", COURT, "clerk"), COURT, correlation_id=f"cor-{number}", key=stream
    )
    await journal.execute(stream, Reject((text_of(number),)), meta)


async def gather_in(callers: int, count: int, one: Callable[[int], Awaitable[None]]) -> None:
    """Call `one` for every number below `count`, `callers` at a time."""
    numbers = iter(range(count))

    async def caller() -> None:
        for number in numbers:
            await one(number)

    await asyncio.gather(*(caller() for _ in range(callers)))


async def paced(rate: float, count: int, one: Callable[[int], Awaitable[None]]) -> None:
    """Call `one` at an even rate, whether or not the earlier calls have been answered."""
    began = time.monotonic()
    tasks = []
    for number in range(count):
        if (wait := began + number / rate - time.monotonic()) > 0:
            await asyncio.sleep(wait)
        tasks.append(asyncio.ensure_future(one(number)))
    await asyncio.gather(*tasks)


async def told(done: Callable[[], Awaitable[dict[str, Any]]]) -> None:
    """Say that this program is ready, wait for the word, do it, and print the answer with the processor time used."""
    collect_rarely()
    print("ready", flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)
    used = time.process_time()
    folder = os.environ.get("BENCH_PROFILE")
    profile = cProfile.Profile(time.thread_time) if folder else None
    if profile is not None:
        profile.enable()
    answer = await done()
    if profile is not None:
        profile.disable()
        profile.dump_stats(f"{folder}/{sys.argv[1].replace(' ', '_')}.prof")
    print(json.dumps({**answer, "processor_seconds": time.process_time() - used}), flush=True)


def run(parts: dict[str, Callable[[Leg], Coroutine[Any, Any, None]]]) -> None:
    """Run the part that the command line names: `PART JSON`."""
    uvloop.run(parts[sys.argv[1]](Leg(**json.loads(sys.argv[2]))))
