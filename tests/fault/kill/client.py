"""A careful client: every write has a key and is sent again, to whichever process, until its fate is known."""

from __future__ import annotations

import asyncio
import hashlib
import itertools
import json
import random
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx

UNRESOLVED = frozenset({429, 500, 502, 503, 504})
"""Answers that say nothing of the command's fate. A 500 is among them and is counted as broken, besides."""

CHANGES_NOTHING = {"enforcement-applications": 200, "replies again": 200}
"""Kinds and statuses by which a service says that it took note and wrote nothing."""

PAUSE_SECONDS = (0.1, 0.5)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a service said at last."""

    status: int
    body: Any
    etag: str | None
    replayed: bool

    @property
    def accepted(self) -> bool:
        """Whether the command was taken."""
        return self.status < 300

    @property
    def code(self) -> str:
        """The stable code of a refusal."""
        return str(self.body.get("code", "")) if isinstance(self.body, dict) and not self.accepted else ""

    def says_the_same(self, other: Answer) -> bool:
        """Whether a repeat was answered as the first time."""
        return (self.status, self.body, self.etag) == (other.status, other.body, other.etag)


@dataclass
class Command:
    """One write, everything that is needed to send it again, and what became of it."""

    who: str
    service: str
    method: str
    path: str
    content: bytes
    key: str
    etag: str | None
    kind: str
    identity: str
    deliberate: bool
    """Sent to be refused, today and at any later time."""
    answer: Answer | None = None
    tries: int = 0
    others: list[Answer] = field(default_factory=list)
    """What later repeats of the resolved command were answered."""

    @property
    def accepted(self) -> bool:
        """Whether it was answered as accepted."""
        return self.answer is not None and self.answer.accepted

    @property
    def took_note(self) -> bool:
        """Whether it was told that nothing is new: such an answer is not kept, a repeat of it says what stands then."""
        return self.answer is not None and CHANGES_NOTHING.get(self.kind) == self.answer.status

    @property
    def amounts(self) -> dict[str, int]:
        """The amounts of the statement lines that it carries, by reference."""
        lines = [json.loads(line) for line in self.content.splitlines()]
        return {line["reference"]: line["amount_fen"] for line in lines}

    def step(self, *parts: str) -> str:
        """Return the id of a command that follows from this one (design, section 3, sentence 5)."""
        return digest(self.identity, *parts)


def digest(*parts: str) -> str:
    """Return a command id as the design describes it: a hash of what identifies the cause."""
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()


@dataclass
class Client:
    """Everybody outside: sends, retries alternating between a service's processes, and remembers everything."""

    urls: Mapping[str, Sequence[str]]
    claims: Callable[[str], dict[str, Any]]
    sign: Callable[[dict[str, Any]], str]
    dice: random.Random
    run: str
    commands: list[Command] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    unanswered: Counter[str] = field(default_factory=Counter)
    http: httpx.AsyncClient = field(init=False)
    _who: dict[str, tuple[str, dict[str, Any]]] = field(default_factory=dict)
    _numbers: itertools.count[int] = field(default_factory=itertools.count)
    _turn: itertools.count[int] = field(default_factory=itertools.count)

    @asynccontextmanager
    async def connected(self) -> AsyncIterator[None]:
        """Have connections inside; a process that stands still must cost its caller seconds, not the load."""
        limits = httpx.Limits(max_connections=200, max_keepalive_connections=100)
        async with httpx.AsyncClient(timeout=httpx.Timeout(8.0, connect=3.0, pool=30.0), limits=limits) as self.http:
            yield

    async def write(
        self,
        who: str,
        service: str,
        path: str,
        body: Any = None,
        *,
        method: str = "POST",
        etag: str | None = None,
        deliberate: bool = False,
        kind: str = "",
    ) -> Command:
        """Send a new command until its fate is known; a list as body goes out as NDJSON lines."""
        lines = isinstance(body, list)
        content = b"\n".join(_json(line) for line in body) if lines else _json(body)
        claims = self._person(who)[1]
        key = f"{self.run}-{next(self._numbers)}"
        identity = digest(claims["iss"], claims["org"], claims["client_id"], method, path, key)
        name = kind or ("bank-statements" if lines else path.rpartition("/")[2])
        command = Command(who, service, method, path, content, key, etag, name, identity, deliberate)
        self.commands.append(command)
        command.answer = await self.ask(command)
        # Now and then somebody did not hear the answer and asks once more, as a rule the other process.
        if command.accepted and not command.took_note and self.dice.random() < 0.1:
            command.others.append(await self.ask(command))
        return command

    async def ask(self, command: Command) -> Answer:
        """Send a command with its key until something is said about its fate."""
        headers = {"Content-Type": "application/x-ndjson" if command.kind == "bank-statements" else "application/json"}
        headers |= {"Idempotency-Key": command.key}
        if command.etag is not None:
            headers["If-Match"] = command.etag
        while True:
            command.tries += 1
            response = await self._once(command.who, command.service, command.method, command.path, headers, command)
            if response is not None and response.status_code not in UNRESOLVED:
                return Answer(
                    response.status_code,
                    _parsed(response),
                    response.headers.get("etag"),
                    response.headers.get("idempotency-replayed") == "true",
                )
            await asyncio.sleep(self.dice.uniform(*PAUSE_SECONDS))

    async def read(self, who: str, service: str, path: str) -> httpx.Response:
        """Read until there is an answer."""
        while True:
            response = await self._once(who, service, "GET", path, {}, None)
            if response is not None and response.status_code not in UNRESOLVED:
                return response
            await asyncio.sleep(self.dice.uniform(*PAUSE_SECONDS))

    async def _once(
        self, who: str, service: str, method: str, path: str, headers: dict[str, str], command: Command | None
    ) -> httpx.Response | None:
        addresses = self.urls[service]
        address = addresses[next(self._turn) % len(addresses)]
        try:
            response = await self.http.request(
                method,
                address + path,
                content=command.content if command is not None else None,
                headers=headers | {"Authorization": f"Bearer {self._person(who)[0]}"},
            )
        except httpx.TransportError as error:
            self.unanswered[type(error).__name__] += 1
            return None
        if response.status_code in UNRESOLVED:
            self.unanswered[str(response.status_code)] += 1
        if response.status_code == httpx.codes.INTERNAL_SERVER_ERROR:
            self.broken.append(f"{method} {address}{path}: {response.text[:400]}")
        return response

    def _person(self, who: str) -> tuple[str, dict[str, Any]]:
        if who not in self._who:
            claims = self.claims(who)
            self._who[who] = (self.sign(claims), claims)
        return self._who[who]


def _json(body: Any) -> bytes:
    return json.dumps(body, ensure_ascii=False).encode()


def _parsed(response: httpx.Response) -> Any:
    if response.headers.get("content-type", "").startswith("application/x-ndjson"):
        return [json.loads(line) for line in response.text.splitlines()]
    return response.json() if response.content else None
