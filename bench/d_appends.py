"""(d) Appends without HTTP against raw `insert_many` of the very same documents.

One process, projector, timers and effects off. Callers await majority-committed answers from `Journal.execute`. Then
the documents that the product wrote are read back and inserted as they are, in the product's own batches with as many
in flight, into a collection with the same indexes and write concern; figures are commands in a second on both sides.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from statistics import mean, median
from typing import Any

from bench.counting import Run, journal_on, load, raw_client, warm
from bench.letter import Letter, ratio_of
from devstack.stack import Stack
from libs.foundation.garbage import collect_rarely
from libs.journal import Journal, inserting, writer
from libs.journal.commits import COLLECTION, INDEXES

TITLE = "appends against raw insert_many"
GOAL = 0.4
CALLERS = 1000
SECONDS = 2.0
ROUNDS = 3
IN_FLIGHT = 2


@contextmanager
def noted() -> Iterator[list[list[str]]]:
    """Yield a list that is told which commits leave together; every insert goes on unchanged."""
    batches: list[list[str]] = []
    insert = inserting.insert_commits

    async def noting(collection: Any, commits: Sequence[dict[str, Any]]) -> inserting.Inserted:
        batches.append([commit["_id"] for commit in commits])
        return await insert(collection, commits)

    setattr(writer, insert.__name__, noting)
    try:
        yield batches
    finally:
        setattr(writer, insert.__name__, insert)


async def raw(database: Any, batches: list[list[dict[str, Any]]]) -> float:
    """Insert the batches as they are and return the commands in a second."""
    name = f"raw_{secrets.token_hex(3)}"
    collection = database[name]
    for keys, options in INDEXES:
        await collection.create_index(keys, **options)
    waiting = iter(batches)

    async def sender() -> None:
        for batch in waiting:
            await collection.insert_many(batch, ordered=False)

    began = time.perf_counter()
    await asyncio.gather(*(sender() for _ in range(IN_FLIGHT)))
    seconds = time.perf_counter() - began
    await collection.drop()
    return sum(len(commit["entries"]) for batch in batches for commit in batch) / seconds


async def turn(journal: Journal, database: Any, streams: int) -> tuple[Run, float, list[int]]:
    """Run the product, then the rival on what it wrote."""
    with noted() as left:
        run = await load(journal, streams=streams, callers=CALLERS, seconds=SECONDS)
    wanted = [each for batch in left for each in batch]
    found = await database[COLLECTION].find({"_id": {"$in": wanted}}).to_list(None)
    by_id = {commit["_id"]: commit for commit in found}
    batches = [[by_id[each] for each in batch if each in by_id] for batch in left]
    return run, await raw(database, batches), [len(batch) for batch in batches]


async def figures(stack: Stack, streams: int) -> dict[str, Any]:
    """Return what `ROUNDS` turns on so many streams gave."""
    name = f"bench_d_{secrets.token_hex(4)}"
    async with raw_client(stack.mongo_uri) as client:
        async with journal_on(stack.mongo_uri, name, queue_max=100_000) as journal:
            await warm(journal, streams=streams)
            turns = [await turn(journal, client[name], streams) for _ in range(ROUNDS)]
        await client.drop_database(name)
    product, rival = [run.per_second for run, _, _ in turns], [each for _, each, _ in turns]
    return {
        "ratio": ratio_of(product, rival),
        "commands_per_second": product,
        "raw_commands_per_second": rival,
        "cpu_us_per_command": median(run.cpu_us for run, _, _ in turns),
        "commands": [run.commands for run, _, _ in turns],
        "commits": [sum(sizes) for _, _, sizes in turns],
        "commits_in_a_batch": mean(size for _, _, sizes in turns for size in sizes),
    }


async def measure(stack: Stack) -> Letter:
    """Return the ratio on 2,000 streams; one stream has no goal and is shown beside it."""
    collect_rarely()
    many, one = await figures(stack, 2000), await figures(stack, 1)
    return Letter(
        ratio=many["ratio"],
        goal=GOAL,
        holds=many["ratio"] >= GOAL,
        raw={
            "streams_2000": many,
            "streams_1": one,
            "callers": CALLERS,
            "seconds": SECONDS,
            "projector_timers_effects": "off",
            "rival": "insert_many(ordered=False) of the same documents, same batches, indexes and write concern",
        },
        notes=[_line("2,000 streams", many), _line("one stream (no goal)", one)],
    )


def _line(what: str, found: dict[str, Any]) -> str:
    product, rival = median(found["commands_per_second"]), median(found["raw_commands_per_second"])
    cpu = found["cpu_us_per_command"]
    return f"{what}: {product:,.0f}/s of {rival:,.0f}/s raw = {found['ratio']:.2f}, {cpu:.0f} µs of CPU a command"
