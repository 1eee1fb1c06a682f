"""Members that join, leave, die and stand still, at moments that the seed alone decides."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.fault.consumers.receiver import Receiver
from tests.fault.programs import Program

JOIN, LEAVE, KILL, NAP, ABSENCE = "join", "leave", "kill", "nap", "absence"
MEMBERS_MIN, MEMBERS_MAX = 2, 5
NAP_SECONDS = (0.5, 2.0)
"""Shorter than the session: it is still a member when it wakes."""
ABSENCE_SECONDS = (7.0, 9.0)
"""Longer than the session: the others have its partitions when it wakes, and it does not know."""


@dataclass(frozen=True)
class Gust:
    """After `delay` seconds: what happens, to which of the members that stand, for how long it stands still."""

    delay: float
    kind: str
    victim: int
    seconds: float


def schedule(seed: int, kinds: list[str]) -> list[Gust]:
    """Return the gusts of a seed: these kinds in an order of its own."""
    draw = random.Random(seed)
    shuffled = draw.sample(kinds, len(kinds))
    return [
        Gust(
            delay=draw.uniform(0.3, 1.8),
            kind=kind,
            victim=draw.randrange(MEMBERS_MAX),
            seconds=draw.uniform(*(ABSENCE_SECONDS if kind == ABSENCE else NAP_SECONDS)),
        )
        for kind in shuffled
    ]


@dataclass
class Storm:
    """Blows over the members of a receiver; `between` is called after each gust."""

    receiver: Receiver
    between: Callable[[], object]
    asleep: dict[str, tuple[float, Program]] = field(default_factory=dict)

    def blow(self, gusts: list[Gust]) -> None:
        """Let every gust come; everyone who is left is awake when this returns."""
        for gust in gusts:
            time.sleep(gust.delay)
            self._wake(time.monotonic())
            self._strike(gust)
            self.between()
        while self.asleep:
            time.sleep(0.1)
            self._wake(time.monotonic())
        self.between()

    def _strike(self, gust: Gust) -> None:
        awake = [one for one in self.receiver.members if one.running and one.name not in self.asleep]
        standing = len(awake) + len(self.asleep)
        if gust.kind == JOIN:
            if standing < MEMBERS_MAX:
                self.receiver.join()
            return
        if not awake:
            self.receiver.join()
            return
        victim = awake[gust.victim % len(awake)]
        if gust.kind in (NAP, ABSENCE):
            victim.pause()
            self.asleep[victim.name] = (time.monotonic() + gust.seconds, victim)
            return
        victim.kill() if gust.kind == KILL else victim.end()
        if standing - 1 < MEMBERS_MIN:
            self.receiver.join()

    def _wake(self, now: float) -> None:
        for name, (at, member) in list(self.asleep.items()):
            if at <= now:
                member.resume()
                del self.asleep[name]
