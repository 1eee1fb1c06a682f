"""Entries for tests of the register: signed by nobody, shaped like those of the wire."""

from __future__ import annotations

import base64
import sqlite3
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from libs.evidence.chain import FIRST_PREV_HASH
from libs.foundation.canonical import canonical_bytes
from libs.foundation.clock import instant_text
from services.credit_blacklist.feed.register.book import Book, Feed
from services.credit_blacklist.feed.register.model import Appended
from services.credit_blacklist.feed.register.reading import Reading
from services.credit_blacklist.feed.register.tables import open_for_reading, open_for_writing

BEGAN = datetime(2024, 6, 3, 1, 0, tzinfo=UTC)
SESSION = "5f6a2b0e-0000-4000-8000-000000000001"


def payload_of(view: str, record_id: str, version: int, status: str, *, at: datetime = BEGAN) -> dict[str, Any]:
    return {
        "view": view,
        "record_id": record_id,
        "record_version": version,
        "status": status,
        "change": "REMOVED" if status == "REMOVED" else "ADDED",
        "changed_at": instant_text(at),
        "subject": {"name": record_id, "identity_documents": [{"type": "PASSPORT", "number": f"E{record_id}"}]},
    }


def jws_of(payload: dict[str, Any]) -> str:
    """Return a compact JWS whose signature is none: the register hashes payloads and leaves signatures to others."""
    part = base64.urlsafe_b64encode(canonical_bytes(payload)).decode().rstrip("=")
    return f"e30.{part}.c2ln"


def appended(sequence: int, record_id: str, version: int, status: str = "LISTED", view: str = "air") -> Appended:
    at = BEGAN + timedelta(minutes=sequence)
    jws = jws_of(payload_of(view, record_id, version, status, at=at))
    return Appended(sequence, record_id, version, jws, instant_text(at), sequence)


class Shelf:
    """A register file with one session, written entry by entry and read as the service reads it."""

    def __init__(self, folder: Path, view: str = "air", session: str = SESSION) -> None:
        path = folder / "register.sqlite"
        self.connection: sqlite3.Connection = open_for_writing(path)
        self.book = Book(self.connection)
        known = {feed.session_id: feed for feed in self.book.feeds()}
        self.feed: Feed = known.get(session) or self.book.open(view, session, instant_text(BEGAN), FIRST_PREV_HASH)
        self._read_only = open_for_reading(path)
        self.reading = Reading(self._read_only)

    def append(self, entries: Iterable[Appended]) -> None:
        batch = list(entries)
        version = batch[-1].commit_version if batch else self.feed.commit_version
        self.feed = self.book.append(self.feed, batch, version=version, commit_hash="f" * 64, ended=False)

    def close(self) -> None:
        self._read_only.close()
        self.book.close()
