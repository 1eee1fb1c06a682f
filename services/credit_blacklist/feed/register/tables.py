"""The tables of the register: one SQLite file per process, made anew from the journal whenever it is lost.

An entry's key is `feed << 40 | sequence`: a sequence is one range of integer keys. Rows are never deleted and only
`to_sequence` is ever changed, so that a question about any earlier sequence is one SELECT, also while entries come in.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Final

LAYOUT: Final = 2
"""Raised when the tables change their meaning: an older file is thrown away."""

FEED_SHIFT: Final = 40
FILES_MAX: Final = 64
"""Processes that share one folder."""

TABLES: Final = ("feeds", "entries", "documents", "pages", "nodes", "buckets")

_STATEMENTS: Final[Sequence[str]] = (
    """CREATE TABLE IF NOT EXISTS feeds (
        feed INTEGER PRIMARY KEY, view TEXT NOT NULL, session_id TEXT NOT NULL UNIQUE, opened_at TEXT NOT NULL,
        commit_version INTEGER NOT NULL, commit_hash TEXT NOT NULL, sequence INTEGER NOT NULL, ended INTEGER NOT NULL,
        state BLOB NOT NULL, count INTEGER NOT NULL, peaks BLOB NOT NULL)""",
    """CREATE TABLE IF NOT EXISTS entries (
        place INTEGER PRIMARY KEY, feed INTEGER NOT NULL, record_id TEXT NOT NULL, record_version INTEGER NOT NULL,
        bucket INTEGER NOT NULL, status TEXT NOT NULL, changed_at TEXT NOT NULL, at TEXT NOT NULL,
        commit_version INTEGER NOT NULL, to_sequence INTEGER, sha BLOB NOT NULL, leaf BLOB NOT NULL, jws TEXT NOT NULL,
        case_id TEXT NOT NULL)
    """,
    "CREATE INDEX IF NOT EXISTS by_record ON entries (feed, record_id, place)",
    "CREATE INDEX IF NOT EXISTS by_bucket ON entries (feed, bucket, record_id, place)",
    "CREATE INDEX IF NOT EXISTS removed ON entries (feed, place) WHERE status='REMOVED'",
    "CREATE INDEX IF NOT EXISTS by_time ON entries (feed, at, place)",
    """CREATE TABLE IF NOT EXISTS documents (
        feed INTEGER NOT NULL, kind TEXT NOT NULL, number TEXT NOT NULL, place INTEGER NOT NULL,
        PRIMARY KEY (feed, kind, number, place)) WITHOUT ROWID""",
    """CREATE TABLE IF NOT EXISTS pages (
        feed INTEGER NOT NULL, page INTEGER NOT NULL, sha256 TEXT NOT NULL, size INTEGER NOT NULL,
        state BLOB NOT NULL, count INTEGER NOT NULL, log_root BLOB NOT NULL, PRIMARY KEY (feed, page)) WITHOUT ROWID""",
    """CREATE TABLE IF NOT EXISTS nodes (
        feed INTEGER NOT NULL, level INTEGER NOT NULL, place INTEGER NOT NULL, hash BLOB NOT NULL,
        PRIMARY KEY (feed, level, place)) WITHOUT ROWID""",
    """CREATE TABLE IF NOT EXISTS buckets (
        feed INTEGER NOT NULL, bucket INTEGER NOT NULL, state BLOB NOT NULL, count INTEGER NOT NULL,
        PRIMARY KEY (feed, bucket)) WITHOUT ROWID""",
)


def place_of(feed: int, sequence: int) -> int:
    """Return the key of an entry."""
    return feed << FEED_SHIFT | sequence


def sequence_of(place: int) -> int:
    """Return the sequence in a key."""
    return place & ((1 << FEED_SHIFT) - 1)


class Claim:
    """A file of its own for this process: the first of the folder that no other living process holds."""

    def __init__(self, folder: Path) -> None:
        """Take it; the lock goes with the process, however that ends. Raises `OSError` when there is none left."""
        folder.mkdir(parents=True, exist_ok=True)
        for number in range(FILES_MAX):
            descriptor = os.open(folder / f"register-{number}.lock", os.O_RDWR | os.O_CREAT, 0o600)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(descriptor)
                continue
            self.path = folder / f"register-{number}.sqlite"
            self._descriptor = descriptor
            return
        msg = f"all {FILES_MAX} registers of {folder} are in use"
        raise OSError(msg)

    def release(self) -> None:
        """Let go of the file."""
        os.close(self._descriptor)


def open_for_writing(path: Path) -> sqlite3.Connection:
    """Open the file, or make it anew where it is missing, broken, or of another layout."""
    try:
        return _prepared(path)
    except sqlite3.DatabaseError:
        for suffix in ("", "-wal", "-shm"):
            path.with_name(path.name + suffix).unlink(missing_ok=True)
        return _prepared(path)


def _prepared(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    try:
        path.chmod(0o600)
        connection.execute("PRAGMA journal_mode=WAL")
        # The journal has everything: a crash of the machine may cost the file, never a fact.
        connection.execute("PRAGMA synchronous=NORMAL")
        connection.execute("PRAGMA cache_size=-65536")
        _check_layout(connection)
        for statement in _STATEMENTS:
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version={LAYOUT}")
    except sqlite3.DatabaseError:
        connection.close()
        raise
    return connection


def _check_layout(connection: sqlite3.Connection) -> None:
    layout = connection.execute("PRAGMA user_version").fetchone()[0]
    if layout not in (0, LAYOUT):
        msg = f"layout {layout}, not {LAYOUT}"
        raise sqlite3.DatabaseError(msg)


def open_for_reading(path: Path) -> sqlite3.Connection:
    """Open the file for one reading thread."""
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA query_only=ON")
    return connection
