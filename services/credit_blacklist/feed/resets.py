"""Carrying a reset out: the old session ends, what is in force goes over with its very bytes, the new one opens.

Every step is a command whose id is made of the reset and not of who takes it, and what goes over follows from how the
old session ended. So any number of processes may carry the same reset out, and be killed on the way.
"""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

from libs.foundation.clock import instant_text
from libs.foundation.errors import Transient
from libs.foundation.ids import command_id
from libs.journal import NATIONAL, Actor, CommandMeta, Folded, Journal
from libs.schemas.credit_blacklist import SessionEnd
from libs.telemetry import get_logger
from services.credit_blacklist.domain.feed import AppendEntry, EndSession, feed_stream
from services.credit_blacklist.domain.feed_session import OpenFirstSession, OpenSuccessor, Reset, session_stream
from services.credit_blacklist.feed.register import Checksum, Point, Register
from services.credit_blacklist.feed.register.reading import Reading

log = get_logger("zhixing.feed")

ACTOR: Final = Actor("feed", "zhixing", "service")
CARRIED_AT_ONCE: Final = 100
REACH_SECONDS: Final = 30.0


class RegisterBehind(Transient):
    """The register has not come to the end of the old session yet."""

    code = "feed_register_behind"
    title = "The register of the feed is still behind"


def feed_meta(*parts: str) -> CommandMeta:
    """Return the meta of a command that the feed gives itself; its id is made of `parts` alone."""
    identity = command_id("feed", *parts)
    return CommandMeta(command_id=identity, fingerprint=identity, actor=ACTOR, court=NATIONAL)


async def open_first(journal: Journal, view: str, session_id: str) -> None:
    """Open the first session of a view, unless another process was faster."""
    await journal.execute(session_stream(view), OpenFirstSession(view, session_id), feed_meta("open", view))


class Resets:
    """The resets of all views."""

    def __init__(self, journal: Journal, register: Register, *, removed_days: int) -> None:
        """`removed_days`: how long a removal is told on, so that who was away learns whom to let go."""
        self._journal = journal
        self._register = register
        self._removed_for = timedelta(days=removed_days)

    async def carry_out(self, view: str, old: str, reset: Reset) -> None:
        """Take the steps that are left of an approved reset. Raises `Transient`; then it is tried again."""
        ended = await self._end(view, old, reset.session_id)
        held = await self._register.checksum(view, old, ended.state.entries)
        assert ended.at is not None, "it has ended"
        number = await self._carry(view, held, reset.session_id, ended.at - self._removed_for)
        previous = SessionEnd(
            session_id=old,
            sequence=held.point.sequence,
            log_root=held.log_root,
            count=held.state.count,
            set_digest=held.state.digest,
        )
        meta = feed_meta("open", view, reset.session_id)
        await self._journal.execute(session_stream(view), OpenSuccessor(reset.session_id, previous), meta)
        log.info("feed_session_replaced", view=view, session_id=reset.session_id, carried=number)

    async def _end(self, view: str, old: str, new: str) -> Folded[Any]:
        stream = feed_stream(view, old)
        await self._journal.execute(stream, EndSession(old), feed_meta("end", view, old, new))
        folded = await self._journal.fold(stream, court=NATIONAL)
        if not await self._register.reach(Point(old, folded.state.entries), REACH_SECONDS):
            raise RegisterBehind(view)
        return folded

    async def _carry(self, view: str, held: Checksum, new: str, removed_since: datetime) -> int:
        feed = self._register.feed(held.point.session_id)
        assert feed is not None, "its checksum was told"
        ask = partial(
            Reading.records,
            feed=feed.feed,
            sequence=held.point.sequence,
            limit=CARRIED_AT_ONCE,
            removed_since=instant_text(removed_since),
        )
        after, carried, stream = "", 0, feed_stream(view, new)
        while batch := await self._register.read(partial(ask, after=after)):
            # One by one: what is told about one case must not show the entries of another.
            await asyncio.gather(
                *(
                    self._journal.execute(
                        stream,
                        AppendEntry(each.record_id, each.record_version, each.jws, each.case_id),
                        feed_meta("carry", view, new, each.record_id),
                    )
                    for each in batch
                )
            )
            after, carried = batch[-1].record_id, carried + len(batch)
        return carried
