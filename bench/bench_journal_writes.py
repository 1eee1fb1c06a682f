"""How many commands a second the journal accepts: one process, two on the same streams, two on streams of their own.

    python bench/bench_journal_writes.py [--driver motor] [--seconds 3] [--streams 500] [--callers 400]

Every command is a new event on an existing stream, awaited to its majority-committed answer. Printed are raw counts and
ratios; the counts belong to the machine, the ratios to the design.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import secrets
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from devstack.stack import Stack
from libs.foundation.clock import RealClock
from libs.journal import Actor, CommandMeta, Decider, Journal, JournalSettings
from libs.schemas.envelope import Event


class Counted(Event, name="counted"):
    """One more."""

    by: int


@dataclass(frozen=True, slots=True)
class Count:
    """How many there were."""

    total: int = 0


def decide(_state: Count, command: int, _now: datetime) -> Sequence[Event]:
    """Every command is accepted."""
    return [Counted(by=command)]


def evolve(state: Count, event: Event) -> Count:
    """Add up."""
    return Count(state.total + event.by) if isinstance(event, Counted) else state


ACTOR = Actor("bench", "zhixing", "service")


async def load(options: argparse.Namespace) -> dict[str, float]:
    """Write for some seconds from many callers; return what one process did."""
    settings = JournalSettings(
        mongo_uri=options.mongo_uri, database=options.database, driver=options.driver, queue_max=100_000
    )
    journal = Journal(
        settings,
        service="bench",
        clock=RealClock(),
        deciders=[Decider("bench", "count", Count, decide, evolve)],
    )
    await journal.start()
    draw = random.Random(options.seed)
    delays: list[float] = []
    await asyncio.sleep(max(0.0, options.at - time.time()))
    until = time.monotonic() + options.seconds

    async def caller(number: int) -> None:
        mine = f"{options.seed}-{number}-{secrets.token_hex(4)}"
        each = 0
        while time.monotonic() < until:
            each += 1
            stream = f"count/{options.prefix}{draw.randrange(options.streams)}"
            began = time.monotonic()
            await journal.execute(stream, 1, CommandMeta(f"{mine}-{each}", "bench", ACTOR, "云0381"))
            delays.append(time.monotonic() - began)

    began = time.monotonic()
    await asyncio.gather(*(caller(number) for number in range(options.callers)))
    seconds = time.monotonic() - began
    await journal.stop()
    delays.sort()
    return {
        "accepted": len(delays),
        "per_second": len(delays) / seconds,
        "p99_ms": delays[len(delays) * 99 // 100] * 1e3,
    }


async def run(options: argparse.Namespace, prefixes: Sequence[str]) -> list[dict[str, float]]:
    """Run one process per prefix side by side and return what each did."""
    database = f"bench_{secrets.token_hex(4)}"
    at = time.time() + 2.5
    processes = []
    for seed, prefix in enumerate(prefixes):
        given = [f"--{name}={getattr(options, name)}" for name in ("driver", "seconds", "streams", "mongo_uri")]
        given += [f"--database={database}", f"--prefix={prefix}", f"--seed={seed}", f"--at={at}"]
        given += [f"--callers={options.callers // len(prefixes)}", "--child"]
        processes.append(
            await asyncio.create_subprocess_exec(sys.executable, __file__, *given, stdout=asyncio.subprocess.PIPE)
        )
    answers = await asyncio.gather(*(process.communicate() for process in processes))
    return [json.loads(out.decode().splitlines()[-1]) for out, _ in answers]


async def compare(options: argparse.Namespace) -> None:
    """Print the three runs and their ratios."""
    print(f"{options.driver}, {options.streams} streams, {options.callers} callers, {os.cpu_count()} processors")
    one = 0.0
    for name, prefixes in (("one process", [""]), ("two, same streams", ["", ""]), ("two, own streams", ["a", "b"])):
        done = await run(options, prefixes)
        rate = sum(each["per_second"] for each in done)
        one = one or rate
        accepted = sum(each["accepted"] for each in done)
        slowest = max(each["p99_ms"] for each in done)
        print(f"{name:18} {accepted:7.0f} accepted  {rate:7.0f}/s  p99 {slowest:5.0f} ms  ×{rate / one:.2f}")


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--driver", default="motor", choices=["motor", "pymongo_async"])
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--streams", type=int, default=500)
    parser.add_argument("--callers", type=int, default=400)
    for name in ("mongo_uri", "database", "prefix"):
        parser.add_argument(f"--{name}", default="", help=argparse.SUPPRESS)
    parser.add_argument("--seed", type=int, default=0, help=argparse.SUPPRESS)
    parser.add_argument("--at", type=float, default=0, help=argparse.SUPPRESS)
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        print(json.dumps(asyncio.run(load(options))))
        return
    with Stack() as stack:
        options.mongo_uri = stack.mongo_uri
        asyncio.run(compare(options))


main()
