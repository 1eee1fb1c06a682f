"""The book of a subscriber's counter, on disk: what it refused, and whether its subscriber sleeps."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

_BOOK = """
CREATE TABLE IF NOT EXISTS refusals (
    reference TEXT PRIMARY KEY, at TEXT NOT NULL, measure_code TEXT NOT NULL, record_id TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS asleep (since TEXT PRIMARY KEY);
"""


class Books:
    """What the counter refused, each matter once, and whether it sleeps; it outlives the process."""

    def __init__(self, path: Path) -> None:
        """Open the book, or begin it."""
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.row_factory = sqlite3.Row
        self._db.executescript("PRAGMA journal_mode=WAL;" + _BOOK)

    def refused(self, reference: str, at: str, measure_code: str, record_id: str) -> str:
        """Write a refusal down and return when it was; asked again, it is the refusal of the first time."""
        row = (reference, at, measure_code, record_id)
        self._db.execute("INSERT OR IGNORE INTO refusals VALUES (?, ?, ?, ?)", row)
        found = self._db.execute("SELECT at FROM refusals WHERE reference = ?", (reference,)).fetchone()
        return str(found["at"])

    @property
    def asleep(self) -> bool:
        """Whether its subscriber sleeps."""
        return self._db.execute("SELECT 1 FROM asleep").fetchone() is not None

    def fell_asleep(self, at: str) -> None:
        """Remember that its subscriber sleeps: a restart does not wake it."""
        self._db.execute("INSERT OR IGNORE INTO asleep VALUES (?)", (at,))

    def woke(self) -> None:
        """Remember that its subscriber is awake."""
        self._db.execute("DELETE FROM asleep")

    def refusals(self) -> list[dict[str, Any]]:
        """Return all refusals."""
        return [dict(row) for row in self._db.execute("SELECT * FROM refusals ORDER BY reference")]

    def close(self) -> None:
        """Close the file."""
        self._db.close()
