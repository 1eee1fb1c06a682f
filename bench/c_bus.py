"""(c) The whole road of an event, journal to journal, against its raw parts, and how long one event is on it.

Two processes each: the product is a journal with its relay, and a consumer with its journal; the rival sends, takes and
stores the same bytes in the same pages with the raw clients. `drain` starts from a full outbox and is timed from the
first commit of the receiver to the last; `live` is timed from the first command of the sender.
"""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, replace
from statistics import median
from typing import Any

from motor.motor_asyncio import AsyncIOMotorClient

from bench.bus_road import Leg, gather_in, say
from bench.letter import Letter, in_turns, percentile, ratio_of
from devstack.stack import Stack
from libs.bus import ensure_topics
from libs.foundation import limits
from libs.journal import BUCKETS
from libs.schemas.topics import TOPICS

TITLE = "journal to journal over the bus, against its raw parts"
GOAL = 0.5
P99_SECONDS_MAX = 0.150
EVENTS = int(os.environ.get("BENCH_EVENTS", "8000"))
STREAMS = 2000
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "3"))
LATENCY_SECONDS = 8.0
WARM_SECONDS = 2.0
"""Left out of the latencies: all streams are new then, and every producer begins its first transaction."""

Document = dict[str, Any]


class Road:
    """The databases, and rounds on them. Every round has topics and a receiving database of its own."""

    def __init__(self, stack: Stack) -> None:
        """Nothing is made yet."""
        self.name = f"bench_c_{secrets.token_hex(3)}"
        self.client: Any = AsyncIOMotorClient(stack.mongo_uri, w="majority", journal=True)
        self.leg = Leg(
            stack.kafka_bootstrap,
            stack.mongo_uri,
            "",
            sender=f"{self.name}_full",
            receiver="",
            events=EVENTS,
            streams=STREAMS,
            documents=f"{self.name}.received",
        )
        self.rounds: list[Document] = []

    async def fill(self) -> None:
        """Fill the outbox through the journal, and let the product go the road once: its documents are the rival's."""
        journal = self.leg.journal("intake")
        await journal.start()

        async def one(number: int) -> None:
            await say(journal, number, STREAMS)

        await gather_in(self.leg.callers, EVENTS, one)
        await journal.stop()
        await (
            self.client[self.leg.sender]["commits"]
            .aggregate([{"$out": {"db": self.name, "coll": "sent"}}])
            .to_list(None)
        )
        await self.go("bus_product", self.leg, keep=True)
        self.rounds.clear()

    async def go(self, program: str, leg: Leg, *, keep: bool = False) -> Document:
        """Run one round and return what it gave: rate, processor time, and whatever the programs answered."""
        mark = secrets.token_hex(3)
        receiver = f"{self.name}_{mark}_in"
        sender = f"{self.name}_{mark}_out" if leg.live else leg.sender
        leg = replace(leg, prefix=f"{self.name}.{mark}.", receiver=receiver, sender=sender)
        if not leg.live:
            await self.client[sender]["commits"].update_many({}, {"$set": {"published": False}})
        await ensure_topics(
            leg.bootstrap, leg.prefix, [each for each in TOPICS if each.service == "intake"], replication_factor=1
        )
        async with _program(program, "sender", leg) as sending, _program(program, "receiver", leg) as taking:
            out, into = await asyncio.gather(_answered(sending), _answered(taking))
        if keep:
            await (
                self.client[receiver]["commits"]
                .aggregate([{"$out": {"db": self.name, "coll": "received"}}])
                .to_list(None)
            )
        for name in (receiver, *([sender] if leg.live else [])):
            await self.client.drop_database(name)
        began = out["began"] if leg.live else into["times"][0]
        self.rounds.append(
            {
                "program": program,
                "kind": "live" if leg.live else "drain",
                "events": leg.events,
                "seconds": round(into["last"] - began, 3),
                "per_second": leg.events / (into["last"] - began),
                "sender_cpu_us": 1e6 * out["processor_seconds"] / leg.events,
                "receiver_cpu_us": 1e6 * into["processor_seconds"] / leg.events,
                "marked_seconds_after_last": round(out["ended"] - into["last"], 3),
            }
        )
        return {**self.rounds[-1], "delays": into.get("delays", ())}

    async def drop(self) -> None:
        """Leave nothing behind."""
        for name in (self.name, self.leg.sender):
            await self.client.drop_database(name)
        self.client.close()


@asynccontextmanager
async def _program(program: str, part: str, leg: Leg) -> AsyncIterator[asyncio.subprocess.Process]:
    """Inside of it the program is ready; afterwards it has ended."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        f"bench.{program}",
        part,
        json.dumps(asdict(leg)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=64 * 1024 * 1024,
    )
    try:
        await _line(process, "ready")
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def _answered(process: asyncio.subprocess.Process) -> Document:
    assert process.stdin is not None
    process.stdin.write(b"go\n")
    answer: Document = json.loads(await _line(process, "{"))
    await process.wait()
    return answer


async def _line(process: asyncio.subprocess.Process, beginning: str) -> str:
    """Return the next line that begins so; what else the program says is a log."""
    assert process.stdout is not None
    async for line in process.stdout:
        if (text := line.decode()).startswith(beginning):
            return text
    raise RuntimeError(f"a program of the bench ended with {await process.wait()}")


async def _kind(road: Road, *, live: bool) -> tuple[Document, list[float], list[float]]:
    leg = replace(road.leg, live=live)
    road.rounds = []

    async def product() -> float:
        return float((await road.go("bus_product", leg))["per_second"])

    async def rival() -> float:
        return float((await road.go("bus_rival", leg))["per_second"])

    ours, theirs = await in_turns(ROUNDS, product, rival)
    return {"ratio": ratio_of(ours, theirs), "rounds": road.rounds}, ours, theirs


async def measure(stack: Stack) -> Letter:
    """Return the worse of the two ratios, and whether an event is quick at half of the live load."""
    road = Road(stack)
    try:
        await road.fill()
        drain, drained, raw_drained = await _kind(road, live=False)
        live, lived, raw_lived = await _kind(road, live=True)
        rate = median(lived) / 2
        leg = replace(road.leg, live=True, rate=rate, events=int(rate * LATENCY_SECONDS))
        every: Sequence[float] = (await road.go("bus_product", leg))["delays"]
    finally:
        await road.drop()
    delays = every[int(rate * WARM_SECONDS) :]
    p50, p99 = percentile(delays, 0.50), percentile(delays, 0.99)
    ratio = min(drain["ratio"], live["ratio"])
    return Letter(
        ratio=ratio,
        goal=GOAL,
        holds=ratio >= GOAL and p99 <= P99_SECONDS_MAX,
        raw={
            "drain": drain,
            "live": live,
            "latency": {
                "events": len(delays),
                "rate": rate,
                "p50_seconds": p50,
                "p99_seconds": p99,
                "max": max(delays),
                "p99_seconds_with_the_first_two": percentile(every, 0.99),
            },
            "streams": STREAMS,
            "page_commits": limits.RELAY_PAGE_COMMITS_MAX,
            "buckets": BUCKETS,
            "partitions": 6,
            "processes": "2 each: sender, receiver",
            "rival": "the same bytes, pages, tasks, indexes and write concern; made before the clock starts",
        },
        notes=[
            f"full outbox: {median(drained):,.0f}/s of {median(raw_drained):,.0f}/s raw = {drain['ratio']:.2f}",
            f"live: {median(lived):,.0f}/s of {median(raw_lived):,.0f}/s raw = {live['ratio']:.2f}",
            f"at {rate:,.0f}/s: p50 {1e3 * p50:.0f} ms, p99 {1e3 * p99:.0f} ms (at most {1e3 * P99_SECONDS_MAX:.0f})",
        ],
    )
