"""The lanes (keys) of one partition that wait behind a quarantined message, and how they are let go in order."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from libs.bus.gate import Gate
from libs.bus.metrics import QUARANTINED
from libs.bus.processor import TRANSIENT, Processor, Record
from libs.bus.quarantine import (
    DISCARD_REQUESTED,
    DISCARDED,
    OPEN,
    PARKED,
    RELEASED,
    Held,
    Place,
    Quarantine,
    cause_of,
)
from libs.foundation.errors import Rejected
from libs.journal.store import Document
from libs.telemetry import get_logger

log = get_logger("zhixing.bus")

BEHIND = {"code": "behind_quarantined", "error": "", "detail": "an earlier message of the same key waits"}


@dataclass(slots=True)
class _Wait:
    """A lane that waits: from which offset on, and the lock of whoever adds to it or drains it."""

    head: int
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


def lane_of(record: Record) -> str:
    """Return the lane of a record: its key, or a lane of its own if it has none."""
    return record.key.decode(errors="backslashreplace") if record.key else f"@{record.offset}"


class Lanes:
    """What waits in one partition. A lane's lock is held while an entry is added behind it and while it is drained."""

    def __init__(
        self, quarantine: Quarantine, gate: Gate, processor: Processor, *, group: str, topic: str, partition: int
    ) -> None:
        self._quarantine = quarantine
        self.gate = gate
        self.processor = processor
        self.group = group
        self._where = (group, topic, partition)
        self._waiting: dict[str, _Wait] = {}
        self._kept: frozenset[int] = frozenset()

    async def load(self, since: int) -> None:
        """Learn what waits, and what was kept from the offset on where reading begins."""
        for lane, found in (await self._quarantine.lanes(*self._where)).items():
            self._waiting.setdefault(lane, _Wait(found.head))
        self._kept = frozenset(await self._quarantine.kept(*self._where, since))

    async def park(self, record: Record) -> bool:
        """Keep a message behind its lane; False if the lane does not wait and the message may be processed."""
        if record.offset in self._kept:
            # It arrives a second time: what becomes of it, its entry decides alone. It may have been discarded.
            return True
        if not self._waiting:
            return False
        lane = lane_of(record)
        # What stands before the head was done before it, and only arrives again: it does not wait behind it.
        while (wait := self._waiting.get(lane)) is not None and record.offset > wait.head:
            async with wait.lock:
                # The lane may have been drained while we waited for its lock.
                if self._waiting.get(lane) is wait:
                    await self._keep(record, lane, PARKED, BEHIND)
                    return True
        return False

    async def quarantine(self, record: Record, error: BaseException) -> None:
        """Keep a message that cannot be processed; its lane waits from now on. Raises `QuarantineFull` at the limit."""
        lane = lane_of(record)
        cause = cause_of(error)
        await self._keep(record, lane, OPEN, cause)
        self._waiting.setdefault(lane, _Wait(record.offset))
        group, topic, partition = self._where
        QUARANTINED.labels(group, cause["code"]).inc()
        log.error(
            "message_quarantined",
            group=group,
            topic=topic,
            partition=partition,
            offset=record.offset,
            cause=cause,
            # What is wrong with a message stands in the cause; a bug needs its traceback.
            exc_info=None if isinstance(error, Rejected) else error,
        )

    async def _keep(self, record: Record, lane: str, status: str, cause: Document) -> None:
        await self.gate.admit()
        held = Held(Place(*self._where, record.offset), lane, record.key, record.value, tuple(record.headers))
        await self._quarantine.keep(held, status=status, cause=cause)

    async def carry_out(self, stopping: asyncio.Event) -> None:
        """Carry out what operators asked for. Raises errors of `TRANSIENT`; what is undone is done next time."""
        # A member that stood still for long may have parked what we know nothing of: then the gate has counted it.
        if not (self._waiting or self.gate.waiting):
            return
        found = await self._quarantine.lanes(*self._where)
        for lane in [each for each in self._waiting if each not in found]:
            await self._drain(lane, self._waiting[lane], stopping)
        for lane, waiting in found.items():
            wait = self._waiting.setdefault(lane, _Wait(waiting.head))
            if waiting.can_go_on:
                await self._drain(lane, wait, stopping)

    async def _drain(self, lane: str, wait: _Wait, stopping: asyncio.Event) -> None:
        async with wait.lock:
            blocked = False
            async for entry in self._quarantine.unresolved(*self._where, lane):
                if stopping.is_set():
                    return
                if entry["status"] == DISCARD_REQUESTED:
                    blocked |= not await self._quarantine.resolve(entry, DISCARDED)
                elif blocked or entry["status"] == OPEN:
                    blocked = True
                else:
                    blocked = not await self._again(entry)
            if not blocked:
                del self._waiting[lane]
                log.info("lane_released", group=self._where[0], topic=self._where[1], partition=self._where[2])

    async def _again(self, entry: Document) -> bool:
        if not await self._quarantine.begin_release(entry):
            return False
        record = Record(**{name: entry[name] for name in Record._fields})
        try:
            await self.processor.process(record)
        except TRANSIENT:
            raise
        except Exception as error:  # noqa: BLE001 -- whatever it is, the operator reads it as the entry's new cause
            await self._quarantine.reopen(entry, cause_of(error))
            return False
        return await self._quarantine.resolve(entry, RELEASED)
