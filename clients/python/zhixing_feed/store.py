"""The copy in its file: entries as they were signed, and the one transaction in which a step becomes true."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from zhixing_feed.alarms import AlarmCode, FeedFault
from zhixing_feed.copy_state import CopyState, load_copy, write_copy
from zhixing_feed.database import Connect, Database, connect
from zhixing_feed.entries import IN_FORCE, Entry, stored_entry
from zhixing_feed.heads import Head
from zhixing_feed.journal import Journal
from zhixing_feed.judge import Growth, Known
from zhixing_feed.jws import payload_of
from zhixing_feed.log_tree import Frontier
from zhixing_feed.lthash import BucketedSet
from zhixing_feed.names import normal_document
from zhixing_feed.records import empty_tables, write_record
from zhixing_feed.replacement import Replacement
from zhixing_feed.replay import Held, Replay, Step

_ROWS_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Applied:
    """What goes into the transaction beside a step: the head it reaches, the guard's day, times, a topic's offset."""

    growth: Growth
    fetched_at: datetime
    applied_at: datetime
    head: Head | None = None
    offset: tuple[str, int] | None = None


class Store:
    """One copy. All writes take turns; reads see the last commit. `journal` holds what is not part of the list."""

    def __init__(self, path: Path | str, opened: Connect = connect) -> None:
        """Open the file or make it. Raises `CopyUnreadable`."""
        self.database = Database(path, opened)
        self.journal = Journal(self.database)
        self.damage: str | None = None
        self._state: CopyState | None = None
        self.reload()

    @property
    def state(self) -> CopyState | None:
        """The copy as of its last commit, None before the first."""
        return self._state

    def reload(self) -> None:
        """Read the copy anew, as after a start; `damage` says why its sums cannot be right."""
        with self.database.at_once() as reader:
            try:
                self._state = load_copy(reader)
                sound = self._state is None or self._state.sound
                self.damage = None if sound else "the sums are not those that the head signed"
            except ValueError as error:
                self._state, self.damage = None, str(error)

    def close(self) -> None:
        """Close the file."""
        self.database.close()

    def known(self) -> Known | None:
        """Return what the next head is judged by, None before the first copy."""
        return self._state.known(self.journal.dead_sessions()) if self._state else None

    def held(self, record_ids: Sequence[str]) -> Mapping[str, Held]:
        """Return what is held of some records."""
        found: dict[str, Held] = {}
        for at in range(0, len(record_ids), _ROWS_AT_ONCE):
            part = tuple(record_ids[at : at + _ROWS_AT_ONCE])
            marks = ", ".join("?" * len(part))
            query = f"SELECT record_id, version, sha256, status FROM records WHERE record_id IN ({marks})"  # noqa: S608 -- question marks
            for record_id, version, sha256, status in self.database.rows(query, part):
                found[record_id] = Held(version, sha256, status in IN_FORCE)
        return found

    def replay(self) -> Replay:
        """Return a replay that begins where the copy stands."""
        state = self._state
        assert state is not None
        return Replay(state.session_id, state.sequence, state.sums, state.frontier, self.held)

    def begin(self, head: Head, now: datetime) -> None:
        """Begin an empty copy of the head's session, to be filled from its first page on."""
        with self.database.transaction() as writer:
            empty_tables(writer)
            state = CopyState(
                session_id=head.session_id,
                sequence=0,
                sums=BucketedSet(head.view),
                frontier=Frontier(),
                head=None,
                seen=head,
                growth=Growth(head.issued_at, 0),
                fetched_at=now,
                applied_at=now,
                snapshot_reason=None,
                epoch=1,
            )
            write_copy(writer, state, dict(enumerate(state.sums.buckets)))
        self._state, self.damage = state, None

    def accept(self, head: Head) -> None:
        """Remember a head that may be followed before its entries are here: later ones are judged by it, too."""
        if self._state is not None:
            self._write(replace(self._state, seen=head))

    def confirm(self, head: Head, offset: tuple[str, int] | None = None) -> None:
        """Take a newer head of the sequence that the copy has: there is nothing new, and that is fresh."""
        assert self._state is not None
        state = replace(self._state, head=head, seen=head, issued_at=head.issued_at, valid_until=head.valid_until)
        self._write(state, offset)

    def acknowledged(self) -> None:
        """The publisher knows now why a snapshot was taken; it is not told again."""
        if self._state is not None and self._state.snapshot_reason is not None:
            self._write(replace(self._state, snapshot_reason=None))

    def apply(self, step: Step, applied: Applied) -> None:
        """Make a verified step true, in one transaction. Raises `FeedFault` if another process wrote meanwhile."""
        before = self._state
        assert before is not None
        state = replace(
            before,
            sequence=step.last,
            sums=_moved(before.sums, step),
            frontier=step.frontier,
            head=applied.head or before.head,
            seen=applied.head or before.seen,
            growth=applied.growth,
            fetched_at=applied.fetched_at,
            applied_at=applied.applied_at,
            issued_at=applied.head.issued_at if applied.head else before.issued_at,
            valid_until=applied.head.valid_until if applied.head else before.valid_until,
        )
        with self.database.transaction() as writer:
            self._prove_unchanged(writer, before)
            for sequence, entry in step.entries:
                write_record(writer, sequence, entry, before.epoch)
            if step.page is not None:
                writer.execute("INSERT OR REPLACE INTO pages VALUES (?, ?, ?)", (before.session_id, *step.page))
            write_copy(writer, state, step.buckets)
            self.journal.keep_offset(writer, applied.offset)
        self._state = state

    @contextmanager
    def replacing(
        self, view: str, session_id: str, kept: BucketedSet | None = None, buckets: frozenset[int] | None = None
    ) -> Iterator[Replacement]:
        """Inside, a whole list (or some of its `buckets`) takes the place of the copy: all of it, or nothing.

        `kept` are the sums of the copy as its records make them; what is not in `buckets` stays as it is.
        """
        with self.database.transaction() as writer:
            before = self._state
            if before is not None:
                self._prove_unchanged(writer, before)
            else:
                empty_tables(writer)
            replacement = Replacement(writer, before, view, session_id, kept, buckets)
            yield replacement
            state = replacement.written()
            if before is not None and before.session_id != session_id:
                writer.execute("INSERT OR IGNORE INTO dead_sessions VALUES (?)", (before.session_id,))
                writer.execute("DELETE FROM pages WHERE session_id <> ?", (session_id,))
        self._state, self.damage = state, None

    def page_sha256(self, page: int) -> str | None:
        """Return the hash of a full page of this session, None where it was not seen."""
        if page < 0:
            return "0" * 64
        state = self._state
        query = "SELECT sha256 FROM pages WHERE session_id = ? AND page = ?"
        found = self.database.row(query, (state.session_id if state else "", page))
        return str(found[0]) if found else None

    def entries_about(self, document_type: str, number: str) -> list[Entry]:
        """Return the entries in force that name this document, of whatever person."""
        query = "SELECT r.jws FROM documents d JOIN records r USING (record_id) WHERE d.type = ? AND d.number = ?"
        rows = self.database.rows(query, normal_document(document_type, number))
        found = (stored_entry(jws, payload_of(jws)) for (jws,) in rows)
        return sorted((each for each in found if each.in_force), key=lambda each: each.record_id)

    def record(self, record_id: str) -> tuple[Entry, int, str] | None:
        """Return a record's last entry with its sequence and its status here, `SUPERSEDED` among them."""
        found = self.database.row("SELECT jws, sequence, status FROM records WHERE record_id = ?", (record_id,))
        return (stored_entry(found[0], payload_of(found[0])), found[1], found[2]) if found else None

    def in_force(self) -> Iterator[tuple[str, int, str]]:
        """Yield `(record_id, version, entry's JWS)` of everything in force, ordered by record_id."""
        after = ""
        query = (
            "SELECT record_id, version, jws FROM records WHERE record_id > ? AND status IN ('LISTED', 'RESTRICTED')"
            " ORDER BY record_id LIMIT 500"
        )
        while rows := self.database.rows(query, (after,)):
            yield from rows
            after = rows[-1][0]

    def recounted(self) -> BucketedSet:
        """Return the sums computed anew from every entry that is held: what the sums in the file should be."""
        sums = BucketedSet(self._state.view if self._state else "")
        query = "SELECT record_id, version, sha256 FROM records WHERE status IN ('LISTED', 'RESTRICTED')"
        for record_id, version, sha256 in self.database.rows(query):
            sums.exchange(record_id, None, (version, sha256))
        return sums

    def verify(self) -> bool:
        """Compare the entries with the sums; a difference is `damage` from here on."""
        if self._state is None:
            return False
        if not self.recounted().same(self._state.sums):
            self.damage = "the entries are not those that the sums count"
        return self.damage is None

    def _write(self, state: CopyState, offset: tuple[str, int] | None = None) -> None:
        before = self._state
        with self.database.transaction() as writer:
            if before is not None:
                self._prove_unchanged(writer, before)
            write_copy(writer, state, {})
            self.journal.keep_offset(writer, offset)
        self._state = state

    @staticmethod
    def _prove_unchanged(writer: sqlite3.Connection, before: CopyState) -> None:
        found = writer.execute("SELECT session_id, sequence, epoch FROM copy").fetchone()
        if tuple(found or ()) != (before.session_id, before.sequence, before.epoch):
            raise FeedFault(
                AlarmCode.COPY_WRITTEN_BY_ANOTHER, "another process writes this copy; give each its own file"
            )


def _moved(sums: BucketedSet, step: Step) -> BucketedSet:
    moved = BucketedSet(sums.view)
    moved.whole = step.whole
    moved.buckets = [step.buckets.get(number, former) for number, former in enumerate(sums.buckets)]
    return moved
