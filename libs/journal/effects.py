"""Carrying out effects: at least once, and never a second time without having asked the partner first.

An intent is leased by one worker at a time. The lease says whether a call may have been made before: then the partner
is asked what became of the reference. Where it cannot be asked, or after too many tries, the effect is in doubt and a
human decides. The outcome is a command whose id follows from the effect and the intent, so it is recorded once.
"""

from __future__ import annotations

import asyncio
from typing import Any

from pymongo.errors import PyMongoError

from libs.foundation.ids import command_id
from libs.journal import meters
from libs.journal.backoff import backoff_seconds
from libs.journal.effect_rows import COLLECTION, intent_of
from libs.journal.model import Actor, CommandMeta, EffectSpec, Intent
from libs.journal.refusals import CannotAsk
from libs.journal.settings import JournalSettings
from libs.journal.store import Document, Store
from libs.journal.timers import Execute
from libs.telemetry import get_logger

log = get_logger()

_CALL_SHARE = 0.8
"""A call may take this much of its lease, so that it has ended before another worker may ask."""


class EffectLoop:
    """Carries out the intents of one effect."""

    def __init__(
        self, settings: JournalSettings, service: str, owner: str, spec: EffectSpec, store: Store, execute: Execute
    ) -> None:
        """`owner` names this process in leases; `execute` is the journal's."""
        self._settings = settings
        self._service = service
        self._owner = owner
        self._spec = spec
        self._rows = store.collection(COLLECTION)
        self._execute = execute
        self._poked = asyncio.Event()
        self._slots = asyncio.Semaphore(settings.effects_in_flight_max)
        self.trouble: str | None = None

    def poke(self) -> None:
        """Look at once: there is a new intent."""
        self._poked.set()

    async def run(self) -> None:
        """Carry out until cancelled; what is cancelled in the middle is asked about later."""
        async with asyncio.TaskGroup() as group:
            while True:
                await self._slots.acquire()
                self._poked.clear()
                row = await self._lease()
                if row is not None:
                    group.create_task(self._carry_out(row))
                    continue
                self._slots.release()
                try:
                    async with asyncio.timeout(self._settings.effect_poll_seconds):
                        await self._poked.wait()
                except TimeoutError:
                    pass

    async def _lease(self) -> Document | None:
        """Take the next free intent. `ask_first` says whether a call may have been made under an earlier lease."""
        until = int(self._settings.effect_lease_seconds * 1000)
        try:
            row: Document | None = await self._rows.find_one_and_update(
                {
                    "effect": self._spec.name,
                    "done": False,
                    "$expr": {"$and": [{"$lte": ["$lease_until", "$$NOW"]}, {"$lte": ["$not_before", "$$NOW"]}]},
                },
                [
                    {
                        "$set": {
                            "owner": self._owner,
                            "term": {"$add": ["$term", 1]},
                            "lease_until": {"$add": ["$$NOW", until]},
                            "attempts": {"$add": ["$attempts", 1]},
                            "ask_first": "$started",
                            "started": True,
                        }
                    }
                ],
                sort=[("not_before", 1)],
                return_document=True,
            )
        except PyMongoError as error:
            self.trouble = f"{type(error).__name__}: {error}"[:300]
            log.warning("effects_wait", service=self._service, effect=self._spec.name, error=self.trouble)
            return None
        self.trouble = None
        return row

    async def _carry_out(self, row: Document) -> None:
        try:
            await self._conclude(row)
        except Exception as error:  # noqa: BLE001 -- whatever broke, nobody knows what the partner did: asked next time
            meters.EFFECT_CALLS.labels(self._service, self._spec.name, "unknown").inc()
            log.warning(
                "effect_unknown",
                service=self._service,
                effect=self._spec.name,
                intent=row["event"]["id"],
                attempts=row["attempts"],
                error=repr(error)[:500],
            )
            await self._rest(row)
        finally:
            self._slots.release()

    async def _conclude(self, row: Document) -> None:
        intent = intent_of(row)
        command, result = await self._outcome(intent, ask_first=row["ask_first"])
        if result == "unknown":
            if intent.attempts < self._spec.attempts_max:
                await self._rest(row)
                return
            result = "in_doubt"
        if result == "in_doubt":
            command = self._spec.port.in_doubt(intent)
            meters.EFFECTS_IN_DOUBT.labels(self._service, self._spec.name).inc()
        identity = command_id("effect", self._service, self._spec.name, intent.id, result)
        meta = CommandMeta(
            command_id=identity,
            fingerprint=identity,
            actor=Actor(self._spec.name, "zhixing", "service"),
            court=intent.court,
            correlation_id=intent.correlation_id,
            causation_id=intent.id,
            record_refusal=True,
        )
        await self._execute(intent.stream, command, meta)
        await self._rows.update_one({"_id": row["_id"], "term": row["term"]}, {"$set": {"done": True, "owner": None}})
        meters.EFFECT_CALLS.labels(self._service, self._spec.name, result).inc()

    async def _outcome(self, intent: Intent, *, ask_first: bool) -> tuple[Any, str]:
        """Return the outcome command and "outcome", or nothing and "unknown" or "in_doubt"."""
        seconds = self._settings.effect_lease_seconds * _CALL_SHARE
        try:
            async with asyncio.timeout(seconds):
                known = await self._spec.port.ask(intent) if ask_first else None
                return (known if known is not None else await self._spec.port.perform(intent)), "outcome"
        except CannotAsk:
            return None, "in_doubt"
        except Exception as error:  # noqa: BLE001 -- see `EffectPort.perform`: any error means unknown
            log.warning(
                "effect_call_failed", service=self._service, effect=self._spec.name, intent=intent.id, error=repr(error)
            )
            meters.EFFECT_CALLS.labels(self._service, self._spec.name, "unknown").inc()
            return None, "unknown"

    async def _rest(self, row: Document) -> None:
        """Give the lease back and wait before the next try, in real seconds."""
        settings = self._settings
        seconds = backoff_seconds(
            row["attempts"], first=settings.effect_backoff_seconds, longest=settings.effect_backoff_seconds_max
        )
        rest = {"owner": None, "lease_until": "$$NOW", "not_before": {"$add": ["$$NOW", int(seconds * 1000)]}}
        try:
            await self._rows.update_one({"_id": row["_id"], "term": row["term"]}, [{"$set": rest}])
        except PyMongoError as error:
            # The lease runs out by itself.
            log.warning("effect_lease_kept", service=self._service, effect=self._spec.name, error=str(error)[:300])
