"""(j) A snapshot of a million entries: time, bytes, and how much memory it takes, against a bare copy.

The product makes it as the herald does (`Snapshots.make`): from the register, line by line in the order of the records,
hashed, into parts of 4 MiB on the shelf in MongoDB; then it reads all of that back and verifies it by the second way,
entry by entry, before anything would name it. The rival reads the same rows of the same file in the same order, hashes
them and writes them to a file: the least that a copy of a million rows costs.

`ratio` is the rival's time as a share of the product's; beyond it the peak of this process may not grow by more than a
few parts' worth while the snapshot is made. The register is filled directly (`bench.listed_million`).
"""

from __future__ import annotations

import asyncio
import hashlib
import resource
import secrets
import sqlite3
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from typing import Any, Final, cast

from pymongo import AsyncMongoClient

from bench.letter import Letter
from bench.listed_million import LISTED, NOW, VIEW, Filled, filled
from devstack.stack import Stack
from libs.foundation.clock import RealClock
from libs.journal import Journal, JournalSettings
from services.credit_blacklist.feed.second_path import SecondLog, SecondSum
from services.credit_blacklist.feed.self_check import Checked
from services.credit_blacklist.feed.snapshots import Snapshots

TITLE = "snapshot of a million entries"
GOAL: Final = 0.08
GROWN_MIB_MAX: Final = 96
"""Of a body of some 1,300 MiB: parts on their way, batches of rows, what the drivers keep."""
COUNT: Final = LISTED
RETENTION: Final = timedelta(days=90)


def read_once(path: Path) -> None:
    """Read the file, so that neither contender is measured with the disk's first look at it."""
    with path.open("rb") as file:
        while file.read(1 << 22):
            pass


def bare_copy(list_: Filled, target: Path) -> float:
    """Return the seconds of the rival."""
    began = time.perf_counter()
    connection, hashing = sqlite3.connect(f"file:{list_.path}?mode=ro", uri=True), hashlib.sha256()
    with target.open("wb") as out:
        for place, jws in connection.execute(
            "SELECT place, jws FROM entries WHERE feed=? ORDER BY record_id", (list_.feed.feed,)
        ):
            line = b'{"entry":"%b","kind":"entry","sequence":%d}\n' % (jws.encode(), place)
            hashing.update(line)
            out.write(line)
    connection.close()
    return time.perf_counter() - began


def peak_mib() -> float:
    """Return the most memory that this process has had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


async def measure(stack: Stack) -> Letter:
    """Fill, copy, make the snapshot."""
    list_ = await asyncio.to_thread(filled, COUNT)
    feed = list_.feed
    await asyncio.to_thread(read_once, list_.path)
    with tempfile.TemporaryDirectory() as folder:
        bare = await asyncio.to_thread(bare_copy, list_, Path(folder) / "copy.ndjson")
    database = f"bench_snapshot_{secrets.token_hex(4)}"
    journal = Journal(
        JournalSettings(mongo_uri=stack.mongo_uri, database=database), service="bench", clock=RealClock(), deciders=()
    )
    await journal.start()
    try:
        # What the herald's second way has found by then: here it is the register's own, for nobody signs.
        checked = Checked(
            feed.point,
            SecondSum.from_state(feed.state.to_bytes(), feed.state.count),
            SecondLog.of(feed.sequence, list(feed.frontier.peaks)),
        )
        snapshots = Snapshots(journal, cast("Any", list_.questions()))
        before, began = peak_mib(), time.perf_counter()
        stored = await snapshots.make(VIEW, checked, removed_since=NOW - RETENTION, now=NOW)
        seconds, grown = time.perf_counter() - began, peak_mib() - before
    finally:
        await journal.stop()
        async with AsyncMongoClient[dict[str, Any]](stack.mongo_uri) as client:
            await client.drop_database(database)
    ratio = bare / seconds
    return Letter(
        ratio=ratio,
        goal=GOAL,
        holds=ratio >= GOAL and grown <= GROWN_MIB_MAX and stored.count == COUNT,
        raw={
            "entries": stored.count,
            "bytes": stored.bytes,
            "parts": stored.parts,
            "seconds_made_and_verified": round(seconds, 1),
            "seconds_bare_copy": round(bare, 1),
            "filling_seconds": round(list_.seconds, 1),
            "peak_mib_before": round(before, 1),
            "peak_mib_grown": round(grown, 1),
        },
        notes=(
            f"{stored.count:,} entries, {stored.bytes / 2**20:,.0f} MiB in {stored.parts} parts",
            f"{seconds:.0f} s made, stored, read back and verified; bare copy {bare:.0f} s",
            f"memory grew by {grown:.0f} MiB, at most {GROWN_MIB_MAX} are allowed",
        ),
    )
