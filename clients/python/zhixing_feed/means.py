"""What every road to a head works with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from zhixing_feed import fields
from zhixing_feed.alarms import AlarmCode, FeedFault
from zhixing_feed.heads import Head
from zhixing_feed.judge import Limits
from zhixing_feed.log_tree import continues
from zhixing_feed.store import Store
from zhixing_feed.trust import Trust
from zhixing_feed.wire import Refused, Wire


class Notice(Protocol):
    """Told what is worth knowing although nothing was refused."""

    def __call__(self, code: AlarmCode, detail: str, **facts: object) -> None:
        """Take a notice."""


@dataclass(frozen=True, slots=True)
class Means:
    """The copy, the publisher, whom to trust, how much at once, the time, and whom to tell."""

    store: Store
    wire: Wire
    trust: Trust
    limits: Limits
    now: Callable[[], datetime]
    notice: Notice

    async def prove_history(self, first: int, first_root: str, head: Head) -> None:
        """Raises `FeedFault` unless the head's log begins with the one whose root is known."""
        if first == 0:
            return
        try:
            claims = await self.wire.consistency(first, head.sequence) if first < head.sequence else {"hashes": []}
            proof = [bytes.fromhex(each) for each in fields.digests(claims, "hashes")]
        except (Refused, fields.FieldWrong) as error:
            detail = f"no proof that the log of {head.sequence} continues that of {first}: {error}"
            raise FeedFault(AlarmCode.HISTORY_NOT_PROVED, detail, sequence=first) from error
        if not continues(first, bytes.fromhex(first_root), head.sequence, bytes.fromhex(head.log_root), proof):
            detail = f"the log of {head.sequence} is not shown to begin with the log of {first}"
            raise FeedFault(AlarmCode.HISTORY_NOT_PROVED, detail, sequence=first)

    async def prove_same_history(self, head: Head) -> None:
        """Raises `FeedFault` unless the head's log continues that of the head the copy reached in this session."""
        state = self.store.state
        if state is not None and state.head is not None and state.session_id == head.session_id:
            await self.prove_history(state.head.sequence, state.head.log_root, head)
