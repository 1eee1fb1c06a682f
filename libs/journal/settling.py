"""Settling what an insert did not prove: unknown and lost commits, and answers for which nothing was written."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Sequence
from typing import Any, TypeVar

from libs.journal.drafting import Draft
from libs.journal.pending import Answer, Pending
from libs.journal.reader import Found, Reader
from libs.journal.refusals import StoreUnavailable, StreamContended
from libs.journal.settings import JournalSettings
from libs.telemetry import get_logger

log = get_logger()

T = TypeVar("T")

_PAUSE_SECONDS = 0.002
_PAUSE_SECONDS_MAX = 0.25
_LOSER_ATTEMPTS_MAX = 4


def pause(attempt: int) -> float:
    """Return how long to wait before the next attempt, in real seconds: doubling, with full jitter."""
    return random.uniform(0, min(_PAUSE_SECONDS * 2**attempt, _PAUSE_SECONDS_MAX))  # noqa: S311 -- jitter, no secret


class Settling:
    """Answers commands whose outcome must be looked up or confirmed; gives back those that must be decided again."""

    def __init__(self, reader: Reader, settings: JournalSettings, again: Callable[[Iterable[Pending]], None]) -> None:
        """`again` puts commands back into the writer's lanes."""
        self._reader = reader
        self._settings = settings
        self._again = again
        self._tasks: set[asyncio.Task[None]] = set()

    async def recover(self, fates: Sequence[tuple[Draft, str]]) -> None:
        """After duplicates, time-outs and connection errors: look all ids up, decide again what is not found."""
        pendings: list[Pending] = []
        for one, fate in fates:
            pendings += one.pendings()
            for pending, _ in one.recorded:
                if fate == "unknown" and one.commit is not None:
                    pending.doubt_version = max(pending.doubt_version, one.commit["version"])
                pending.in_doubt = fate == "unknown"
        found, live = await self._look_up(pendings)
        await self._replay([(each, found[each.meta.command_id]) for each in live if each.meta.command_id in found])
        rest = [each for each in live if each.meta.command_id not in found and each.answer is None]
        for each in rest:
            each.attempts += 1
            if each.attempts > self._settings.attempts_max and not each.doubt_version:
                each.resolve(StreamContended(f"{each.attempts} attempts"))
        # Two processes on the same streams would meet again and again without it; who waits long is kept out for long.
        await asyncio.sleep(pause(min(_LOSER_ATTEMPTS_MAX, *(each.attempts for each in rest)) if rest else 0))
        self._again(each for each in rest if each.answer is None)

    def confirm(self, held: Sequence[tuple[Draft, tuple[Pending, Answer]]]) -> None:
        """Answer refusals and no-ops once they are confirmed; the lanes need not wait for it."""
        self._spawn(self._confirm(held))

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _confirm(self, held: Sequence[tuple[Draft, tuple[Pending, Answer]]]) -> None:
        try:
            found, followed = await self._ask(held)
        except Exception as error:  # noqa: BLE001 -- whoever waits must hear of it
            for _, (pending, _) in held:
                pending.resolve(error)
            return
        replays, again = [], []
        for one, (pending, answer) in held:
            if pending.meta.command_id in found:
                replays.append((pending, found[pending.meta.command_id]))
            elif one.after.stream in followed and not self._proven(one, pending):
                again.append(pending)
            elif pending.doubt_version > one.after.version:
                # An earlier insert of this very command may still land in the free place; no refusal is true before.
                again.append(pending)
            else:
                pending.resolve(answer)
        await self._replay(replays)
        if again:
            for pending in again:
                pending.attempts += 1
            await asyncio.sleep(pause(min(pending.attempts for pending in again)))
            self._again(pending for pending in again if pending.answer is None)

    def _proven(self, one: Draft, pending: Pending) -> bool:
        """Whether the head that was decided on is known to have been the head after the command had arrived.

        It is when the draft's own commit landed, or when the head was read or proved after the arrival.
        """
        if one.commit is not None:
            return True
        return one.proven_at >= pending.arrived

    async def _ask(self, held: Sequence[tuple[Draft, tuple[Pending, Answer]]]) -> tuple[dict[str, Found], set[str]]:
        pendings = [pending for _, (pending, _) in held]
        doubtful = {(one.after.stream, one.after.version) for one, (each, _) in held if not self._proven(one, each)}
        both = await _persist(pendings, lambda: asyncio.gather(self._find(pendings), self._reader.followed(doubtful)))
        return both or ({}, set())

    async def _look_up(self, pendings: Sequence[Pending]) -> tuple[dict[str, Found], list[Pending]]:
        live = [pending for pending in pendings if pending.answer is None]
        return await _persist(live, lambda: self._find(live)) or {}, live

    async def _find(self, pendings: Sequence[Pending]) -> dict[str, Found]:
        return await self._reader.find_commands({pending.meta.command_id for pending in pendings})

    async def _replay(self, replays: Sequence[tuple[Pending, Found]]) -> None:
        await asyncio.gather(*(self._answer(pending, found) for pending, found in replays))

    async def _answer(self, pending: Pending, found: Found) -> None:
        # Found in the very place our own insert aimed at: this is that command's first answer, no repeat.
        ours = found.stream == pending.stream and found.version == pending.doubt_version
        try:
            answer = await _persist([pending], lambda: self._reader.answer(found, pending.meta, replayed=not ours))
        except Exception as error:  # noqa: BLE001 -- NotFound, KeyReused, or a stream that cannot be folded
            pending.resolve(error)
        else:
            if answer is not None:
                pending.resolve(answer)


async def _persist(pendings: Sequence[Pending], ask: Callable[[], Awaitable[T]]) -> T | None:
    """Ask until the database answers; None if nobody waits for it any more."""
    attempt = 0
    while any(pending.answer is None for pending in pendings):
        try:
            return await ask()
        except StoreUnavailable:
            attempt += 1
            await asyncio.sleep(pause(attempt))
    return None
