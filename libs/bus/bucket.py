"""One bucket of the relay: who owns it, and page after page while it does."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import Counter, OrderedDict
from collections.abc import Awaitable, Callable

from libs.bus import metrics
from libs.bus.lease import COLLECTION, Lease
from libs.bus.outbox import tails
from libs.bus.page import PREDECESSOR_UNPUBLISHED, Plan, Tail, plan_page, predecessors_needed
from libs.bus.publisher import Publisher
from libs.bus.settings import BusSettings
from libs.foundation import limits
from libs.journal import Journal
from libs.journal.ending import end_tasks
from libs.telemetry import get_logger

log = get_logger("zhixing.bus")

SKEW_SECONDS_MAX = 5.0
"""A page may show a commit before its predecessor for a moment; for longer it is a fault."""

HELD_STREAMS_MAX = 500
"""Streams that a look leaves out because they are held, so that they do not stop the others."""


class BucketRelay:
    """Publishes one bucket whenever it holds the bucket's lease."""

    def __init__(
        self,
        settings: BusSettings,
        journal: Journal,
        *,
        service: str,
        bucket: int,
        owner: str,
        prepare: Callable[[], Awaitable[object]],
        stopping: asyncio.Event,
    ) -> None:
        self.number = bucket
        self._settings = settings
        self._journal = journal
        self._service = service
        self._owner = owner
        self._prepare = prepare
        self._stopping = stopping
        self._poked = asyncio.Event()
        self._tails: OrderedDict[str, Tail] = OrderedDict()
        self._held: dict[str, tuple[str, float]] = {}
        self._alarmed: set[str] = set()
        self._next_whole_look = 0.0
        self._failure: str | None = None

    def poke(self) -> None:
        """Look at once: something was committed."""
        self._poked.set()

    def trouble(self) -> str | None:
        """Return what keeps this bucket from being published, or None."""
        if self._failure is not None:
            return self._failure
        first = next(iter(self._alarmed), None)
        return f"{len(self._alarmed)} streams held, first {first}: {self._held[first][0]}" if first else None

    async def run(self) -> None:
        """Take the bucket whenever it is free, publish while it is ours; errors are backed off from, never given up."""
        lease: Lease | None = None
        attempt = 0
        while not self._stopping.is_set():
            try:
                if lease is None:
                    await self._prepare()
                    collection = self._journal.store.collection(COLLECTION)
                    name, seconds = f"relay-{self.number}", self._settings.lease_seconds
                    lease = Lease(collection, name, self._owner, seconds=seconds)
                term = lease.term
                if await lease.acquire():
                    if term != lease.term:
                        metrics.RELAY_TAKEOVERS.labels(self._service).inc()
                    await self._own(lease)
                self._failure, attempt = None, 0
                await self._sleep(self._settings.lease_seconds / 3)
            except Exception as error:  # noqa: BLE001 -- whatever broke, the bucket must be published again
                cause = getattr(error, "code", type(error).__name__)
                self._failure = f"{cause}: {error}"
                metrics.RELAY_FAILURES.labels(self._service, cause).inc()
                log.warning(
                    "relay_broke_off", service=self._service, bucket=self.number, cause=cause, detail=str(error)
                )
                await self._sleep(self._settings.backoff(attempt))
                attempt += 1

    async def _own(self, lease: Lease) -> None:
        publisher = Publisher(self._settings, self._settings.transactional_id(self._service, self.number))
        # What an earlier term knew of the streams may be stale: somebody else may have published since.
        self._tails.clear()
        self._next_whole_look = 0.0
        renewing = asyncio.create_task(self._renew(lease))
        try:
            # From here on nobody else can publish; only what is read after this point may be sent.
            await publisher.open()
            if not await lease.acquire():
                return
            self._failure = None
            await self._publish_while(lease, publisher)
        finally:
            await end_tasks(renewing)
            await publisher.close()
            with contextlib.suppress(Exception):
                # Whoever can reach the broker should have it; if that is us, we take it again.
                await lease.release()

    async def _publish_while(self, lease: Lease, publisher: Publisher) -> None:
        pause = self._settings.poll_seconds_min
        while lease.held and not self._stopping.is_set():
            self._poked.clear()
            began = time.monotonic()
            count = await self.publish_page(publisher)
            if count >= limits.RELAY_PAGE_COMMITS_MAX:
                continue
            # A transaction costs as much as some hundred records: what comes meanwhile shares the next one.
            await self._sleep(began + self._settings.page_seconds_min - time.monotonic())
            if count:
                pause = self._settings.poll_seconds_min
                continue
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._poked.wait(), pause)
            pause = min(self._settings.poll_seconds_max, 2 * pause)

    async def publish_page(self, publisher: Publisher) -> int:
        """Publish and mark one page; return the number of its commits."""
        began = time.monotonic()
        whole = began >= self._next_whole_look
        if whole:
            self._next_whole_look = began + SKEW_SECONDS_MAX
        left_out = [] if whole else list(self._alarmed)[:HELD_STREAMS_MAX]
        store = self._journal.store
        page = await store.unpublished(self.number, limits.RELAY_PAGE_COMMITS_MAX, left_out)
        metrics.RELAY_BACKLOG.labels(self._service, str(self.number)).set(len(page))
        known = {stream: tail for commit in page if (tail := self._tails.get(stream := commit["stream"])) is not None}
        known.update(await tails(store, predecessors_needed(page, known)))
        plan = plan_page(page, known, service=self._service)
        if plan.held or self._held:
            self._note_held(plan, seen_all=whole and len(page) < limits.RELAY_PAGE_COMMITS_MAX)
        if plan.outgoing:
            await publisher.publish(plan.outgoing)
        if not plan.ids:
            return 0
        await store.mark_published(plan.ids)
        for stream, tail in plan.tails.items():
            self._tails[stream] = tail
            self._tails.move_to_end(stream)
        while len(self._tails) > limits.CACHED_STREAMS_MAX:
            self._tails.popitem(last=False)
        metrics.RELAY_RECORDS.labels(self._service).inc(len(plan.outgoing))
        metrics.RELAY_SECONDS.labels(self._service).observe(time.monotonic() - began)
        return len(plan.ids)

    def _note_held(self, plan: Plan, *, seen_all: bool) -> None:
        now = time.monotonic()
        for stream in [each for each in self._held if each in plan.tails or (seen_all and each not in plan.held)]:
            del self._held[stream]
        for stream, cause in plan.held.items():
            if self._held.get(stream, ("", now))[0] != cause:
                self._held[stream] = (cause, now)
        certain = {
            stream: cause
            for stream, (cause, since) in self._held.items()
            if cause != PREDECESSOR_UNPUBLISHED or now - since > SKEW_SECONDS_MAX
        }
        for stream in certain.keys() - self._alarmed:
            log.error("stream_held", service=self._service, bucket=self.number, stream=stream, cause=certain[stream])
        self._alarmed = set(certain)
        metrics.RELAY_HELD.remove_by_labels({"service": self._service, "bucket": str(self.number)})
        for cause, count in Counter(certain.values()).items():
            metrics.RELAY_HELD.labels(self._service, str(self.number), cause).set(count)

    async def _renew(self, lease: Lease) -> None:
        while True:
            await asyncio.sleep(self._settings.lease_seconds / 3)
            try:
                if not await lease.acquire():
                    return
            except Exception as error:  # noqa: BLE001 -- tried again in time, else the lease runs out by itself
                log.warning("lease_not_renewed", service=self._service, bucket=self.number, detail=str(error))

    async def _sleep(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), seconds)
