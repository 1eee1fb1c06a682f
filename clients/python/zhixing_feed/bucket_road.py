"""The road by buckets: find the parts that differ from the publisher's list, and fetch those."""

from __future__ import annotations

from datetime import datetime

from zhixing_feed import fields
from zhixing_feed.alarms import AlarmCode, FeedFault
from zhixing_feed.entries import read_entry
from zhixing_feed.heads import Head
from zhixing_feed.list_road import ListRoad
from zhixing_feed.lthash import BucketedSet
from zhixing_feed.means import Means
from zhixing_feed.threads import to_its_end
from zhixing_feed.wire import Refused

Rows = list[tuple[int, str]]


class BucketRoad:
    """Repairs the copy bucket by bucket; the signed head proves the result, whatever the publisher says of buckets."""

    def __init__(self, means: Means, lists: ListRoad) -> None:
        """`lists` knows how a copy is replaced."""
        self._means = means
        self._lists = lists

    async def repair(self, head: Head) -> None:
        """Make the copy the head's list. Raises `FeedFault`: too much differs, or what came is not the head's list."""
        means = self._means
        state = means.store.state
        if state is None or state.session_id != head.session_id:
            raise FeedFault(AlarmCode.SET_DIGEST_WRONG, "there is no copy of this session to compare buckets with")
        await means.prove_same_history(head)
        fetched_at = means.now()
        own = await to_its_end(means.store.recounted)
        bodies = {number: await self._bucket(head, number) for number in await self._differing(head, own)}
        self._lists.tell(await to_its_end(self._take, head, own, bodies, fetched_at))

    async def _differing(self, head: Head, own: BucketedSet) -> list[int]:
        try:
            claims = await self._means.wire.checksums(head.sequence)
            digests = fields.digests(claims, "buckets")
            stated = (*fields.set_of(claims), claims.get("log_root"), claims.get("session_id"))
        except (Refused, fields.FieldWrong) as error:
            raise FeedFault(AlarmCode.SET_DIGEST_WRONG, f"no buckets to compare with: {error}") from error
        if stated != (head.count, head.digest, head.log_root, head.session_id) or len(digests) != len(own.buckets):
            raise FeedFault(AlarmCode.SET_DIGEST_WRONG, "the checksums are not those of the head")
        wrong = [number for number, sums in enumerate(own.buckets) if sums.digest() != digests[number]]
        if len(wrong) > len(own.buckets) * self._means.limits.bucket_share:
            raise FeedFault(AlarmCode.SET_DIGEST_WRONG, f"{len(wrong)} buckets differ", buckets=len(wrong))
        return wrong

    async def _bucket(self, head: Head, number: int) -> Rows:
        limit = self._means.limits.page_bytes
        try:
            claims = await self._means.wire.bucket(head.session_id, head.sequence, number, limit)
            rows = fields.objects(claims, "entries")
            return [(fields.whole(row, "sequence", least=1), fields.text(row, "entry")) for row in rows]
        except (Refused, fields.FieldWrong) as error:
            raise FeedFault(AlarmCode.SET_DIGEST_WRONG, f"bucket {number}: {error}", bucket=number) from error

    def _take(self, head: Head, own: BucketedSet, bodies: dict[int, Rows], fetched_at: datetime) -> list[str]:
        keys, store = self._means.trust.keys.entries, self._means.store
        state = store.state
        # The log goes on where it was followed to this very head; else only proofs can tell about it from here on.
        frontier = state.frontier if state is not None and state.sequence == head.sequence else None
        if frontier is not None and frontier.root().hex() != head.log_root:
            frontier = None
        with store.replacing(head.view, head.session_id, own, frozenset(bodies)) as replacement:
            for sequence, text in (row for rows in bodies.values() for row in rows):
                replacement.put(sequence, read_entry(text, keys, head.view))
            replacement.prove(head.count, head.digest, where="the head")
            missing = self._lists.close_missing(replacement, head, head.sequence)
            replacement.stand(self._lists.at_head(replacement, head, fetched_at, None, frontier))
        return missing
