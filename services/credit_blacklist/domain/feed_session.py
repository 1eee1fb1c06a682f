"""The sessions of a view: the first opens by itself, every other one is a reset that two officers answer for.

A reset goes on in four steps, each of which any process may take and repeat: it is ordered, a second officer approves
it, the old session ends and what is in force is carried over, the new one opens and says how the old one ended. Until
it opens, no entry is appended anywhere, so none can be lost between the two.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, Literal

from libs.foundation.ids import stream_name
from libs.schemas.credit_blacklist.feed import (
    FeedBulkApproved,
    FeedBulkDeclared,
    FeedBulkRejected,
    FeedResetApproved,
    FeedResetOrdered,
    FeedResetRejected,
    FeedSessionOpened,
    SessionEnd,
)
from libs.schemas.envelope import Event
from services.credit_blacklist.domain.feed_refusals import (
    BulkRangeImpossible,
    BulkUnknown,
    NotTheSecondOfficer,
    ResetPending,
    ResetUnknown,
    SessionPending,
)

BULK_ENTRIES_MAX: Final = 2_000_000
"""Entries that one declaration may cover."""
BULKS_KEPT: Final = 50
"""Declarations that a view keeps; what is older stands in the journal."""

Decision = Literal["APPROVE", "REJECT"]


def session_stream(view: str) -> str:
    """Return the stream of a view's sessions."""
    return stream_name("session", view)


@dataclass(frozen=True, slots=True)
class Session:
    """A session that was opened."""

    session_id: str
    opened_at: datetime
    previous: SessionEnd | None = None
    reason: str | None = None
    officer: str | None = None
    second_officer: str | None = None


@dataclass(frozen=True, slots=True)
class Reset:
    """A reset that was ordered; without a second officer it waits for one."""

    session_id: str
    reason: str
    officer: str
    second_officer: str | None = None


@dataclass(frozen=True, slots=True)
class Bulk:
    """Many entries that were announced; without a second officer the announcement waits for one."""

    bulk_id: str
    session_id: str
    from_sequence: int
    to_sequence: int
    reason: str
    officer: str
    second_officer: str | None = None


@dataclass(frozen=True, slots=True)
class ViewSessions:
    """A view's sessions in their order, the reset under way, and the announcements."""

    view: str = ""
    every: tuple[Session, ...] = ()
    reset: Reset | None = None
    bulks: tuple[Bulk, ...] = ()

    @property
    def active(self) -> str | None:
        """The session that is read; None before the first."""
        return self.every[-1].session_id if self.every else None

    @property
    def resetting(self) -> bool:
        """Whether an approved reset is being carried out, so that nothing may be appended."""
        return self.reset is not None and self.reset.second_officer is not None

    @property
    def current(self) -> Session | None:
        """The session that is read."""
        return self.every[-1] if self.every else None


@dataclass(frozen=True, slots=True)
class OpenFirstSession:
    """Begin a view that was never read before."""

    view: str
    session_id: str


@dataclass(frozen=True, slots=True)
class OrderReset:
    """Begin a view anew: its continuity cannot be shown, or its definition changes."""

    view: str
    session_id: str
    reason: str
    officer: str


@dataclass(frozen=True, slots=True)
class DecideReset:
    """The second officer's word."""

    session_id: str
    decision: Decision
    officer: str
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class OpenSuccessor:
    """What was in force stands in the new session; go on in it."""

    session_id: str
    previous: SessionEnd


@dataclass(frozen=True, slots=True)
class DeclareBulk:
    """Announce that many entries will come at once, so that subscribers do not take them for a fault."""

    view: str
    bulk_id: str
    from_sequence: int
    to_sequence: int
    reason: str
    officer: str


@dataclass(frozen=True, slots=True)
class DecideBulk:
    """The second officer's word."""

    bulk_id: str
    decision: Decision
    officer: str
    reason: str | None = None


def decide_session(state: ViewSessions, command: Any, now: datetime) -> Sequence[Event]:
    """Return what follows; refusals are in `feed_refusals`."""
    match command:
        case OpenFirstSession():
            if state.every:
                return ()
            return (FeedSessionOpened(view=command.view, session_id=command.session_id, opened_at=now),)
        case OrderReset():
            return _order(state, command)
        case DecideReset():
            return _decide_reset(state, command)
        case OpenSuccessor():
            return _open(state, command, now)
        case DeclareBulk():
            return _declare(state, command)
        case DecideBulk():
            return _decide_bulk(state, command)
    msg = f"no such command: {type(command).__name__}"
    raise TypeError(msg)


def _order(state: ViewSessions, command: OrderReset) -> Sequence[Event]:
    if not state.every:
        raise SessionPending
    if state.reset is not None:
        raise ResetPending
    return (
        FeedResetOrdered(
            view=state.view, session_id=command.session_id, reason=command.reason, officer=command.officer
        ),
    )


def _decide_reset(state: ViewSessions, command: DecideReset) -> Sequence[Event]:
    reset = state.reset
    if reset is None or reset.session_id != command.session_id or reset.second_officer is not None:
        raise ResetUnknown
    if reset.officer == command.officer:
        raise NotTheSecondOfficer
    if command.decision == "APPROVE":
        return (FeedResetApproved(view=state.view, session_id=reset.session_id, second_officer=command.officer),)
    return (
        FeedResetRejected(
            view=state.view,
            session_id=reset.session_id,
            second_officer=command.officer,
            reason=command.reason or "",
        ),
    )


def _open(state: ViewSessions, command: OpenSuccessor, now: datetime) -> Sequence[Event]:
    reset = state.reset
    if any(session.session_id == command.session_id for session in state.every):
        return ()
    if reset is None or reset.session_id != command.session_id or reset.second_officer is None:
        raise ResetUnknown
    return (
        FeedSessionOpened(
            view=state.view,
            session_id=reset.session_id,
            opened_at=now,
            previous=command.previous,
            reason=reset.reason,
            officer=reset.officer,
            second_officer=reset.second_officer,
        ),
    )


def _declare(state: ViewSessions, command: DeclareBulk) -> Sequence[Event]:
    if state.active is None:
        raise SessionPending
    if not 0 <= command.to_sequence - command.from_sequence < BULK_ENTRIES_MAX:
        raise BulkRangeImpossible(field="to_sequence")
    return (
        FeedBulkDeclared(
            view=state.view,
            bulk_id=command.bulk_id,
            session_id=state.active,
            from_sequence=command.from_sequence,
            to_sequence=command.to_sequence,
            reason=command.reason,
            officer=command.officer,
        ),
    )


def _decide_bulk(state: ViewSessions, command: DecideBulk) -> Sequence[Event]:
    bulk = next((each for each in state.bulks if each.bulk_id == command.bulk_id), None)
    if bulk is None or bulk.second_officer is not None:
        raise BulkUnknown
    if bulk.officer == command.officer:
        raise NotTheSecondOfficer
    if command.decision == "APPROVE":
        return (FeedBulkApproved(view=state.view, bulk_id=bulk.bulk_id, second_officer=command.officer),)
    return (
        FeedBulkRejected(
            view=state.view, bulk_id=bulk.bulk_id, second_officer=command.officer, reason=command.reason or ""
        ),
    )


def evolve_session(state: ViewSessions, event: Event) -> ViewSessions:
    """Return the sessions after an event."""
    match event:
        case FeedSessionOpened():
            session = Session(
                event.session_id, event.opened_at, event.previous, event.reason, event.officer, event.second_officer
            )
            return replace(state, view=event.view, every=(*state.every, session), reset=None)
        case FeedResetOrdered():
            return replace(state, reset=Reset(event.session_id, event.reason, event.officer))
        case FeedResetApproved() if state.reset is not None:
            return replace(state, reset=replace(state.reset, second_officer=event.second_officer))
        case FeedResetRejected():
            return replace(state, reset=None)
        case FeedBulkDeclared():
            bulk = Bulk(
                *(event.bulk_id, event.session_id, event.from_sequence, event.to_sequence, event.reason),
                officer=event.officer,
            )
            return replace(state, bulks=(*state.bulks, bulk)[-BULKS_KEPT:])
        case FeedBulkApproved():
            return replace(state, bulks=tuple(_approved(each, event) for each in state.bulks))
        case FeedBulkRejected():
            return replace(state, bulks=tuple(each for each in state.bulks if each.bulk_id != event.bulk_id))
    return state


def _approved(bulk: Bulk, event: FeedBulkApproved) -> Bulk:
    return replace(bulk, second_officer=event.second_officer) if bulk.bulk_id == event.bulk_id else bulk
