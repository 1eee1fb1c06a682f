"""Waiting longer each time, with jitter, so that those who failed together do not come back together."""

from __future__ import annotations

import random


def backoff_seconds(attempt: int, *, first: float, longest: float) -> float:
    """Return the real seconds to wait after the `attempt`-th failure (0, 1, …): half fixed, half drawn."""
    ceiling: float = min(longest, first * 2 ** min(attempt, 30))
    return ceiling / 2 + random.uniform(0, ceiling / 2)  # noqa: S311 -- jitter, not a secret
