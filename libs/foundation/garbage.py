"""How often a process looks for unreachable cycles."""

from __future__ import annotations

import gc

_THRESHOLDS = (20_000, 20, 100)


def collect_rarely() -> None:
    """Leave what stands now out of every later collection, and collect the rest rarely.

    A process that serves calls it once when its parts have started. Work in flight is thousands of small objects that
    die by their reference counts; by default each 700 of them had the collector walk over all that is in flight, and at
    times over every module: that was a third of the time of a write.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_THRESHOLDS)
