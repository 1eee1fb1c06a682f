"""The line between a service and mongod: it knows where a message ends, so it can lose exactly one.

What happens to the n-th write and to the n-th other command on it is drawn from the seed, whoever sends them.
"""

from __future__ import annotations

import asyncio
import random
import struct
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from tests.fault.outcomes.line import Line, Streams

HEADER = struct.Struct("<iiii")
OP_MSG = 2013
COMMAND_AT = 26
"""Behind header, flags, the section's kind, the document's length and the type of its first element."""

Message = bytes

WRITES = {"insert"}
READS = {"find", "update", "findAndModify", "aggregate"}
MISHAPS: Mapping[str, int] = {
    "request lost": 4,
    "answer lost": 5,
    "answer cut short": 3,
    "answer swallowed": 2,
    "request late": 2,
    "answer slow": 4,
}
"""What may happen, and how often compared with the others. A swallowed answer costs the driver its whole patience."""
LATE_SECONDS = (0.2, 6.0)
"""A request may reach the server after its sender has given it up, looked it up in vain, and decided anew."""
SLOW_SECONDS = (0.1, 0.6)


class MongoLine(Line):
    """Carries everything in peace, and in trouble loses, cuts and delays what the dice say."""

    def __init__(self, target: int) -> None:
        """Begin in peace."""
        super().__init__(target)
        self._dice: dict[str, random.Random] = {}
        self._chance: dict[str, float] = {}
        self._kinds = dict(MISHAPS)
        self._watched = 0
        self._act: Callable[[], None] | None = None

    @property
    def uri(self) -> str:
        """The way to mongod over this line; a client must not go around it to the address that mongod names."""
        return f"mongodb://127.0.0.1:{self.port}/?directConnection=true"

    @contextmanager
    def trouble(
        self, seed: int, *, writes: float, reads: float, mishaps: Mapping[str, int] = MISHAPS
    ) -> Iterator[None]:
        """Inside, this share of the inserts and of the other commands has one of the mishaps, by their weights."""
        self._kinds = dict(mishaps)
        self._dice = {kind: random.Random(f"{seed} {kind}") for kind in ("write", "read")}
        self._chance = {"write": writes, "read": reads}
        try:
            yield
        finally:
            self._chance = {}

    def at_write(self, number: int, act: Callable[[], None]) -> threading.Event:
        """Do `act` when the n-th insert from now on is on its way, and hand it on; the event says that it is done."""
        done = threading.Event()

        def once() -> None:
            act()
            done.set()

        self._watched, self._act = number, once
        return done

    def _watch(self, command: str) -> None:
        if command in WRITES and self._act is not None:
            self._watched -= 1
            if self._watched <= 0:
                act, self._act = self._act, None
                act()

    async def talk(self, near: Streams, far: Streams) -> None:
        """Carry one connection."""
        fates: dict[int, str] = {}
        requests = asyncio.create_task(self._requests(near[0], far, fates))
        answers = asyncio.create_task(self._answers(far[0], near, fates))
        try:
            done, _ = await asyncio.wait({requests, answers}, return_when=asyncio.FIRST_COMPLETED)
            if requests in done and any(fate == "request late" for fate in fates.values()):
                # Its sender has hung up; the request is on its way all the same.
                await asyncio.wait({answers}, timeout=LATE_SECONDS[1])
        finally:
            for task in (requests, answers):
                task.cancel()
            await asyncio.gather(requests, answers, return_exceptions=True)

    async def _requests(self, reader: asyncio.StreamReader, far: Streams, fates: dict[int, str]) -> None:
        while True:
            message = await _message(reader)
            command = command_of(message)
            self._watch(command)
            fate = self._fate(command)
            number = HEADER.unpack_from(message)[1]
            if fate is not None:
                self.mishaps[fate] += 1
                fates[number] = fate
            if fate == "request lost":
                return
            if fate == "request late":
                await asyncio.sleep(self._dice["write"].uniform(*LATE_SECONDS))
            far[1].write(message)
            await far[1].drain()

    async def _answers(self, reader: asyncio.StreamReader, near: Streams, fates: dict[int, str]) -> None:
        while True:
            message = await _message(reader)
            fate = fates.pop(HEADER.unpack_from(message)[2], None)
            if fate == "answer lost":
                return
            if fate == "answer swallowed":
                continue
            if fate == "answer cut short":
                near[1].write(message[: self._dice["read"].randrange(1, len(message))])
                await near[1].drain()
                return
            if fate == "answer slow":
                await asyncio.sleep(self._dice["read"].uniform(*SLOW_SECONDS))
            near[1].write(message)
            await near[1].drain()

    def _fate(self, command: str) -> str | None:
        kind = "write" if command in WRITES else "read" if command in READS else ""
        chance = self._chance.get(kind, 0.0)
        if not chance:
            return None
        dice = self._dice[kind]
        drawn, mishap = dice.random(), dice.choices(list(self._kinds), list(self._kinds.values()))[0]
        return mishap if drawn < chance else None


def command_of(message: Message) -> str:
    """Return the name of the command in a message, empty for anything else."""
    if len(message) <= COMMAND_AT or HEADER.unpack_from(message)[3] != OP_MSG:
        return ""
    return message[COMMAND_AT : message.index(b"\0", COMMAND_AT)].decode("latin-1")


async def _message(reader: asyncio.StreamReader) -> Message:
    head = await reader.readexactly(HEADER.size)
    return head + await reader.readexactly(HEADER.unpack(head)[0] - HEADER.size)
