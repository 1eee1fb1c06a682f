"""A head came: judge it, choose the road to it, and repair at once and bounded where a road fails."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from zhixing_feed.alarms import HARD, AlarmCode, FeedFault, FeedStopped, support_code
from zhixing_feed.bell import Bell
from zhixing_feed.bucket_road import BucketRoad
from zhixing_feed.heads import Head
from zhixing_feed.journal import Stop
from zhixing_feed.judge import Road, judge
from zhixing_feed.list_road import ListRoad
from zhixing_feed.means import Means
from zhixing_feed.page_road import Offset, PageRoad
from zhixing_feed.pages import page_of
from zhixing_feed.threads import to_its_end

CLOCK_SKEW: Final = timedelta(minutes=5)
"""How far clocks may differ where no policy says it."""

_NO_REPAIR: Final = HARD | {
    AlarmCode.BULK_ADDED,
    AlarmCode.COPY_WRITTEN_BY_ANOTHER,
    AlarmCode.HISTORY_NOT_PROVED,
}
"""Faults that fetching again cannot mend: somebody has to look at them."""


@dataclass(frozen=True, slots=True)
class Brought:
    """Entries that came together with a head, and how far their topic was read.

    `compacted`: only the last entry of each record came; what is between was forgotten by the topic on purpose.
    """

    entries: Sequence[tuple[int, str]]
    offset: Offset
    compacted: bool = False


class Engine:
    """Brings the copy to the heads that it is handed, one after the other."""

    def __init__(self, means: Means, bell: Bell) -> None:
        """Take what roads work with, and the bell."""
        self._means = means
        self._bell = bell
        self.pages = PageRoad(means)
        self.lists = ListRoad(means, self.pages)
        self._buckets = BucketRoad(means, self.lists)
        self._head_ahead = False

    @property
    def clock_off(self) -> bool:
        """Whether the own clock and the publisher's differ by more than the policy allows."""
        skew = self._means.wire.skew
        return self._head_ahead or (skew is not None and abs(skew) > self._skew_allowed)

    @property
    def _skew_allowed(self) -> timedelta:
        policy = self._means.trust.policy
        return policy.clock_skew if policy else CLOCK_SKEW

    async def take(self, text: str, *, live: bool = True, brought: Brought | None = None) -> Head:
        """Bring the copy to a head. `live`: it is what the publisher says now, and not a topic's past.

        Raises `FeedFault` (the alarm was raised, the copy is as it was or at a good earlier sequence), `FeedStopped`
        after a contradiction, `Unavailable` where the publisher did not answer.
        """
        self.prove_running()
        self._bell.keep_waiting()
        head: Head | None = None
        try:
            head = await self._means.trust.head(text)
            road = judge(head, self._means.store.known())
            if live:
                self._look_at_the_clock(head)
            await self._follow_policy(head)
            await self._go(road, head, brought)
        except FeedFault as fault:
            self._bell.fault(fault)
            if fault.code in HARD or fault.code is AlarmCode.HISTORY_NOT_PROVED:
                self._keep_evidence(fault, head)
            if fault.code in HARD:
                self._stop(fault)
            raise
        self._went_well(head)
        return head

    def prove_running(self) -> None:
        """Raises `FeedStopped` if only a person may go on from here."""
        stop = self._means.store.journal.stop()
        if stop is not None and stop.hard:
            raise FeedStopped(stop.support_code, stop.detail)

    def _look_at_the_clock(self, head: Head) -> None:
        now = self._means.now()
        self._head_ahead = head.issued_at > now + self._skew_allowed
        if self.clock_off:
            skew = self._means.wire.skew
            self._bell(AlarmCode.CLOCK_OFF, f"clocks differ by {skew}; head of {head.issued_at}, here it is {now}")
        elif head.valid_until <= now:
            self._bell(AlarmCode.HEAD_EXPIRED, f"the newest head was valid until {head.valid_until}")

    async def _follow_policy(self, head: Head) -> None:
        try:
            await self._means.trust.follow_policy(head)
        except FeedFault as fault:
            self._bell.fault(fault)

    async def _go(self, road: Road, head: Head, brought: Brought | None) -> None:
        store = self._means.store
        if road is Road.FIRST:
            await self._first(head, brought)
            return
        await to_its_end(store.accept, head)
        if road is Road.NEW_SESSION:
            await self._new_session(head)
        elif store.damage is not None:
            await self._repair(head, FeedFault(AlarmCode.COPY_DAMAGED, store.damage))
        elif road is Road.CONFIRM:
            await self._confirm(head, brought)
        else:
            await self._advance(head, brought)

    async def _first(self, head: Head, brought: Brought | None) -> None:
        means = self._means
        if head.snapshot is not None and brought is None:
            try:
                await self.lists.by_snapshot(head, "FIRST")
                return
            except FeedFault as fault:
                if fault.code in _NO_REPAIR or head.oldest_sequence > 1:
                    raise
                self._bell.fault(fault)
        if brought is not None and brought.compacted:
            await self.lists.by_topic(brought.entries, head, brought.offset)
            return
        if head.oldest_sequence > 1 and not (brought and brought.entries and brought.entries[0][0] == 1):
            await self.lists.by_snapshot(head, "FIRST")
            return
        if means.store.state is None:
            await to_its_end(means.store.begin, head, means.now())
        await (self._advance(head, brought) if head.sequence else self._confirm(head, brought))

    async def _confirm(self, head: Head, brought: Brought | None) -> None:
        store = self._means.store
        try:
            store.replay().prove(head.count, head.digest, head.log_root, where="the head")
        except FeedFault as fault:
            await self._repair(head, fault)
            return
        await to_its_end(store.confirm, head, brought.offset if brought else None)

    async def _advance(self, head: Head, brought: Brought | None) -> None:
        state = self._means.store.state
        assert state is not None
        try:
            if brought is not None:
                taken = self.pages.jump if brought.compacted else self.pages.take
                await taken(brought.entries, head, brought.offset)
            elif reason := self._snapshot_reason(head, state.sequence):
                await self.lists.by_snapshot(head, reason)
            else:
                await self.pages.follow(head)
        except FeedFault as fault:
            await self._repair(head, fault)

    def _snapshot_reason(self, head: Head, sequence: int) -> str | None:
        if sequence + 1 < head.oldest_sequence:
            return "POSITION_EXPIRED"
        named = head.snapshot
        if named is None or named.sequence <= sequence or page_of(head.sequence) == page_of(sequence + 1):
            return None
        pages = page_of(head.sequence) - page_of(sequence + 1) + 1
        bytes_needed = (head.sequence - sequence) * named.bytes // max(1, named.count)
        return "TOO_FAR_BEHIND" if pages > self._means.limits.pages or bytes_needed > named.bytes else None

    async def _new_session(self, head: Head) -> None:
        if head.snapshot is not None:
            await self.lists.by_snapshot(head, "SESSION_CHANGED")
        else:
            await self.lists.by_pages(head, "SESSION_CHANGED")

    async def _repair(self, head: Head, fault: FeedFault) -> None:
        """Go down the ladder: pages again, buckets, snapshot, support code. The copy stays good at every step."""
        last, steps = fault, ["pages", "buckets", "snapshot"]
        if fault.code is AlarmCode.COPY_DAMAGED:
            steps.remove("pages")
        for step in steps:
            if last.code in _NO_REPAIR:
                raise last
            self._bell.fault(last)
            try:
                await self._step(step, head)
                return
            except FeedFault as next_fault:
                last = next_fault
        if last.code in _NO_REPAIR or last.code is AlarmCode.BULK_MISSING:
            raise last
        self._bell.fault(last)
        code = support_code(fault.code, head.session_id, head.sequence)
        self._means.store.journal.keep_stop(Stop(fault.code, code, fault.detail, hard=False))
        raise FeedFault(AlarmCode.SUPPORT_NEEDED, f"{code}: nothing repaired it", support_code=code) from last

    async def _step(self, step: str, head: Head) -> None:
        if step == "buckets":
            await self._buckets.repair(head)
        elif step == "snapshot":
            await self.lists.by_snapshot(head, "REPAIR_FAILED")
        else:
            state = self._means.store.state
            if state is None or state.sequence >= head.sequence:
                raise FeedFault(AlarmCode.SET_DIGEST_WRONG, "there are no pages to fetch again")
            await self.pages.follow(head, fresh=True)

    def _keep_evidence(self, fault: FeedFault, head: Head | None) -> None:
        store, state = self._means.store, self._means.store.state
        known = [each for each in (state.head, state.seen) if each] if state else []
        texts = [each.signed.text for each in (*known, *([head] if head else []))]
        store.journal.keep_evidence(fault.code, texts, self._means.now())

    def _stop(self, fault: FeedFault) -> None:
        store, state = self._means.store, self._means.store.state
        session_id, sequence = (state.session_id, state.sequence) if state else ("", 0)
        code = support_code(fault.code, session_id, sequence)
        store.journal.keep_stop(Stop(fault.code, code, fault.detail, hard=True))
        raise FeedStopped(code, fault.detail) from fault

    def _went_well(self, head: Head) -> None:
        if self._means.store.journal.stop() is not None:
            self._means.store.journal.resume()
        now = self._means.now()
        clock = {AlarmCode.CLOCK_OFF} if self.clock_off else set()
        expired = {AlarmCode.HEAD_EXPIRED} if head.valid_until <= now else set()
        policy = self._means.trust.policy
        other = policy is None or policy.sha256 != head.policy_sha256
        self._bell.clear(but=frozenset(clock | expired | ({AlarmCode.POLICY_WRONG} if other else set())))
