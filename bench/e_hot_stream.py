"""(e) One hot stream against a hundred: everybody bids on the same lot.

The same callers, in turns on one journal, each awaiting its majority-committed answer from `Journal.execute`, with
projector, timers and effects off. One stream has one commit in flight: all rests on how many commands leave with it.
"""

from __future__ import annotations

import secrets
from statistics import median
from typing import Any

from bench.counting import Run, journal_on, load, raw_client, warm
from bench.letter import Letter, in_turns, ratio_of
from devstack.stack import Stack
from libs.foundation.garbage import collect_rarely

TITLE = "one hot stream against 100"
GOAL = 0.8
STREAMS = 100
CALLERS = 400
SECONDS = 2.0
ROUNDS = 5


async def measure(stack: Stack) -> Letter:
    """Return commands in a second on one stream over commands in a second on a hundred."""
    collect_rarely()
    name = f"bench_e_{secrets.token_hex(4)}"
    runs: dict[int, list[Run]] = {1: [], STREAMS: []}
    async with raw_client(stack.mongo_uri) as client:
        async with journal_on(stack.mongo_uri, name, queue_max=100_000) as journal:
            await warm(journal, streams=STREAMS)

            async def on(streams: int) -> float:
                run = await load(journal, streams=streams, callers=CALLERS, seconds=SECONDS)
                runs[streams].append(run)
                return run.per_second

            hot, spread = await in_turns(ROUNDS, lambda: on(1), lambda: on(STREAMS))
        await client.drop_database(name)
    ratio = ratio_of(hot, spread)
    return Letter(
        ratio=ratio,
        goal=GOAL,
        holds=ratio >= GOAL,
        raw={
            "callers": CALLERS,
            "seconds": SECONDS,
            "projector_timers_effects": "off",
            "one_stream": _raw(runs[1]),
            "hundred_streams": _raw(runs[STREAMS]),
        },
        notes=[f"one stream {median(hot):,.0f}/s, {STREAMS} streams {median(spread):,.0f}/s, {CALLERS} callers"],
    )


def _raw(runs: list[Run]) -> dict[str, Any]:
    return {
        "commands": [run.commands for run in runs],
        "commands_per_second": [run.per_second for run in runs],
        "cpu_us_per_command": [run.cpu_us for run in runs],
    }
