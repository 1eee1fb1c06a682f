"""The keeper of roots: signs, hour by hour of business time, one root over the heads of all streams of its service.

A root is made a minute of real time after its hour was seen to have ended, so that what was accepted in it has landed.
What lands later all the same stands from the next root on. Roots are events of the private stream `root/<service>`: the
journal keeps them as it keeps everything, and of several processes one alone writes each number.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from pymongo.errors import PyMongoError

from libs.evidence import Signer
from libs.evidence.roots import FIRST_PREVIOUS, ROOT_TYPE, RootStatement, last_ended, token_sha256
from libs.foundation.clock import instant_text
from libs.foundation.errors import Transient, ZhixingError
from libs.foundation.ids import command_id, stream_name
from libs.journal import case_rows
from libs.journal.ending import end_tasks
from libs.journal.model import NATIONAL, Actor, CommandMeta, Decider
from libs.journal.stream_heads import ROOT_CATEGORY, StreamHeads
from libs.schemas.envelope import Event
from libs.schemas.roots import RootSigned
from libs.telemetry import get_logger

if TYPE_CHECKING:
    from libs.journal.journal import Journal

log = get_logger()

ROOT_DELAY_SECONDS = 60.0
_POLL_SECONDS = 1.0
_RETRY_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class RootLine:
    """The line of a service's roots: the newest one's number, hour and hash, and over how many streams it stands."""

    number: int = 0
    hour: str = ""
    count: int = 0
    sha256: str = FIRST_PREVIOUS


class StreamsMissing(Transient):
    """There are fewer streams than the last root was signed over: something was deleted. No root is signed."""

    code = "streams_missing"
    title = "Streams that were there are missing"
    remedy = "The operator compares the database with a backup; see the runbook of the evidence bundle."


@dataclass(frozen=True, slots=True)
class KeepRoot:
    """The command that puts a signed root behind the one that it names."""

    root: RootSigned


def decide_root(line: RootLine, command: Any, now: datetime) -> Sequence[Event]:  # noqa: ARG001 -- the form of every law
    """Return the root if it is the next one; one that another process was faster with changes nothing."""
    root: RootSigned = command.root
    follows = root.number == line.number + 1 and root.previous_sha256 == line.sha256 and root.hour > line.hour
    return (root,) if follows else ()


def evolve_root(line: RootLine, event: Event) -> RootLine:
    """Return the line with one more root."""
    return (
        RootLine(event.number, event.hour, event.count, token_sha256(event.jws))
        if isinstance(event, RootSigned)
        else line
    )


def root_decider(service: str) -> Decider[RootLine]:
    """Return the law of a service's roots."""
    return Decider(service, ROOT_CATEGORY, RootLine, decide_root, evolve_root)


def root_stream(service: str) -> str:
    """Return the name of the stream of a service's roots."""
    return stream_name(ROOT_CATEGORY, service)


class RootKeeper:
    """A part that runs beside the requests. Start it after the journal."""

    def __init__(self, journal: Journal, signer: Signer | None, *, delay_seconds: float = ROOT_DELAY_SECONDS) -> None:
        """Without a signer no root is made, and an alarm says so. `delay_seconds` is real time."""
        self._journal = journal
        self._signer = signer
        self._delay = delay_seconds
        self._ended: deque[tuple[float, str]] = deque()
        self._task: asyncio.Task[None] | None = None
        self._made = ""
        self._trouble: str | None = None

    @property
    def heads(self) -> StreamHeads:
        """The heads that the roots are made over."""
        return StreamHeads(self._journal.store)

    async def start(self) -> None:
        """Make what the roots are read from, and begin."""
        await self.heads.prepare()
        await case_rows.prepare(self._journal.store)
        self._task = asyncio.get_running_loop().create_task(self._run(), name="roots")

    async def stop(self) -> None:
        """End; a root that is half made is made again."""
        if self._task is not None:
            await end_tasks(self._task)

    def readiness(self) -> dict[str, str]:
        """Return nothing: a late root delays evidence, not the service."""
        return {}

    def alarms(self) -> dict[str, str]:
        """Return why there are no roots."""
        if self._signer is None:
            return {"roots": "there is no signing key, so no root is signed"}
        return {"roots": self._trouble} if self._trouble else {}

    async def _run(self) -> None:
        filled = False
        while True:
            try:
                if not filled:
                    await case_rows.fill(self._journal.store)
                    filled = True
                due = self._due(self._journal.clock.now(), time.monotonic())
                if due > self._made and self._signer is not None:
                    await self.make(due)
                    self._made = due
                self._trouble = None
                await asyncio.sleep(_POLL_SECONDS)
            except (PyMongoError, ZhixingError) as error:
                self._trouble = f"{type(error).__name__}: {error}"[:300]
                log.warning("roots_wait", service=self._journal.service, error=self._trouble)
                await asyncio.sleep(_RETRY_SECONDS)
            except Exception as error:
                # A service without roots goes on; whoever looks at its alarms must learn why.
                self._trouble = f"{type(error).__name__}: {error}"[:300]
                log.exception("roots_failed", service=self._journal.service)
                await asyncio.sleep(_RETRY_SECONDS)

    def _due(self, now: datetime, at: float) -> str:
        """Return the latest hour that was seen to have ended long enough before the real instant `at`, or nothing."""
        ended = last_ended(now)
        if not self._ended or self._ended[-1][1] < ended:
            self._ended.append((at, ended))
        due = ""
        while self._ended and self._ended[0][0] + self._delay <= at:
            due = self._ended[0][1]
            if len(self._ended) == 1:
                # The last one stays, so that the same end is not taken for a new one.
                break
            self._ended.popleft()
        return due

    async def make(self, hour: str) -> bool:
        """Sign the root of an hour that has ended; False if nothing has changed since the root before, or it stands.

        Raises `StreamsMissing`, `StoreUnavailable`.
        """
        journal, service = self._journal, self._journal.service
        if self._signer is None:
            return False
        line: RootLine = (await journal.fold(root_stream(service), court=None)).state
        if line.hour >= hour or not await self.heads.changed(line.hour, hour):
            return False
        await self.heads.advance(line.hour, hour)
        count, tree = await self.heads.root(hour)
        if count < line.count:
            # Streams never end. Signing now would make good what was deleted.
            raise StreamsMissing(f"{count} streams at the end of {hour}, {line.count} at the end of {line.hour}")
        statement = RootStatement(
            service=service,
            hour=hour,
            number=line.number + 1,
            count=count,
            tree_root=tree.hex(),
            previous_sha256=line.sha256,
            signed_at=instant_text(journal.clock.now()),
        )
        token = await self._signer.sign(statement.payload(), ROOT_TYPE)
        signed = RootSigned(
            hour=hour,
            number=statement.number,
            count=count,
            tree_root=statement.tree_root,
            previous_sha256=line.sha256,
            jws=token,
        )
        identity = command_id("root", service, hour)
        meta = CommandMeta(identity, identity, Actor("roots", "zhixing", "service"), NATIONAL)
        outcome = await journal.execute(root_stream(service), KeepRoot(signed), meta)
        if outcome.events and not outcome.replayed:
            log.info("root_signed", service=service, hour=hour, number=statement.number, streams=count)
        return bool(outcome.events)
