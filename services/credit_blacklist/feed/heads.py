"""Making one head: whether it is time, whether what it would say is right, and putting it in the former's place."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from libs.evidence import SignatureInvalid, Signer, Verifier
from libs.foundation.clock import Clock, instant, instant_text
from libs.foundation.errors import Transient
from libs.journal import NATIONAL, Journal
from libs.journal.ending import end_tasks
from libs.schemas.credit_blacklist import FeedPublished
from services.credit_blacklist.domain.feed import feed_stream
from services.credit_blacklist.domain.feed_head import HeadOvertaken, NameSequence, head_stream
from services.credit_blacklist.feed.distribution.key_sets import KeySets
from services.credit_blacklist.feed.distribution.policies import policy_digest
from services.credit_blacklist.feed.head_payload import TYP, Terms, head_payload, standing_bulks
from services.credit_blacklist.feed.register import Checksum, Head, Point, Register
from services.credit_blacklist.feed.register.model import PAGE_ENTRIES
from services.credit_blacklist.feed.resets import feed_meta
from services.credit_blacklist.feed.self_check import Checked, Difference, SelfCheck
from services.credit_blacklist.feed.snapshots import Snapshots, Stored
from services.credit_blacklist.settings import CreditBlacklistSettings

CLOCKS_DIFFER: Final = timedelta(seconds=5)
"""How far the clocks of two processes may be apart; who is behind waits that long before signing."""
SNAPSHOT_AGAIN_SECONDS: Final = 30
"""How long after one that was not the list another is tried, in real seconds."""


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys of the feed: the court's, with which entries are signed, the heads', and the sets that name both."""

    court: Signer
    heads: Signer
    sets: KeySets


class HeadMaker:
    """Makes the heads of all views, one view at a time."""

    def __init__(
        self,
        journal: Journal,
        register: Register,
        clock: Clock,
        settings: CreditBlacklistSettings,
        keys: Keys,
    ) -> None:
        """Nothing is signed yet."""
        self._journal = journal
        self._register = register
        self._clock = clock
        self._settings = settings
        self._keys = keys
        self.snapshots = Snapshots(journal, register)
        self.slowest: Callable[[str], Awaitable[int | None]] | None = None
        self._checks = {view: SelfCheck(journal, register, view) for view in register.views}
        self._making: dict[str, asyncio.Task[Stored | None]] = {}
        self._failed: dict[str, tuple[str, float]] = {}

    async def stop(self) -> None:
        """End snapshots that are being made."""
        await end_tasks(*self._making.values())

    async def tend(self, view: str) -> bool:
        """Sign a head of the view if it is time; return whether one was signed.

        Raises `Difference` where the self-check failed, `HeadContradicts`, `HeadOvertaken`, and the journal's errors.
        """
        point, now = self._register.reached(view), self._clock.now()
        finished = self._snapshot_ended(view)
        if point is None or not (finished or await self._is_due(view, point, now)):
            return False
        former = await self._register.head(view)
        if former is not None:
            # Another process may just have signed what was due.
            await self._register.adopt(view, former)
            if not finished and not await self._is_due(view, point, now):
                return False
        if not self._may_follow(view, point, former):
            return False
        if former is not None and now < former.issued_at:
            if former.issued_at - now <= CLOCKS_DIFFER:
                raise HeadOvertaken(f"{view}: the clock of who signed last goes before ours")
            raise Difference(f"the clock went back: the last head is of {instant_text(former.issued_at)}")
        first = former is None or former.session_id != point.session_id
        if first and point.sequence < (await self._entries(view, point.session_id)):
            # What was carried over into a new session is named all at once or not at all.
            return False
        snapshot = await self.snapshots.newest(view, point.session_id)
        checked = await self._checks[view].through(point, self._trusted(former), await self._entry_keys())
        must = first and (point.sequence > 0 or len(self._register.sessions(view).every) > 1)
        if view in self._failed or (must and snapshot is None):
            snapshot = await self.snapshots.make(view, checked, removed_since=self._removed_since(now), now=now)
            self._failed.pop(view, None)
        else:
            self._begin_snapshot(view, checked, snapshot, now)
        return await self._sign(view, checked, former, snapshot, now)

    async def _is_due(self, view: str, point: Point, now: datetime) -> bool:
        """Return whether the head that is known here has aged, or says less than could be said."""
        known, sessions = self._register.named(view), self._register.sessions(view)
        if known is None or known.point != point:
            return True
        if now - known.issued_at >= timedelta(seconds=self._settings.feed_head_every_s) or now < known.issued_at:
            return True
        said = known.payload
        return bool(
            said["key_set_version"] != len(await self._keys.sets.chain())
            or said["policy"]["sha256"] != policy_digest(view)[1]
            or len(said["bulk"]) != len(standing_bulks(sessions.bulks, point.session_id))
        )

    def _may_follow(self, view: str, point: Point, former: Head | None) -> bool:
        """Return False where another process knows more: a later entry, or a later session."""
        if former is None or former.session_id == point.session_id:
            return former is None or point.sequence >= former.sequence
        return any(session.session_id == former.session_id for session in self._register.sessions(view).every)

    async def _entries(self, view: str, session_id: str) -> int:
        folded = await self._journal.fold(feed_stream(view, session_id), court=NATIONAL)
        return int(folded.state.entries)

    def _trusted(self, former: Head | None) -> Head | None:
        """Return the former head if it bears our signature: what lies on the shelf is believed on that alone."""
        if former is None:
            return None
        try:
            Verifier(self._keys.heads.jwks()).verify(former.jws)
        except SignatureInvalid:
            return None
        return former

    async def _entry_keys(self) -> Mapping[str, Any]:
        chain = await self._keys.sets.chain()
        return {"keys": chain[-1].keys("entry_keys")} if chain else self._keys.court.jwks()

    # Snapshots -------------------------------------------------------------------------------------------------------

    def _removed_since(self, now: datetime) -> datetime:
        return now - timedelta(days=self._settings.feed_retention_days)

    def _begin_snapshot(self, view: str, checked: Checked, newest: Stored | None, now: datetime) -> None:
        """Make a snapshot beside the running feed where one is due; the next head names it."""
        if view in self._making or checked.point.sequence == (newest.sequence if newest else 0):
            return
        every = timedelta(seconds=self._settings.feed_snapshot_every_s)
        if newest is not None and now - instant(newest.made_at) < every:
            return
        making = self.snapshots.make_alone(view, checked, removed_since=self._removed_since(now), now=now)
        self._making[view] = asyncio.create_task(making, name=f"snapshot {view}")

    def _snapshot_ended(self, view: str) -> bool:
        """Return whether a snapshot is ready to be named.

        Raises `Difference` where the last one is not the list, until it is time to try again: while what the register
        gives out is wrong, no head may say that it is right.
        """
        task = self._making.get(view)
        if task is None or not task.done():
            return self._failed_long_ago(view)
        del self._making[view]
        error = task.exception()
        if error is None:
            return task.result() is not None
        if not isinstance(error, Transient):
            self._failed[view] = (str(error), time.monotonic())
        return self._failed_long_ago(view)

    def _failed_long_ago(self, view: str) -> bool:
        if view not in self._failed:
            return False
        cause, since = self._failed[view]
        if time.monotonic() - since < SNAPSHOT_AGAIN_SECONDS:
            raise Difference(cause)
        self._failed[view] = (cause, time.monotonic())
        return True

    # Signing ---------------------------------------------------------------------------------------------------------

    async def _sign(
        self, view: str, checked: Checked, former: Head | None, snapshot: Stored | None, now: datetime
    ) -> bool:
        held = await self._register.checksum(view, checked.point.session_id, checked.point.sequence)
        if former is None or former.point != held.point:
            await self._name(view, held)
        version, sha256 = policy_digest(view)
        settings = self._settings
        terms = Terms(
            settings.feed_head_valid_s,
            settings.feed_minimum_wait_s,
            len(await self._keys.sets.chain()),
            version,
            sha256,
        )
        payload = head_payload(
            held,
            self._register.sessions(view),
            terms=terms,
            snapshot=snapshot.name if snapshot else None,
            oldest_sequence=await self._oldest(view, held.point, former, snapshot, now),
            now=now,
        )
        jws = await self._keys.heads.sign(payload, TYP)
        if not await self._register.heads.replace(view, jws, revision=former.revision if former else 0):
            raise HeadOvertaken(view)
        if (head := await self._register.head(view)) is not None:
            await self._register.adopt(view, head)
        return True

    async def _name(self, view: str, held: Checksum) -> None:
        fact = FeedPublished(
            view=view,
            session_id=held.point.session_id,
            sequence=held.point.sequence,
            count=held.state.count,
            set_digest=held.state.digest,
            log_root=held.log_root,
        )
        meta = feed_meta("name", view, str(held.point), fact.set_digest, fact.log_root)
        await self._journal.execute(head_stream(view, held.point.session_id), NameSequence(fact), meta)

    async def _oldest(
        self, view: str, point: Point, former: Head | None, snapshot: Stored | None, now: datetime
    ) -> int:
        """Return the first sequence that pages offer: never less than before, always reachable from the snapshot."""
        settings, feed = self._settings, self._register.feed(point.session_id)
        assert feed is not None, "it is being named"
        days, most = timedelta(days=settings.feed_retention_days), timedelta(days=settings.feed_retention_days_max)
        young = await self._register.read(lambda reading: reading.sequence_at(feed.feed, instant_text(now - days)))
        limit = await self._register.read(lambda reading: reading.sequence_at(feed.feed, instant_text(now - most)))
        slowest = await self.slowest(view) if self.slowest and young > limit else None
        passed = max(limit, min(young, slowest if slowest is not None else young))
        passed = min(passed, snapshot.sequence if snapshot else 0)
        oldest = passed // PAGE_ENTRIES * PAGE_ENTRIES + 1
        return max(oldest, former.oldest_sequence) if former and former.session_id == point.session_id else oldest
