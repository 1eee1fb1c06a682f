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
from libs.web.long_poll import is_stopping
from services.credit_blacklist.feed.distribution.meters import STREAMS
from services.credit_blacklist.feed.distribution.ports import PublishedFeed
from services.credit_blacklist.feed.register.model import Head

STREAMS_MAX: Final = 2000
"""Streams of a process: half of the connections it keeps, so that requests always find one."""
STREAMS_PER_SUBSCRIBER_MAX: Final = 5
STOP_LOOK_SECONDS: Final = 0.25


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

    def ring(self) -> None:
        """Wake everybody."""
        for listener in self.listeners:
            listener.rung.set()


class Doorbell:
    """All bells of this process. A background part: it is told of heads, whoever signed them."""

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
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Listen for new heads."""
        self._feed.on_head(self._head_known)
        self._task = asyncio.create_task(self._watch_stop(), name="feed doorbell end")

    async def stop(self) -> None:
        """End; streams are ended by whoever serves them."""
        if self._task is not None:
            await end_tasks(self._task)

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
        self._head_known(view)
        try:
            yield listener
        finally:
            bell.listeners.discard(listener)
            self._open[subscriber] -= 1
            STREAMS.labels(view).set(len(bell.listeners))

    def _head_known(self, view: str) -> None:
        bell = self._bells.get(view)
        head = self._feed.named(view)
        if bell is not None and head is not None and bell.newest is not head:
            bell.newest = head
            bell.ring()

    async def _watch_stop(self) -> None:
        while not is_stopping():  # noqa: ASYNC110 -- the end is told from a signal handler, which may not wake the loop
            await asyncio.sleep(STOP_LOOK_SECONDS)
        for bell in self._bells.values():
            bell.ring()
