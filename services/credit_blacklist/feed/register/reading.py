"""Reading the register: every answer is as of one sequence, and holds whatever is appended meanwhile."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any

import orjson

from libs.evidence.log_tree import consistency_proof, inclusion_proof, leaf_hash, root_at, tree_root
from libs.evidence.lthash import SetState, feed_element
from libs.foundation.clock import instant
from services.credit_blacklist.feed.documents import document_key
from services.credit_blacklist.feed.register.book import PAGE_LEVEL
from services.credit_blacklist.feed.register.model import (
    BUCKETS,
    PAGE_ENTRIES,
    Checksum,
    FullPage,
    Held,
    Point,
    Row,
)
from services.credit_blacklist.feed.register.pages import NO_PAGE, entry_bytes
from services.credit_blacklist.feed.register.tables import place_of, sequence_of

_HELD = "place, record_id, record_version, status, jws, to_sequence, at"
_KEYS_MAX = 200


class Reading:
    """The questions; each method runs in a thread with a connection of its own."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        """Take a connection that only reads."""
        self._db = connection

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
        rows = self._db.execute(
            f"SELECT {_HELD} FROM entries WHERE feed=? AND record_id>? AND place<=?"  # noqa: S608 -- a constant
            " AND (to_sequence IS NULL OR to_sequence>?) AND (status<>'REMOVED' OR changed_at>=?)"
            " ORDER BY record_id LIMIT ?",
            (feed, after, place_of(feed, sequence), sequence, removed_since or "9999", limit),
        )
        return [held_from(row) for row in rows]

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

    def page(self, feed: int, page: int) -> FullPage | None:
        """Return what stands about a full page."""
        row = self._db.execute(
            "SELECT sha256, size, state, count, log_root FROM pages WHERE feed=? AND page=?", (feed, page)
        ).fetchone()
        return FullPage(page, row[0], row[1], SetState.from_bytes(row[2], row[3]), row[4]) if row else None

    def pages_bytes(self, feed: int, first: int) -> int:
        """Return the bytes of the full pages from `first` on."""
        row = self._db.execute("SELECT total(size) FROM pages WHERE feed=? AND page>=?", (feed, first)).fetchone()
        return int(row[0])

    def previous_page_sha256(self, feed: int, page: int) -> str:
        """Return the hash of the full page before `page`."""
        before = self.page(feed, page - 1)
        return before.sha256 if before else NO_PAGE

    def checksum(self, feed: int, point: Point) -> Checksum:
        """Return what holds after the point's entry; it must have been reached."""
        page = point.sequence // PAGE_ENTRIES
        before = self.page(feed, page - 1)
        state = before.state if before else SetState()
        state = self._walk(feed, state, page * PAGE_ENTRIES, point.sequence)
        return Checksum(point, state, root_at(point.sequence, self._nodes(feed)).hex())

    def _walk(self, feed: int, state: SetState, after: int, until: int) -> SetState:
        for _bucket, old, new in self._steps(feed, after, until):
            state = _step(state, old, new)
        return state

    def _steps(self, feed: int, after: int, until: int) -> list[tuple[int, bytes | None, bytes | None]]:
        """Return of each entry its bucket, the element that it takes out, and the one that it puts in."""
        view = self._view(feed)
        rows = self._db.execute(
            "SELECT place, record_id, record_version, status, sha, bucket FROM entries WHERE place BETWEEN ? AND ?"
            " ORDER BY place",
            (place_of(feed, after + 1), place_of(feed, until)),
        ).fetchall()
        steps = []
        for place, record_id, version, status, sha, bucket in rows:
            before = self._db.execute(
                "SELECT record_version, sha, status FROM entries WHERE feed=? AND record_id=? AND place<?"
                " ORDER BY place DESC LIMIT 1",
                (feed, record_id, place),
            ).fetchone()
            old = feed_element(view, record_id, *before[:2]) if before and before[2] != "REMOVED" else None
            new = feed_element(view, record_id, version, sha) if status != "REMOVED" else None
            steps.append((bucket, old, new))
        return steps

    def buckets(self, feed: int, sequence: int) -> list[SetState]:
        """Return the 256 states after `sequence`: today's, with what came since taken back."""
        self._db.execute("BEGIN")
        try:
            reached = self._db.execute("SELECT sequence FROM feeds WHERE feed=?", (feed,)).fetchone()[0]
            states = [SetState()] * BUCKETS
            for bucket, state, count in self._db.execute(
                "SELECT bucket, state, count FROM buckets WHERE feed=?", (feed,)
            ):
                states[bucket] = SetState.from_bytes(state, count)
            for bucket, old, new in reversed(self._steps(feed, sequence, reached)):
                states[bucket] = _step(states[bucket], new, old)
        finally:
            self._db.execute("COMMIT")
        return states

    def consistency(self, feed: int, old: int, new: int) -> list[bytes]:
        """Return the proof that the log at `new` begins with the log at `old`."""
        return consistency_proof(old, new, self._nodes(feed))

    def inclusion(self, feed: int, sequence: int, size: int) -> list[bytes]:
        """Return the proof that entry `sequence` is in the log at `size`."""
        return inclusion_proof(sequence - 1, size, self._nodes(feed))

    def frontier(self, feed: int, size: int) -> list[bytes]:
        """Return the roots of the full subtrees of the log at `size`, left to right."""
        node, peaks, first = self._nodes(feed), [], 0
        for level in range(size.bit_length() - 1, -1, -1):
            if size >> level & 1:
                peaks.append(node(level, first >> level))
                first += 1 << level
        return peaks

    def _nodes(self, feed: int) -> Any:
        leaves: dict[int, list[bytes]] = {}

        def page_leaves(page: int) -> list[bytes]:
            if page not in leaves:
                first = place_of(feed, page * PAGE_ENTRIES + 1)
                rows = self._db.execute(
                    "SELECT leaf FROM entries WHERE place BETWEEN ? AND ? ORDER BY place",
                    (first, first + PAGE_ENTRIES - 1),
                )
                leaves[page] = [leaf for (leaf,) in rows]
            return leaves[page]

        def node(level: int, index: int) -> bytes:
            if level < PAGE_LEVEL:
                width = 1 << level
                page, within = divmod(index * width, PAGE_ENTRIES)
                part = page_leaves(page)[within : within + width]
                if len(part) < width:
                    raise LookupError(f"no subtree {level}/{index}")
                return tree_root(part)
            row = self._db.execute(
                "SELECT hash FROM nodes WHERE feed=? AND level=? AND place=?", (feed, level, index)
            ).fetchone()
            if row is None:
                raise LookupError(f"no subtree {level}/{index}")
            return bytes(row[0])

        return node

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

    def _view(self, feed: int) -> str:
        return str(self._db.execute("SELECT view FROM feeds WHERE feed=?", (feed,)).fetchone()[0])


def held_from(row: Sequence[Any]) -> Held:
    """Return an entry from its columns."""
    place, record_id, version, status, jws, to_sequence, at = row
    return Held(
        sequence=sequence_of(place),
        record_id=record_id,
        record_version=version,
        status=status,
        payload=orjson.loads(entry_bytes(jws)),
        jws=jws,
        to_sequence=to_sequence,
        at=instant(at),
    )


def _step(state: SetState, old: bytes | None, new: bytes | None) -> SetState:
    if old is not None:
        state = state.remove(old)
    return state if new is None else state.add(new)
