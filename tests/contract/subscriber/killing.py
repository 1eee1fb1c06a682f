"""A database connection that dies at a statement, as a process does: nothing more is written or rolled back."""

from __future__ import annotations

import sqlite3
from typing import Any


class Killed(BaseException):
    """The process is gone."""


class Reaper:
    """Counts down statements over all connections of one life; `never` lets it live."""

    def __init__(self, statements: int | None = None) -> None:
        self.left = statements
        self.dead = False

    def connect(self, path: str) -> sqlite3.Connection:
        reaper = self

        class Mortal(sqlite3.Connection):
            def execute(self, *args: Any) -> sqlite3.Cursor:
                reaper.strike()
                return super().execute(*args)

            def executemany(self, *args: Any) -> sqlite3.Cursor:
                reaper.strike()
                return super().executemany(*args)

        return sqlite3.connect(path, timeout=30, isolation_level=None, check_same_thread=False, factory=Mortal)

    def arm(self, statements: int) -> None:
        self.left = statements

    def strike(self) -> None:
        if self.dead:
            raise Killed
        if self.left is not None:
            self.left -= 1
            if self.left < 0:
                self.dead = True
                raise Killed
