"""One session of one view: a sequence of entries without a gap, and nothing else (R-CRB-33).

The state counts and knows nothing of what it counts: a million entries are never folded. What the entries say is kept
by the register, which follows the stream.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from libs.foundation.ids import stream_name
from libs.schemas.credit_blacklist import FeedEntryAppended, FeedSessionEnded
from libs.schemas.envelope import Event
from services.credit_blacklist.domain.feed_refusals import SessionOver


def feed_stream(view: str, session_id: str) -> str:
    """Return the stream of a session's entries."""
    return stream_name("feed", view, session_id)


@dataclass(frozen=True, slots=True)
class FeedState:
    """How many entries there are, and whether more may come."""

    entries: int = 0
    ended: bool = False


@dataclass(frozen=True, slots=True)
class AppendEntry:
    """Put a signed entry at the end; one of a former session goes over with its very bytes."""

    record_id: str
    record_version: int
    jws: str
    case_id: str


@dataclass(frozen=True, slots=True)
class EndSession:
    """Take no more entries: a successor follows."""

    session_id: str


def decide_feed(state: FeedState, command: Any, now: datetime) -> Sequence[Event]:
    """Return the entries that follow. An ended session takes none: `SessionOver`, to be repeated with its successor."""
    del now
    match command:
        case AppendEntry():
            return (_appended(state, command),)
        case EndSession():
            return () if state.ended else (FeedSessionEnded(session_id=command.session_id, sequence=state.entries),)
    msg = f"no such command: {type(command).__name__}"
    raise TypeError(msg)


def _appended(state: FeedState, entry: AppendEntry) -> FeedEntryAppended:
    if state.ended:
        raise SessionOver
    return FeedEntryAppended(
        case_id=entry.case_id, record_id=entry.record_id, record_version=entry.record_version, jws=entry.jws
    )


def evolve_feed(state: FeedState, event: Event) -> FeedState:
    """Return the state after an event."""
    match event:
        case FeedEntryAppended():
            return replace(state, entries=state.entries + 1)
        case FeedSessionEnded():
            return replace(state, ended=True)
    return state
