"""A light HTTP client in a process of its own: reads a plan as JSON from stdin, prints what it saw as JSON.

64 kept-alive connections with one request in flight on each. Requests are glued from prepared bytes; of an answer only
the status and the length are read. Closed loop without `rate` (each answer is followed by the next request), open loop
with it: requests are due by a Poisson schedule, and an answer's time counts from when its request was due, so that a
server that stalls is charged with everybody who had to wait.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
import time
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any, cast

import uvloop

from bench.letter import percentile

NUMBER = "NUMBER"
GRACE_SECONDS = 120.0
"""How long the last answers may take: on a machine that does other things, too, they do."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What to send. In `path`, `STREAM` stands for one of `streams`; in `body`, `NUMBER` for the request's number."""

    port: int
    method: str
    path: str
    streams: list[str]
    headers: dict[str, str]
    body: str
    status: int
    """The only right answer."""
    run: str
    """Begins every idempotency key, so that no two runs share one."""
    connections: int = 64
    warm: int = 0
    """Answers that are not counted, before the clock starts."""
    seconds: float = 4.0
    rate: float = 0.0
    """Requests per second of the open loop; 0 is the closed loop."""
    seed: int = 1


@dataclass(slots=True)
class Seen:
    """What came of it."""

    answers: int = 0
    seconds: float = 0.0
    wrong: dict[str, int] = field(default_factory=dict)
    p50_ms: float = 0.0
    p99_ms: float = 0.0
    max_ms: float = 0.0
    client_cpu_seconds: float = 0.0


def requests(plan: Plan) -> Iterator[bytes]:
    """Yield request after request, over all streams in turn."""
    before, _, after = plan.body.partition(NUMBER)
    length = len(before.encode()) + 12 + len(after.encode())
    fixed = "".join(f"{name}: {value}\r\n" for name, value in plan.headers.items())
    heads = [
        f"{plan.method} {plan.path.replace('STREAM', stream)} HTTP/1.1\r\nHost: bench\r\n{fixed}"
        f"Content-Type: application/json\r\nContent-Length: {length}\r\nIdempotency-Key: {plan.run}-".encode()
        for stream in plan.streams
    ]
    middle, end = b"\r\n\r\n" + before.encode(), after.encode()
    number = 0
    while True:
        for head in heads:
            number += 1
            digits = b"%012d" % number
            yield b"".join((head, digits, middle, digits, end))


class Client(asyncio.Protocol):
    """One connection."""

    def __init__(self, load: Load) -> None:
        self._load = load
        self._rest = b""
        self.sent_at = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way to the server."""
        self._transport = cast("asyncio.Transport", transport)

    def send(self, request: bytes, due: float) -> None:
        """Send a request that was due at this monotonic instant."""
        self.sent_at = due
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        """Look whether the answer is whole."""
        if self._rest:
            data = self._rest + data
        head = data.find(b"\r\n\r\n")
        at = data.find(b"content-length: ", 0, head) if head > 0 else -1
        if head < 0 or (at > 0 and len(data) < head + 4 + int(data[at + 16 : data.index(b"\r", at)])):
            self._rest = data
            return
        self._rest = b""
        self._load.answered(self, data[9:12] if at > 0 else b"???")

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell the load."""
        self._load.lost(exc)


class Load:
    """One run of a plan."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._next = requests(plan).__next__
        self._right = str(plan.status).encode()
        self._clients: list[Client] = []
        self._idle: deque[Client] = deque()
        self._due: deque[float] = deque()
        self._latencies: list[float] = []
        self._wrong: Counter[str] = Counter()
        self._left_to_warm = plan.warm
        self._counting = self._closing = False
        self._until = float("inf")
        self._warmed = asyncio.Event()
        self._ended = asyncio.Event()

    async def run(self) -> Seen:
        """Warm up in the closed loop, then measure."""
        loop = asyncio.get_running_loop()
        for _ in range(self._plan.connections):
            _, client = await loop.create_connection(lambda: Client(self), "127.0.0.1", self._plan.port)
            self._clients.append(client)
        if self._plan.warm:
            for client in self._clients:
                client.send(self._next(), time.perf_counter())
            await asyncio.wait_for(self._warmed.wait(), GRACE_SECONDS)
        else:
            self._idle.extend(self._clients)
        self._counting = True
        began, cpu = time.perf_counter(), time.process_time()
        self._until = began + self._plan.seconds
        await (self._open(began) if self._plan.rate else self._closed(began))
        seconds = time.perf_counter() - began
        return self._seen(self._plan.seconds if not self._plan.rate else seconds, time.process_time() - cpu)

    async def _closed(self, began: float) -> None:
        while self._idle:
            self._idle.popleft().send(self._next(), began)
        await asyncio.wait_for(self._ended.wait(), self._plan.seconds + GRACE_SECONDS)

    async def _open(self, began: float) -> None:
        dice = random.Random(self._plan.seed)
        due = began + dice.expovariate(self._plan.rate)
        while due < self._until:
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            now = time.perf_counter()
            while due <= min(now, self._until):
                self._due.append(due)
                due += dice.expovariate(self._plan.rate)
            while self._due and self._idle:
                self._idle.popleft().send(self._next(), self._due.popleft())
        if len(self._idle) < len(self._clients):
            await asyncio.wait_for(self._ended.wait(), GRACE_SECONDS)

    def answered(self, client: Client, status: bytes) -> None:
        """Count an answer and give the connection its next request."""
        now = time.perf_counter()
        if status != self._right:
            self._wrong[status.decode()] += 1
        elif self._counting and (self._plan.rate or now < self._until):
            self._latencies.append(now - client.sent_at)
        if not self._counting:
            self._left_to_warm -= 1
            if self._left_to_warm > 0:
                client.send(self._next(), now)
                return
            self._idle.append(client)
            if len(self._idle) == len(self._clients):
                self._warmed.set()
        elif self._due:
            client.send(self._next(), self._due.popleft())
        elif not self._plan.rate and now < self._until:
            client.send(self._next(), now)
        else:
            self._idle.append(client)
            if now >= self._until and len(self._idle) == len(self._clients):
                self._closing = True
                self._ended.set()

    def lost(self, error: Exception | None) -> None:
        """Count a connection that the server ended: nothing in this bench makes it do so."""
        if not self._closing:
            self._wrong[f"lost: {type(error).__name__}"] += 1

    def _seen(self, seconds: float, cpu: float) -> Seen:
        times = self._latencies or [0.0]
        return Seen(
            answers=len(self._latencies),
            seconds=round(seconds, 3),
            wrong=dict(self._wrong),
            p50_ms=round(percentile(times, 0.5) * 1000, 1),
            p99_ms=round(percentile(times, 0.99) * 1000, 1),
            max_ms=round(max(times) * 1000, 1),
            client_cpu_seconds=round(cpu, 2),
        )


def main() -> None:
    """Run the plan on stdin."""
    given: dict[str, Any] = json.load(sys.stdin)
    print(json.dumps(asdict(uvloop.run(Load(Plan(**given)).run()))))


if __name__ == "__main__":
    main()
