"""What a story consists of: a title, an opening, who is registered, its script, its proof. `run` plays any of them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import httpx

from devstack.demo.desk import Cast
from devstack.demo.ground import Ground, Opening
from devstack.demo.people import Person, StoryStopped, Town
from devstack.demo.proof.verdict import Verdict
from devstack.demo.screen import Screen

ARRIVAL_SECONDS = 30
"""How long after the story what is on its way may take to arrive, in real seconds."""

Staff = Mapping[str, tuple[str, tuple[str, ...]]]
"""A court's people by id: name and roles."""


AtChapter = Callable[[str], None]


class Script(Protocol):
    """A story while it is played."""

    @property
    def case_id(self) -> str:
        """The case that the story is about."""
        ...

    async def play(self) -> None:
        """Play all chapters in order. Raises `StoryStopped`."""


@dataclass(frozen=True, slots=True)
class Stage:
    """Where a script is played: the ground, its partners' addresses, the town in which people act, the screen."""

    ground: Ground
    partners: Mapping[str, str]
    town: Town
    screen: Screen


class Production(Protocol):
    """One story with everything that it needs."""

    @property
    def number(self) -> str:
        """Its number, as `STORY=` names it."""

    @property
    def name(self) -> str:
        """Its short name, which `STORY=` takes as well."""

    @property
    def title(self) -> str:
        """The headline under which it is played."""

    @property
    def opening(self) -> Opening:
        """Where and when it begins, and how fast its clock runs."""

    @property
    def partners(self) -> str:
        """Who of the outside world takes part, in words."""

    def register(self, ground: Ground, folder: Path) -> dict[str, str]:
        """Name the services and the simulated partners; return where the partners will answer."""

    def script(self, stage: Stage, at_stage: AtChapter) -> Script:
        """Return the script, ready to be played; it tells `at_stage` each chapter before it begins."""

    async def judged(self, ground: Ground, partners: Mapping[str, str], script: Script) -> Verdict:
        """Look from outside, once, and judge what was seen. Raises `httpx.HTTPError` where nobody answers."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a played story ended."""

    title: str
    seconds: float
    verdict: Verdict | None = None
    """None: it stopped on its way."""

    @property
    def holds(self) -> bool:
        """Whether it was played to its end and every finding holds."""
        return self.verdict is not None and self.verdict.holds


def cast_of(ground: Ground, town: Town, staff: Staff) -> Cast:
    """Return the court's people, the filing portal and the operator, each with a token of their own."""
    people = {
        subject: Person(town, name, subject, ground.token(subject, name, roles))
        for subject, (name, roles) in staff.items()
    }
    people["portal"] = Person(
        town, "申请人网上立案", "portal", ground.token("portal", "网上立案", ["filing_portal"], organisation="portal")
    )
    people["operator"] = Person(town, "运维", "operator", ground.token("operator", "运维", ["operator"]))
    return Cast(people)


async def proved(look: Callable[[], Awaitable[Verdict]]) -> Verdict:
    """Look until everything that is on its way has arrived, at most for some seconds; the last verdict counts."""
    deadline = time.monotonic() + ARRIVAL_SECONDS
    while True:
        try:
            verdict = await look()
            if verdict.holds or time.monotonic() > deadline:
                return verdict
        except httpx.HTTPError as error:
            # A service that was killed a moment ago may still be on its way up.
            if time.monotonic() > deadline:
                msg = f"an observer could not see everything: {error}"
                raise StoryStopped(msg) from error
        await asyncio.sleep(0.5)
