"""(f) What a long history costs: folding 10,000 events cold and warm, and a command among 10 thousand and 1 million.

The stream of 10,000 events has one event a commit, the dearest form. Cold: a journal that has just been opened; warm:
the same journal again, which only asks whether there is a later commit.

The two collections are filled with commits of one entry in the product's own form (drafted by the journal, then copied
with streams and command ids of their own, as if published and projected long ago), with the journal's indexes. Then the
same callers execute commands on each in turns. The cost of a command is measured twice, in real time and in processor
time of the database and of this process; the goal is "at most": `ratio` is the greater of the two, cost at a million
over cost at ten thousand.

The development database has a quarter of a gigabyte of cache, less than the indexes of a million commits want while
they change: it is given a gigabyte meanwhile. In the small cache a command cost 1.5 times the processor time.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from itertools import islice
from statistics import median
from typing import Any

import bson
from bson.raw_bson import RawBSONDocument
from pymongo import MongoClient
from pymongo.write_concern import WriteConcern

from bench.counting import COUNTS, COURT, journal_on, load, meta, raw_client, warm
from bench.letter import Letter, in_turns, ratio_of
from devstack.stack import Stack
from libs.foundation.clock import instant_text
from libs.foundation.garbage import collect_rarely
from libs.journal.cache import Known
from libs.journal.commits import COLLECTION
from libs.journal.drafting import draft
from libs.journal.fold import Head, blank
from libs.journal.pending import Pending
from libs.journal.store import Document

TITLE = "cost of a long history"
GOAL = 1.2
EVENTS = 10_000
FEW, MANY = 10_000, 1_000_000
STREAMS = 500
CALLERS = 100
SECONDS = 1.5
ROUNDS = 7
FOLDS = 5
PAGE = 5_000
CACHE, CACHE_AS_BEFORE = "1G", "256M"
FILLERS = 2

STREAM_FORM = "count/z0000000"
COMMAND_FORM = "c" * 64


def drafted(head: Head, name: str) -> tuple[Document, Head]:
    """Return the commit that the journal makes of one command behind a head, and the head after it."""
    now = datetime.now(UTC)
    pending = Pending(head.stream, 1, meta(name), 0.0, asyncio.get_running_loop().create_future())
    one = draft(COUNTS, Known(head, 0.0), [pending], now, instant_text(now))
    if one.commit is None:
        raise AssertionError("every command of this law is accepted")
    return one.commit, one.after


def copies(form: bytes, numbers: range) -> Iterator[RawBSONDocument]:
    """Yield a commit for each number, ten to a stream, each with a command id of its own."""
    for number in numbers:
        version = form.replace(b"@0000000001", b"@%010d" % (number % 10 + 1))
        stream = version.replace(STREAM_FORM.encode(), b"count/z%07d" % (number // 10))
        yield RawBSONDocument(stream.replace(COMMAND_FORM.encode(), secrets.token_hex(32).encode()))


def put(mongo_uri: str, database: str, form: bytes, numbers: range) -> None:
    """Insert such commits in large pages; nobody waits for the single answers."""
    with MongoClient[Any](mongo_uri) as client:
        unheard = client[database].get_collection(COLLECTION, write_concern=WriteConcern(w=0))
        source = copies(form, numbers)
        while page := list(islice(source, PAGE)):
            unheard.insert_many(page, ordered=False)


async def fill(mongo_uri: str, database: str, count: int) -> float:
    """Put that many commits into a journal's collection and return the seconds it took until they are on the disk."""
    began = time.perf_counter()
    commit, _ = drafted(blank(COUNTS, STREAM_FORM), "form")
    commit["entries"][0]["command_id"] = COMMAND_FORM
    form = bson.encode({**commit, "published": True, "projected": True})
    share = count // FILLERS
    parts = [range(each * share, (each + 1) * share) for each in range(FILLERS)]
    await asyncio.gather(*(asyncio.to_thread(put, mongo_uri, database, form, part) for part in parts))
    async with raw_client(mongo_uri) as client:
        while await client[database][COLLECTION].estimated_document_count() < count:  # noqa: ASYNC110 -- nobody is told
            await asyncio.sleep(0.1)
        # What is not on the disk yet would be written while the commands are timed.
        await client.admin.command("fsync")
    return time.perf_counter() - began


@asynccontextmanager
async def cache(client: Any) -> AsyncIterator[None]:
    """Give the database more cache meanwhile; it keeps nothing of a larger one when it is small again."""

    async def resize(size: str) -> None:
        await client.admin.command({"setParameter": 1, "wiredTigerEngineRuntimeConfig": f"cache_size={size}"})

    await resize(CACHE)
    try:
        yield
    finally:
        await resize(CACHE_AS_BEFORE)


async def database_us(client: Any) -> float:
    """Return the processor time that the database has used, in microseconds."""
    used = (await client.admin.command("serverStatus"))["extra_info"]
    return float(used["user_time_us"] + used["system_time_us"])


async def folds(mongo_uri: str, database: str) -> tuple[list[float], list[float]]:
    """Return the milliseconds of folding the long stream, cold and warm, in turns."""
    head = blank(COUNTS, "count/long")
    commits = []
    for number in range(EVENTS):
        commit, head = drafted(head, f"long-{number}")
        commits.append(commit)
    async with raw_client(mongo_uri) as client:
        await client[database][COLLECTION].insert_many(commits, ordered=False)
    cold: list[float] = []
    again: list[float] = []
    for _ in range(FOLDS):
        async with journal_on(mongo_uri, database) as journal:
            for figures in (cold, again):
                began = time.perf_counter()
                folded = await journal.fold("count/long", court=COURT)
                figures.append((time.perf_counter() - began) * 1e3)
                if folded.state.total != EVENTS:
                    raise AssertionError(f"{folded.state.total} of {EVENTS} events were folded")
    return cold, again


async def measure(stack: Stack) -> Letter:
    """Return the cost of a command among a million commits over that among ten thousand."""
    collect_rarely()
    uri, run = stack.mongo_uri, secrets.token_hex(4)
    few, many = f"bench_f_few_{run}", f"bench_f_many_{run}"
    async with AsyncExitStack() as opened:
        client = await opened.enter_async_context(raw_client(uri))
        await opened.enter_async_context(cache(client))
        for name in (few, many):
            opened.push_async_callback(client.drop_database, name)
        journals = {name: await opened.enter_async_context(journal_on(uri, name)) for name in (few, many)}
        filled = {name: await fill(uri, name, count) for name, count in ((few, FEW), (many, MANY))}
        cold, again = await folds(uri, few)
        for journal in journals.values():
            await warm(journal, streams=STREAMS)

        work: dict[str, list[float]] = {few: [], many: []}

        async def cost(name: str) -> float:
            before = await database_us(client)
            run = await load(journals[name], streams=STREAMS, callers=CALLERS, seconds=SECONDS)
            work[name].append(run.cpu_us + (await database_us(client) - before) / run.commands)
            return 1e6 / run.per_second

        at_few, at_many = await in_turns(ROUNDS, lambda: cost(few), lambda: cost(many))
    by_time, by_work = ratio_of(at_many, at_few), ratio_of(work[many], work[few])
    ratio = max(by_time, by_work)
    return Letter(
        ratio=ratio,
        goal=GOAL,
        holds=ratio <= GOAL,
        raw={
            "commits": {"few": FEW, "many": MANY},
            "fill_seconds": list(filled.values()),
            "us_per_command": {"few": at_few, "many": at_many},
            "processor_us_per_command": {"few": work[few], "many": work[many]},
            "database_cache": CACHE,
            "callers": CALLERS,
            "streams": STREAMS,
            "fold_of_events": EVENTS,
            "fold_cold_ms": cold,
            "fold_warm_ms": again,
        },
        notes=[
            f"a command at {FEW:,} commits {median(at_few):.0f} µs, at {MANY:,} {by_time:.2f} of it (≤ {GOAL})",
            f"its processor time, database and process: {median(work[few]):.0f} µs, {by_work:.2f} of it (≤ {GOAL})",
            f"fold of {EVENTS:,} events: cold {median(cold):.0f} ms, warm {median(again):.1f} ms",
        ],
    )
