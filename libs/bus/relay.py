"""The relay: unpublished commits become records, at least once, in the order of every stream.

A bucket's owner (by lease) opens a producer under the bucket's transactional id, which fences every earlier owner, and
only then reads: a page, one Kafka transaction, one update that marks it. On any error everything is begun anew.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import socket
from functools import partial
from typing import Any

from libs.bus.admin import ensure_topics
from libs.bus.bucket import BucketRelay
from libs.bus.outbox import published
from libs.bus.page import records_of
from libs.bus.publisher import Publisher
from libs.bus.settings import BusSettings
from libs.journal import BUCKETS, Journal
from libs.schemas.topics import TOPICS
from libs.telemetry import get_logger

log = get_logger("zhixing.bus")


class Relay:
    """Publishes a service's events, with any number of other processes doing the same. `start` returns at once."""

    def __init__(self, settings: BusSettings, journal: Journal, *, service: str) -> None:
        self._settings = settings
        self._journal = journal
        self._service = service
        self._owner = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(4)}"
        self._stopping = asyncio.Event()
        self._buckets: list[BucketRelay] = []
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Begin publishing; a broker that is down is waited for."""
        topics = [topic for topic in TOPICS if topic.service == self._service]
        settings = self._settings
        prepare = partial(
            ensure_topics,
            settings.bootstrap,
            settings.topic_prefix,
            topics,
            replication_factor=settings.replication_factor,
        )
        self._buckets = [
            BucketRelay(
                self._settings,
                self._journal,
                service=self._service,
                bucket=bucket,
                owner=self._owner,
                prepare=prepare,
                stopping=self._stopping,
            )
            for bucket in range(BUCKETS)
        ]
        self._journal.on_commit(self._poke)
        self._tasks = [
            asyncio.create_task(bucket.run(), name=f"relay {self._service} {bucket.number}") for bucket in self._buckets
        ]

    def _poke(self, *_what: Any) -> None:
        for bucket in self._buckets:
            bucket.poke()

    async def stop(self) -> None:
        """Finish the pages in flight and give the leases back."""
        self._stopping.set()
        self._poke()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=self._settings.publish_seconds_max)
        for task in self._tasks:
            task.cancel()
        for task in self._tasks:
            with contextlib.suppress(asyncio.CancelledError):
                await task
        self._tasks = []

    def readiness(self) -> dict[str, str]:
        """Return why a bucket does not get on, by name: a broker that is away, a stream that is held."""
        return {
            f"relay {self._service} {bucket.number}": trouble
            for bucket in self._buckets
            if (trouble := bucket.trouble()) is not None
        }

    async def republish(self, *, stream_prefix: str = "", since: str | None = None, until: str | None = None) -> int:
        """Publish again what was published before, for a new subscriber; return the number of records.

        Chosen by the beginning of the stream's name and by business time (`since` inclusive, `until` exclusive, texts).
        Records are repeats, byte-identical to the first ones, in the order of their stream; unpublished commits stay
        the relay's matter. A subscriber joins its group first, at the end of the topic, and then asks.
        """
        publisher = Publisher(self._settings, self._settings.transactional_id(self._service, "republish"))
        await publisher.open()
        count, after = 0, ""
        try:
            while page := await published(
                self._journal.store, prefix=stream_prefix, since=since, until=until, after=after
            ):
                after = page[-1]["_id"]
                records = [record for commit in page for record in records_of(commit, service=self._service)]
                if records:
                    await publisher.publish(records)
                    count += len(records)
        finally:
            await publisher.close()
        log.info("range_republished", service=self._service, records=count)
        return count
