"""The line between a caller and a service: it breaks when the request is half out, or the answer half in."""

from __future__ import annotations

import asyncio
import random
import re

from tests.fault.outcomes.line import Line, Streams

HEAD_END = b"\r\n\r\n"
LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
KEY = re.compile(rb"\r\nidempotency-key: *(\S+)", re.IGNORECASE)

MISHAPS = ("request cut short", "caller gone", "answer lost", "answer cut short", "none")


class HttpLine(Line):
    """Carries one request on each connection. What happens to the n-th is drawn from the seed.

    `lost` keeps the answers that the service gave and the caller never saw whole, by Idempotency-Key.
    """

    def __init__(self, target: int, seed: int) -> None:
        """Mishaps begin with the first request."""
        super().__init__(target)
        self.lost: dict[str, list[tuple[int, bytes]]] = {}
        self._dice = random.Random(f"{seed} http")
        self._listening: set[asyncio.Task[None]] = set()

    async def talk(self, near: Streams, far: Streams) -> None:
        """Carry one request and its answer."""
        request = await _whole(near[0])
        fate, share = self._dice.choice(MISHAPS), self._dice.random()
        self.mishaps[fate] += 1
        if fate == "request cut short":
            far[1].write(request[: 1 + int(share * (len(request) - 1))])
            await far[1].drain()
            return
        far[1].write(request)
        await far[1].drain()
        if fate == "caller gone":
            near[1].transport.abort()
            # The service must learn that nobody waits any more, while it works or after it.
            await asyncio.sleep(share * 0.02)
            return
        answer = await _whole(far[0])
        if fate != "none":
            head, _, body = answer.partition(HEAD_END)
            key = KEY.search(request)
            assert key is not None
            self.lost.setdefault(key[1].decode(), []).append((int(head.split()[1]), body))
        if fate == "answer lost":
            return
        near[1].write(answer if fate == "none" else answer[: 1 + int(share * (len(answer) - 1))])
        await near[1].drain()
        if fate == "none":
            near[1].close()
            await near[1].wait_closed()


async def _whole(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(HEAD_END)
    length = LENGTH.search(head)
    return head + await reader.readexactly(int(length[1]) if length else 0)
