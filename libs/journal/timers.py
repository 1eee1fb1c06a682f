"""Firing timers: what is due by the business clock becomes a command that does nothing unless it is still pending.

A deadline is enforced by `now` in `decide`, never by its timer having fired: a late one
delays what follows, not the law.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

from pymongo.errors import PyMongoError

from libs.foundation.clock import Clock, instant, instant_text
from libs.foundation.errors import Transient
from libs.foundation.ids import command_id
from libs.journal import meters
from libs.journal.model import Actor, CommandMeta, Outcome, TimerDue
from libs.journal.settings import JournalSettings
from libs.journal.store import Document, Store
from libs.journal.timer_rows import COLLECTION
from libs.telemetry import get_logger

log = get_logger()

Execute = Callable[[str, Any, CommandMeta], Awaitable[Outcome[Any]]]

_RETRY_SECONDS = 1.0
_RETRY_SECONDS_MAX = 60.0


class TimerLoop:
    """Looks for due timers. Any number of processes may: the command id makes a timer fire once."""

    def __init__(self, settings: JournalSettings, service: str, clock: Clock, store: Store, execute: Execute) -> None:
        """`execute` is the journal's."""
        self._settings = settings
        self._service = service
        self._clock = clock
        self._rows = store.collection(COLLECTION)
        self._execute = execute
        self._resting: dict[str, tuple[float, int]] = {}
        self.trouble: str | None = None
        self.alarm: str | None = None

    async def run(self) -> None:
        """Fire until cancelled."""
        while True:
            fired = 0
            try:
                fired = await self.fire_due()
                self.trouble = None
                self.alarm = f"{len(self._resting)} timers cannot fire" if self._resting else None
            except (PyMongoError, Transient) as error:
                self.trouble = f"{type(error).__name__}: {error}"[:300]
                log.warning("timers_wait", service=self._service, error=self.trouble)
            except Exception as error:
                self.trouble = f"{type(error).__name__}: {error}"[:300]
                log.exception("timers_failed", service=self._service)
            if fired < self._settings.timers_page_max:
                await asyncio.sleep(self._settings.timer_poll_seconds)

    async def fire_due(self) -> int:
        """Fire what is due by the business clock, one page of it; return how many were due."""
        now = self._clock.now()
        rested = time.monotonic()
        resting = [row_id for row_id, (until, _) in self._resting.items() if until > rested]
        query: Document = {"due_at": {"$lte": instant_text(now)}}
        if resting:
            query["_id"] = {"$nin": resting}
        limit = self._settings.timers_page_max
        due = await self._rows.find(query, sort=[("due_at", 1)], limit=limit).to_list(None)
        await asyncio.gather(*(self._fire(row) for row in due))
        return len(due)

    async def _fire(self, row: Document) -> None:
        stream, timer, generation = row["stream"], row["timer"], int(row["generation"])
        due_at = instant(row["due_at"])
        identity = command_id("timer", self._service, stream, timer, str(generation))
        meta = CommandMeta(
            command_id=identity,
            fingerprint=identity,
            actor=Actor("timer", "zhixing", "service"),
            court=row["court"],
            record_refusal=True,
        )
        try:
            outcome = await self._execute(stream, TimerDue(timer, generation, due_at), meta)
        except Exception:
            # One timer that cannot fire must not hold the others.
            _, tries = self._resting.get(row["_id"], (0.0, 0))
            seconds = min(_RETRY_SECONDS * 2**tries, _RETRY_SECONDS_MAX)
            self._resting[row["_id"]] = (time.monotonic() + seconds, min(tries + 1, 10))
            meters.TIMER_FAILURES.labels(self._service).inc()
            log.exception("timer_not_fired", service=self._service, stream=stream, timer=timer)
            return
        self._resting.pop(row["_id"], None)
        # The projector removes it too, but perhaps only after the next look.
        await self._rows.delete_one({"_id": row["_id"], "generation": generation})
        if not outcome.replayed and outcome.events:
            meters.TIMERS_FIRED.labels(self._service).inc()
            late = (outcome.at - due_at).total_seconds()
            meters.TIMER_LATENESS_SECONDS.labels(self._service).observe(max(0.0, late))
