"""A whole verified list in the place of the copy: a snapshot, buckets that differed, a compacted topic.

It works inside the store's transaction; until that commits, readers see the old copy. What the old copy has and the new
list lacks is never simply gone: it is closed as `SUPERSEDED` and named.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, field
from datetime import datetime

from zhixing_feed.alarms import AlarmCode, FeedFault
from zhixing_feed.copy_state import CopyState, write_copy
from zhixing_feed.entries import IN_FORCE, Entry
from zhixing_feed.heads import Head
from zhixing_feed.judge import Growth
from zhixing_feed.log_tree import Frontier
from zhixing_feed.lthash import BucketedSet, LaneSums, bucket_of
from zhixing_feed.records import delete_documents, write_record

_FORMER = "SELECT version, sha256, status, epoch FROM records WHERE record_id = ?"
_MISSING = "SELECT record_id, bucket FROM records WHERE epoch <> ? AND status IN ('LISTED', 'RESTRICTED')"


@dataclass(frozen=True, slots=True)
class NewPlace:
    """Where the copy stands with the new list."""

    sequence: int
    frontier: Frontier | None
    head: Head | None
    seen: Head
    growth: Growth
    fetched_at: datetime
    applied_at: datetime
    reason: str | None
    issued_at: datetime
    valid_until: datetime


@dataclass(slots=True)
class Replacement:
    """A list that is being taken in. `sums` are those of what was put so far."""

    writer: sqlite3.Connection
    before: CopyState | None
    view: str
    session_id: str
    kept: BucketedSet | None = None
    buckets: frozenset[int] | None = None
    sums: BucketedSet = field(init=False)
    epoch: int = field(init=False)
    added: list[int] = field(default_factory=list)
    _place: NewPlace | None = None

    def __post_init__(self) -> None:
        """Begin with nothing, or with the buckets that stay."""
        self.epoch = self.before.epoch + 1 if self.before else 1
        self.sums = BucketedSet(self.view)
        if self.kept is not None and self.buckets is not None:
            for number, sums in enumerate(self.kept.buckets):
                if number not in self.buckets:
                    self.sums.buckets[number] = sums.copy()
                    self.sums.whole.include(sums)

    @property
    def same_session(self) -> bool:
        """Whether the copy is of the same session."""
        return self.before is not None and self.before.session_id == self.session_id

    def put(self, sequence: int, entry: Entry) -> None:
        """Take in a record's last entry. Raises `FeedFault` for a second one, and for one that goes back."""
        former = self.writer.execute(_FORMER, (entry.record_id,)).fetchone()
        if former is not None and former[3] == self.epoch:
            raise _fault("it stands in the list twice", entry)
        if self.buckets is not None and bucket_of(entry.record_id) not in self.buckets:
            raise _fault("it is of another bucket", entry)
        if former is not None and (former[0], former[1]) != (entry.version, entry.signed.sha256):
            self._prove_newer(former[0], entry)
        if entry.in_force:
            self.sums.exchange(entry.record_id, None, (entry.version, entry.signed.sha256))
            if former is None or former[2] not in IN_FORCE:
                self.added.append(sequence)
        write_record(self.writer, sequence, entry, self.epoch)

    def _prove_newer(self, version: int, entry: Entry) -> None:
        # A new session begins with the very entries of the old one; so nothing ever goes back, by a reset neither.
        if entry.version <= version:
            code = AlarmCode.VERSION_NOT_GREATER if self.same_session else AlarmCode.RESET_HIDES_ENTRIES
            detail = f"version {entry.version} after version {version}"
            raise FeedFault(code, detail, record_id=entry.record_id)

    def missing(self) -> list[str]:
        """Return the ids of records in force that the new list does not have."""
        rows = self.writer.execute(_MISSING, (self.epoch,)).fetchall()
        return [record_id for record_id, bucket in rows if self.buckets is None or bucket in self.buckets]

    def close(self, record_ids: list[str]) -> None:
        """Close records as `SUPERSEDED`: the feed never removed them, and a verified list does not have them."""
        for record_id in record_ids:
            delete_documents(self.writer, record_id)
            self.writer.execute("UPDATE records SET status = 'SUPERSEDED' WHERE record_id = ?", (record_id,))

    def prove(self, count: int, digest: str, *, where: str, wrong: AlarmCode = AlarmCode.SET_DIGEST_WRONG) -> None:
        """Raises `FeedFault` unless what was put is the set that is stated."""
        if (self.sums.whole.count, self.sums.whole.digest()) != (count, digest):
            raise FeedFault(wrong, f"{where} states a set of {count}, its entries make another one")

    def stand(self, place: NewPlace) -> None:
        """Say where the copy stands once this is committed."""
        self._place = place

    def written(self) -> CopyState:
        """Write the copy's new place and return it; called by the store at the end of the transaction."""
        place = self._place
        assert place is not None, "a replacement must say where it stands"
        state = CopyState(
            session_id=self.session_id,
            sequence=place.sequence,
            sums=self.sums,
            frontier=place.frontier,
            head=place.head,
            seen=place.seen,
            growth=place.growth,
            fetched_at=place.fetched_at,
            applied_at=place.applied_at,
            snapshot_reason=place.reason,
            epoch=self.epoch,
            issued_at=place.issued_at,
            valid_until=place.valid_until,
        )
        changed: dict[int, LaneSums] = dict(enumerate(self.sums.buckets))
        write_copy(self.writer, state, changed)
        return state


def _fault(detail: str, entry: Entry) -> FeedFault:
    return FeedFault(AlarmCode.SNAPSHOT_MALFORMED, detail, record_id=entry.record_id)
