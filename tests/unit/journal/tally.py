"""A small law for the journal's own tests: a tally that may not fall below zero, with a timer and a payment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from libs.foundation.errors import Refused
from libs.journal import Actor, CommandMeta, Decider, TimerDue
from libs.schemas.envelope import Event
from libs.schemas.timers import TimerCancelled, TimerScheduled

COURT = "云0381"
OTHER_COURT = "京0105"
START = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


class Added(Event, name="added"):
    amount: int


class Taken(Event, name="taken"):
    amount: int


class Noted(Event, name="noted"):
    text: Any


class Split(Event, name="split"):
    parts: tuple[str, ...]


class PaymentOrdered(Event, name="payment_ordered"):
    amount: int


class PaymentMade(Event, name="payment_made"):
    reference: str


class PaymentInDoubt(Event, name="payment_in_doubt"):
    reference: str


class TallyWouldFallBelowZero(Refused):
    """More would be taken than there is."""

    code = "tally_would_fall_below_zero"
    rule = "R-TEST-01"


class TimerNotWanted(Refused):
    """This tally keeps no timer."""

    code = "timer_not_wanted"


@dataclass(frozen=True, slots=True)
class Tally:
    total: int = 0
    parts: tuple[str, ...] = ()
    paid: tuple[str, ...] = ()
    in_doubt: tuple[str, ...] = ()
    seen_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Add:
    amount: int


@dataclass(frozen=True, slots=True)
class Take:
    amount: int


@dataclass(frozen=True, slots=True)
class Note:
    text: Any
    times: int = 1


@dataclass(frozen=True, slots=True)
class SplitInto:
    parts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Schedule:
    timer: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Cancel:
    timer: str


@dataclass(frozen=True, slots=True)
class Pay:
    amount: int


@dataclass(frozen=True, slots=True)
class RecordPaid:
    reference: str


@dataclass(frozen=True, slots=True)
class RecordDoubt:
    reference: str


@dataclass(frozen=True, slots=True)
class Break:
    pass


def decide(state: Tally, command: Any, now: datetime) -> Sequence[Event]:
    match command:
        case Add(amount):
            return [Added(amount=amount)] if amount else []
        case Take(amount):
            if amount > state.total:
                raise TallyWouldFallBelowZero(f"{amount} of {state.total}")
            return [Taken(amount=amount)]
        case Note(text, times):
            return [Noted(text=text)] * times
        case SplitInto(parts):
            return [Split(parts=parts)]
        case Schedule(timer, due_at):
            return [TimerScheduled(timer=timer, due_at=due_at)]
        case Cancel(timer):
            return [TimerCancelled(timer=timer)]
        case Pay(amount):
            return [PaymentOrdered(amount=amount)]
        case RecordPaid(reference):
            return [PaymentMade(reference=reference)]
        case RecordDoubt(reference):
            return [PaymentInDoubt(reference=reference)]
        case TimerDue(timer):
            if timer == "unwanted":
                raise TimerNotWanted
            return [Added(amount=100)]
    raise AssertionError(f"no such command: {command!r} at {now}")


def evolve(state: Tally, event: Event) -> Tally:
    match event:
        case Added(amount=amount):
            return replace(state, total=state.total + amount)
        case Taken(amount=amount):
            return replace(state, total=state.total - amount)
        case Split(parts=parts):
            return replace(state, parts=parts)
        case PaymentMade(reference=reference):
            return replace(state, paid=(*state.paid, reference))
        case PaymentInDoubt(reference=reference):
            return replace(state, in_doubt=(*state.in_doubt, reference))
        case Noted() | PaymentOrdered():
            return state
    raise AssertionError(f"evolve is total, and it saw {event!r}")


TALLIES: Decider[Tally] = Decider("tally", "tally", Tally, decide, evolve)


def meta(command_id: str, **changes: Any) -> CommandMeta:
    """A command's meta in the first court, with everything else made up."""
    plain = CommandMeta(command_id, f"body-of-{command_id}", Actor("u-1", COURT, "case_officer"), COURT)
    return replace(plain, **changes)


class SetClock:
    """Business time as the test sets it."""

    def __init__(self, now: datetime = START) -> None:
        self.instant = now

    def now(self) -> datetime:
        return self.instant

    def forward(self, **delta: float) -> None:
        self.instant += timedelta(**delta)
