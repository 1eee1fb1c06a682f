"""What a copy is, beside its records: where it stands, its sums, and the heads it knows."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from zhixing_feed.heads import Head, stored_head
from zhixing_feed.judge import Growth, Known
from zhixing_feed.log_tree import Frontier
from zhixing_feed.lthash import BucketedSet, LaneSums

HASH_BYTES: Final = 32

_WRITE: Final = """
INSERT OR REPLACE INTO copy (
    id, view, session_id, sequence, set_count, set_state, log_size, log_frontier, head, head_sha256, seen_head,
    growth_since, growth_base, growth_added, fetched_at, applied_at, snapshot_reason, epoch,
    issued_at, valid_until
) VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""


@dataclass(frozen=True, slots=True)
class CopyState:
    """A copy as of its last commit. `sums` and `frontier` are not changed: who goes on takes copies."""

    session_id: str
    sequence: int
    sums: BucketedSet
    frontier: Frontier | None
    head: Head | None
    seen: Head | None
    growth: Growth
    fetched_at: datetime
    applied_at: datetime
    snapshot_reason: str | None
    epoch: int
    issued_at: datetime | None = None
    """When what it holds was the whole list; `valid_until`: how long that counts as fresh. None: never proved."""
    valid_until: datetime | None = None

    @property
    def view(self) -> str:
        """The view it is a copy of."""
        return self.sums.view

    @property
    def whole(self) -> bool:
        """Whether it stands exactly at the head that proved it."""
        return self.head is not None and self.head.sequence == self.sequence

    @property
    def log_root(self) -> str | None:
        """The log root: computed where the log was followed, else that of the head that was proved to continue it."""
        if self.frontier is not None:
            return self.frontier.root().hex()
        return self.head.log_root if self.head is not None and self.whole else None

    @property
    def sound(self) -> bool:
        """Whether the sums agree with each other and with the signed head."""
        if not self.sums.adds_up():
            return False
        if self.head is None or not self.whole:
            return True
        agrees = (self.sums.whole.count, self.sums.whole.digest()) == (self.head.count, self.head.digest)
        return agrees and (self.frontier is None or self.frontier.root().hex() == self.head.log_root)

    def known(self, dead_sessions: frozenset[str]) -> Known:
        """Return what the next head is judged by."""
        return Known(
            view=self.view,
            session_id=self.session_id,
            sequence=self.sequence,
            count=self.sums.whole.count,
            digest=self.sums.whole.digest(),
            log_root=self.log_root,
            heads=tuple(each for each in (self.head, self.seen) if each and each.session_id == self.session_id),
            dead_sessions=dead_sessions,
            pending=self.seen if self.seen and self.seen.session_id != self.session_id else None,
        )


def load_copy(database: sqlite3.Connection) -> CopyState | None:
    """Return the copy of the file, None if it never had one. Raises `ValueError` for one that cannot be read."""
    found = database.execute(
        "SELECT view, session_id, sequence, set_count, set_state, log_size, log_frontier, head, seen_head,"
        " growth_since, growth_base, growth_added, fetched_at, applied_at, snapshot_reason, epoch, issued_at,"
        " valid_until FROM copy"
    ).fetchone()
    if found is None:
        return None
    sums = BucketedSet(found[0])
    sums.whole = LaneSums.from_bytes(found[4], found[3])
    for number, count, state in database.execute("SELECT bucket, set_count, set_state FROM buckets"):
        sums.buckets[number] = LaneSums.from_bytes(state, count)
    return CopyState(
        session_id=found[1],
        sequence=found[2],
        sums=sums,
        frontier=_frontier(found[5], found[6]),
        head=stored_head(found[7]) if found[7] else None,
        seen=stored_head(found[8]) if found[8] else None,
        growth=Growth(instant(found[9]), found[10], found[11]),
        fetched_at=instant(found[12]),
        applied_at=instant(found[13]),
        snapshot_reason=found[14],
        epoch=found[15],
        issued_at=instant(found[16]) if found[16] else None,
        valid_until=instant(found[17]) if found[17] else None,
    )


def write_copy(database: sqlite3.Connection, state: CopyState, changed_buckets: dict[int, LaneSums]) -> None:
    """Write where the copy stands, inside the caller's transaction."""
    database.execute(
        _WRITE,
        (
            state.view,
            state.session_id,
            state.sequence,
            state.sums.whole.count,
            state.sums.whole.to_bytes(),
            state.frontier.size if state.frontier else 0,
            b"".join(state.frontier.roots) if state.frontier else None,
            state.head.signed.text if state.head else None,
            state.head.sha256 if state.head else None,
            state.seen.signed.text if state.seen else None,
            as_text(state.growth.since),
            state.growth.base,
            state.growth.added,
            as_text(state.fetched_at),
            as_text(state.applied_at),
            state.snapshot_reason,
            state.epoch,
            as_text(state.issued_at) if state.issued_at else None,
            as_text(state.valid_until) if state.valid_until else None,
        ),
    )
    database.executemany(
        "INSERT OR REPLACE INTO buckets VALUES (?, ?, ?)",
        [(number, sums.count, sums.to_bytes()) for number, sums in changed_buckets.items()],
    )


def instant(text: str) -> datetime:
    """Return an instant that `as_text` wrote."""
    return datetime.fromisoformat(text).astimezone(UTC)


def as_text(moment: datetime) -> str:
    """Return the text of an instant: UTC, microseconds, `Z`."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _frontier(size: int, packed: Any) -> Frontier | None:
    if packed is None:
        return None
    return Frontier(size, [packed[at : at + HASH_BYTES] for at in range(0, len(packed), HASH_BYTES)])
