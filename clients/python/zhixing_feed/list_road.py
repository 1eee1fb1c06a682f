"""The road by a whole list: the snapshot that a head names, or a session's few pages where there is no snapshot yet."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from zhixing_feed.alarms import AlarmCode, FeedFault
from zhixing_feed.entries import Entry, read_entry
from zhixing_feed.heads import Head, SnapshotNamed
from zhixing_feed.judge import Growth, prove_few_missing
from zhixing_feed.log_tree import Frontier
from zhixing_feed.means import Means
from zhixing_feed.page_road import PageRoad
from zhixing_feed.pages import page_of
from zhixing_feed.replacement import NewPlace, Replacement
from zhixing_feed.snapshot import SnapshotFile, SnapshotHeader
from zhixing_feed.threads import to_its_end
from zhixing_feed.wire import Refused

REMOVALS_NAMED: Final = timedelta(days=90)
"""How long a snapshot names what was removed. A copy that is older may lack any number of records."""


class ListRoad:
    """Replaces the copy by a list that verified, or leaves it alone."""

    def __init__(self, means: Means, pages: PageRoad) -> None:
        """`pages` goes on from the list to the head."""
        self._means = means
        self._pages = pages

    async def by_snapshot(self, head: Head, reason: str) -> None:
        """Take the snapshot that a head names, and go on by pages from there. Raises `FeedFault`."""
        means, named = self._means, head.snapshot
        if named is None:
            raise FeedFault(AlarmCode.SNAPSHOT_MISSING, "the head names no snapshot")
        await means.prove_same_history(head)
        fetched_at = means.now()
        with tempfile.TemporaryDirectory(prefix=".snapshot-", dir=means.store.database.folder) as folder:
            file = Path(folder) / "snapshot.ndjson"
            await self._fetch(named, file)
            missing = await to_its_end(self._take, file, head, named, reason, fetched_at)
        self.tell(missing)
        await self._pages.follow(head)

    async def _fetch(self, named: SnapshotNamed, file: Path) -> None:
        try:
            size, sha256 = await self._means.wire.snapshot(named.sequence, file, named.bytes)
        except Refused as error:
            raise FeedFault(AlarmCode.SNAPSHOT_MISSING, f"the snapshot that the head names is {error}") from error
        if size < named.bytes:
            raise FeedFault(AlarmCode.SNAPSHOT_TRUNCATED, f"{size} of {named.bytes} bytes came")
        if sha256 != named.sha256:
            raise FeedFault(AlarmCode.SNAPSHOT_CHANGED, "the snapshot is not the one that the head names")

    def _take(self, file: Path, head: Head, named: SnapshotNamed, reason: str, fetched_at: datetime) -> list[str]:
        snapshot = SnapshotFile(file, self._means.trust.keys.entries)
        with self._means.store.replacing(head.view, head.session_id) as replacement:
            for sequence, entry in snapshot.entries():
                replacement.put(sequence, entry)
            header, trailer = snapshot.header, snapshot.trailer
            assert header is not None
            assert trailer is not None
            stated = (header.view, header.session_id, header.sequence, header.count)
            if stated != (head.view, head.session_id, named.sequence, named.count):
                raise FeedFault(AlarmCode.SNAPSHOT_MALFORMED, "it is of another view, session or sequence")
            wrong = AlarmCode.SNAPSHOT_TRAILER_WRONG
            replacement.prove(trailer.set_count, trailer.set_digest, where="the trailer", wrong=wrong)
            if named.sequence == head.sequence:
                replacement.prove(head.count, head.digest, where="the head")
                place = self.at_head(replacement, head, fetched_at, reason, header.frontier)
            else:
                place = self._before_head(replacement, head, fetched_at, reason, header)
            missing = self.close_missing(replacement, head, named.sequence)
            replacement.stand(place)
        return missing

    async def by_pages(self, head: Head, reason: str) -> None:
        """Take a session that has no snapshot yet from its first page on, and swap the copy when all of it verified."""
        if head.oldest_sequence > 1 or page_of(head.sequence) >= self._means.limits.pages:
            raise FeedFault(AlarmCode.SNAPSHOT_MISSING, "the head names no snapshot, and the session is not short")
        await self._means.prove_same_history(head)
        fetched_at = self._means.now()
        replay, steps = await self._pages.replayed(head)
        last = {entry.record_id: (sequence, entry) for step in steps for sequence, entry in step.entries}
        entries = list(last.values())
        self.tell(await to_its_end(self._take_list, entries, head, fetched_at, reason, replay.frontier))

    async def by_topic(self, rows: Sequence[tuple[int, str]], head: Head, offset: tuple[str, int] | None) -> None:
        """Take the last entry of every record out of a compacted topic as the first copy. Raises `FeedFault`."""
        fetched_at = self._means.now()
        keys = self._means.trust.keys.entries
        wanted = [row for row in rows if row[0] <= head.sequence]

        def taken() -> list[str]:
            read = ((sequence, read_entry(text, keys, head.view)) for sequence, text in wanted)
            last = {entry.record_id: (sequence, entry) for sequence, entry in read}
            frontier = None if head.sequence else Frontier()
            return self._take_list(list(last.values()), head, fetched_at, "FIRST", frontier, offset)

        self.tell(await to_its_end(taken))

    def _take_list(
        self,
        entries: list[tuple[int, Entry]],
        head: Head,
        fetched_at: datetime,
        reason: str,
        frontier: Frontier | None,
        offset: tuple[str, int] | None = None,
    ) -> list[str]:
        """Replace the copy by entries that are the head's whole list. Raises `FeedFault` if they are not."""
        means = self._means
        with means.store.replacing(head.view, head.session_id) as replacement:
            for sequence, entry in entries:
                replacement.put(sequence, entry)
            replacement.prove(head.count, head.digest, where="the head")
            missing = self.close_missing(replacement, head, head.sequence)
            replacement.stand(self.at_head(replacement, head, fetched_at, reason, frontier))
            means.store.journal.keep_offset(replacement.writer, offset)
        return missing

    def at_head(
        self, replacement: Replacement, head: Head, fetched_at: datetime, reason: str | None, frontier: Frontier | None
    ) -> NewPlace:
        """Return the place of a list that is the head's own. Raises `FeedFault` if too much came at once."""
        return NewPlace(
            sequence=head.sequence,
            frontier=frontier,
            head=head,
            seen=head,
            growth=self._growth(replacement, head),
            fetched_at=fetched_at,
            applied_at=self._means.now(),
            reason=reason,
            issued_at=head.issued_at,
            valid_until=head.valid_until,
        )

    def _before_head(
        self, replacement: Replacement, head: Head, fetched_at: datetime, reason: str, header: SnapshotHeader
    ) -> NewPlace:
        former = self._means.store.state
        return NewPlace(
            sequence=header.sequence,
            frontier=header.frontier,
            head=former.head if former and replacement.same_session else None,
            seen=head,
            growth=self._growth(replacement, head),
            fetched_at=fetched_at,
            applied_at=self._means.now(),
            reason=reason,
            issued_at=header.issued_at,
            # The list was whole when the snapshot was taken: that is as good as a head of that instant.
            valid_until=header.issued_at + (head.valid_until - head.issued_at),
        )

    def _growth(self, replacement: Replacement, head: Head) -> Growth:
        before = replacement.before
        if before is None or before.issued_at is None:
            return Growth(head.issued_at, replacement.sums.whole.count)
        return before.growth.after(head, replacement.added, replacement.sums.whole.count, self._means.limits)

    def close_missing(self, replacement: Replacement, head: Head, until: int) -> list[str]:
        """Close what the new list lacks; return the ids. Raises `FeedFault` if it is much and nobody stands for it."""
        missing, before = replacement.missing(), replacement.before
        if missing and before is not None:
            named = before.issued_at is not None and head.issued_at - before.issued_at < REMOVALS_NAMED
            if named:
                after = before.sequence if replacement.same_session else 0
                held = before.sums.whole.count
                prove_few_missing(head, len(missing), held, after, until, self._means.limits)
            replacement.close(missing)
        return missing

    def tell(self, missing: list[str]) -> None:
        """Report what the new list did not account for."""
        if missing:
            detail = f"{len(missing)} records are not in the verified list and were never removed"
            self._means.notice(AlarmCode.SUPERSEDED, detail, records=missing[:1000])
