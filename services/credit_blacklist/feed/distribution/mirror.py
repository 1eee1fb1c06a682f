"""The Kafka mirror of the feed: each view is published by one process at a time, and by any that is left.

The lease says who should publish, for liveness only; that nobody else can is Kafka's fencing.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import socket
from collections.abc import Sequence
from typing import Final

from libs.bus import BusSettings
from libs.bus.admin import ensure_topics
from libs.bus.lease import COLLECTION, Lease
from libs.bus.publisher import Publisher
from libs.foundation.clock import Clock
from libs.journal import Journal
from libs.journal.ending import end_tasks
from libs.telemetry import get_logger
from services.credit_blacklist.feed.distribution.meters import MIRROR_FAILURES, MIRROR_RECORDS, MIRROR_TAKEOVERS
from services.credit_blacklist.feed.distribution.mirror_view import ViewMirror
from services.credit_blacklist.feed.distribution.ports import PublishedFeed
from services.credit_blacklist.feed.distribution.records import topics_of

log = get_logger(__name__)

RENEWALS_PER_LEASE: Final = 3


class Mirror:
    """Publishes all views, with any number of other processes doing the same. `start` returns at once."""

    def __init__(
        self, settings: BusSettings, journal: Journal, feed: PublishedFeed, clock: Clock, views: Sequence[str]
    ) -> None:
        """Nothing runs yet."""
        self._settings = settings
        self._stopping = asyncio.Event()
        owner = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(4)}"
        self._seats = {view: _Seat(view, settings, journal, feed, clock, owner, self._stopping) for view in views}
        self._feed = feed
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Begin; a broker that is down is waited for."""
        self._feed.on_head(self._poke)
        self._tasks = [
            asyncio.create_task(seat.run(), name=f"feed mirror {view}") for view, seat in self._seats.items()
        ]

    def _poke(self, view: str) -> None:
        if (seat := self._seats.get(view)) is not None:
            seat.poked.set()

    async def stop(self) -> None:
        """Finish the transactions in flight and give the leases back."""
        self._stopping.set()
        for view in self._seats:
            self._poke(view)
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=self._settings.publish_seconds_max)
        await end_tasks(*self._tasks)
        self._tasks = []

    def readiness(self) -> dict[str, str]:
        """Return nothing: subscribers have three other ways, and a broker that is away must not close those."""
        return {}

    def alarms(self) -> dict[str, str]:
        """Return why a view is not mirrored, by name."""
        return {f"feed mirror {view}": trouble for view, seat in self._seats.items() if (trouble := seat.trouble())}


class _Seat:
    """One view's place: owned while the lease is ours."""

    def __init__(
        self,
        view: str,
        settings: BusSettings,
        journal: Journal,
        feed: PublishedFeed,
        clock: Clock,
        owner: str,
        stopping: asyncio.Event,
    ) -> None:
        self._view = view
        self._settings = settings
        self._journal = journal
        self._feed = feed
        self._clock = clock
        self._owner = owner
        self._stopping = stopping
        self._failure: str | None = None
        self._mirror: ViewMirror | None = None
        self.poked = asyncio.Event()

    def trouble(self) -> str | None:
        """Return what keeps the view from being published, or None."""
        return self._failure or (self._mirror.trouble if self._mirror is not None else None)

    async def run(self) -> None:
        """Take the seat whenever it is free; errors are backed off from, never given up."""
        lease: Lease | None = None
        attempt = 0
        while not self._stopping.is_set():
            try:
                if lease is None:
                    lease = await self._prepared()
                term = lease.term
                if await lease.acquire():
                    if term != lease.term:
                        MIRROR_TAKEOVERS.labels(self._view).inc()
                    await self._own(lease)
                self._failure, attempt = None, 0
                await self._rest(self._settings.lease_seconds / RENEWALS_PER_LEASE)
            except Exception as error:  # noqa: BLE001 -- whatever broke, the view must be published again
                cause = getattr(error, "code", type(error).__name__)
                self._failure = f"{cause}: {error}"
                MIRROR_FAILURES.labels(self._view, cause).inc()
                log.warning("feed_mirror_broke_off", view=self._view, cause=cause, detail=str(error))
                await self._rest(self._settings.backoff(attempt))
                attempt += 1

    async def _prepared(self) -> Lease:
        settings = self._settings
        await ensure_topics(
            settings.bootstrap,
            settings.topic_prefix,
            topics_of(self._view, self._journal.service),
            replication_factor=settings.replication_factor,
        )
        collection = self._journal.store.collection(COLLECTION)
        return Lease(collection, f"feed-mirror-{self._view}", self._owner, seconds=settings.lease_seconds)

    async def _own(self, lease: Lease) -> None:
        settings = self._settings
        publisher = Publisher(settings, f"{settings.topic_prefix}{self._journal.service}-feed-{self._view}")
        renewing = asyncio.create_task(self._renew(lease))
        try:
            # From here on nobody else can publish: what the topic says now is said by nobody but us.
            await publisher.open()
            mirror = ViewMirror(self._view, self._feed, self._clock, publisher, settings)
            await mirror.look()
            self._mirror = mirror
            self._failure = None
            await self._publish_while(lease, mirror)
        finally:
            self._mirror = None
            await end_tasks(renewing)
            await publisher.close()
            with contextlib.suppress(Exception):
                # Whoever can reach the broker should have it; if that is us, we take it again.
                await lease.release()

    async def _publish_while(self, lease: Lease, mirror: ViewMirror) -> None:
        while lease.held and not self._stopping.is_set():
            self.poked.clear()
            MIRROR_RECORDS.labels(self._view).inc(await mirror.publish())
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.poked.wait(), self._settings.poll_seconds_max)

    async def _renew(self, lease: Lease) -> None:
        while True:
            await asyncio.sleep(self._settings.lease_seconds / RENEWALS_PER_LEASE)
            try:
                if not await lease.acquire():
                    return
            except Exception as error:  # noqa: BLE001 -- tried again in time, else the lease runs out by itself
                log.warning("lease_not_renewed", view=self._view, detail=str(error))

    async def _rest(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), seconds)
