"""Reading the register: every answer is as of one sequence, and holds whatever is appended meanwhile."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any

import orjson

from libs.evidence.log_tree import leaf_hash
from libs.foundation.clock import instant
from services.credit_blacklist.feed.documents import document_key
from services.credit_blacklist.feed.register.model import (
    Held,
    Row,
)
from services.credit_blacklist.feed.register.pages import entry_bytes
from services.credit_blacklist.feed.register.sums import Sums
from services.credit_blacklist.feed.register.tables import place_of, sequence_of

_HELD = "place, record_id, record_version, status, jws, to_sequence, at, case_id"
_KEYS_MAX = 200


class Reading(Sums):
    """The questions about entries; each runs in a thread with a connection of its own."""

    def feed_of(self, session_id: str) -> tuple[int, int] | None:
        """Return `(feed, sequence)` of a session, None if it is not kept."""
        found: tuple[int, int] | None = self._db.execute(
            "SELECT feed, sequence FROM feeds WHERE session_id=?", (session_id,)
        ).fetchone()
        return found

    def lookup(self, feed: int, documents: Sequence[tuple[str, str]], sequence: int) -> list[list[Held]]:
        """Return for each document what was held of its bearer after `sequence`, in order of the sequence."""
        return [self._bearer(feed, *document_key(kind, number), sequence) for kind, number in documents]

    def _bearer(self, feed: int, kind: str, number: str, sequence: int) -> list[Held]:
        rows = self._db.execute(
            f"SELECT {_HELD} FROM documents JOIN entries USING (place) WHERE documents.feed=? AND kind=? AND number=?"  # noqa: S608 -- a constant
            " AND place<=? AND (to_sequence IS NULL OR to_sequence>?) ORDER BY place",
            (feed, kind, number, place_of(feed, sequence), sequence),
        )
        return [held_from(row) for row in rows]

    def record(self, feed: int, record_id: str, sequence: int) -> Held | None:
        """Return the entry of a record that held after `sequence`."""
        row = self._db.execute(
            f"SELECT {_HELD} FROM entries WHERE feed=? AND record_id=? AND place<=? ORDER BY place DESC LIMIT 1",  # noqa: S608 -- a constant
            (feed, record_id, place_of(feed, sequence)),
        ).fetchone()
        return held_from(row) if row else None

    def records(self, feed: int, sequence: int, after: str, limit: int, removed_since: str | None) -> list[Held]:
        """Return a batch of the last entries of records, in order of `record_id`, behind `after`.

        Those in force after `sequence`; with `removed_since` also those that were removed at or after that time.
        """
        return [held_from(row) for row in self._last(_HELD, feed, sequence, after, limit, removed_since)]

    def last_rows(
        self, feed: int, sequence: int, after: str, limit: int, removed_since: str
    ) -> list[tuple[int, str, str]]:
        """Return `(sequence, record_id, jws)` of what `records` returns, for whoever copies them unread."""
        found = self._last("place, record_id, jws", feed, sequence, after, limit, removed_since)
        return [(sequence_of(place), record_id, jws) for place, record_id, jws in found]

    def _last(
        self, columns: str, feed: int, sequence: int, after: str, limit: int, removed_since: str | None
    ) -> sqlite3.Cursor:
        return self._db.execute(
            f"SELECT {columns} FROM entries WHERE feed=? AND record_id>? AND place<=?"  # noqa: S608 -- constants
            " AND (to_sequence IS NULL OR to_sequence>?) AND (status<>'REMOVED' OR changed_at>=?)"
            " ORDER BY record_id LIMIT ?",
            (feed, after, place_of(feed, sequence), sequence, removed_since or "9999", limit),
        )

    def bucket(self, feed: int, bucket: int, sequence: int) -> list[Row]:
        """Return the entries in force of one bucket after `sequence`."""
        rows = self._db.execute(
            "SELECT place, jws, at FROM entries WHERE feed=? AND bucket=? AND place<=?"
            " AND (to_sequence IS NULL OR to_sequence>?) AND status<>'REMOVED' ORDER BY record_id",
            (feed, bucket, place_of(feed, sequence), sequence),
        )
        return [Row(sequence_of(place), jws, instant(at)) for place, jws, at in rows]

    def rows(self, feed: int, after: int, until: int, limit: int) -> list[Row]:
        """Return up to `limit` entries behind `after`, none behind `until`."""
        last = min(until, after + limit)
        rows = self._db.execute(
            "SELECT place, jws, at FROM entries WHERE place BETWEEN ? AND ? ORDER BY place",
            (place_of(feed, after + 1), place_of(feed, last)),
        )
        return [Row(sequence_of(place), jws, instant(at)) for place, jws, at in rows]

    def located(self, feed: int, sequences: Sequence[int]) -> dict[int, tuple[int, str]]:
        """Return `(commit version, jws)` of entries: where the journal has them."""
        found: dict[int, tuple[int, str]] = {}
        for first in range(0, len(sequences), _KEYS_MAX):
            keys = [place_of(feed, each) for each in sequences[first : first + _KEYS_MAX]]
            marks = ",".join("?" * len(keys))
            for place, version, jws in self._db.execute(
                f"SELECT place, commit_version, jws FROM entries WHERE place IN ({marks})",  # noqa: S608 -- question marks
                keys,
            ):
                found[sequence_of(place)] = (version, jws)
        return found

    def former(self, feed: int, record_id: str, sequence: int) -> int | None:
        """Return the sequence of the record's entry before `sequence`."""
        row = self._db.execute(
            "SELECT place FROM entries WHERE feed=? AND record_id=? AND place<? ORDER BY place DESC LIMIT 1",
            (feed, record_id, place_of(feed, sequence)),
        ).fetchone()
        return sequence_of(row[0]) if row else None

    def removed_since(self, feed: int, sequence: int, moment: str) -> int:
        """Return how many records stood removed after `sequence`, since `moment`."""
        row = self._db.execute(
            "SELECT count(*) FROM entries WHERE feed=? AND place<=? AND status='REMOVED'"
            " AND (to_sequence IS NULL OR to_sequence>?) AND changed_at>=?",
            (feed, place_of(feed, sequence), sequence, moment),
        ).fetchone()
        return int(row[0])

    def removed_before(self, feed: int, after: int, until: int, moment: str, limit: int) -> list[tuple[int, str]]:
        """Return `(sequence, record_id)` of records that ended behind `after` before `moment` and stay ended."""
        rows = self._db.execute(
            "SELECT place, record_id FROM entries WHERE feed=? AND place>? AND place<=? AND status='REMOVED'"
            " AND to_sequence IS NULL AND at<? ORDER BY place LIMIT ?",
            (feed, place_of(feed, after), place_of(feed, until), moment, limit),
        )
        return [(sequence_of(place), record_id) for place, record_id in rows]

    def sequence_at(self, feed: int, moment: str) -> int:
        """Return the last sequence that was appended at or before `moment`; 0 if there is none."""
        row = self._db.execute(
            "SELECT place FROM entries WHERE feed=? AND at<=? ORDER BY at DESC, place DESC LIMIT 1", (feed, moment)
        ).fetchone()
        return sequence_of(row[0]) if row else 0

    def broken(self, feed: int, after: int, until: int) -> str | None:
        """Return what is wrong with the rows behind `after`: columns that are not what the entry's bytes say."""
        rows = self._db.execute(
            "SELECT place, record_id, record_version, status, leaf, jws FROM entries WHERE place BETWEEN ? AND ?",
            (place_of(feed, after + 1), place_of(feed, until)),
        )
        for place, record_id, version, status, leaf, jws in rows:
            raw = entry_bytes(jws)
            payload = orjson.loads(raw)
            said = (payload["record_id"], payload["record_version"], payload["status"])
            if said != (record_id, version, status) or leaf_hash(raw) != leaf:
                return f"row {sequence_of(place)} is not what its entry says"
        return None


def held_from(row: Sequence[Any]) -> Held:
    """Return an entry from its columns."""
    place, record_id, version, status, jws, to_sequence, at, case_id = row
    return Held(
        sequence=sequence_of(place),
        record_id=record_id,
        record_version=version,
        status=status,
        payload=orjson.loads(entry_bytes(jws)),
        jws=jws,
        to_sequence=to_sequence,
        at=instant(at),
        case_id=case_id,
    )
