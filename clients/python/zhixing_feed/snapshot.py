"""Snapshots: a whole list in one file, of which nothing counts before its last line has proved the rest."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, Final

from zhixing_feed import fields
from zhixing_feed.alarms import AlarmCode, FeedFault
from zhixing_feed.entries import Entry, read_entry
from zhixing_feed.jws import KeyRing, without_floats
from zhixing_feed.log_tree import Frontier

LINE_BYTES: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class SnapshotHeader:
    """The first line: which list this is, and where the log goes on."""

    view: str
    session_id: str
    sequence: int
    count: int
    in_force: int
    frontier: Frontier
    issued_at: datetime


@dataclass(frozen=True, slots=True)
class SnapshotTrailer:
    """The last line: what all the lines before it must have been."""

    session_id: str
    sequence: int
    count: int
    in_force: int
    sha256: str
    set_count: int
    set_digest: str
    log_root: str


class SnapshotFile:
    """A snapshot in a file. Read `entries` to their end: only then does `trailer` stand, and only then is it proved."""

    def __init__(self, path: Path, keys: KeyRing) -> None:
        """Take a file that was fetched, and the keys that may sign entries."""
        self._path = path
        self._keys = keys
        self._digest = hashlib.sha256()
        self.header: SnapshotHeader | None = None
        self.trailer: SnapshotTrailer | None = None

    def entries(self) -> Iterator[tuple[int, Entry]]:
        """Yield `(sequence, entry)` one by one, in bounded memory. Raises `FeedFault` for whatever is wrong."""
        with self._path.open("rb") as file:
            header = self.header = _header(self._line(file))
            last_id, count, in_force = "", 0, 0
            while self.trailer is None:
                line = self._next(file)
                if line.get("kind") == "trailer":
                    self.trailer = _trailer(line)
                    break
                sequence, entry = self._entry(line, header)
                if entry.record_id <= last_id:
                    raise FeedFault(AlarmCode.SNAPSHOT_MALFORMED, "its records are not in order", record_id=last_id)
                last_id, count, in_force = entry.record_id, count + 1, in_force + entry.in_force
                yield sequence, entry
            if file.read(1):
                raise FeedFault(AlarmCode.SNAPSHOT_TRAILER_WRONG, "something stands after the trailer")
            self._prove(header, self.trailer, count, in_force)

    def _prove(self, header: SnapshotHeader, trailer: SnapshotTrailer, count: int, in_force: int) -> None:
        counted = (header.session_id, header.sequence, count, in_force, self._digest.hexdigest(), in_force)
        stated = (trailer.session_id, trailer.sequence, trailer.count, trailer.in_force, trailer.sha256)
        if (*stated, trailer.set_count) != counted or (header.count, header.in_force) != (count, in_force):
            raise FeedFault(AlarmCode.SNAPSHOT_TRAILER_WRONG, "its trailer states another snapshot than it is")
        if header.frontier.root().hex() != trailer.log_root:
            raise FeedFault(AlarmCode.LOG_ROOT_WRONG, "the snapshot's frontier does not make its log root")

    def _entry(self, line: dict[str, Any], header: SnapshotHeader) -> tuple[int, Entry]:
        try:
            fields.exactly(line, "kind", "entry")
            sequence, text = fields.whole(line, "sequence", least=1), fields.text(line, "entry")
        except fields.FieldWrong as error:
            raise FeedFault(AlarmCode.SNAPSHOT_MALFORMED, str(error)) from error
        if sequence > header.sequence:
            raise FeedFault(AlarmCode.SNAPSHOT_MALFORMED, f"an entry of sequence {sequence}", sequence=sequence)
        return sequence, read_entry(text, self._keys, header.view)

    def _next(self, file: BinaryIO) -> dict[str, Any]:
        former = self._digest.copy()
        line = self._line(file)
        if line.get("kind") == "trailer":
            self._digest = former  # the trailer speaks of the bytes before its own line
        return line

    def _line(self, file: BinaryIO) -> dict[str, Any]:
        raw = file.readline(LINE_BYTES + 1)
        # A trailer may end the body without a line feed; anything else that does was cut off.
        if not raw.endswith(b"\n") and (len(raw) > LINE_BYTES or b'"trailer"' not in raw):
            raise FeedFault(AlarmCode.SNAPSHOT_TRUNCATED, "the snapshot ends before its trailer")
        self._digest.update(raw)
        try:
            found = without_floats(raw)
        except (ValueError, RecursionError) as error:
            raise FeedFault(AlarmCode.SNAPSHOT_TRUNCATED, "a line of the snapshot is cut off or no JSON") from error
        if not isinstance(found, dict):
            raise FeedFault(AlarmCode.SNAPSHOT_MALFORMED, "a line of the snapshot is no object")
        return found


def _header(line: dict[str, Any]) -> SnapshotHeader:
    try:
        fields.exactly(line, "kind", "header")
        sequence = fields.whole(line, "sequence")
        return SnapshotHeader(
            view=fields.text(line, "view"),
            session_id=fields.text(line, "session_id"),
            sequence=sequence,
            count=fields.whole(line, "count"),
            in_force=fields.whole(line, "in_force"),
            frontier=Frontier(sequence, [bytes.fromhex(each) for each in fields.digests(line, "frontier")]),
            issued_at=fields.moment(line, "issued_at"),
        )
    except ValueError as error:
        raise FeedFault(AlarmCode.SNAPSHOT_MALFORMED, f"header: {error}") from error


def _trailer(line: dict[str, Any]) -> SnapshotTrailer:
    try:
        set_count, set_digest = fields.set_of(line)
        return SnapshotTrailer(
            session_id=fields.text(line, "session_id"),
            sequence=fields.whole(line, "sequence"),
            count=fields.whole(line, "count"),
            in_force=fields.whole(line, "in_force"),
            sha256=fields.digest(line, "sha256"),
            set_count=set_count,
            set_digest=set_digest,
            log_root=fields.digest(line, "log_root"),
        )
    except fields.FieldWrong as error:
        raise FeedFault(AlarmCode.SNAPSHOT_TRAILER_WRONG, str(error)) from error
