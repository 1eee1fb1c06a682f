"""Group commit: commands that arrive while an insert is in flight are decided together and leave together.

A stream is a lane; a lane has at most one commit in flight in a process, so that the decisions of the next commit
stand on a committed head. Several batches of different lanes may be in flight.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC
from typing import Any

from libs.foundation.clock import Clock, instant_text
from libs.foundation.errors import OutcomeUnknown, Overloaded
from libs.journal import meters
from libs.journal.cache import Known
from libs.journal.drafting import Draft, draft
from libs.journal.ending import end_tasks
from libs.journal.inserting import Inserted, insert_commits
from libs.journal.lanes import Lane, Turns
from libs.journal.model import CommandMeta, Outcome
from libs.journal.pending import Pending
from libs.journal.reader import Reader
from libs.journal.refusals import JournalStopped, RecordTooLarge, StoreUnavailable
from libs.journal.settings import JournalSettings
from libs.journal.settling import Settling, pause
from libs.telemetry import get_logger

log = get_logger()


class Writer:
    """The one way into a service's commits in a process."""

    def __init__(self, settings: JournalSettings, service: str, clock: Clock, reader: Reader, commits: Any) -> None:
        """`commits` is the store's collection; `reader` keeps the cache of committed heads."""
        self._settings = settings
        self._service = service
        self._clock = clock
        self._reader = reader
        self._commits = commits
        self._turns = Turns()
        self._settling = Settling(reader, settings, self._again)
        self._lanes: dict[str, Lane] = {}
        self._ready: deque[Lane] = deque()
        self._wake = asyncio.Event()
        self._slots = asyncio.Semaphore(settings.batches_in_flight_max)
        self._tasks: set[asyncio.Task[None]] = set()
        self._pump: asyncio.Task[None] | None = None
        self._in_flight: dict[str, Pending] = {}
        self._alarm: asyncio.TimerHandle | None = None
        self._accepted = meters.COMMANDS.labels(service, "accepted")
        self._stopping = False
        self.on_landed: list[Callable[[], None]] = []

    # --- callers -----------------------------------------------------------------------------------------------------

    async def execute(self, stream: str, command: Any, meta: CommandMeta) -> Outcome[Any]:
        """Return the answer of a command; see `Journal.execute`."""
        loop = asyncio.get_running_loop()
        if meta.command_id in self._in_flight:
            twin = await self._twin(stream, meta)
            if twin is not None:
                return replace(twin.told(), replayed=True)
        if self._stopping:
            raise JournalStopped
        if len(self._in_flight) >= self._settings.queue_max:
            meters.OVERLOADED.labels(self._service).inc()
            raise Overloaded(f"{self._settings.queue_max} commands are waiting")
        pending = Pending(stream, command, meta, time.monotonic(), loop.create_future())
        self._in_flight[meta.command_id] = pending
        if self._alarm is None:
            self._alarm = loop.call_later(self._settings.deadline_seconds, self._expire)
        self._enqueue(pending)
        try:
            await pending.future
        except asyncio.CancelledError:
            # The command goes on without its caller: it may have left already, and a repeat must find it here.
            pending.future = loop.create_future()
            pending.future.add_done_callback(lambda _: self._answered(pending))
            if pending.answer is not None:
                pending.future.set_result(None)
            raise
        self._answered(pending)
        return pending.told()

    async def _twin(self, stream: str, meta: CommandMeta) -> Pending | None:
        """Wait for commands with the same id; return one that wanted the same thing, too, once it is answered."""
        until = time.monotonic() + self._settings.deadline_seconds
        while (twin := self._in_flight.get(meta.command_id)) is not None:
            same = (twin.stream, twin.meta.fingerprint, twin.meta.court) == (stream, meta.fingerprint, meta.court)
            await asyncio.wait([twin.future], timeout=None if same else until - time.monotonic())
            if same and twin.answer is not None:
                return twin
            # The same id with another body: what the first one comes to decides what this one is told.
            if not same and time.monotonic() >= until:
                raise StoreUnavailable("an earlier command with this id is still being answered; nothing was written")
        return None

    def _answered(self, pending: Pending) -> None:
        del self._in_flight[pending.meta.command_id]
        if isinstance(pending.answer, Outcome):
            self._accepted.inc()
        else:
            meters.COMMANDS.labels(self._service, getattr(pending.answer, "code", "bug")).inc()

    def _expire(self) -> None:
        """Answer those whose deadline has passed; they stand in the order in which they came."""
        self._alarm = None
        for pending in self._in_flight.values():
            left = pending.arrived + self._settings.deadline_seconds - time.monotonic()
            if left > 0:
                self._alarm = asyncio.get_running_loop().call_later(left, self._expire)
                return
            pending.expire()

    def _enqueue(self, pending: Pending) -> None:
        lane = self._lanes.get(pending.stream)
        if lane is None:
            lane = self._lanes[pending.stream] = Lane(pending.stream)
        lane.waiting.append(pending)
        self._offer(lane)

    def _again(self, pendings: Iterable[Pending]) -> None:
        """Put commands back in front of their lanes, whose heads are read again before they are decided."""
        for pending in sorted(pendings, key=lambda each: each.arrived, reverse=True):
            lane = self._lanes.setdefault(pending.stream, Lane(pending.stream))
            lane.waiting.insert(0, pending)
            lane.stale = True
            self._offer(lane)

    def _offer(self, lane: Lane) -> None:
        if not lane.busy and lane.waiting:
            lane.busy = True
            self._ready.append(lane)
            self._wake.set()

    def _free(self, lanes: Iterable[Lane]) -> None:
        for lane in lanes:
            if lane.rest:
                # Others may write meanwhile, so that the head is read again.
                asyncio.get_running_loop().call_later(lane.rest, self._free, [lane])
                lane.rest, lane.stale = 0.0, True
                continue
            lane.busy = False
            if lane.waiting:
                self._offer(lane)
            else:
                self._lanes.pop(lane.stream, None)

    # --- life --------------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Begin to take commands."""
        self._pump = asyncio.get_running_loop().create_task(self._run())

    async def stop(self) -> None:
        """Take no more commands, answer those that are in, and end."""
        self._stopping = True
        while waiting := [each.future for each in self._in_flight.values()]:
            await asyncio.wait(waiting)
        await end_tasks(*(task for task in (self._pump, *self._tasks) if task is not None))
        if self._alarm is not None:
            self._alarm.cancel()

    # --- batches -----------------------------------------------------------------------------------------------------

    async def _run(self) -> None:
        while True:
            await self._wake.wait()
            await self._slots.acquire()
            # One turn of the loop, so that everybody who is awake now leaves with this batch.
            await asyncio.sleep(0)
            lanes = [self._ready.popleft() for _ in range(min(len(self._ready), self._settings.batch_commits_max))]
            if not self._ready:
                self._wake.clear()
            if lanes:
                self._spawn(lanes)
            else:
                self._slots.release()

    def _spawn(self, lanes: list[Lane]) -> None:
        task = asyncio.get_running_loop().create_task(self._batch(lanes))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _batch(self, lanes: list[Lane]) -> None:
        began = time.monotonic()
        drafts: list[Draft] = []
        try:
            try:
                drafts = await self._drafts(lanes)
                fates = await self._insert(drafts)
            finally:
                self._slots.release()
            lanes = self._let_go(lanes, drafts, {one.after.stream for one, _ in fates}, time.monotonic() - began)
            await self._conclude(drafts, fates)
        except Exception as error:
            # Ours, not the world's; what had left for the database is in doubt until it is asked for again.
            log.exception("journal_batch_failed", service=self._service)
            for pending in (each for one in drafts for each in one.pendings()):
                pending.resolve(OutcomeUnknown() if pending.in_doubt else error)
        finally:
            self._free(lanes)

    def _let_go(self, lanes: list[Lane], drafts: list[Draft], undone: set[str], turn_seconds: float) -> list[Lane]:
        """Let those go on who have won; return the lanes that wait until it is known what became of them."""
        for one in drafts:
            stream = one.after.stream
            if one.commit is not None and stream not in undone:
                self._lanes[stream].rest = self._turns.rest(stream, len(one.recorded), turn_seconds)
        self._free(lane for lane in lanes if lane.stream not in undone)
        return [lane for lane in lanes if lane.stream in undone]

    async def _drafts(self, lanes: list[Lane]) -> list[Draft]:
        cached = {lane.stream: self._reader.cache.get(lane.stream) for lane in lanes}
        missing = [lane.stream for lane in lanes if lane.stale or cached[lane.stream] is None]
        fresh: dict[str, Any] = {}
        if missing:
            try:
                fresh = await self._reader.refresh(missing)
            except StoreUnavailable as error:
                log.warning("journal_read_failed", service=self._service, error=str(error))
                await asyncio.sleep(pause(1))
                return []
        now = self._clock.now().astimezone(UTC)
        at = instant_text(now)
        drafts = []
        for lane in lanes:
            base = cached[lane.stream]
            known = fresh.get(lane.stream) or base
            if not isinstance(known, Known):
                lane.refuse_all(known or StoreUnavailable())
                continue
            if base is not None and known.head.version > base.head.version:
                self._turns.met(lane.stream)
            lane.stale = False
            try:
                drafts.append(draft(self._reader.decider(lane.stream), known, lane.waiting, now, at))
            except Exception as error:
                log.exception("journal_draft_failed", service=self._service, stream=lane.stream)
                lane.refuse_all(error)
        return drafts

    async def _insert(self, drafts: list[Draft]) -> list[tuple[Draft, str]]:
        """Write what was decided; return each draft with what became of its commit."""
        written = [one for one in drafts if one.commit is not None]
        if not written:
            return []
        for one in written:
            for pending, _ in one.recorded:
                pending.in_doubt = True
        sent_at = time.monotonic()
        inserted = await insert_commits(self._commits, [one.commit for one in written if one.commit])
        meters.INSERT_SECONDS.labels(self._service).observe(time.monotonic() - sent_at)
        meters.BATCH_COMMITS.labels(self._service).observe(len(written))
        return self._known(written, inserted, sent_at)

    def _known(self, written: list[Draft], inserted: Inserted, sent_at: float) -> list[tuple[Draft, str]]:
        fates: list[tuple[Draft, str]] = []
        for place in inserted.landed:
            one = written[place]
            self._reader.cache.put(one.after, sent_at)
            for pending, outcome in one.recorded:
                pending.resolve(outcome)
        if inserted.landed:
            meters.COMMITS.labels(self._service).inc(len(inserted.landed))
            for callback in self.on_landed:
                callback()
        for place, why in inserted.refused.items():
            log.error("journal_commit_refused", service=self._service, commit=written[place].after.stream, error=why)
            for pending, _ in written[place].recorded:
                pending.in_doubt = False
                pending.resolve(RecordTooLarge("the database does not take this record"))
            fates.append((written[place], "lost"))
        fates += [(written[place], "lost") for place in inserted.lost]
        fates += [(written[place], "unknown") for place in inserted.unknown]
        if inserted.unknown:
            meters.UNKNOWN.labels(self._service).inc(len(inserted.unknown))
            log.warning("journal_outcome_unknown", service=self._service, error=inserted.reason)
        return fates

    async def _conclude(self, drafts: list[Draft], fates: list[tuple[Draft, str]]) -> None:
        undone = {id(one) for one, _ in fates}
        held = [(one, pair) for one in drafts if id(one) not in undone for pair in one.held]
        if held:
            self._settling.confirm(held)
        if fates:
            meters.LOST.labels(self._service).inc(sum(fate == "lost" for _, fate in fates))
            await self._settling.recover(fates)
