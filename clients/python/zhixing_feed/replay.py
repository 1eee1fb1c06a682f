"""The arithmetic of following: what entries do to the set and to the log, worked out before anything is written."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from zhixing_feed.alarms import AlarmCode, FeedFault
from zhixing_feed.entries import Entry
from zhixing_feed.log_tree import Frontier, leaf_hash
from zhixing_feed.lthash import BucketedSet, LaneSums


@dataclass(frozen=True, slots=True)
class Held:
    """What the copy holds of a record."""

    version: int
    sha256: bytes
    in_force: bool

    @property
    def element(self) -> tuple[int, bytes] | None:
        """What of it stands in the set."""
        return (self.version, self.sha256) if self.in_force else None


HeldRecords = Callable[[Sequence[str]], Mapping[str, Held]]
"""Looks records up in the copy by their ids; one that is not held is not in the answer."""


@dataclass(slots=True)
class Step:
    """What one transaction writes: entries with their sequences, and the sums after the last of them."""

    first: int
    last: int
    entries: list[tuple[int, Entry]]
    whole: LaneSums
    buckets: dict[int, LaneSums]
    frontier: Frontier | None
    added: list[int] = field(default_factory=list)
    """Sequences at which a record came newly into the set: what the guard against sudden growth counts."""
    skipped: list[str] = field(default_factory=list)
    """Records whose version jumped: something of them was never in the feed."""
    page: tuple[int, str] | None = None
    """Number and hash of the full page that this is, if it is one."""


class Replay:
    """A copy's sums that go ahead of the copy. It changes in place and is thrown away after a fault."""

    def __init__(
        self,
        session_id: str,
        sequence: int,
        sums: BucketedSet,
        frontier: Frontier | None,
        held: HeldRecords,
    ) -> None:
        """Begin where a copy stands. `frontier` None: the log before was not seen, its root cannot be computed."""
        self.view = sums.view
        self.session_id = session_id
        self.sequence = sequence
        self.sums = sums.copy()
        self.frontier = frontier.copy() if frontier else None
        self._held = held
        self._changed: dict[str, Held] = {}

    def take(self, rows: Sequence[tuple[int, Entry]], *, until: int | None = None) -> Step:
        """Go on by entries in their order. Raises `FeedFault` for a version that does not grow.

        `until`: the rows are only the last of each record up to that sequence; then the log is not followed any more.
        """
        known = {**self._held([each.record_id for _, each in rows if each.record_id not in self._changed])}
        step = Step(self.sequence + 1, until or self.sequence + len(rows), [], self.sums.whole, {}, None)
        if until is not None:
            self.frontier = None
        touched: set[int] = set()
        for sequence, entry in rows:
            self.sequence = sequence
            former = self._changed.get(entry.record_id) or known.get(entry.record_id)
            self._note(step, entry, former)
            now = Held(entry.version, entry.signed.sha256, entry.in_force)
            touched.add(self.sums.exchange(entry.record_id, former.element if former else None, now.element))
            self._changed[entry.record_id] = now
            if self.frontier is not None:
                self.frontier.append(leaf_hash(entry.signed.payload))
            step.entries.append((sequence, entry))
        self.sequence = step.last
        if until is not None:
            step.skipped.clear()
        step.whole = self.sums.whole.copy()
        step.buckets = {number: self.sums.buckets[number].copy() for number in touched}
        step.frontier = self.frontier.copy() if self.frontier is not None else None
        return step

    def _note(self, step: Step, entry: Entry, former: Held | None) -> None:
        if former is not None and entry.version <= former.version:
            raise FeedFault(
                AlarmCode.VERSION_NOT_GREATER,
                f"version {entry.version} after version {former.version}",
                record_id=entry.record_id,
                sequence=self.sequence,
            )
        if former is not None and entry.version > former.version + 1:
            step.skipped.append(entry.record_id)
        if entry.in_force and not (former and former.in_force):
            step.added.append(self.sequence)

    def prove(self, count: int, digest: str, log_root: str, *, where: str) -> None:
        """Raises `FeedFault` unless set and log are what is stated."""
        if (self.sums.whole.count, self.sums.whole.digest()) != (count, digest):
            detail = f"{where} states a set of {count}, the entries make another one of {self.sums.whole.count}"
            raise FeedFault(AlarmCode.SET_DIGEST_WRONG, detail, sequence=self.sequence)
        if self.frontier is not None and self.frontier.root().hex() != log_root:
            raise FeedFault(
                AlarmCode.LOG_ROOT_WRONG, f"{where} states another history than the entries", sequence=self.sequence
            )
