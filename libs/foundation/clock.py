"""Business time.

The domain never reads a clock: `now` is passed in. Outside it, business time comes from a `Clock`. In production that
is the real clock, which cannot be moved. The sandbox clock is a *schedule* that every process follows from one file:
points of (real instant, business instant, rate). Between points business time runs at the point's rate; it never goes
back.

Leases, tokens, back-off and time-outs use real time and never a `Clock`.
"""

from __future__ import annotations

import itertools
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


class Clock(Protocol):
    """Where business time comes from."""

    def now(self) -> datetime:
        """Return the business time as an aware UTC datetime with microseconds."""
        ...


class RealClock:
    """Business time is real time: the only clock in production."""

    def now(self) -> datetime:
        """Return the real time in UTC."""
        return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class ClockPoint:
    """From `real` on, business time is `business` plus `rate` times the real time passed since."""

    real: datetime
    business: datetime
    rate: int


class SandboxClock:
    """A clock that follows a schedule of points; the last point whose real instant has passed holds."""

    def __init__(self, points: list[ClockPoint]) -> None:
        """Take at least one point. Raises `ValueError` if a later point would set business time back."""
        if not points:
            msg = "a sandbox clock needs at least one point"
            raise ValueError(msg)
        self._points = sorted(points, key=lambda point: point.real)
        for earlier, later in itertools.pairwise(self._points):
            if later.business < _at(earlier, later.real):
                msg = f"business time would go back at {later.real.isoformat()}"
                raise ValueError(msg)

    def now(self) -> datetime:
        """Return the business time that belongs to the present real instant."""
        return self.business_at(datetime.now(UTC))

    def business_at(self, real: datetime) -> datetime:
        """Return the business time at a real instant; before the first point it stands still at that point."""
        point = self._points[0]
        for candidate in self._points:
            if candidate.real <= real:
                point = candidate
        return _at(point, max(real, point.real))


def _at(point: ClockPoint, real: datetime) -> datetime:
    return point.business + (real - point.real) * point.rate


class ScheduleFile:
    """The sandbox schedule on disk, shared by every process: `{"points": [{"real": …, "business": …, "rate": …}]}`."""

    def __init__(self, path: Path) -> None:
        """Name the file; it is read when first needed and again when it changes."""
        self._path = path
        self._stamp: tuple[int, int] | None = None
        self._clock: SandboxClock | None = None

    def now(self) -> datetime:
        """Return business time by the present schedule."""
        stat = self._path.stat()
        stamp = (stat.st_mtime_ns, stat.st_size)
        if self._clock is None or stamp != self._stamp:
            points = [
                ClockPoint(
                    datetime.fromisoformat(point["real"]),
                    datetime.fromisoformat(point["business"]),
                    int(point["rate"]),
                )
                for point in json.loads(self._path.read_text())["points"]
            ]
            self._clock, self._stamp = SandboxClock(points), stamp
        return self._clock.now()


def write_schedule(path: Path, points: list[ClockPoint]) -> None:
    """Write a schedule so that a reader never sees half of it."""
    SandboxClock(points)
    body = [
        {"real": point.real.isoformat(), "business": point.business.isoformat(), "rate": point.rate} for point in points
    ]
    draft = path.with_suffix(".draft")
    draft.write_text(json.dumps({"points": body}, indent=1))
    draft.replace(path)


def instant(text: str) -> datetime:
    """Return an aware UTC datetime for an RFC 3339 text. Raises `ValueError` if it has no offset."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        msg = f"a time without an offset: {text!r}"
        raise ValueError(msg)
    return moment.astimezone(UTC)


def instant_text(moment: datetime) -> str:
    """Return the one text form of an instant: UTC, microseconds, `Z`. Sorts like time; BSON dates would cut it."""
    if moment.tzinfo is None:
        msg = "a naive datetime has no place here"
        raise ValueError(msg)
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
