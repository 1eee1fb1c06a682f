"""Folding: a stream's commits to its state and its timer book. Pure, except that it reads the event registry."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any

from libs.evidence.chain import FIRST_PREV_HASH
from libs.foundation.clock import instant
from libs.journal.model import Decider, Folded
from libs.journal.refusals import JournalBroken
from libs.journal.store import Document
from libs.schemas.envelope import Event, event_from, parse_type
from libs.schemas.timers import TimerCancelled, TimerFired, TimerScheduled

TIMER_EVENTS = (TimerScheduled, TimerCancelled, TimerFired)


@dataclass(frozen=True, slots=True)
class PendingTimer:
    """A timer that has not fired: `generation` is the `seq` of the event that scheduled it."""

    generation: int
    due_at: datetime


Timers = Mapping[str, PendingTimer]
NO_TIMERS: Timers = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Head:
    """A stream's committed state after `version` commits and `seq` events. `version` 0: the stream does not exist."""

    stream: str
    state: Any
    court: str = ""
    key: str = ""
    version: int = 0
    seq: int = 0
    timers: Timers = field(default_factory=lambda: NO_TIMERS)
    hash: str = FIRST_PREV_HASH
    at: str | None = None

    def folded(self) -> Folded[Any]:
        """Return what callers see of it."""
        at = instant(self.at) if self.at else None
        return Folded(self.state, self.seq, self.stream, self.court, self.key, at)


def blank(decider: Decider[Any], stream: str) -> Head:
    """Return the head of a stream that does not exist yet."""
    return Head(stream, decider.initial())


def stored_event(stored: Mapping[str, Any]) -> Event:
    """Return the event of a stored one, lifted to its newest version."""
    service, name, version = parse_type(stored["type"])
    return event_from(service, name, version, stored["data"])


def apply_event(decider: Decider[Any], state: Any, timers: Timers, event: Event, seq: int) -> tuple[Any, Timers]:
    """Return state and timer book after one event: timers are the journal's matter, all else is the domain's."""
    if isinstance(event, TIMER_EVENTS):
        return state, apply_timer(timers, event, seq)
    return decider.evolve(state, event), timers


def apply_timer(timers: Timers, event: TimerScheduled | TimerCancelled | TimerFired, seq: int) -> Timers:
    """Return the timer book after a timer's event; the same name replaces what was pending."""
    pending = dict(timers)
    if isinstance(event, TimerScheduled):
        pending[event.timer] = PendingTimer(seq, event.due_at)
    else:
        # A timer fires only while its own generation is pending, so that what has fired is what stands here.
        pending.pop(event.timer, None)
    return MappingProxyType(pending)


def fold_commits(decider: Decider[Any], head: Head, commits: Iterable[Document]) -> Head:
    """Return the head after further commits of its stream, given in order.

    Raises `JournalBroken` if they do not follow each other, `UnknownEventType` if a writer ran ahead of this reader.
    """
    for commit in commits:
        head = _fold_commit(decider, head, commit)
    return head


def _fold_commit(decider: Decider[Any], head: Head, commit: Document) -> Head:
    if commit["version"] != head.version + 1 or commit["prev_hash"] != head.hash:
        raise JournalBroken(f"{commit['_id']} does not follow version {head.version} of {head.stream}")
    state, timers, seq = head.state, head.timers, head.seq
    for entry in commit["entries"]:
        state, timers, seq = fold_entry(decider, state, timers, seq, entry)
    return Head(
        head.stream,
        state,
        commit["court"],
        commit["key"],
        commit["version"],
        seq,
        timers,
        commit["hash"],
        commit["at"],
    )


def fold_entry(
    decider: Decider[Any], state: Any, timers: Timers, seq: int, entry: Mapping[str, Any]
) -> tuple[Any, Timers, int]:
    """Return state, timer book and seq after one entry."""
    for stored in entry["events"]:
        seq += 1
        if stored["seq"] != seq:
            raise JournalBroken(f"an event has seq {stored['seq']}, {seq} was expected")
        state, timers = apply_event(decider, state, timers, stored_event(stored), seq)
    return state, timers, seq


def fold_until(decider: Decider[Any], stream: str, commits: Iterable[Document], seq: int) -> Head | None:
    """Return the head as it was after event `seq`, folded from the first commit on; None if it has fewer events."""
    state, timers, count = decider.initial(), NO_TIMERS, 0
    for commit in commits:
        for entry in commit["entries"]:
            for stored in entry["events"]:
                count += 1
                state, timers = apply_event(decider, state, timers, stored_event(stored), count)
                if count == seq:
                    return Head(
                        stream, state, commit["court"], commit["key"], commit["version"], seq, timers, at=commit["at"]
                    )
    return None
