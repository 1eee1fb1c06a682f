"""The road by pages, or by entries that came in their order: each step is proved first and then written."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from zhixing_feed.alarms import AlarmCode, FeedFault
from zhixing_feed.entries import Entry, read_entry
from zhixing_feed.heads import Head
from zhixing_feed.judge import Growth
from zhixing_feed.log_tree import Frontier
from zhixing_feed.lthash import BucketedSet
from zhixing_feed.means import Means
from zhixing_feed.pages import PAGE_ENTRIES, page_of, read_page, verified_step
from zhixing_feed.replay import Replay, Step
from zhixing_feed.store import Applied
from zhixing_feed.threads import to_its_end
from zhixing_feed.wire import Refused

Offset = tuple[str, int] | None


class PageRoad:
    """Follows a session from where the copy stands to a head."""

    def __init__(self, means: Means) -> None:
        """Take what roads work with."""
        self._means = means

    async def follow(self, head: Head, *, fresh: bool = False) -> None:
        """Follow the pages up to a head, in runs that are proved before their first page is written.

        Raises `FeedFault` for what does not verify; what was written before is a good copy of an earlier sequence.
        """
        store, pages = self._means.store, self._means.limits.pages
        while store.state is not None and store.state.sequence < head.sequence:
            start = store.state.sequence
            until = min(head.sequence, (start // PAGE_ENTRIES + pages) * PAGE_ENTRIES)
            fetched_at = self._means.now()
            replay = store.replay()
            steps = await self.fetched(replay, head, until, fresh=fresh)
            await self._prove(replay, head)
            await self._write(steps, head, fetched_at)

    async def fetched(self, replay: Replay, head: Head, until: int, *, fresh: bool = False) -> list[Step]:
        """Let a replay take all pages up to a sequence; return its steps."""
        first = page_of(replay.sequence + 1)
        previous = self._means.store.page_sha256(first - 1) if replay.sequence else None
        steps = []
        for number in range(first, page_of(until) + 1):
            step, previous = await self._page(replay, head, number, until, previous, fresh=fresh)
            steps.append(step)
        return steps

    async def _page(
        self, replay: Replay, head: Head, number: int, until: int, previous: str | None, *, fresh: bool
    ) -> tuple[Step, str]:
        last = min((number + 1) * PAGE_ENTRIES, until)
        entries = None if last % PAGE_ENTRIES == 0 else last - number * PAGE_ENTRIES
        limit = self._means.limits.page_bytes
        try:
            body = await self._means.wire.page(head.session_id, number, entries, limit, fresh=fresh)
        except Refused as error:
            detail = f"page {number} is {error}, although a head names it"
            raise FeedFault(AlarmCode.PAGE_LOST, detail, page=number, status=error.status) from error
        keys = self._means.trust.keys.entries

        def verified() -> tuple[Step, str]:
            page = read_page(body)
            return verified_step(page, replay, keys, number=number, last=last, previous=previous), page.sha256

        return await to_its_end(verified)

    async def take(self, entries: Sequence[tuple[int, str]], head: Head, offset: Offset) -> None:
        """Take entries that came one by one, up to the head behind them. Raises `FeedFault`."""
        means = self._means
        fetched_at = means.now()
        replay = means.store.replay()
        new = [row for row in entries if row[0] > replay.sequence]
        if [sequence for sequence, _ in new] != list(range(replay.sequence + 1, head.sequence + 1)):
            raise FeedFault(AlarmCode.SEQUENCE_GAP, f"not all entries from {replay.sequence} to {head.sequence} came")
        step = await to_its_end(lambda: replay.take(self._read(new, head)))
        await self._prove(replay, head)
        await self._write([step], head, fetched_at, offset)

    async def jump(self, entries: Sequence[tuple[int, str]], head: Head, offset: Offset) -> None:
        """Take the last entry of each record up to a head, out of a topic that forgets. Raises `FeedFault`."""
        means = self._means
        fetched_at = means.now()
        replay = means.store.replay()
        new = sorted(row for row in entries if replay.sequence < row[0] <= head.sequence)
        if len(new) == head.sequence - replay.sequence:
            await self.take(new, head, offset)
            return
        step = await to_its_end(lambda: replay.take(self._read(new, head), until=head.sequence))
        await self._prove(replay, head)
        await self._write([step], head, fetched_at, offset)

    def _read(self, rows: Sequence[tuple[int, str]], head: Head) -> list[tuple[int, Entry]]:
        keys = self._means.trust.keys.entries
        return [(sequence, read_entry(text, keys, head.view)) for sequence, text in rows]

    async def replayed(self, head: Head) -> tuple[Replay, list[Step]]:
        """Return a whole session of a few pages, replayed from nothing and proved; nothing is written."""
        replay = Replay(head.session_id, 0, BucketedSet(head.view), Frontier(), lambda _: {})
        steps = await self.fetched(replay, head, head.sequence) if head.sequence else []
        replay.prove(head.count, head.digest, head.log_root, where="the head")
        return replay, steps

    async def _prove(self, replay: Replay, head: Head) -> None:
        """Raises `FeedFault` unless the signed head stands behind everything that the replay took.

        Where the head is not reached yet, its log must continue the one that the entries make; where the log was not
        followed from its beginning, the head's log must continue that of the head before.
        """
        if replay.sequence == head.sequence:
            replay.prove(head.count, head.digest, head.log_root, where="the head")
        elif replay.frontier is not None:
            await self._means.prove_history(replay.sequence, replay.frontier.root().hex(), head)
        if replay.frontier is None:
            await self._means.prove_same_history(head)

    async def _write(self, steps: list[Step], head: Head, fetched_at: datetime, offset: Offset = None) -> None:
        """Write proved steps, each in one transaction. Raises `FeedFault` if too much would come at once."""
        means, store = self._means, self._means.store
        assert store.state is not None
        growth, growths = store.state.growth, []
        for step in steps:
            if store.state.head is None:
                growth = Growth(head.issued_at, step.whole.count)
            else:
                growth = growth.after(head, step.added, step.whole.count, means.limits)
            growths.append(growth)
        for step, after in zip(steps, growths, strict=True):
            if step.skipped:
                detail = "versions of records are missing in the feed"
                means.notice(AlarmCode.VERSION_SKIPPED, detail, records=step.skipped[:20])
            reached = head if step.last == head.sequence else None
            applied = Applied(after, fetched_at, means.now(), reached, offset if reached else None)
            await to_its_end(store.apply, step, applied)
