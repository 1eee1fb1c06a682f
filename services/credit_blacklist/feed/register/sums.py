"""Sums and proofs over a register: set digests, buckets, log roots, as of any sequence."""

from __future__ import annotations

import sqlite3
from typing import Any

from libs.evidence.log_tree import consistency_proof, inclusion_proof, root_at, tree_root
from libs.evidence.lthash import SetState, feed_element
from services.credit_blacklist.feed.register.book import PAGE_LEVEL
from services.credit_blacklist.feed.register.model import BUCKETS, PAGE_ENTRIES, Checksum, FullPage, Point
from services.credit_blacklist.feed.register.pages import NO_PAGE
from services.credit_blacklist.feed.register.tables import place_of


class Sums:
    """The questions about sums; each runs in a thread with a connection of its own."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        """Take a connection that only reads."""
        self._db = connection

    def page(self, feed: int, page: int) -> FullPage | None:
        """Return what stands about a full page."""
        row = self._db.execute(
            "SELECT sha256, size, state, count, log_root FROM pages WHERE feed=? AND page=?", (feed, page)
        ).fetchone()
        return FullPage(page, row[0], row[1], SetState.from_bytes(row[2], row[3]), row[4]) if row else None

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

    def _view(self, feed: int) -> str:
        return str(self._db.execute("SELECT view FROM feeds WHERE feed=?", (feed,)).fetchone()[0])


def _step(state: SetState, old: bytes | None, new: bytes | None) -> SetState:
    if old is not None:
        state = state.remove(old)
    return state if new is None else state.add(new)
