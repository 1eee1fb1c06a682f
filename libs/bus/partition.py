"""One partition, one task: batches in order, the keys of a batch side by side, one key in order."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import Callable, Sequence

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from libs.bus.lanes import Lanes, lane_of
from libs.bus.metrics import CONSUMED, CONSUMER_LAG, CONSUMER_RETRIES
from libs.bus.prefix import DonePrefix
from libs.bus.processor import TRANSIENT, Record
from libs.bus.settings import BusSettings
from libs.foundation.errors import Rejected
from libs.telemetry import get_logger

log = get_logger("zhixing.bus")

TROUBLE_AFTER_SECONDS = 30.0
"""A message that has been tried for longer makes the consumer unready."""

LOGGED_EVERY = 5
LOADING = -1
"""Stands for an offset while a new owner learns which keys wait."""


class Stopped(Exception):
    """The partition is being let go: what waits in back-off is left for the next owner."""


class PartitionWorker:
    """Owns a partition from assignment to revocation."""

    def __init__(
        self,
        kafka: AIOKafkaConsumer,
        partition: TopicPartition,
        *,
        lanes: Lanes,
        settings: BusSettings,
        on_failure: Callable[[BaseException], None],
    ) -> None:
        self._kafka = kafka
        self._partition = partition
        self._lanes = lanes
        self._processor = lanes.processor
        self._gate = lanes.gate
        self._group = lanes.group
        self._settings = settings
        self._on_failure = on_failure
        self._prefix = DonePrefix()
        self._stopping = asyncio.Event()
        self._next_look = self._next_commit = 0.0
        self._counts: Counter[str] = Counter()
        self._lag = CONSUMER_LAG.labels(self._group, partition.topic, str(partition.partition))
        self._trouble: dict[int, tuple[float, str]] = {}
        self._begins = True
        self._task = asyncio.create_task(self._run(), name=f"partition {partition.topic}[{partition.partition}]")

    def stop(self) -> asyncio.Task[None]:
        """Fetch no more; return the task, which ends when the batch in flight is finished and committed."""
        self._stopping.set()
        return self._task

    def trouble(self) -> str | None:
        """Return what has kept this partition waiting for long, or None."""
        oldest = min(self._trouble.values(), default=None)
        if oldest is None or time.monotonic() - oldest[0] < TROUBLE_AFTER_SECONDS:
            return None
        return f"{self._partition.topic}[{self._partition.partition}] waits: {oldest[1]}"

    async def _run(self) -> None:
        stop = asyncio.create_task(self._stopping.wait())
        try:
            while not self._stopping.is_set():
                await self._carry_out_requests()
                await self._commit()
                await self._gate_open()
                if records := await self._fetch(stop):
                    # It may have been shut while we were fetching.
                    await self._gate_open()
                    if self._begins:
                        await self._load(records[0].offset)
                        self._begins = False
                    await self._batch(records)
        except Stopped:
            pass
        except Exception as error:  # noqa: BLE001 -- the consumer is rebuilt, whatever broke it
            self._on_failure(error)
        finally:
            stop.cancel()
            await self._commit(now=True)

    async def _load(self, since: int) -> None:
        # Nothing may be processed before we know which keys wait.
        attempt = 0
        while True:
            try:
                await self._lanes.load(since)
                self._trouble.pop(LOADING, None)
                return
            except TRANSIENT as error:
                await self._back_off(LOADING, attempt, error)
                attempt += 1

    async def _gate_open(self) -> None:
        while self._gate.shut:
            await self._pause(self._settings.request_poll_seconds)
            await self._carry_out_requests()
            await self._commit()

    async def _fetch(self, stop: asyncio.Task[bool]) -> Sequence[Record]:
        # During a rebalance aiokafka lets a fetch wait for the new assignment, which waits for us: so we break it off.
        fetch = asyncio.create_task(self._read())
        try:
            await asyncio.wait({fetch, stop}, return_when=asyncio.FIRST_COMPLETED)
            return fetch.result() if fetch.done() else ()
        finally:
            if not fetch.done():
                fetch.cancel()
                with contextlib.suppress(asyncio.CancelledError, KafkaError):
                    await fetch

    async def _read(self) -> Sequence[Record]:
        milliseconds = int(self._settings.request_poll_seconds * 1000)
        try:
            found = await self._kafka.getmany(
                self._partition, timeout_ms=milliseconds, max_records=self._settings.batch_records_max
            )
        except UnicodeDecodeError:
            # The client fails on a header whose name is no text, and loses what it fetched before: so one by one.
            position = await self._kafka.position(self._partition)
            try:
                found = await self._kafka.getmany(self._partition, timeout_ms=milliseconds, max_records=1)
            except UnicodeDecodeError as error:
                topic, number = self._partition
                self._kafka.seek(self._partition, position + 1)
                reason = (("unreadable", str(error).encode()),)
                return [Record(topic, number, position, None, None, reason)]
        records: Sequence[Record] = found.get(self._partition, ())
        return records

    async def _batch(self, records: Sequence[Record]) -> None:
        self._prefix.arrived(record.offset for record in records)
        lanes: dict[str, list[Record]] = {}
        for record in records:
            if self._processor.concerns(record):
                lanes.setdefault(lane_of(record), []).append(record)
            else:
                self._finish(record, "skipped")
        pending = {asyncio.create_task(self._lane(items)) for items in lanes.values()}
        failures: list[BaseException] = []
        try:
            while pending:
                done, pending = await asyncio.wait(pending, timeout=self._settings.request_poll_seconds)
                failures += [failure for task in done if (failure := task.exception()) is not None]
                await self._commit()
                if pending:
                    await self._carry_out_requests()
        finally:
            for task in pending:
                task.cancel()
            await asyncio.gather(*pending, return_exceptions=True)
        self._measure(records[-1].offset)
        if failures:
            raise failures[0]

    async def _lane(self, records: Sequence[Record]) -> None:
        for record in records:
            outcome = await self._carry(record)
            self._trouble.pop(record.offset, None)
            self._finish(record, outcome)

    def _finish(self, record: Record, outcome: str) -> None:
        self._prefix.done(record.offset)
        self._counts[outcome] += 1

    async def _carry(self, record: Record) -> str:
        """Bring one message to an end, however long it takes. Raises `Stopped` if the next owner must do it."""
        tries = attempt = 0
        while True:
            try:
                return await self._attempt(record, last_try=tries + 1 >= self._settings.bug_tries_max)
            except TRANSIENT as error:
                failure: Exception = error
            except Exception as error:  # noqa: BLE001 -- a bug: a few tries, then quarantine shows it to a person
                failure = error
                tries += 1
            await self._back_off(record.offset, attempt, failure)
            attempt += 1

    async def _attempt(self, record: Record, *, last_try: bool) -> str:
        if await self._lanes.park(record):
            return "parked"
        try:
            await self._processor.process(record)
        except TRANSIENT:
            raise
        except Exception as error:
            if not (last_try or isinstance(error, Rejected)):
                raise
            await self._lanes.quarantine(record, error)
            return "quarantined"
        return "processed"

    async def _back_off(self, offset: int, attempt: int, failure: Exception) -> None:
        cause = getattr(failure, "code", type(failure).__name__)
        CONSUMER_RETRIES.labels(self._group, cause).inc()
        self._trouble.setdefault(offset, (time.monotonic(), cause))
        if attempt % LOGGED_EVERY == 0:
            log.warning(
                "message_waits",
                group=self._group,
                topic=self._partition.topic,
                partition=self._partition.partition,
                offset=offset,
                attempt=attempt,
                cause=cause,
                detail=str(failure),
            )
        await self._pause(self._settings.backoff(attempt))

    async def _pause(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._stopping.wait()
        if self._stopping.is_set():
            raise Stopped

    async def _carry_out_requests(self) -> None:
        if time.monotonic() < self._next_look:
            return
        self._next_look = time.monotonic() + self._settings.request_poll_seconds
        try:
            await self._lanes.carry_out(self._stopping)
        except TRANSIENT as error:
            log.warning("requests_wait", group=self._group, detail=str(error))

    async def _commit(self, *, now: bool = False) -> None:
        offset = self._prefix.committable
        if offset is None or not (now or time.monotonic() >= self._next_commit):
            return
        self._next_commit = time.monotonic() + self._settings.commit_seconds_min
        try:
            async with asyncio.timeout(self._settings.drain_seconds):
                await self._kafka.commit({self._partition: offset})
        except (KafkaError, TimeoutError) as error:
            # Somebody else owns the partition now, or will be asked again: the inbox makes a repeat harmless.
            log.warning("offset_not_committed", group=self._group, offset=offset, cause=type(error).__name__)
        else:
            self._prefix.committed(offset)

    def _measure(self, offset: int) -> None:
        while self._counts:
            outcome, count = self._counts.popitem()
            CONSUMED.labels(self._group, self._partition.topic, outcome).inc(count)
        with contextlib.suppress(KafkaError):
            end = self._kafka.highwater(self._partition)
            if end is not None:
                self._lag.set(max(0, end - offset - 1))
