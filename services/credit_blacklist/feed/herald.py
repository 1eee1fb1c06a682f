"""The herald signs the heads: every minute, and at once when there is something new (R-CRB-33).

Any number of processes do this side by side. Each signs only what its own register holds and its own self-check has
found right; what it names is first recorded in the journal, where nothing can be contradicted, and the head replaces
exactly the one that was seen. Who comes second starts again from what the first one signed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final
from uuid import uuid4

from libs.foundation.clock import Clock
from libs.foundation.errors import Transient
from libs.journal import Journal
from libs.journal.ending import end_tasks
from libs.telemetry import get_logger
from libs.telemetry.metrics import counter, gauge
from services.credit_blacklist.domain.feed_head import HeadContradicts
from services.credit_blacklist.domain.feed_session import Reset
from services.credit_blacklist.feed.heads import HeadMaker, Keys
from services.credit_blacklist.feed.register import Register
from services.credit_blacklist.feed.resets import Resets, open_first
from services.credit_blacklist.feed.self_check import Difference
from services.credit_blacklist.settings import CreditBlacklistSettings

log = get_logger("zhixing.feed")

TICK_SECONDS: Final = 0.4
GATHER_SECONDS: Final = 0.05

HEADS = counter("zhixing_feed_heads", "Heads signed", ("view",))
REFUSED = counter(
    "zhixing_feed_self_check_failures", "Heads that were not signed because the self-check failed", ("view",)
)
NAMED = gauge("zhixing_feed_named_sequence", "The last entry that the newest head known here names", ("view",))
KEPT = gauge("zhixing_feed_kept_sequence", "The last entry that this process keeps", ("view",))
SILENT = gauge("zhixing_feed_unsigned", "1 while nothing is signed for a view", ("view",))

Slowest = Callable[[str], Awaitable[int | None]]
"""Returns the lowest sequence that a subscriber of a view confirmed in its present session, None without any."""


class Herald:
    """Tends all views. A part of the application: `start` it after the register."""

    def __init__(
        self,
        journal: Journal,
        register: Register,
        clock: Clock,
        settings: CreditBlacklistSettings,
        keys: Keys | None,
    ) -> None:
        """Without keys nothing is signed, and that is an alarm."""
        self._journal = journal
        self._register = register
        self.maker = HeadMaker(journal, register, clock, settings, keys) if keys else None
        self._resets = Resets(journal, register, removed_days=settings.feed_retention_days)
        self._silent: dict[str, str] = {}
        self._poked = {view: asyncio.Event() for view in register.views}
        self._tasks: list[asyncio.Task[None]] = []
        self._carrying: dict[str, asyncio.Task[None]] = {}

    def keep_for(self, slowest: Slowest) -> None:
        """Keep pages for the slowest subscriber, as far as the settings allow."""
        if self.maker is not None:
            self.maker.slowest = slowest

    async def start(self) -> None:
        """Begin to sign; no view waits for another."""
        self._register.on_moved(self._poke)
        if self.maker is not None:
            self._tasks = [asyncio.create_task(self._run(view), name=f"herald {view}") for view in self._poked]

    async def stop(self) -> None:
        """Stop; a head that is half made is not signed, a reset is carried on by whoever comes next."""
        await end_tasks(*self._tasks, *self._carrying.values())
        self._tasks = []
        if self.maker is not None:
            await self.maker.stop()

    def _poke(self) -> None:
        for poked in self._poked.values():
            poked.set()

    def readiness(self) -> dict[str, str]:
        """Return nothing: without new heads this service can still answer, and every answer says how old it is."""
        return {}

    def alarms(self) -> dict[str, str]:
        """Return the views for which nothing is signed, each with its cause."""
        found = {f"feed head {view}": cause for view, cause in self._silent.items()}
        return found if self.maker is not None else {"feed heads": "there is no key to sign with"}

    async def _run(self, view: str) -> None:
        poked = self._poked[view]
        while True:
            poked.clear()
            await self._tend_safely(view)
            try:
                async with asyncio.timeout(TICK_SECONDS):
                    await poked.wait()
                # What comes together is named together.
                await asyncio.sleep(GATHER_SECONDS)
            except TimeoutError:
                continue

    async def _tend_safely(self, view: str) -> None:
        try:
            await self._tend(view)
        except Transient as error:
            log.info("feed_head_waits", view=view, cause=str(error))
            return
        except (Difference, HeadContradicts) as error:
            self._hush(view, str(error))
            REFUSED.labels(view).inc()
            return
        except Exception as error:  # noqa: BLE001 -- one view that breaks must not silence the others
            self._hush(view, f"{type(error).__name__}: {error}"[:300])
            return
        if self._silent.pop(view, None) is not None:
            SILENT.labels(view).set(0)

    def _hush(self, view: str, cause: str) -> None:
        if self._silent.get(view) != cause:
            log.error("feed_head_not_signed", view=view, cause=cause)
        self._silent[view] = cause
        SILENT.labels(view).set(1)

    async def _tend(self, view: str) -> None:
        sessions = self._register.sessions(view)
        if sessions.active is None:
            await open_first(self._journal, view, str(uuid4()))
            return
        if sessions.resetting and sessions.reset is not None:
            # The old session's heads go on meanwhile: subscribers need not take a reset for a silence.
            self._carry_on(view, sessions.active, sessions.reset)
        assert self.maker is not None, "it runs only with a maker"
        if await self.maker.tend(view):
            HEADS.labels(view).inc()
        if (head := self._register.named(view)) is not None:
            NAMED.labels(view).set(head.sequence)
        if (point := self._register.reached(view)) is not None:
            KEPT.labels(view).set(point.sequence)

    def _carry_on(self, view: str, active: str, reset: Reset) -> None:
        """Carry a reset out beside the signing. Raises what went wrong the last time, which begins it again."""
        task = self._carrying.get(reset.session_id)
        if task is not None and (not task.done() or task.exception() is None):
            return
        work = self._resets.carry_out(view, active, reset)
        self._carrying[reset.session_id] = asyncio.create_task(work, name=f"reset {view}")
        if task is not None and (error := task.exception()) is not None:
            raise error
