"""What is done to whom and when: a schedule that follows from the seed alone, and the hand that carries it out."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

Kind = Literal["SIGKILL", "SIGSTOP", "SIGTERM"]
KINDS: tuple[Kind, ...] = ("SIGKILL", "SIGKILL", "SIGSTOP", "SIGTERM")
DOWN_SECONDS = (0.0, 3.0)
LOOK_SECONDS = 0.5


class Victim(Protocol):
    """A process that can be hurt and helped up again; the nodes and programs of devstack are."""

    @property
    def running(self) -> bool: ...
    def launch(self) -> None: ...
    def stop(self) -> None: ...
    def kill(self) -> None: ...
    def pause(self) -> None: ...
    def resume(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: `after` the one before it began, and how long the victim is frozen or stays away, in seconds."""

    number: int
    after: float
    kind: Kind
    victim: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Weather:
    """How hard it comes: the gaps within a bunch of faults, the calm after it, how long somebody may stand still.

    Without calm no consumer group would ever be whole: a member that was killed is missed for fifteen seconds.
    """

    gap: tuple[float, float]
    frozen: tuple[float, float]
    calm: float


def schedule(seed: int, count: int, victims: Sequence[str], weather: Weather) -> list[Fault]:
    """Return the faults of a seed, in bunches in which everybody has one turn; the faults of a bunch overlap."""
    dice = random.Random(seed)
    faults: list[Fault] = []
    while len(faults) < count:
        for place, victim in enumerate(dice.sample(victims, len(victims))):
            kind = dice.choice(KINDS)
            seconds = dice.uniform(*(weather.frozen if kind == "SIGSTOP" else DOWN_SECONDS))
            after = dice.uniform(*weather.gap) + (weather.calm if faults and not place else 0.0)
            faults.append(Fault(len(faults) + 1, after, kind, victim, seconds))
    return faults[:count]


class Hand:
    """Carries a schedule out. Faults of several victims overlap; those of one wait for each other."""

    def __init__(self, victims: dict[str, Victim], say: Callable[[str], None]) -> None:
        self._victims = victims
        self._locks = {name: asyncio.Lock() for name in victims}
        self._say = say
        self.done: list[str] = []
        self.gave_up: list[str] = []
        """Who ended by itself: a service that starts while the database is away gives up and is started again."""

    async def supervise(self) -> None:
        """Start again whoever ended by itself, as an operator's supervisor does; until cancelled."""
        while True:
            for name, victim in self._victims.items():
                if not self._locks[name].locked() and not victim.running:
                    self.gave_up.append(name)
                    await asyncio.to_thread(victim.launch)
            await asyncio.sleep(LOOK_SECONDS)

    async def strike(self, faults: Sequence[Fault]) -> None:
        """Carry out all faults; at the end every victim runs again, not yet ready perhaps."""
        began = time.monotonic()
        async with asyncio.TaskGroup() as group:
            for fault in faults:
                await asyncio.sleep(fault.after)
                told = f"fault {fault.number} of {len(faults)} at {time.monotonic() - began:.0f} s: {fault.kind}"
                self._say(f"{told} {fault.victim} {fault.seconds:.1f} s")
                group.create_task(self._one(fault))

    async def _one(self, fault: Fault) -> None:
        victim = self._victims[fault.victim]
        async with self._locks[fault.victim]:
            if fault.kind == "SIGSTOP":
                victim.pause()
                await asyncio.sleep(fault.seconds)
                victim.resume()
            else:
                await asyncio.to_thread(victim.kill if fault.kind == "SIGKILL" else victim.stop)
                await asyncio.sleep(fault.seconds)
                await asyncio.to_thread(victim.launch)
            self.done.append(fault.victim)
