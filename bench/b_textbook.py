"""(b) The product against the service that textbooks build: one MongoDB transaction per command.

The rival (`bench/textbook_service.py`) writes a state document with a version check, an outbox document and an
idempotency document in one transaction. Everything else is the same for both: the application factory with tokens,
strict bodies, validation, idempotency keys, access log and metrics, the server, the driver (Motor) with the same pool
and the same journaled majority writes, the law, the body and the answer. Both are asked over HTTP by the same clients.
"""

from __future__ import annotations

from statistics import median
from typing import Any

from bench.http_ground import CLIENTS, Figures, opened
from bench.letter import Letter, in_turns, ratio_of
from devstack.stack import Stack

TITLE = "HTTP: against a textbook service with one transaction per command"
GOAL = 3.0
ROUNDS = 3
STREAMS = (1, 10, 2000)
SECONDS = 3.0


async def measure(stack: Stack) -> Letter:
    """Measure both on one hot stream, on ten and on many; the ratio is the worst of the three."""
    raw: dict[str, Any] = {}
    with opened(stack) as (ground, processes):
        product, textbook = ground.serve("small"), ground.serve("textbook")
        processes.start_all()
        for streams in STREAMS:
            plan = ground.deposits(streams)
            kept: dict[str, list[Figures]] = {product.name: [], textbook.name: []}

            async def once(name: str, *, plan: Any = plan, kept: dict[str, list[Figures]] = kept) -> float:
                figures = await ground.load(processes[name], plan, seconds=SECONDS)
                kept[name].append(figures)
                return figures.rate

            ours, theirs = await in_turns(ROUNDS, lambda: once("small"), lambda: once("textbook"))
            raw[str(streams)] = {"ratio": round(ratio_of(ours, theirs), 2)} | {
                name: {
                    "per_second": [round(each.rate) for each in kept[program.name]],
                    "answers": [each.seen.answers for each in kept[program.name]],
                    "p99_ms": median(each.seen.p99_ms for each in kept[program.name]),
                }
                for name, program in (("product", product), ("textbook", textbook))
            }
    worst = min(figures["ratio"] for figures in raw.values())
    return Letter(
        ratio=worst,
        goal=GOAL,
        holds=worst >= GOAL,
        raw={"streams": raw, "clients": CLIENTS},
        notes=[
            f"{streams} stream{'' if streams == '1' else 's'}: {figures['ratio']:.1f}"
            f" ({median(figures['product']['per_second']):.0f} of {median(figures['textbook']['per_second']):.0f}/s,"
            f" p99 {figures['product']['p99_ms']:.0f} and {figures['textbook']['p99_ms']:.0f} ms)"
            for streams, figures in raw.items()
        ],
    )
