"""Writing the register: entries of one feed in their order, with everything that follows from them, in one transaction.

A transaction holds a batch of entries, the set and its buckets, the log's nodes, the pages that became full, and how
far the journal was read. So the file is never between two entries, however the process ends.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import orjson

from libs.evidence import lthash
from libs.evidence.log_tree import Frontier, leaf_hash
from libs.evidence.lthash import STATE_BYTES, SetState, feed_element
from services.credit_blacklist.feed.documents import document_key
from services.credit_blacklist.feed.register.model import BUCKETS, PAGE_ENTRIES, Appended, Checksum, Point
from services.credit_blacklist.feed.register.pages import NO_PAGE, bucket_of, entry_bytes, page_body, sha256
from services.credit_blacklist.feed.register.tables import TABLES, place_of

PAGE_LEVEL = PAGE_ENTRIES.bit_length() - 1
"""Subtrees from this level on are kept; those below are made again from the leaves of one page."""

_HASH_BYTES = 32


class FeedFault(Exception):
    """What the journal says of a feed breaks the feed's own law: nothing behind it may be shown."""


@dataclass(frozen=True, slots=True)
class Feed:
    """One session of one view as the register stands in it: what is committed to the file, all of it at once."""

    feed: int
    view: str
    session_id: str
    commit_version: int
    commit_hash: str
    sequence: int
    ended: bool
    state: SetState
    frontier: Frontier

    @property
    def point(self) -> Point:
        """Where it stands."""
        return Point(self.session_id, self.sequence)


class Book:
    """The writing side; one thread at a time uses it."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        """Take the connection that writes."""
        self._db = connection
        self._buckets: dict[int, list[SetState]] = {}

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()

    def clear(self) -> None:
        """Forget everything: the journal is read anew."""
        self._db.execute("BEGIN IMMEDIATE")
        for table in TABLES:
            self._db.execute(f"DELETE FROM {table}")  # noqa: S608 -- our own names
        self._db.execute("COMMIT")
        self._buckets.clear()

    def feeds(self) -> list[Feed]:
        """Return every session that is kept."""
        rows = self._db.execute(
            "SELECT feed, view, session_id, commit_version, commit_hash, sequence, ended, state, count, peaks"
            " FROM feeds"
        )
        return [
            Feed(
                *(feed, view, session_id, version, commit_hash, sequence, bool(ended)),
                state=SetState.from_bytes(state, count),
                frontier=Frontier(sequence, _cut(peaks)),
            )
            for feed, view, session_id, version, commit_hash, sequence, ended, state, count, peaks in rows
        ]

    def open(self, view: str, session_id: str, opened_at: str, first_hash: str) -> Feed:
        """Begin to keep a session."""
        cursor = self._db.execute(
            "INSERT INTO feeds (view, session_id, opened_at, commit_version, commit_hash, sequence, ended, state,"
            " count, peaks) VALUES (?, ?, ?, 0, ?, 0, 0, ?, 0, ?)",
            (view, session_id, opened_at, first_hash, bytes(STATE_BYTES), b""),
        )
        return Feed(int(cursor.lastrowid or 0), view, session_id, 0, first_hash, 0, False, SetState(), Frontier())  # noqa: FBT003 -- the columns in their order

    def append(self, feed: Feed, entries: Sequence[Appended], *, version: int, commit_hash: str, ended: bool) -> Feed:
        """Take entries that follow what is kept, read from the journal up to commit `version`, and return what is kept.

        Raises `FeedFault` for an entry that breaks the sequence, a version that does not grow, or bytes that are no
        entry; then nothing of the batch is kept.
        """
        buckets = list(self._bucket_states(feed))
        touched: set[int] = set()
        after = replace(feed, commit_version=version, commit_hash=commit_hash, ended=ended or feed.ended)
        self._db.execute("BEGIN IMMEDIATE")
        try:
            for entry in entries:
                after = self._take(after, entry, buckets, touched)
            self._keep(after, buckets, touched)
            self._db.execute("COMMIT")
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._buckets[feed.feed] = buckets
        return after

    def _take(self, feed: Feed, entry: Appended, buckets: list[SetState], touched: set[int]) -> Feed:
        if entry.sequence != feed.sequence + 1:
            raise FeedFault(f"entry {entry.sequence} does not follow {feed.sequence} of {feed.session_id}")
        raw, payload = _opened(entry, feed.view)
        hashed = sha256(raw)
        before = self._held(feed, entry.record_id)
        if before is not None and entry.record_version <= before[1]:
            raise FeedFault(f"entry {entry.sequence} has version {entry.record_version}, {before[1]} is held")
        bucket, state = bucket_of(entry.record_id), feed.state
        touched.add(bucket)
        for added, element in _changes(feed.view, entry, before, hashed, in_force=payload["status"] != "REMOVED"):
            lanes = lthash.lanes(element)
            state = _moved(state, lanes, added=added)
            buckets[bucket] = _moved(buckets[bucket], lanes, added=added)
        if before is not None:
            self._db.execute("UPDATE entries SET to_sequence=? WHERE place=?", (entry.sequence, before[0]))
        leaf = leaf_hash(raw)
        self._insert(feed, entry, payload, (bucket, hashed, leaf))
        frontier, filled = feed.frontier.append(leaf)
        kept = [(feed.feed, level, index, root) for level, index, root in filled if level >= PAGE_LEVEL]
        self._db.executemany("INSERT INTO nodes VALUES (?, ?, ?, ?)", kept)
        after = replace(feed, sequence=entry.sequence, state=state, frontier=frontier)
        if after.sequence % PAGE_ENTRIES == 0:
            self._fill_page(after)
        return after

    def _held(self, feed: Feed, record_id: str) -> tuple[int, int, str, bytes] | None:
        """Return `(place, version, status, sha)` of the newest entry of a record."""
        found: tuple[int, int, str, bytes] | None = self._db.execute(
            "SELECT place, record_version, status, sha FROM entries WHERE feed=? AND record_id=?"
            " ORDER BY place DESC LIMIT 1",
            (feed.feed, record_id),
        ).fetchone()
        return found

    def _insert(self, feed: Feed, entry: Appended, payload: dict[str, Any], derived: tuple[int, bytes, bytes]) -> None:
        bucket, hashed, leaf = derived
        place = place_of(feed.feed, entry.sequence)
        self._db.execute(
            "INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, NULL, ?, ?, ?, ?)",
            (
                *(place, feed.feed, entry.record_id, entry.record_version, bucket, payload["status"]),
                *(payload["changed_at"], entry.at, entry.commit_version, hashed, leaf, entry.jws, entry.case_id),
            ),
        )
        keys = {document_key(each["type"], each["number"]) for each in payload["subject"]["identity_documents"]}
        self._db.executemany(
            "INSERT INTO documents VALUES (?, ?, ?, ?)", [(feed.feed, kind, number, place) for kind, number in keys]
        )

    def _fill_page(self, feed: Feed) -> None:
        page = feed.sequence // PAGE_ENTRIES - 1
        row = self._db.execute("SELECT sha256 FROM pages WHERE feed=? AND page=?", (feed.feed, page - 1)).fetchone()
        first = place_of(feed.feed, page * PAGE_ENTRIES + 1)
        entries = [
            jws
            for (jws,) in self._db.execute(
                "SELECT jws FROM entries WHERE place BETWEEN ? AND ? ORDER BY place", (first, first + PAGE_ENTRIES - 1)
            )
        ]
        after = Checksum(feed.point, feed.state, feed.frontier.root.hex())
        body = page_body(feed.view, page, row[0] if row else NO_PAGE, after, entries)
        self._db.execute(
            "INSERT INTO pages VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                *(feed.feed, page, sha256(body).hex(), len(body)),
                *(feed.state.to_bytes(), feed.state.count, feed.frontier.root),
            ),
        )

    def _keep(self, feed: Feed, buckets: Sequence[SetState], touched: Iterable[int]) -> None:
        self._db.executemany(
            "INSERT OR REPLACE INTO buckets VALUES (?, ?, ?, ?)",
            [(feed.feed, bucket, buckets[bucket].to_bytes(), buckets[bucket].count) for bucket in touched],
        )
        self._db.execute(
            "UPDATE feeds SET commit_version=?, commit_hash=?, sequence=?, ended=?, state=?, count=?, peaks=?"
            " WHERE feed=?",
            (
                *(feed.commit_version, feed.commit_hash, feed.sequence, feed.ended),
                *(feed.state.to_bytes(), feed.state.count, b"".join(feed.frontier.peaks), feed.feed),
            ),
        )

    def _bucket_states(self, feed: Feed) -> list[SetState]:
        if feed.feed not in self._buckets:
            states = [SetState()] * BUCKETS
            for bucket, state, count in self._db.execute(
                "SELECT bucket, state, count FROM buckets WHERE feed=?", (feed.feed,)
            ):
                states[bucket] = SetState.from_bytes(state, count)
            self._buckets[feed.feed] = states
        return self._buckets[feed.feed]


def _opened(entry: Appended, view: str) -> tuple[bytes, dict[str, Any]]:
    """Return an entry's bytes and what they say. Raises `FeedFault` if they are not what the event says."""
    try:
        raw = entry_bytes(entry.jws)
        payload: dict[str, Any] = orjson.loads(raw)
        said = (payload["view"], payload["record_id"], payload["record_version"])
    except (ValueError, TypeError, KeyError, IndexError) as error:
        raise FeedFault(f"entry {entry.sequence} of {view} is no entry") from error
    if said != (view, entry.record_id, entry.record_version):
        raise FeedFault(f"entry {entry.sequence} of {view} is not what its event says")
    return raw, payload


def _changes(
    view: str, entry: Appended, before: tuple[int, int, str, bytes] | None, hashed: bytes, *, in_force: bool
) -> list[tuple[bool, bytes]]:
    """Return what an entry does to the set: `(added, element)`."""
    changes = []
    if before is not None and before[2] != "REMOVED":
        changes.append((False, feed_element(view, entry.record_id, before[1], before[3])))
    if in_force:
        changes.append((True, feed_element(view, entry.record_id, entry.record_version, hashed)))
    return changes


def _moved(state: SetState, lanes: int, *, added: bool) -> SetState:
    if added:
        return SetState(lthash.plus(state.lanes, lanes), state.count + 1)
    return SetState(lthash.minus(state.lanes, lanes), state.count - 1)


def _cut(peaks: bytes) -> tuple[bytes, ...]:
    return tuple(peaks[first : first + _HASH_BYTES] for first in range(0, len(peaks), _HASH_BYTES))
