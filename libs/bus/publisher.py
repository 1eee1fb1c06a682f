"""A transactional producer under a fixed id: opening it fences whoever published under that id before."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from functools import lru_cache
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.errors import InvalidProducerEpoch, KafkaError, ProducerFenced
from aiokafka.partitioner import murmur2

from libs.bus.cloudevents import Record
from libs.bus.page import Outgoing
from libs.bus.settings import BusSettings
from libs.foundation import limits
from libs.foundation.errors import Transient
from libs.telemetry import get_logger

log = get_logger("zhixing.bus")

CLOSE_SECONDS_MAX = 3.0
BATCH_BYTES_MAX = 256 * 1024
FENCING = (ProducerFenced, InvalidProducerEpoch)


class PublishFailed(Transient):
    """The page may or may not be on the wire. The producer is of no more use: open another and read the page again."""

    code = "publish_failed"
    title = "Events could not be published"


class Fenced(PublishFailed):
    """Another process publishes under the same id now; nothing of this page became visible."""

    code = "publisher_fenced"
    title = "Another process publishes this bucket"


@lru_cache(maxsize=limits.CACHED_STREAMS_MAX)
def partition_of(key: bytes, partitions: int) -> int:
    """Return the partition of a key as every Kafka client counts it; for ever, because the order hangs on it."""
    return int((murmur2(key) & 0x7FFFFFFF) % partitions)


def _took(batch: Any, record: Record) -> bool:
    # No timestamp: the broker's log follows real time, business time stands in ce_time. No event is without a value: an
    # empty one is the tombstone of a compacted topic.
    return batch.append(timestamp=None, key=record.key, value=record.value or None, headers=record.headers) is not None


class Publisher:
    """Publishes pages, each in one Kafka transaction. After any error it is closed and must not be used again."""

    def __init__(self, settings: BusSettings, transactional_id: str) -> None:
        self._settings = settings
        self._transactional_id = transactional_id
        self._producer: AIOKafkaProducer | None = None

    async def open(self) -> None:
        """Connect and fence: when this returns, no earlier producer of this id can commit anything any more.

        Raises `PublishFailed` if the broker does not answer in time.
        """
        seconds = self._settings.publish_seconds_max
        producer = AIOKafkaProducer(
            bootstrap_servers=self._settings.bootstrap,
            transactional_id=self._transactional_id,
            acks="all",
            enable_idempotence=True,
            max_request_size=limits.RECORD_BYTES_MAX,
            max_batch_size=BATCH_BYTES_MAX,
            linger_ms=0,
            request_timeout_ms=int(seconds * 1000),
            # A paused owner's transaction is aborted by the broker soon after we would have given it up ourselves.
            transaction_timeout_ms=int(seconds * 1000) + 5000,
        )
        self._producer = producer
        try:
            async with asyncio.timeout(seconds):
                await producer.start()
        except (KafkaError, OSError, TimeoutError) as error:
            await self.close()
            raise PublishFailed(f"{self._transactional_id}: {type(error).__name__} {error}") from error
        except BaseException:
            await self.close()
            raise

    async def publish(
        self, page: Sequence[Outgoing], before_commit: Callable[[], Awaitable[None]] | None = None
    ) -> None:
        """Make all records of a page visible together, in order.

        `before_commit` runs between sending and committing: there a process must be paused to prove the fencing.
        Raises `Fenced` or `PublishFailed`; the producer is closed then.
        """
        producer = self._producer
        if producer is None:
            raise PublishFailed("the producer is closed")
        try:
            async with asyncio.timeout(self._settings.publish_seconds_max):
                await producer.begin_transaction()
                await self._send(producer, page)
                if before_commit is not None:
                    await before_commit()
                await producer.commit_transaction()
        except (KafkaError, OSError, TimeoutError) as error:
            await self._abort(producer)
            failure = Fenced if isinstance(error, FENCING) else PublishFailed
            raise failure(f"{self._transactional_id}: {type(error).__name__} {error}") from error
        except BaseException:
            await self._abort(producer)
            raise

    async def _send(self, producer: AIOKafkaProducer, page: Sequence[Outgoing]) -> None:
        # Batches are filled here rather than record by record by the producer: a record then costs no future.
        sent: list[asyncio.Future[object]] = []
        open_batches: dict[tuple[str, int], Any] = {}
        names = {topic: self._settings.topic(topic) for topic in {item.topic for item in page}}
        try:
            partitions = {topic: len(await producer.partitions_for(name)) for topic, name in names.items()}
            for topic, record in page:
                name, partition = names[topic], partition_of(record.key, partitions[topic])
                batch = open_batches.get((name, partition))
                if batch is None or not _took(batch, record):
                    if batch is not None:
                        sent.append(await producer.send_batch(batch, name, partition=partition))
                    batch = open_batches[name, partition] = producer.create_batch()
                    _took(batch, record)
            for (name, partition), batch in open_batches.items():
                sent.append(await producer.send_batch(batch, name, partition=partition))
        finally:
            results = await asyncio.gather(*sent, return_exceptions=True)
        for result in results:
            if isinstance(result, BaseException):
                raise result

    async def _abort(self, producer: AIOKafkaProducer) -> None:
        # Only politeness: the next producer of this id aborts what is open. It fails if we are fenced.
        with contextlib.suppress(Exception):
            async with asyncio.timeout(CLOSE_SECONDS_MAX):
                await producer.abort_transaction()
        await self.close()

    async def close(self) -> None:
        """Let go of the connection; what is not committed is never seen."""
        producer, self._producer = self._producer, None
        if producer is None:
            return
        try:
            async with asyncio.timeout(CLOSE_SECONDS_MAX):
                await producer.stop()
        except Exception as error:  # noqa: BLE001 -- it is being thrown away; a new one is opened
            log.warning("producer_not_closed", transactional_id=self._transactional_id, detail=str(error))
