"""A load client that does not wait for the server: statement lines over raw sockets, from a process of its own.

    python -m tests.fault.pressure.load PLAN.json ANSWERS.json

Arrivals come at a rate, whatever the answers do (open loop): each takes an idle connection or opens one, up to a bound;
an arrival that finds none is not sent and only counted. Every request carries one statement line with a reference of
its own, so that a reader of the database can tell what became of each.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections import deque
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, cast

import uvloop

HEAD_END = b"\r\n\r\n"
IDLE_SECONDS_MAX = 2.0
"""How long a connection may have been idle and still be used: servers close those that are for longer."""
LATE_SECONDS = 30.0
"""How long after the last arrival answers are waited for."""


@dataclass(frozen=True)
class Plan:
    """Where to, how much, how long."""

    port: int
    token: str
    bank_id: str
    run: str
    rate: float
    seconds: float
    connections_max: int
    value_at: str

    def request(self, number: int) -> bytes:
        """Return the bytes of the request with this number."""
        line = {
            "bank_id": self.bank_id,
            "reference": f"{self.run}-{number}",
            "account_number": "8111801012300558888",
            "amount_fen": 100 + number,
            "value_at": self.value_at,
        }
        body = json.dumps(line).encode() + b"\n"
        head = (
            "POST /v1/bank-statements HTTP/1.1\r\n"
            "Host: payments\r\n"
            f"Authorization: Bearer {self.token}\r\n"
            "Content-Type: application/x-ndjson\r\n"
            f"Idempotency-Key: {self.run}-{number}\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        return head.encode() + body


@dataclass
class Answers:
    """What came back. Times are seconds since the load began; latencies are counted from the sending."""

    began: float = 0.0
    sent: int = 0
    unsent: int = 0
    accepted: dict[int, tuple[float, float]] = field(default_factory=dict)
    """Number of the request → when it was sent, how long its answer took."""
    refused: dict[int, tuple[float, float, int, str, str]] = field(default_factory=dict)
    """Number → sent, took, status, the problem's code, `Retry-After`."""
    broken: dict[int, tuple[float, float, str]] = field(default_factory=dict)
    """Number → sent, took, what happened instead of an answer."""
    connections_opened: int = 0

    @classmethod
    def of(cls, read: dict[str, Any]) -> Answers:
        """Return the answers that were written down as JSON."""
        for name in ("accepted", "refused", "broken"):
            read[name] = {int(number): tuple(known) for number, known in read[name].items()}
        return cls(**read)


class Connection(asyncio.Protocol):
    """One connection; at most one request on it at a time."""

    def __init__(self, load: Load) -> None:
        """Report to this load."""
        self._load = load
        self._buffer = b""
        self.number: int | None = None
        self.sent_at = 0.0
        self.idle_since = 0.0
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self.transport = cast("asyncio.Transport", transport)  # uvloop's is one in all but its class

    def send(self, number: int) -> None:
        """Send the request with this number."""
        assert self.transport is not None
        self.number, self.sent_at = number, time.monotonic()
        self.transport.write(self._load.plan.request(number))

    def data_received(self, data: bytes) -> None:
        """Collect the answer."""
        self._buffer += data
        head, end, rest = self._buffer.partition(HEAD_END)
        if not end:
            return
        lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
        if len(rest) < int(headers.get("content-length", "0")):
            return
        self._buffer = b""
        number, self.number = self.number, None
        if number is not None:
            self._load.answered(self, number, int(lines[0].split()[1]), headers, rest)

    def connection_lost(self, exc: Exception | None) -> None:
        """Say so if a request was waiting for its answer."""
        self._load.lost(self, exc)


class Load:
    """One load, from the first arrival to the last answer."""

    def __init__(self, plan: Plan) -> None:
        """Nothing is sent yet."""
        self.plan = plan
        self.answers = Answers()
        self._idle: deque[Connection] = deque()
        self._all: set[Connection] = set()
        self._opening = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._began = 0.0

    async def run(self) -> Answers:
        """Send at the plan's rate, wait for what is outstanding, return what came back."""
        self._began = self.answers.began = time.monotonic()
        due = 0
        while (elapsed := time.monotonic() - self._began) < self.plan.seconds:
            while due < elapsed * self.plan.rate:
                self._arrive(due)
                due += 1
            await asyncio.sleep(0.002)
        until = time.monotonic() + LATE_SECONDS
        outstanding = True
        while outstanding and time.monotonic() < until:
            await asyncio.sleep(0.02)
            outstanding = bool(self._opening) or any(each.number is not None for each in self._all)
        for each in self._all:
            if each.number is not None:
                self._note_broken(each, "no answer")
        return self.answers

    def _arrive(self, number: int) -> None:
        if self._idle and time.monotonic() - self._idle[-1].idle_since > IDLE_SECONDS_MAX:
            # The one that was used last is old already: the server may be closing it, and the others before it.
            for each in self._idle:
                self._all.discard(each)
                if each.transport:
                    each.transport.close()
            self._idle.clear()
        if self._idle:
            self._idle.pop().send(number)
            self.answers.sent += 1
        elif len(self._all) + self._opening < self.plan.connections_max:
            self._opening += 1
            self.answers.sent += 1
            task = asyncio.get_running_loop().create_task(self._open(number))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        else:
            self.answers.unsent += 1

    async def _open(self, number: int) -> None:
        began = time.monotonic()
        try:
            async with asyncio.timeout(LATE_SECONDS):
                _, connection = await asyncio.get_running_loop().create_connection(
                    lambda: Connection(self), "127.0.0.1", self.plan.port
                )
        except (OSError, TimeoutError) as error:
            took = time.monotonic() - began
            self.answers.broken[number] = (began - self._began, took, f"connect: {error!r}")
            return
        finally:
            self._opening -= 1
        self.answers.connections_opened += 1
        self._all.add(connection)
        connection.send(number)

    def answered(self, connection: Connection, number: int, status: int, headers: dict[str, str], body: bytes) -> None:
        """Note an answer; the connection is free again unless the server closes it."""
        sent, took = connection.sent_at - self._began, time.monotonic() - connection.sent_at
        if status == 200:
            self.answers.accepted[number] = (sent, took)
        else:
            problem: dict[str, Any] = json.loads(body) if "json" in headers.get("content-type", "") else {}
            known = (status, str(problem.get("code", "")), headers.get("retry-after", ""))
            self.answers.refused[number] = (sent, took, *known)
        if headers.get("connection") == "close":
            self._all.discard(connection)
            if connection.transport:
                connection.transport.close()
        else:
            connection.idle_since = time.monotonic()
            self._idle.append(connection)

    def lost(self, connection: Connection, error: Exception | None) -> None:
        """Note a connection that the server ended."""
        self._all.discard(connection)
        if connection in self._idle:
            self._idle.remove(connection)
        if connection.number is not None:
            self._note_broken(connection, f"connection lost: {error!r}")
            connection.number = None

    def _note_broken(self, connection: Connection, what: str) -> None:
        assert connection.number is not None
        took = time.monotonic() - connection.sent_at
        self.answers.broken[connection.number] = (connection.sent_at - self._began, took, what)


if __name__ == "__main__":
    plan = Plan(**json.loads(Path(sys.argv[1]).read_text()))
    Path(sys.argv[2]).write_text(json.dumps(asdict(uvloop.run(Load(plan).run()))))
