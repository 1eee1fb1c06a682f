"""Callers that write facts into many streams, each waiting for its answer; the schedule is a function of the seed.

Caller `c` sends its command `n` to a stream that seed, name, `c` and `n` choose, under an id made of the same: a writer
that was killed is started again with `--from` and repeats what it had in flight. Several writers with one
`--stream-prefix` contend for the same streams.
"""

from __future__ import annotations

import asyncio
import time
from argparse import ArgumentParser, Namespace
from collections import Counter
from pathlib import Path
from zlib import crc32

from libs.foundation.errors import Refused, Transient
from libs.foundation.ids import command_id, stream_name
from libs.journal import Actor, CommandMeta, Journal
from libs.testing.drill.law import CASES, COURT, SENDER, Reject
from libs.testing.drill.running import end_on_sigterm, journal_of, journal_options, say, until_there

PROGRAM = "writer"
WRITER = Actor("drill", COURT, "duty_officer")
AGAIN_SECONDS = 0.02


def options_of(parser: ArgumentParser) -> None:
    """Add the writer's options."""
    journal_options(parser)
    parser.add_argument("--name", default="w", help="a part of the commands' ids and of the facts' text")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--streams", type=int, default=100)
    parser.add_argument("--stream-prefix", default="s", help="streams are case/<prefix><number>")
    parser.add_argument("--callers", type=int, default=5, help="commands that wait for their answer side by side")
    parser.add_argument("--count", type=int, default=1000, help="commands of all callers together")
    parser.add_argument("--from", type=int, default=0, dest="begin", help="the number each caller begins with")
    parser.add_argument("--seconds", type=float, help="end after this time, whatever --count says")
    parser.add_argument("--events", type=int, default=1, help="facts per command")
    parser.add_argument("--closes-at", type=int, help="facts that a stream takes; then commands are refused")
    parser.add_argument("--begin-when", type=Path, help="begin when this file exists")
    parser.add_argument("--tell", action="store_true", help="say every answer as it comes")


async def run(options: Namespace) -> None:
    """Write until all is answered, the time is over, or SIGTERM comes; then say how much."""
    ending = end_on_sigterm()
    async with journal_of(options, SENDER, CASES) as journal:
        say(PROGRAM, ready=True)
        await until_there(options.begin_when, ending)
        began = time.monotonic()
        until = began + options.seconds if options.seconds is not None else float("inf")
        tally: Counter[str] = Counter()
        callers = [_Caller(options, journal, number, tally, ending, until) for number in range(options.callers)]
        await asyncio.gather(*(caller.run() for caller in callers))
        say(
            PROGRAM,
            done=not ending.is_set(),
            accepted=tally["accepted"],
            refused=tally["refused"],
            retried=tally["retried"],
            seconds=round(time.monotonic() - began, 3),
        )


class _Caller:
    """One caller: a command, its answer, the next command."""

    def __init__(
        self,
        options: Namespace,
        journal: Journal,
        number: int,
        tally: Counter[str],
        ending: asyncio.Event,
        until: float,
    ) -> None:
        self._options = options
        self._journal = journal
        self._number = number
        self._tally = tally
        self._ending = ending
        self._until = until

    async def run(self) -> None:
        share = len(range(self._number, self._options.count, self._options.callers))
        for count in range(self._options.begin, share):
            if self._ending.is_set() or time.monotonic() > self._until:
                return
            await self._write(count)

    async def _write(self, count: int) -> None:
        options = self._options
        identity = f"{options.name}-{self._number}-{count}"
        part = f"{options.stream_prefix}{crc32(f'{options.seed}/{identity}'.encode()) % options.streams}"
        stream = stream_name("case", part)
        reasons = tuple(f"{identity}-{number}" for number in range(options.events))
        meta = CommandMeta(
            command_id=command_id("drill", str(options.seed), identity),
            fingerprint=command_id(*reasons),
            actor=WRITER,
            court=COURT,
            correlation_id=identity,
            key=part,
        )
        answer = await self._answer(stream, Reject(reasons, options.closes_at), meta)
        self._tally[answer] += 1
        if options.tell:
            say(PROGRAM, answer=answer, caller=self._number, count=count, stream=stream, command=meta.command_id)

    async def _answer(self, stream: str, command: Reject, meta: CommandMeta) -> str:
        while True:
            try:
                await self._journal.execute(stream, command, meta)
            except Refused:
                return "refused"
            except Transient:
                # Also an outcome that is not known yet: the same id asks again, and is answered once it is.
                self._tally["retried"] += 1
                await asyncio.sleep(AGAIN_SECONDS)
            else:
                return "accepted"
