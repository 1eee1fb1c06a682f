"""(h) The feed: from a listing decision to each kind of subscriber, at 1, 50 and 500 subscribers.

A decision that the president has signed is served, and with that published: the clock starts before this request and
stops when a subscriber has the entry in hand. Between the two lie the decision's commit, the relay, the bus, the
signature of an entry in each of eight views, its commit, a head that is signed after a second look, and the way out.
Subscribers are of four kinds in equal parts: who asks once a second, who listens to the doorbell, who reads the deltas,
who reads the compacted topic. At 1 there is one of each.

`ratio` is the worst of p50 at 1 / p50 at 500, by kind: how much of its speed the feed keeps. Beside it stands a bare
road with 500: one insert, the same bytes from memory, the same subscribers; nothing is signed, chained or checked.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import sys
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic
from typing import Any, Final

import httpx
from motor.motor_asyncio import AsyncIOMotorClient

from bench.feed_court import VIEW, FeedCourt
from bench.letter import Letter, percentile
from devstack.processes import Processes, Program
from devstack.runs import ROOT
from devstack.stack import Stack
from libs.bus import ensure_topics
from libs.schemas.topics import Topic

TITLE: Final = "feed: listing decision to each kind of subscriber"
GOAL: Final = 0.25
P99_SECONDS_MAX: Final = 10.0
"""At 500, of each kind; the goal of the feed itself is a quarter of an hour [D]."""

KINDS: Final = ("pull", "stream", "deltas", "entries")
SIZES: Final = (1, 50, 500)
DECISIONS: Final = 12
WARM: Final = 6
EVERY_SECONDS: Final = 0.9

Publish = Callable[[int], Awaitable[tuple[str, float]]]
"""Publishes decision number n; returns its record and the moment before."""


def shares(size: int) -> dict[str, int]:
    """Return how many of each kind make up so many subscribers; at 1 there is one of each."""
    return {kind: max(1, size // len(KINDS) + (place < size % len(KINDS))) for place, kind in enumerate(KINDS)}


async def observed(config: dict[str, Any], publish: Publish) -> dict[str, list[float]]:
    """Let followers follow while decisions are published; return by kind every delay in seconds.

    Raises `RuntimeError` if one of them missed an entry: then nothing was measured.
    """
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bench.feed_followers"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        cwd=ROOT,
        limit=64 * 1024 * 1024,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        process.stdin.write(json.dumps(config).encode() + b"\n")
        if not (await process.stdout.readline()).startswith(b'{"ready"'):
            msg = "the followers did not start"
            raise RuntimeError(msg)
        began = await _published(publish)
        process.stdin.write(json.dumps(list(began)).encode() + b"\n")
        said = json.loads(await process.stdout.readline())
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
    return _delays(config, said, began)


async def _published(publish: Publish) -> dict[str, float]:
    began: dict[str, float] = {}
    start = monotonic()
    for number in range(DECISIONS):
        await asyncio.sleep(max(0.0, start + number * EVERY_SECONDS - monotonic()))
        record, moment = await publish(number)
        began[record] = moment
    return began


def _delays(config: dict[str, Any], said: dict[str, Any], began: dict[str, float]) -> dict[str, list[float]]:
    found: dict[str, list[float]] = {}
    for kind, tokens in config["kinds"].items():
        delays = [at - began[record] for record, at in said["seen"][kind] if record in began]
        if len(delays) != len(tokens) * len(began):
            msg = f"{kind}: {len(delays)} of {len(tokens) * len(began)} entries arrived; {said['ended']}"
            raise RuntimeError(msg)
        found[kind] = delays
    return found


async def of_product(court: FeedCourt, size: int) -> dict[str, list[float]]:
    """Return the delays of the product with so many subscribers."""
    parts = shares(size)
    tokens = await court.subscribers([f"a{size}-{number}" for number in range(parts["pull"] + parts["stream"])])
    decisions = await court.decisions(DECISIONS)
    topics = {kind: f"{court.prefix}zhixing.joint-punishment.{VIEW}.{kind}.v1" for kind in ("deltas", "entries")}
    kinds = {
        "pull": tokens[: parts["pull"]],
        "stream": tokens[parts["pull"] :],
        "deltas": [""] * parts["deltas"],
        "entries": [""] * parts["entries"],
    }
    config = {"url": str(court.http.base_url), "bootstrap": court.stack.kafka_bootstrap, "kinds": kinds, **topics}

    async def publish(number: int) -> tuple[str, float]:
        return decisions[number].record_id, await court.publish(decisions[number])

    return await observed(config, publish)


async def of_rival(stack: Stack, bare: Program, prefix: str, size: int) -> dict[str, list[float]]:
    """Return the delays of the bare road with so many subscribers."""
    kinds = {kind: [""] * count for kind, count in shares(size).items()}
    topics = {kind: f"{prefix}{kind}" for kind in ("deltas", "entries")}
    config = {"url": bare.url, "bootstrap": stack.kafka_bootstrap, "kinds": kinds, **topics}
    async with httpx.AsyncClient(base_url=bare.url, timeout=20) as client:

        async def publish(number: int) -> tuple[str, float]:
            began = monotonic()
            (await client.post("/decide", json={"record_id": f"r-{number}"})).raise_for_status()
            return f"r-{number}", began

        return await observed(config, publish)


def _bare(stack: Stack, processes: Processes, run: str) -> Program:
    prefix = f"bench_h_{run}.bare."
    settings = {
        "MONGO_URI": stack.mongo_uri,
        "MONGO_DATABASE": f"bench_h_{run}_bare",
        "KAFKA_BOOTSTRAP": stack.kafka_bootstrap,
        "DELTAS": f"{prefix}deltas",
        "ENTRIES": f"{prefix}entries",
    }
    return processes.program("bare", "bench.feed_bare", settings, ready_path="/v1/joint-punishment-feed/heads/latest")


def figures(delays: dict[str, list[float]]) -> dict[str, dict[str, float]]:
    """Return p50, p99 and the longest of each kind, in milliseconds."""
    return {
        kind: {
            "p50_ms": round(1e3 * percentile(each, 0.50)),
            "p99_ms": round(1e3 * percentile(each, 0.99)),
            "max_ms": round(1e3 * max(each)),
            "count": len(each),
        }
        for kind, each in delays.items()
    }


async def measure(stack: Stack) -> Letter:
    """Return how much of its speed the feed keeps with 500 subscribers, and what each kind waits."""
    run = secrets.token_hex(4)
    with TemporaryDirectory() as folder, Processes(Path(folder), {"LOG_LEVEL": "WARNING"}) as processes:
        court = FeedCourt(stack, processes, run)
        publisher, bare = court.serve(), _bare(stack, processes, run)
        topics = [Topic(f"bare.{kind}", "bench", (), (), partitions=1) for kind in ("deltas", "entries")]
        await ensure_topics(stack.kafka_bootstrap, f"bench_h_{run}.", topics, replication_factor=1)
        processes.start_all()
        found: dict[str, dict[str, dict[str, float]]] = {}
        async with httpx.AsyncClient(base_url=publisher.url, timeout=20) as court.http:
            await _warmed(court)
            for size in SIZES:
                found[str(size)] = figures(await of_product(court, size))
        publisher.stop()
        found["bare 500"] = figures(await of_rival(stack, bare, f"bench_h_{run}.bare.", SIZES[-1]))
    await _dropped(stack, f"bench_h_{run}", f"bench_h_{run}_bare")
    return _letter(found)


async def _warmed(court: FeedCourt) -> None:
    """Let some decisions go the whole road first: views open their sessions, producers begin, nothing is new then."""
    for decision in await court.decisions(WARM):
        await court.publish(decision)
        await asyncio.sleep(EVERY_SECONDS / 2)


async def _dropped(stack: Stack, *databases: str) -> None:
    client: Any = AsyncIOMotorClient(stack.mongo_uri)
    for database in databases:
        await client.drop_database(database)
    client.close()


def _letter(found: dict[str, dict[str, dict[str, float]]]) -> Letter:
    one, most, bare = found["1"], found["500"], found["bare 500"]
    kept = {kind: one[kind]["p50_ms"] / most[kind]["p50_ms"] for kind in KINDS}
    ratio = min(kept.values())
    slowest = max(most[kind]["p99_ms"] for kind in KINDS) / 1e3
    return Letter(
        ratio=ratio,
        goal=GOAL,
        holds=ratio >= GOAL and slowest <= P99_SECONDS_MAX,
        raw={
            "delays": found,
            "kept_at_500": {kind: round(value, 3) for kind, value in kept.items()},
            "bare_over_product_at_500": {kind: round(bare[kind]["p50_ms"] / most[kind]["p50_ms"], 3) for kind in KINDS},
            "decisions": DECISIONS,
            "every_seconds": EVERY_SECONDS,
            "pull_every_seconds": 1.0,
            "subscribers": "equal parts of four kinds, in one process; an entry counts when its bytes are in hand",
        },
        notes=[_line(kind, found, kept[kind]) for kind in KINDS]
        + [f"p50 / p99 in ms at 1, 50, 500 and on a bare road at 500; p99 at 500 at most {P99_SECONDS_MAX:.0f} s"],
    )


def _line(kind: str, found: dict[str, dict[str, dict[str, float]]], kept: float) -> str:
    spans: Sequence[str] = [f"{each[kind]['p50_ms']:.0f} / {each[kind]['p99_ms']:.0f}" for each in found.values()]
    return f"{kind}: {'; '.join(spans[:-1])}; bare {spans[-1]}; keeps {kept:.2f}"
