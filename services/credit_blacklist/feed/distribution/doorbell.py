"""The doorbell: newest heads, from one look per view to everybody who listens in this process.

A listener is given the newest head and not a queue: a head says all that the former ones said, so whoever reads slowly
misses nothing, and costs no more memory than whoever reads fast.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from libs.foundation.errors import Overloaded
from libs.journal.ending import end_tasks
from libs.telemetry import get_logger
from libs.web.long_poll import is_stopping
from services.credit_blacklist.feed.distribution.meters import STREAMS
from services.credit_blacklist.feed.distribution.ports import PublishedFeed
from services.credit_blacklist.feed.register.model import Head

STREAMS_MAX: Final = 2000
"""Streams of a process: half of the connections it keeps, so that requests always find one."""
STREAMS_PER_SUBSCRIBER_MAX: Final = 5
STOP_LOOK_SECONDS: Final = 0.25
HEAD_LOOK_SECONDS: Final = 1.0
"""How long a head that another process signed may go unnoticed here."""

log = get_logger(__name__)


class TooManyStreams(Overloaded):
    """The subscriber, or the process, has as many event streams open as it may have. HTTP 429."""

    code = "too_many_streams"
    title = "Too many event streams are open"
    remedy = "Close streams that nobody reads; one per subscriber is enough. Heads can be polled meanwhile."


class Listener:
    """One open stream: waits for a head that it has not been given."""

    def __init__(self, bell: _Bell) -> None:
        """Nothing was given yet."""
        self._bell = bell
        self._given: str | None = None
        self.rung = asyncio.Event()

    async def next(self, seconds: float) -> Head | None:
        """Return the newest head once there is one that was not given; None after `seconds`, or when we stop."""
        if (head := self._take()) is not None or is_stopping():
            return head
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.rung.wait(), seconds)
        return self._take()

    def _take(self) -> Head | None:
        self.rung.clear()
        head = self._bell.newest
        if head is None or head.jws == self._given:
            return None
        self._given = head.jws
        return head


class _Bell:
    """The newest head of one view, and who listens for it."""

    def __init__(self) -> None:
        self.newest: Head | None = None
        self.listeners: set[Listener] = set()
        self.looking = asyncio.Lock()

    def ring(self) -> None:
        """Wake everybody."""
        for listener in self.listeners:
            listener.rung.set()


class Doorbell:
    """All bells of this process. A background part: it looks for heads while somebody listens."""

    def __init__(
        self,
        feed: PublishedFeed,
        *,
        streams_max: int = STREAMS_MAX,
        per_subscriber_max: int = STREAMS_PER_SUBSCRIBER_MAX,
    ) -> None:
        """Nobody listens yet."""
        self._feed = feed
        self._bells: dict[str, _Bell] = {}
        self._open: Counter[str] = Counter()
        self._streams_max = streams_max
        self._per_subscriber_max = per_subscriber_max
        self._asked = asyncio.Event()
        self._wanted: set[str] = set()
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Listen for new heads."""
        self._feed.on_head(self._head_known)
        self._tasks = [
            asyncio.create_task(self._watch_heads(), name="feed doorbell"),
            asyncio.create_task(self._watch_stop(), name="feed doorbell end"),
        ]

    async def stop(self) -> None:
        """End; streams are ended by whoever serves them."""
        await end_tasks(*self._tasks)

    def readiness(self) -> dict[str, str]:
        """Return nothing: it waits for nobody."""
        return {}

    @contextmanager
    def listening(self, view: str, subscriber: str) -> Iterator[Listener]:
        """Give a listener of a view. Raises `TooManyStreams`."""
        if self._open[subscriber] >= self._per_subscriber_max:
            raise TooManyStreams(f"{self._per_subscriber_max} streams are open already.")
        if self._open.total() >= self._streams_max:
            raise TooManyStreams("This process keeps no more streams.")
        bell = self._bells.setdefault(view, _Bell())
        listener = Listener(bell)
        self._open[subscriber] += 1
        bell.listeners.add(listener)
        STREAMS.labels(view).set(len(bell.listeners))
        # A bell that nobody listened to may hold an old head: it is looked for at once.
        self._head_known(view)
        try:
            yield listener
        finally:
            bell.listeners.discard(listener)
            self._open[subscriber] -= 1
            STREAMS.labels(view).set(len(bell.listeners))

    async def newest(self, view: str) -> Head | None:
        """Return the newest head as of now."""
        bell = self._bells.setdefault(view, _Bell())
        await self._look(view, bell)
        return bell.newest

    def _head_known(self, view: str) -> None:
        self._wanted.add(view)
        self._asked.set()

    async def _watch_heads(self) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._asked.wait(), HEAD_LOOK_SECONDS)
            self._asked.clear()
            # Told of a head, only its view is looked at; every second all of them, for heads that others signed.
            asked, self._wanted = self._wanted or set(self._bells), set()
            for view in asked:
                if (bell := self._bells.get(view)) is not None and bell.listeners:
                    try:
                        await self._look(view, bell)
                    except Exception as error:  # noqa: BLE001 -- the next look may find the database again
                        log.warning("head_not_read", view=view, detail=str(error))

    async def _look(self, view: str, bell: _Bell) -> None:
        async with bell.looking:
            head = await self._feed.head(view)
            if head is not None and (bell.newest is None or head.jws != bell.newest.jws):
                bell.newest = head
                bell.ring()

    async def _watch_stop(self) -> None:
        while not is_stopping():  # noqa: ASYNC110 -- the end is told from a signal handler, which may not wake the loop
            await asyncio.sleep(STOP_LOOK_SECONDS)
        for bell in self._bells.values():
            bell.ring()
