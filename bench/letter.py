"""What one benchmark says: a ratio against a goal, whether all of its goals hold, and the raw counts behind it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any


@dataclass(frozen=True, slots=True)
class Letter:
    """The answer of one benchmark. `ratio` is the worst of its figures; `holds` covers every goal, latencies included.

    `raw` holds counts, seconds and conditions as JSON values: what somebody needs to doubt the ratio.
    """

    ratio: float
    goal: float
    holds: bool
    raw: Mapping[str, Any] = field(default_factory=dict)
    notes: Sequence[str] = ()
    """One line each, for the table: the figures of which `ratio` is the worst."""


Round = Callable[[], Awaitable[float]]


async def in_turns(rounds: int, *contenders: Round) -> list[list[float]]:
    """Run the contenders one after the other, `rounds` times, and return each one's figures.

    In turns, because a machine is not the same from one minute to the next; the order alternates from round to round.
    """
    figures: list[list[float]] = [[] for _ in contenders]
    for number in range(rounds):
        order = list(enumerate(contenders))
        for place, contender in order if number % 2 == 0 else reversed(order):
            figures[place].append(await contender())
    return figures


def ratio_of(product: Sequence[float], rival: Sequence[float]) -> float:
    """Return the median of the paired ratios product / rival."""
    return median(ours / theirs for ours, theirs in zip(product, rival, strict=True))


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value below which `share` (0 to 1) of the values lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]
