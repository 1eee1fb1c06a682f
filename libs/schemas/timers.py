"""Facts about timers, the same in every service. A timer's generation is the `seq` of the event that scheduled it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from libs.schemas.envelope import Event, Instant


@dataclass(frozen=True, slots=True)
class TimerDue:
    """The command that a due timer runs; `decide` says what it means, the journal puts `TimerFired` in front."""

    timer: str
    generation: int
    due_at: datetime


class TimerScheduled(Event, name="timer_scheduled"):
    """A timer of this stream will be due at a business time; an earlier one of the same name is replaced."""

    timer: str
    due_at: Instant


class TimerCancelled(Event, name="timer_cancelled"):
    """The pending timer of this name will not fire."""

    timer: str


class TimerFired(Event, name="timer_fired"):
    """The pending timer of this name and generation fired; what it means stands in the events beside it."""

    timer: str
    generation: int
