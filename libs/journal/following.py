"""What follows the journal in a process: projector, timers, effects and the building of views, as one thing to run."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Coroutine, Sequence
from typing import Any

from libs.foundation.clock import Clock
from libs.journal import effect_rows, timer_rows, view_rows
from libs.journal.effects import EffectLoop
from libs.journal.ending import end_tasks
from libs.journal.generations import GenerationBook
from libs.journal.model import EffectSpec, View
from libs.journal.projector import Projector
from libs.journal.reader import Reader
from libs.journal.rebuilding import Rebuilder
from libs.journal.settings import JournalSettings
from libs.journal.timers import Execute, TimerLoop
from libs.telemetry import get_logger

log = get_logger()

_FIRST_BUILD_SECONDS = 5.0
"""How long the start waits for views that have to be built; on an empty database that is a moment."""


class Following:
    """The loops of one process, each backing off by itself; `trouble` says what they wait for."""

    def __init__(
        self,
        settings: JournalSettings,
        service: str,
        clock: Clock,
        reader: Reader,
        *,
        views: Sequence[View[Any]],
        effects: Sequence[EffectSpec],
        execute: Execute,
    ) -> None:
        """Nothing runs yet."""
        store = reader.store
        owner = f"{service}-{secrets.token_hex(6)}"
        self._settings = settings
        self._service = service
        self._store = store
        self.book = GenerationBook(store, owner)
        self.projector = Projector(settings, service, store, reader, self.book, views, effects)
        self.rebuilder = Rebuilder(store, reader, self.projector, self.book, views)
        self._timers = TimerLoop(settings, service, clock, store, execute)
        self._effects = [EffectLoop(settings, service, owner, spec, store, execute) for spec in effects]
        self.projector.on_effects = [loop.poke for loop in self._effects]
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Make the indexes and begin; returns when the views can be read, or after a few seconds if they are large."""
        await view_rows.prepare(self._store, timer_rows.COLLECTION, timer_rows.INDEXES)
        for keys, options in effect_rows.INDEXES:
            await self._store.collection(effect_rows.COLLECTION).create_index(keys, **options)
        if self._settings.run_projector:
            building = self._spawn("build", self.rebuilder.ensure())
            await asyncio.wait([building], timeout=_FIRST_BUILD_SECONDS)
            self._spawn("projector", self.projector.run())
        if self._settings.run_timers:
            self._spawn("timers", self._timers.run())
        if self._settings.run_effects:
            for loop in self._effects:
                self._spawn("effects", loop.run())

    async def stop(self) -> None:
        """End all loops; what is half done is done again by whoever comes next."""
        await end_tasks(*self._tasks)

    def trouble(self) -> dict[str, str]:
        """Return what does not go on, by name."""
        found = {f"{task.get_name()} loop": "ended" for task in self._tasks if _broken(task)}
        if self.rebuilder.building():
            found["views"] = f"being built: {', '.join(self.rebuilder.building())}"
        for name, loop in (("projector", self.projector), ("timers", self._timers)):
            if loop.trouble:
                found[name] = loop.trouble
        for effect in self._effects:
            if effect.trouble:
                found["effects"] = effect.trouble
        return found

    def alarms(self) -> dict[str, str]:
        """Return what a human must look at though the service goes on: one bad stream must not stop all others."""
        loops = (("projector", self.projector), ("timers", self._timers))
        return {name: loop.alarm for name, loop in loops if loop.alarm}

    def _spawn(self, name: str, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(work, name=name)
        task.add_done_callback(self._ended)
        self._tasks.append(task)
        return task

    def _ended(self, task: asyncio.Task[None]) -> None:
        if _broken(task):
            log.error("journal_loop_ended", service=self._service, loop=task.get_name(), error=repr(task.exception()))


def _broken(task: asyncio.Task[None]) -> bool:
    return task.done() and not task.cancelled() and task.exception() is not None
