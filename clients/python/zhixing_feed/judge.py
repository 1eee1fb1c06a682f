"""Whether a head may be followed: never back, never two truths, never a reset that does not account for itself."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto
from math import ceil
from typing import Final

from zhixing_feed.alarms import AlarmCode, FeedFault
from zhixing_feed.heads import Head, PreviousSession

DAY: Final = timedelta(days=1)


class Road(Enum):
    """What a head that may be followed asks for."""

    FIRST = auto()
    ADVANCE = auto()
    CONFIRM = auto()
    NEW_SESSION = auto()


@dataclass(frozen=True, slots=True)
class Known:
    """What a subscriber knows of the feed so far. `heads` are the one its copy reached and the newest it accepted."""

    view: str
    session_id: str
    sequence: int
    count: int
    digest: str
    log_root: str | None
    heads: tuple[Head, ...]
    dead_sessions: frozenset[str]
    pending: Head | None = None
    """A head of another session that was accepted; its list is not here yet."""


def judge(head: Head, known: Known | None) -> Road:
    """Return the road to a head. Raises `FeedFault`: it is of another view, goes back, contradicts, or hides."""
    if known is None:
        return Road.FIRST
    if head.view != known.view:
        raise FeedFault(AlarmCode.HEAD_OF_ANOTHER_VIEW, f"a head of view {head.view}, the copy is of {known.view}")
    if head.session_id in known.dead_sessions:
        raise FeedFault(AlarmCode.SESSION_DEAD, f"session {head.session_id} was replaced before")
    if head.session_id != known.session_id:
        _judge_reset(head, known)
        if known.pending is not None and known.pending.session_id == head.session_id:
            _judge_order(head, known.pending)
        return Road.NEW_SESSION
    for former in known.heads:
        _judge_order(head, former)
    if head.sequence < known.sequence:
        raise _lower(head, known.sequence)
    return Road.CONFIRM if head.sequence == known.sequence else Road.ADVANCE


def _judge_order(head: Head, former: Head) -> None:
    if head.sequence < former.sequence:
        raise _lower(head, former.sequence)
    if head.sequence > former.sequence:
        return
    if not head.says_the_same(former):
        raise FeedFault(
            AlarmCode.EQUIVOCATION,
            f"two heads of sequence {head.sequence} name two lists",
            sequence=head.sequence,
            heads=[former.sha256, head.sha256],
        )
    if head.issued_at < former.issued_at:
        raise FeedFault(AlarmCode.HEAD_OLDER, f"a head of {head.issued_at} after one of {former.issued_at}")


def _judge_reset(head: Head, known: Known) -> None:
    former = head.previous_session
    if former is None:
        raise FeedFault(AlarmCode.RESET_WITHOUT_LINK, f"session {head.session_id} does not say what it replaces")
    if former.id != known.session_id:
        return  # We slept through more than one reset; the chain of links is the publisher's to show.
    reached = max((known.sequence, *(each.sequence for each in known.heads)))
    if former.sequence < reached:
        detail = f"the session is said to have ended at {former.sequence}, it had reached {reached}"
        raise FeedFault(AlarmCode.RESET_HIDES_ENTRIES, detail, stated=former.sequence, reached=reached)
    if any(_differs(former, each.sequence, each.digest, each.log_root) for each in known.heads) or _differs(
        former, known.sequence, known.digest, known.log_root
    ):
        raise FeedFault(
            AlarmCode.RESET_HIDES_ENTRIES, f"the session is said to have ended as another list at {reached}"
        )


def _differs(former: PreviousSession, sequence: int, digest: str, log_root: str | None) -> bool:
    if former.sequence != sequence:
        return False
    return former.digest != digest or (log_root is not None and former.log_root != log_root)


def _lower(head: Head, reached: int) -> FeedFault:
    detail = f"a head of sequence {head.sequence} after {reached}"
    return FeedFault(AlarmCode.LOWER_SEQUENCE, detail, stated=head.sequence, reached=reached)


@dataclass(frozen=True, slots=True)
class Limits:
    """How much may come or go at once without two officers standing for it (`bulk`), and how much is fetched."""

    added_share: float = 0.05
    added_rows: int = 500
    missing_share: float = 0.01
    pages: int = 100
    page_bytes: int = 16 << 20
    small_bytes: int = 1 << 20
    bucket_share: float = 0.25


@dataclass(frozen=True, slots=True)
class Growth:
    """What came newly into the list since an instant: the guard's day."""

    since: datetime
    base: int
    added: int = 0

    def after(self, head: Head, added: Iterable[int], count: int, limits: Limits) -> Growth:
        """Return the day after entries that a head names. Raises `FeedFault` if they are too many.

        `added` are the sequences of what came newly; those that the head's `bulk` covers do not count. Whoever was away
        for some days may find the growth of as many days.
        """
        new = self.added + sum(1 for sequence in added if not head.covered(sequence))
        days = max(1, ceil((head.issued_at - self.since) / DAY))
        allowed = max(int(self.base * limits.added_share), limits.added_rows) * days
        if new > allowed:
            detail = f"{new} new records since {self.since}, {allowed} are allowed without a reason"
            raise FeedFault(AlarmCode.BULK_ADDED, detail, added=new, allowed=allowed)
        return (
            Growth(head.issued_at, count) if head.issued_at - self.since >= DAY else Growth(self.since, self.base, new)
        )


def prove_few_missing(head: Head, missing: int, held: int, after: int, until: int, limits: Limits) -> None:
    """Raises `FeedFault` if a verified list lacks too much of what the copy holds and nobody stands for it."""
    if missing and missing > held * limits.missing_share and not head.covers_between(after, until):
        detail = f"{missing} of {held} records are missing and were never removed"
        raise FeedFault(AlarmCode.BULK_MISSING, detail, missing=missing, held=held)
