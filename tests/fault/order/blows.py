"""What is done to writers and relays, and when: a function of the seed alone."""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from tests.fault.programs import Program

RELAY_STANDS_STILL = (1.8, 3.0)
"""Longer than the lease: another takes over, and the first wakes and believes that nothing has happened."""

WRITER_STANDS_STILL = (0.3, 1.5)


@dataclass(frozen=True)
class Blow:
    """After `delay` seconds: victim, whether it is killed or paused, and what its next life has in it."""

    delay: float
    at_relay: bool
    victim: int
    kills: bool
    seconds: float
    dies_before_marking: int | None


def schedule(seed: int, count: int) -> list[Blow]:
    """Return the blows of a seed: of every five, three at relays; every second one at either kills."""
    draw = random.Random(seed)
    kinds = [(number % 5 < 3, number % 2 == 0) for number in range(count)]
    draw.shuffle(kinds)
    return [_blow(draw, at_relay=at_relay, kills=kills) for at_relay, kills in kinds]


def _blow(draw: random.Random, *, at_relay: bool, kills: bool) -> Blow:
    return Blow(
        delay=draw.uniform(0.2, 1.2),
        at_relay=at_relay,
        victim=draw.randrange(4),
        kills=kills,
        seconds=draw.uniform(*(RELAY_STANDS_STILL if at_relay else WRITER_STANDS_STILL)),
        dies_before_marking=draw.randrange(1, 12) if draw.random() < 0.4 else None,
    )


@dataclass
class Hand:
    """Strikes; a relay that struck itself is started again, too."""

    relays: Sequence[Program]
    writers: Sequence[Program]
    struck: list[str] = field(default_factory=list)

    def strike(self, blows: Sequence[Blow]) -> None:
        """Deal every blow; whoever was paused runs when this returns."""
        for blow in blows:
            time.sleep(blow.delay)
            self.revive()
            if blow.at_relay:
                self._strike_relay(blow)
            else:
                self._strike_writer(blow)

    def revive(self) -> None:
        """Start every relay again that has struck itself; one may do so long after the last blow."""
        for relay in self.relays:
            if not relay.running:
                relay.launch()

    def _strike_relay(self, blow: Blow) -> None:
        relay = self.relays[blow.victim % len(self.relays)]
        if blow.kills:
            relay.kill()
            relay.launch(die_before_marking=blow.dies_before_marking)
        else:
            _stand_still(relay, blow.seconds)
        self._note(relay, blow)

    def _strike_writer(self, blow: Blow) -> None:
        writer = self.writers[blow.victim % len(self.writers)]
        if not writer.running:
            return
        if blow.kills:
            writer.kill()
            writer.launch(**{"from": answered_by_all(writer)})
        else:
            _stand_still(writer, blow.seconds)
        self._note(writer, blow)

    def _note(self, program: Program, blow: Blow) -> None:
        self.struck.append(f"{'killed' if blow.kills else 'paused'} {program.name}")


def answered_by_all(writer: Program) -> int:
    """Return the number up to which every caller of a writer has its answers; what is behind is asked again."""
    answered = dict.fromkeys(range(int(writer.options["callers"])), 0)
    for line in writer.lines():
        if "answer" in line:
            answered[line["caller"]] = line["count"] + 1
    return min(answered.values())


def _stand_still(program: Program, seconds: float) -> None:
    program.pause()
    time.sleep(seconds)
    program.resume()
