"""(g) Several writer processes on the same streams against one: together, and how fairly they share.

Each process is the drill's writer: the product's journal, callers that await their answers. All begin at one moment on
a fresh database, for the same time, on the same streams; figures are accepted commands in a second. `ratio` is the
worst of two / one; `holds` asks for 0.4 of one together, and from the slower of two a third of the faster.
"""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import Any

from pymongo import AsyncMongoClient

from bench.letter import Letter, in_turns, ratio_of
from devstack.runs import ROOT
from devstack.stack import Stack

TITLE = "several writer processes against one"
GOAL = 0.4
FAIR = 1 / 3
STREAMS = (1, 100, 5000)
WRITERS = (1, 2, 4)
CALLERS = 200
"""In each process."""
SECONDS = 2.0
ROUNDS = 3
UNBOUNDED = 10**9


async def _writer(stack: Stack, database: str, name: str, streams: int, begin: Path) -> asyncio.subprocess.Process:
    options = {
        "mongo-uri": stack.mongo_uri,
        "database": database,
        "name": name,
        "streams": streams,
        "callers": CALLERS,
        "count": UNBOUNDED,
        "seconds": SECONDS,
        "begin-when": begin,
    }
    words = [word for option, value in options.items() for word in (f"--{option}", str(value))]
    command = [sys.executable, "-m", "libs.testing.drill", "writer", *words]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE, env=environment, cwd=ROOT)


async def _said(process: asyncio.subprocess.Process, fact: str) -> dict[str, Any]:
    """Return the first line in which a writer says this fact."""
    assert process.stdout is not None
    async for line in process.stdout:
        if line.startswith(b'{"drill"') and fact in (said := json.loads(line)):
            return dict(said)
    message = f"a writer ended without a word of {fact}"
    raise RuntimeError(message)


async def side_by_side(stack: Stack, writers: int, streams: int) -> list[float]:
    """Return what each of so many writers accepted in a second, all at once on the same streams."""
    database = f"bench_g_{secrets.token_hex(4)}"
    with tempfile.TemporaryDirectory() as folder:
        begin = Path(folder) / "begin"
        names = [f"w{number}" for number in range(writers)]
        processes = [await _writer(stack, database, name, streams, begin) for name in names]
        await asyncio.gather(*(_said(process, "ready") for process in processes))
        begin.touch()
        said = await asyncio.gather(*(_said(process, "done") for process in processes))
        await asyncio.gather(*(process.wait() for process in processes))
    async with AsyncMongoClient[dict[str, Any]](stack.mongo_uri) as client:
        await client.drop_database(database)
    return [each["accepted"] / each["seconds"] for each in said]


async def figures(stack: Stack, streams: int) -> dict[str, Any]:
    """Return what `ROUNDS` turns of one, two and four writers gave on so many streams."""
    shares: dict[int, list[list[float]]] = {writers: [] for writers in WRITERS}

    async def turn(writers: int) -> float:
        each = await side_by_side(stack, writers, streams)
        shares[writers].append(each)
        return sum(each)

    totals = await in_turns(ROUNDS, *((lambda number=writers: turn(number)) for writers in WRITERS))
    found: dict[str, Any] = {"streams": streams}
    for writers, total in zip(WRITERS, totals, strict=True):
        found[f"per_second_{writers}"] = [[round(each) for each in round_] for round_ in shares[writers]]
        if writers > 1:
            found[f"ratio_{writers}"] = ratio_of(total, totals[0])
            found[f"fairness_{writers}"] = median(min(each) / max(each) for each in shares[writers])
    return found


async def measure(stack: Stack) -> Letter:
    """Return the worst ratio of two writers to one; four have no goal and are shown beside."""
    found = [await figures(stack, streams) for streams in STREAMS]
    ratio = min(each["ratio_2"] for each in found)
    fairness = min(each["fairness_2"] for each in found)
    return Letter(
        ratio=ratio,
        goal=GOAL,
        holds=ratio >= GOAL and fairness >= FAIR,
        raw={
            "callers_per_writer": CALLERS,
            "seconds": SECONDS,
            "fairness_goal": round(FAIR, 2),
            "fairness": fairness,
            **{f"streams_{each['streams']}": each for each in found},
        },
        notes=[_line(each) for each in found],
    )


def _line(found: dict[str, Any]) -> str:
    one = median(sum(each) for each in found["per_second_1"])
    return (
        f"{found['streams']:,} streams: one {one:,.0f}/s; two {found['ratio_2']:.2f}, slower/faster "
        f"{found['fairness_2']:.2f}; four {found['ratio_4']:.2f}, {found['fairness_4']:.2f} (no goal)"
    )
