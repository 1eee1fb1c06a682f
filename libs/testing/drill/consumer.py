"""The product's consumer as a process: what the sender says is noted in the receiver's streams, in order, once.

A fact under the key `k` is noted in `notes/k` and, with all others, in one of a few shared streams: for the first the
order is promised, for the second only that it happens once, whoever contends. A reason that begins with `bug` cannot be
handled until the file `--repaired-when` exists, as if a deployment had mended the handler.
"""

from __future__ import annotations

import asyncio
from argparse import ArgumentParser, Namespace
from collections.abc import Iterable
from pathlib import Path
from zlib import crc32

from libs.bus import Consumer, Dispatch, Message
from libs.bus.message import Handler
from libs.foundation.clock import RealClock
from libs.foundation.ids import stream_name
from libs.schemas.envelope import Event
from libs.schemas.intake import DocumentRejected
from libs.testing.drill.law import NOTES, RECEIVER, Note
from libs.testing.drill.running import bus_options, bus_settings, end_on_sigterm, journal_of, journal_options, say

PROGRAM = "consumer"
SHARED_STREAMS = 2
READS = 4
READ_SECONDS = 0.002


def options_of(parser: ArgumentParser) -> None:
    """Add the consumer's options."""
    journal_options(parser)
    bus_options(parser)
    parser.add_argument("--name", default=RECEIVER, help="the consumer group")
    parser.add_argument("--repaired-when", type=Path, help="the handler's bug is mended when this file exists")


async def run(options: Namespace) -> None:
    """Consume until SIGTERM."""
    ending = end_on_sigterm()
    async with journal_of(options, RECEIVER, NOTES) as journal:
        handlers: dict[type[Event], Handler] = {DocumentRejected: _Clerk(options.repaired_when)}
        consumer = Consumer(bus_settings(options), journal, name=options.name, handlers=handlers, clock=RealClock())
        await consumer.start()
        say(PROGRAM, ready=True)
        await ending.wait()
        await consumer.stop()
    say(PROGRAM, done=True)


class _Clerk:
    """Notes what it is told, and stumbles over some of it until it is mended."""

    def __init__(self, repaired_when: Path | None) -> None:
        self._repaired_when = repaired_when

    async def __call__(self, message: Message[DocumentRejected]) -> Iterable[Dispatch]:
        digest = crc32(message.id.encode())
        # As if it read something first, now longer, now shorter: what is begun later would be done earlier.
        await asyncio.sleep(digest % READS * READ_SECONDS)
        reason = message.event.reason
        if reason.startswith("bug") and (self._repaired_when is None or not self._repaired_when.exists()):
            raise ZeroDivisionError(reason)
        shared = f"all-{digest % SHARED_STREAMS}"
        return [Dispatch(stream_name("notes", part), Note(reason)) for part in (message.key, shared)]
