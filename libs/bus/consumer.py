"""A consumer group's member: events of other services become commands of ours, at least once and absorbed by the inbox.

The ten sentences of the design, section 3, are kept here and in `partition` (order, prefix, back-off), `lanes` and
`quarantine` (poison, parking, release), `gate` (the limit) and `processor` (ids, classification).
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Collection, Mapping

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition

from libs.bus.admin import ensure_topics
from libs.bus.gate import Gate
from libs.bus.lanes import Lanes
from libs.bus.message import Handler
from libs.bus.partition import PartitionWorker
from libs.bus.processor import TRANSIENT, Processor
from libs.bus.quarantine import COLLECTION, Quarantine
from libs.bus.settings import BusSettings
from libs.foundation import limits
from libs.foundation.clock import Clock
from libs.journal import Journal
from libs.schemas.envelope import Event
from libs.schemas.topics import Topic, topic_of_event
from libs.telemetry import get_logger

log = get_logger("zhixing.bus")

IDLE_SECONDS_MAX = 24 * 60 * 60
"""A partition may wait this long without leaving the group: membership is proved by heartbeats, not by progress."""


class Consumer(ConsumerRebalanceListener):  # type: ignore[misc] # aiokafka ships no types
    """Subscribes to the topics where the handlers' events stand. `start` returns at once; `readiness` says the rest."""

    def __init__(
        self,
        settings: BusSettings,
        journal: Journal,
        *,
        name: str,
        handlers: Mapping[type[Event], Handler],
        clock: Clock,
    ) -> None:
        """Raises `ValueError` for a handler of a private event, or of a topic whose audience this service is not."""
        self._settings = settings
        self._journal = journal
        self._group = settings.group(name)
        self._topics = _topics_of(journal.service, handlers)
        self._processor = Processor(
            journal, name, handlers, clock=clock, handler_seconds_max=settings.handler_seconds_max
        )
        self._workers: dict[TopicPartition, PartitionWorker] = {}
        self._stopping = asyncio.Event()
        self._failed = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._gate: Gate | None = None
        self._kafka: AIOKafkaConsumer | None = None
        self._reason: str | None = "not connected"

    async def start(self) -> None:
        """Begin; a broker that is down is waited for."""
        self._task = asyncio.create_task(self._run(), name=f"consumer {self._group}")

    @property
    def quarantine(self) -> Quarantine:
        """The quarantine of this service, for operators; there once the journal has started."""
        return Quarantine(self._journal.store.collection(COLLECTION))

    async def stop(self) -> None:
        """Let the batches in flight finish, commit, leave the group."""
        self._stopping.set()
        if self._task is not None:
            # Draining, committing and leaving, each bounded by itself; the sum only guards against a hang.
            await asyncio.wait({self._task}, timeout=2 * self._settings.drain_seconds)
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
            self._task = None

    def readiness(self) -> dict[str, str]:
        """Return why this consumer does not get on, by name; empty means it does."""
        if self._gate is not None and self._gate.shut:
            return {f"consumer {self._group}": "halted: too many messages in quarantine"}
        reason = self._reason or next(filter(None, (worker.trouble() for worker in self._workers.values())), None)
        return {f"consumer {self._group}": reason} if reason else {}

    def alarms(self) -> dict[str, str]:
        """Return what a human must look at though the consumer goes on: messages in quarantine."""
        waiting = self._gate.waiting if self._gate is not None else 0
        return {f"quarantine {self._group}": f"{waiting} messages wait"} if waiting else {}

    async def _run(self) -> None:
        attempt = 0
        while not self._stopping.is_set():
            try:
                await self._session()
                attempt = 0
            except Exception as error:
                self._reason = f"{type(error).__name__}: {error}"
                log.exception("consumer_broke_off", group=self._group)
            await self._wait(self._stopping, self._settings.backoff(attempt))
            attempt += 1

    async def _session(self) -> None:
        """Serve with one Kafka client until it fails or we stop."""
        settings = self._settings
        await ensure_topics(
            settings.bootstrap, settings.topic_prefix, self._topics, replication_factor=settings.replication_factor
        )
        quarantine = self.quarantine
        await quarantine.prepare()
        gate = self._gate = Gate(quarantine, self._group, settings.quarantine_open_max)
        await gate.look()
        kafka = self._kafka = self._client()
        self._failed.clear()
        try:
            kafka.subscribe([settings.topic(topic.name) for topic in self._topics], listener=self)
            await self._start(kafka)
            self._reason = None
            while not self._stopping.is_set() and not self._failed.is_set():
                await self._wait(self._stopping, settings.request_poll_seconds)
                # A database that is away stops the partitions by itself; it is no reason to leave the group.
                with contextlib.suppress(*TRANSIENT):
                    await gate.look()
        finally:
            await self.on_partitions_revoked(list(self._workers))
            await kafka.stop()

    async def _start(self, kafka: AIOKafkaConsumer) -> None:
        # Joining may wait for other members to let go; a stop meanwhile must not wait for them.
        start = asyncio.create_task(kafka.start())
        stop = asyncio.create_task(self._stopping.wait())
        try:
            await asyncio.wait({start, stop}, return_when=asyncio.FIRST_COMPLETED)
            if start.done():
                start.result()
        finally:
            for task in (start, stop):
                task.cancel()
            await asyncio.gather(start, stop, return_exceptions=True)

    def _client(self) -> AIOKafkaConsumer:
        settings = self._settings
        return AIOKafkaConsumer(
            bootstrap_servers=settings.bootstrap,
            group_id=self._group,
            group_instance_id=settings.group_instance_id,
            enable_auto_commit=False,
            isolation_level="read_committed",
            auto_offset_reset="earliest",
            session_timeout_ms=settings.session_timeout_ms,
            heartbeat_interval_ms=settings.heartbeat_ms,
            rebalance_timeout_ms=int(settings.drain_seconds * 1000) + settings.session_timeout_ms,
            max_poll_interval_ms=IDLE_SECONDS_MAX * 1000,
            max_partition_fetch_bytes=2 * limits.RECORD_BYTES_MAX,
        )

    async def on_partitions_assigned(self, assigned: Collection[TopicPartition]) -> None:
        """Own these partitions from now on; nothing is fetched or waited for here, so it cannot wait for itself."""
        gate, kafka = self._gate, self._kafka
        if self._stopping.is_set() or gate is None:
            return
        for partition in assigned:
            lanes = Lanes(
                self.quarantine,
                gate,
                self._processor,
                group=self._group,
                topic=partition.topic,
                partition=partition.partition,
            )
            self._workers[partition] = PartitionWorker(
                kafka,
                partition,
                lanes=lanes,
                settings=self._settings,
                on_failure=self._fail,
            )

    async def on_partitions_revoked(self, revoked: Collection[TopicPartition]) -> None:
        """Wait until the batches in flight of these partitions are finished and committed, but not for ever."""
        workers = [worker for partition in revoked if (worker := self._workers.pop(partition, None)) is not None]
        tasks = [worker.stop() for worker in workers]
        if not tasks:
            return
        _done, late = await asyncio.wait(tasks, timeout=self._settings.drain_seconds)
        for task in late:
            task.cancel()
        if late:
            log.warning("batches_abandoned", group=self._group, partitions=len(late))
            await asyncio.gather(*late, return_exceptions=True)

    def _fail(self, error: BaseException) -> None:
        self._reason = f"{type(error).__name__}: {error}"
        log.error("partition_broke_off", group=self._group, exc_info=error)
        self._failed.set()

    async def _wait(self, event: asyncio.Event, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(event.wait(), seconds)


def _topics_of(service: str, handlers: Mapping[type[Event], Handler]) -> list[Topic]:
    topics: dict[str, Topic] = {}
    for event in handlers:
        topic = topic_of_event(event)
        if topic is None:
            msg = f"{event.type_text()} is private to its service"
            raise ValueError(msg)
        if service not in topic.audience:
            msg = f"{service} does not belong to the audience of {topic.name}"
            raise ValueError(msg)
        topics[topic.name] = topic
    return [topics[name] for name in sorted(topics)]
