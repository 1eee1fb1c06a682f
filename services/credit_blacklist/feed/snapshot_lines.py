"""The body of a snapshot, line by line, and the look at it that believes nothing of how it was made."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any, Final

import orjson

from libs.foundation.canonical import canonical_bytes
from libs.foundation.clock import instant_text
from services.credit_blacklist.feed.register import Checksum, Register
from services.credit_blacklist.feed.register.book import Feed
from services.credit_blacklist.feed.register.pages import entry_bytes
from services.credit_blacklist.feed.register.reading import Reading
from services.credit_blacklist.feed.second_path import SecondSum, element_of
from services.credit_blacklist.feed.self_check import Checked, Difference

BATCH: Final = 1000


@dataclass(slots=True)
class Body:
    """What is known of a body whose lines are being made: its hash so far, its size."""

    hashing: Any = field(default_factory=hashlib.sha256)
    size: int = 0
    count: int = 0

    def grow(self, line: bytes) -> bytes:
        """Take a line in and return it."""
        self.hashing.update(line)
        self.size += len(line)
        return line


async def snapshot_lines(
    register: Register, feed: Feed, held: Checksum, *, removed_since: datetime, now: datetime, body: Body
) -> AsyncIterator[bytes]:
    """Yield the body of the snapshot at `held` in pieces of some thousand lines; memory holds one of them.

    It holds of every record its last entry, if that is in force or a removal since `removed_since`.
    """
    since, sequence = instant_text(removed_since), held.point.sequence
    removed = await register.read(partial(Reading.removed_since, feed=feed.feed, sequence=sequence, moment=since))
    peaks = await register.read(partial(Reading.frontier, feed=feed.feed, size=sequence))
    about = {"session_id": held.point.session_id, "sequence": sequence, "in_force": held.state.count}
    header = {
        **about,
        "kind": "header",
        "view": feed.view,
        "count": held.state.count + removed,
        "frontier": [peak.hex() for peak in peaks],
        "issued_at": instant_text(now),
    }
    yield body.grow(_line(header))
    ask = partial(_batch, feed=feed.feed, sequence=sequence, since=since)
    after = ""
    while (batch := await register.read(partial(ask, after=after))).count:
        body.count, after = body.count + batch.count, batch.last
        yield body.grow(batch.lines)
    trailer = {
        **about,
        "kind": "trailer",
        "count": body.count,
        "sha256": body.hashing.hexdigest(),
        "set": held.set,
        "log_root": held.log_root,
    }
    yield body.grow(_line(trailer))


@dataclass(frozen=True, slots=True)
class _Batch:
    """Some lines, made where the rows are read."""

    lines: bytes
    last: str
    count: int


def _batch(reading: Reading, *, feed: int, sequence: int, after: str, since: str) -> _Batch:
    rows = reading.last_rows(feed, sequence, after, BATCH, since)
    lines = b"".join(_line({"kind": "entry", "sequence": number, "entry": jws}) for number, _record, jws in rows)
    return _Batch(lines, rows[-1][1] if rows else "", len(rows))


def _line(value: dict[str, Any]) -> bytes:
    return canonical_bytes(value) + b"\n"


class SnapshotReader:
    """Reads a stored body from its first byte to its last and says whether it is the list that was checked."""

    def __init__(self, view: str, checked: Checked) -> None:
        """`checked` is what the second way found at the snapshot's sequence."""
        self._view = view
        self._checked = checked
        self._sums = SecondSum()
        self._hashing = hashlib.sha256()
        self._rest = b""
        self._header: dict[str, Any] = {}
        self._trailer: dict[str, Any] | None = None
        self._last = ""
        self._count = 0

    def take(self, part: bytes) -> None:
        """Read on. Raises `Difference` for what no snapshot holds."""
        *lines, self._rest = (self._rest + part).split(b"\n")
        for line in lines:
            self._take_line(line)

    def _take_line(self, line: bytes) -> None:
        value = orjson.loads(line)
        if self._trailer is not None:
            raise Difference("the snapshot goes on behind its trailer")
        if value["kind"] == "trailer":
            self._trailer = value
            return
        self._hashing.update(line + b"\n")
        if value["kind"] == "header":
            self._header = value
            return
        self._take_entry(value)

    def _take_entry(self, value: dict[str, Any]) -> None:
        raw = entry_bytes(value["entry"])
        payload = orjson.loads(raw)
        if payload["view"] != self._view or payload["record_id"] <= self._last:
            raise Difference(f"the snapshot has entry {value['sequence']} out of order")
        self._last = payload["record_id"]
        self._count += 1
        if payload["status"] != "REMOVED":
            element = element_of(self._view, payload["record_id"], payload["record_version"], raw)
            self._sums = self._sums.with_entry(element)

    def finish(self) -> None:
        """Raise `Difference` unless all of it was there and gives what was checked."""
        trailer, sums = self._trailer, self._checked.sums
        if trailer is None or self._rest:
            raise Difference("the snapshot has no end")
        if trailer["sha256"] != self._hashing.hexdigest() or {*(trailer["count"], self._header.get("count"))} != {
            self._count
        }:
            raise Difference("the snapshot is not what its trailer says")
        if (self._sums.count, self._sums.digest) != (sums.count, sums.digest):
            raise Difference("the snapshot's entries give another set than the journal's")
        said = (trailer["set"]["count"], trailer["set"]["digest"], trailer["log_root"], trailer["sequence"])
        if said != (sums.count, sums.digest, self._checked.log.root, self._checked.point.sequence):
            raise Difference("the snapshot's trailer names another list than the journal's")
