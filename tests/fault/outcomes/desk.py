"""The caller outside: repeats what was not answered, with the same key, and keeps every answer to be counted."""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.fault.outcomes.premises import Premises
from tests.fault.outcomes.writes import Write

RETRYABLE = {429, 503}
FIELDS = ("etag", "location", "x-consistency-token")

Said = tuple[int, bytes, dict[str, str]]


@dataclass(frozen=True)
class Answer:
    """A definite answer, and the trouble that came before it."""

    status: int
    body: bytes
    fields: dict[str, str]
    replayed: bool
    tries: int
    troubles: tuple[str, ...]

    @property
    def accepted(self) -> bool:
        """Whether the write happened."""
        return httpx.codes.is_success(self.status)

    @property
    def said(self) -> Said:
        """What must be the same whenever it is asked for again."""
        return self.status, self.body, self.fields


@dataclass
class Desk:
    """Sends to the processes of the services, each try to any of them."""

    client: httpx.AsyncClient
    urls: Mapping[str, Sequence[str]]
    seed: int
    answers: dict[str, tuple[Write, Answer]] = field(default_factory=dict)
    troubles: Counter[str] = field(default_factory=Counter)

    async def send(self, write: Write, url: str) -> httpx.Response:
        """Send once."""
        return await self.client.request(write.method, url + write.path, content=write.content, headers=write.sent)

    async def settle(self, write: Write, seconds: float = 60) -> Answer:
        """Send with the same key until there is a definite answer; 429 and 503 must say that they may be repeated."""
        dice = random.Random(f"{self.seed} {write.name}")
        troubles: list[str] = []
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            try:
                response = await self.send(write, dice.choice(self.urls[write.service]))
            except httpx.TransportError as error:
                troubles.append(type(error).__name__)
                await asyncio.sleep(dice.uniform(0.02, 0.2))
                continue
            if response.status_code not in RETRYABLE:
                answer = Answer(
                    response.status_code,
                    response.content,
                    {name: response.headers[name] for name in FIELDS if name in response.headers},
                    response.headers.get("idempotency-replayed") == "true",
                    len(troubles) + 1,
                    tuple(troubles),
                )
                self.troubles.update(troubles)
                self.answers[write.name] = (write, answer)
                return answer
            problem = response.json()
            assert problem["retryable"] is True, f"{write.name}: {response.text}"
            assert int(response.headers["retry-after"]) >= 1, f"{write.name}: no Retry-After"
            troubles.append(problem["code"])
            await asyncio.sleep(dice.uniform(0.05, 0.5))
        raise AssertionError(f"{write.name} had no definite answer in {seconds} s: {Counter(troubles)}")

    async def _again(self, write: Write, url: str, tries: int = 100) -> httpx.Response:
        for _ in range(tries):
            # A service may just be hanging up a connection that was idle.
            with contextlib.suppress(httpx.TransportError):
                response = await self.send(write, url)
                if response.status_code not in RETRYABLE:
                    return response
            await asyncio.sleep(0.2)
        raise AssertionError(f"{write.name} was answered and is answered no more")

    async def all_settled(self, writes: Sequence[Write]) -> list[Answer]:
        """Send all side by side until each has a definite answer."""
        return list(await asyncio.gather(*(self.settle(write) for write in writes)))

    async def assert_answered_the_same_again(self, names: Sequence[str] | None = None) -> int:
        """Repeat every accepted write once more; the answer is the first one to the byte, and is marked as repeated."""
        accepted = [
            (write, answer)
            for write, answer in (self.answers[name] for name in names or list(self.answers))
            if answer.accepted
        ]
        for start in range(0, len(accepted), 50):
            page = accepted[start : start + 50]
            urls = [self.urls[write.service][-1 - place % 2 :][0] for place, (write, _) in enumerate(page)]
            again = await asyncio.gather(*(self._again(write, url) for (write, _), url in zip(page, urls, strict=True)))
            for (write, first), second in zip(page, again, strict=True):
                fields = {name: second.headers[name] for name in FIELDS if name in second.headers}
                said = (second.status_code, second.content, fields)
                assert said == first.said, f"{write.name} after {first.troubles}: {_difference(first.said, said)}"
                if "x-consistency-token" in fields:
                    assert second.headers.get("idempotency-replayed") == "true", f"{write.name}: not marked as repeated"
        return len(accepted)

    def assert_counted(self, premises: Premises) -> Counter[str]:
        """Hold every answer against the journals: accepted writes stand there once, refused ones not at all."""
        found: Counter[tuple[str, str]] = Counter()
        for service in premises.urls:
            for commit in premises.commits(service):
                found.update((service, entry["correlation_id"]) for entry in commit["entries"] if _from_outside(entry))
        tally: Counter[str] = Counter()
        for write, answer in self.answers.values():
            entries = found[write.service, write.name]
            expected = write.entries if answer.accepted else 0
            assert entries == expected, (
                f"{write.name} ({write.method} {write.path}) was answered {answer.status} after {answer.troubles} and "
                f"stands in the journal with {entries} entries instead of {expected}: {answer.body[:300]!r}"
            )
            tally["accepted" if answer.accepted else f"refused {answer.status}"] += 1
            tally["unknown at first"] += "outcome_unknown" in answer.troubles
        return tally


def _difference(first: Said, then: Said) -> str:
    place = next((at for at, (one, two) in enumerate(zip(first[1], then[1], strict=False)) if one != two), 0)
    start = max(0, place - 60)
    bodies = [body[start : start + 160].decode(errors="replace") for body in (first[1], then[1])]
    return f"first {first[0]} {first[2]} …{bodies[0]}… then {then[0]} {then[2]} …{bodies[1]}…"


def _from_outside(entry: Mapping[str, Any]) -> bool:
    """Whether a caller wrote it; what the services derive from it carries its correlation id, too."""
    return bool(entry["actor"]["organisation"] != "zhixing")


def say(text: str) -> None:
    """Tell what was counted, for a reader of the campaign."""
    print(text)  # noqa: T201 -- the campaign is read by people
