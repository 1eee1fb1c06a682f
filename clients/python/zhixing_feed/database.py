"""The SQLite file: one writer, one reader, and transactions that are whole or not there."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from zhixing_feed.schema import TABLES, VERSION

Connect = Callable[[str], sqlite3.Connection]
WAL_BYTES: Final = 64 << 20
"""To what the log shrinks after a snapshot was written."""


class CopyUnreadable(Exception):
    """The file is no copy of this package's, or of a newer one."""


def connect(path: str) -> sqlite3.Connection:
    """Open the file: threads take turns by our own locks, and transactions begin and end where we say."""
    return sqlite3.connect(path, timeout=30, isolation_level=None, check_same_thread=False)


class Database:
    """Write-ahead, synced at every commit: a reader never waits, and a killed process leaves the last commit."""

    def __init__(self, path: Path | str, opened: Connect = connect) -> None:
        """Open or make the file. Raises `CopyUnreadable`."""
        self.folder = Path(path).absolute().parent
        self._writing, self._reading = threading.RLock(), threading.Lock()
        self._writer = opened(str(path))
        try:
            self._writer.execute("PRAGMA journal_mode = WAL")
            self._writer.execute("PRAGMA synchronous = FULL")
            self._writer.execute(f"PRAGMA journal_size_limit = {WAL_BYTES}")
            self._prepare()
            self._reader = opened(str(path))
            self._reader.execute("PRAGMA query_only = ON")
        except sqlite3.DatabaseError as error:
            self._writer.close()
            raise CopyUnreadable(f"{path}: {error}") from error

    def _prepare(self) -> None:
        found = int(self._writer.execute("PRAGMA user_version").fetchone()[0])
        if found not in (0, VERSION):
            self._writer.close()
            raise CopyUnreadable(f"the file has format {found}, this package knows {VERSION}")
        if not found:
            self._writer.executescript(f"BEGIN IMMEDIATE;{TABLES}PRAGMA user_version = {VERSION};COMMIT;")

    def close(self) -> None:
        """Close both connections; what was not committed is gone."""
        with self._writing, self._reading:
            self._reader.close()
            self._writer.close()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Inside, everything happens at once or, if it raises, not at all. Never nested."""
        with self._writing:
            self._writer.execute("BEGIN IMMEDIATE")
            try:
                yield self._writer
                self._writer.execute("COMMIT")
            except BaseException:
                if self._writer.in_transaction:
                    self._writer.execute("ROLLBACK")
                raise

    @contextmanager
    def free(self) -> Iterator[bool]:
        """Inside, whether the writer is ours now; nobody is waited for."""
        mine = self._writing.acquire(blocking=False)
        try:
            yield mine
        finally:
            if mine:
                self._writing.release()

    def rows(self, query: str, parameters: tuple[Any, ...] = ()) -> list[Any]:
        """Return rows of the last committed state."""
        with self._reading:
            return self._reader.execute(query, parameters).fetchall()

    def row(self, query: str, parameters: tuple[Any, ...] = ()) -> Any:
        """Return one row of the last committed state, None if there is none."""
        with self._reading:
            return self._reader.execute(query, parameters).fetchone()

    @contextmanager
    def at_once(self) -> Iterator[sqlite3.Connection]:
        """Inside, several reads see one committed state."""
        with self._reading:
            self._reader.execute("BEGIN")
            try:
                yield self._reader
            finally:
                if self._reader.in_transaction:
                    self._reader.execute("COMMIT")
