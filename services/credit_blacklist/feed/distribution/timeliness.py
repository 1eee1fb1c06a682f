"""Time to punish and time to un-punish, by stage, for each subscriber (R-CRB-10, R-CRB-33). Pure.

decided → appended to the sequence → named in a signed head → fetched → applied → for a removal: the measure ended. The
legal term binds only the court; what is measured here is when the person feels it.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Any, Final, Literal

Direction = Literal["PUNISH", "UNPUNISH"]
STAGES: Final = ("appended", "named", "fetched", "applied", "ended")
FETCHED_MS_MAX: Final = 15 * 60 * 1000
"""Goal [D]: 95 of 100 entries are fetched within a quarter of an hour of the decision."""
ENDED_MS_MAX: Final = 24 * 60 * 60 * 1000
"""Goal [D]: 95 of 100 measures end within a day of the decision to remove."""
_MILLISECOND: Final = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class Passage:
    """What the publisher knows of one entry: which way it goes, and when it was decided, appended and named."""

    sequence: int
    record_id: str
    direction: Direction
    decided_at: datetime
    appended_at: datetime
    named_at: datetime


@dataclass(frozen=True, slots=True)
class MarkTimes:
    """A confirmed position as far as times are concerned; `first` if it was reached by the subscriber's first copy."""

    sequence: int
    fetched_at: datetime
    applied_at: datetime
    received_at: datetime
    first: bool = False


@dataclass(frozen=True, slots=True)
class Named:
    """From when on a head named this sequence."""

    sequence: int
    at: datetime


def passage(sequence: int, payload: Mapping[str, Any], appended_at: datetime, named: Sequence[Named]) -> Passage | None:
    """Return the passage of an entry; None for one that no head has named yet. `named` is in order."""
    place = bisect_left(named, sequence, key=lambda one: one.sequence)
    if place == len(named):
        return None
    removal = payload.get("removal")
    decided = datetime.fromisoformat(removal["decided_at"] if removal else payload["changed_at"])
    return Passage(
        sequence=sequence,
        record_id=str(payload["record_id"]),
        direction="UNPUNISH" if payload["status"] == "REMOVED" else "PUNISH",
        decided_at=decided,
        appended_at=max(appended_at, decided),
        named_at=max(named[place].at, appended_at, decided),
    )


def rows_of(
    passages: Sequence[Passage],
    marks: Sequence[MarkTimes],
    ended: Mapping[str, datetime],
    now: datetime,
) -> list[dict[str, Any]]:
    """Return the subscriber's row of each direction. `marks` are in order; `ended` is by record, from its reports.

    What was in the subscriber's first copy is not counted: it did not wait for it. What was decided and is not applied
    yet is counted as waiting, so that nobody looks quick who only never answered.
    """
    begun = marks[0].sequence if marks and marks[0].first else 0
    ways: dict[Direction, list[tuple[Passage, MarkTimes | None]]] = {"PUNISH": [], "UNPUNISH": []}
    for one in passages:
        if one.sequence > begun:
            ways[one.direction].append((one, _reached(marks, one.sequence)))
    return [_row(direction, pairs, ended if direction == "UNPUNISH" else {}, now) for direction, pairs in ways.items()]


def _reached(marks: Sequence[MarkTimes], sequence: int) -> MarkTimes | None:
    place = bisect_left(marks, sequence, key=lambda mark: mark.sequence)
    return marks[place] if place < len(marks) else None


def _row(
    direction: Direction,
    pairs: Sequence[tuple[Passage, MarkTimes | None]],
    ended: Mapping[str, datetime],
    now: datetime,
) -> dict[str, Any]:
    stages: dict[str, list[int]] = {stage: [] for stage in STAGES}
    whole: dict[str, list[int]] = {stage: [] for stage in STAGES}
    waiting: list[int] = []
    for one, mark in pairs:
        before = one.decided_at
        for stage, at in _moments(one, mark, ended.get(one.record_id)):
            stages[stage].append(_ms(at - before))
            whole[stage].append(_ms(at - one.decided_at))
            before = at
        if mark is None:
            waiting.append(_ms(max(now - one.named_at, timedelta())))
    return {
        "direction": direction,
        "entries": len(pairs),
        "waiting": len(waiting),
        "longest_waiting_ms": max(waiting, default=0),
        "stages": {stage: spread(values) for stage, values in stages.items() if values},
        "since_decided": {stage: spread(values) for stage, values in whole.items() if values},
        "late": _late(whole, waiting),
    }


def _moments(one: Passage, mark: MarkTimes | None, ended: datetime | None) -> Iterable[tuple[str, datetime]]:
    yield "appended", one.appended_at
    yield "named", one.named_at
    if mark is None:
        return
    # The subscriber's clock is its own: nothing is fetched before it was named, nor after its statement came in.
    latest = max(mark.received_at, one.named_at)
    fetched = min(max(mark.fetched_at, one.named_at), latest)
    applied = min(max(mark.applied_at, fetched), latest)
    yield "fetched", fetched
    yield "applied", applied
    if ended is not None:
        yield "ended", max(ended, one.decided_at, applied)


def _late(whole: Mapping[str, Sequence[int]], waiting: Sequence[int]) -> bool:
    fetched = [*whole["fetched"], *(value for value in waiting if value > FETCHED_MS_MAX)]
    return _share(fetched, 95) > FETCHED_MS_MAX or _share(whole["ended"], 95) > ENDED_MS_MAX


def spread(values: Sequence[int]) -> dict[str, int]:
    """Return `{"count", "p50_ms", "p95_ms", "max_ms"}` of durations in milliseconds, by nearest rank."""
    return {
        "count": len(values),
        "p50_ms": _share(values, 50),
        "p95_ms": _share(values, 95),
        "max_ms": max(values),
    }


def _share(values: Sequence[int], percent: int) -> int:
    if not values:
        return 0
    ordered = sorted(values)
    return ordered[ceil(percent * len(ordered) / 100) - 1]


def _ms(span: timedelta) -> int:
    return span // _MILLISECOND
