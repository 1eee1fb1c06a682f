"""Lanes of the streams that are written, and turns: who shares a stream with other processes lets them in between.

Whoever has just committed knows the head and is quicker than everybody who must read it first: without turns one
process would take a hot stream for itself for as long as its callers come. A rest costs little, for the commands that
arrive meanwhile share the next commit.
"""

from __future__ import annotations

import random
import time
from dataclasses import dataclass, field
from typing import Final

from libs.journal.pending import Pending

SHARED_SECONDS: Final = 1.0
"""How long a stream counts as shared after another process was met on it."""
RESTS: Final = (0.8, 1.6)
"""How long a rest is, in times of what our last turn took: others need as long to read, decide and write."""
REST_SECONDS_MAX: Final = 0.1
HOT_COMMANDS_MIN: Final = 8
"""So many commands in one commit say that callers queue for the stream …"""
LOOK_OUT: Final = 1 / 32
"""… then, now and then, a rest shows whether others are kept out, who could not be met otherwise."""
_STREAMS_MAX: Final = 10_000


@dataclass(slots=True)
class Lane:
    """What waits for one stream. `stale`: its head must be read again before anything is decided on it.

    `rest`: for so many real seconds the stream is left to other processes before the next commit.
    """

    stream: str
    waiting: list[Pending] = field(default_factory=list)
    busy: bool = False
    stale: bool = False
    rest: float = 0.0

    def refuse_all(self, error: Exception) -> None:
        """Tell all who wait that nothing can be decided here."""
        for pending in self.waiting:
            pending.resolve(error)
        self.waiting.clear()


class Turns:
    """Knows the streams on which other processes were met lately."""

    def __init__(self) -> None:
        """Nobody was met yet."""
        self._met: dict[str, float] = {}

    def met(self, stream: str) -> None:
        """Note that another process has committed to the stream between two of our looks."""
        self._met.pop(stream, None)
        self._met[stream] = time.monotonic()
        if len(self._met) > _STREAMS_MAX:
            del self._met[next(iter(self._met))]

    def rest(self, stream: str, commands: int, turn_seconds: float) -> float:
        """Return how long to leave the stream to others after a turn with so many commands, in real seconds."""
        if (met_at := self._met.get(stream)) is not None and time.monotonic() - met_at > SHARED_SECONDS:
            del self._met[stream]
            met_at = None
        if met_at is None and (commands < HOT_COMMANDS_MIN or random.random() > LOOK_OUT):  # noqa: S311 -- no secret
            return 0.0
        return min(random.uniform(*RESTS) * turn_seconds, REST_SECONDS_MAX)  # noqa: S311 -- no secret
