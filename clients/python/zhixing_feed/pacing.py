"""How often a publisher is asked: politely after a success, ever more rarely after failures, never all at once."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

FAILURE_S: Final = 30
FAILURE_MAX_S: Final = 3600

Sleep = Callable[[float], Awaitable[object]]


@dataclass(slots=True)
class Pacing:
    """Waiting times of feed section 13. `draw` returns a number from 0 to 1, `sleep` waits for seconds."""

    start_jitter_s: float = 60
    failure_s: float = FAILURE_S
    draw: Callable[[], float] = random.random
    sleep: Sleep = asyncio.sleep
    failures: int = 0

    def start(self) -> float:
        """Return how long to wait before the first poll: a power cut must not bring all subscribers at once."""
        return self.start_jitter_s * self.draw()

    def success(self, wait_s: float) -> float:
        """Return how long to wait after a head."""
        self.failures = 0
        return wait_s

    def failure(self, asked_s: float = 0) -> float:
        """Return how long to wait after the N-th failure in a row; at least what the publisher asked for."""
        self.failures += 1
        growing = self.failure_s * 2.0 ** min(self.failures - 1, 20) * (1 + self.draw())
        return max(min(growing, FAILURE_MAX_S), asked_s)
