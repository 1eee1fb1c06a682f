"""Positions of subscribers: what each says it holds, compared with what was published (R-CRB-33).

A confirmed position is the mark up to which an agency is known to hold the list. A mark never goes down: an agency that
came back with an older copy holds less now, and what it held before it has held.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from libs.foundation.ids import stream_name
from libs.schemas.credit_blacklist.position import (
    PositionStatement,
    SetFigures,
    SnapshotReason,
    SubscriberPositionConfirmed,
    SubscriberPositionDisputed,
)
from libs.schemas.envelope import Event
from services.credit_blacklist.domain.position_refusals import (
    PositionAhead,
    PositionOfAnotherView,
    PositionOfReplacedSession,
    PositionTimesImpossible,
)

MARKS_MAX: Final = 200
"""Marks that are kept of an agency, for the table of times; what is older stands in the journal."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A confirmed position that went further than every one before it in its session."""

    session_id: str
    sequence: int
    fetched_at: datetime
    applied_at: datetime
    received_at: datetime
    snapshot_reason: SnapshotReason | None = None


@dataclass(frozen=True, slots=True)
class Position:
    """What is known of one agency; without a statement it has never said anything."""

    agency_id: str = ""
    last: PositionStatement | None = None
    held: SetFigures | None = None
    """What was published at the sequence of the last statement."""
    received_at: datetime | None = None
    marks: tuple[Mark, ...] = ()

    @property
    def agrees(self) -> bool:
        """Whether the last statement was confirmed."""
        return self.last is not None and self.last.figures == self.held

    @property
    def view(self) -> str:
        """The view of the last statement."""
        return self.last.view if self.last else ""

    @property
    def mark(self) -> Mark | None:
        """The furthest confirmed position in the newest session."""
        return self.marks[-1] if self.marks else None


@dataclass(frozen=True, slots=True)
class StatePosition:
    """A subscriber says what it holds.

    `view` is the one its profile names, `session_id` and `named` are of the newest signed head, `held` is what was
    published at the stated sequence; None where there is no such sequence.
    """

    agency_id: str
    statement: PositionStatement
    view: str
    session_id: str
    named: int
    held: SetFigures | None


def decide_position(state: Position, command: Any, now: datetime) -> Sequence[Event]:
    """Return a confirmation or a dispute, or nothing where the agency only repeats itself.

    Refuses a position of another view (`PositionOfAnotherView`) or of a session that was replaced
    (`PositionOfReplacedSession`), one that no head has named (`PositionAhead`), and one applied before it was
    fetched (`PositionTimesImpossible`).
    """
    if not isinstance(command, StatePosition):
        msg = f"no such command: {type(command).__name__}"
        raise TypeError(msg)
    said = command.statement
    if said.view != command.view:
        raise PositionOfAnotherView(f"The subscriber reads the view {command.view}.", field="position.view")
    if said.session_id != command.session_id:
        raise PositionOfReplacedSession(session_id=command.session_id, field="position.session_id")
    if said.sequence > command.named or command.held is None:
        raise PositionAhead(f"The newest head names {command.named}.", field="position.sequence")
    if said.applied_at < said.fetched_at:
        raise PositionTimesImpossible(field="position.applied_at")
    if _repeats(state, said):
        return ()
    if said.figures == command.held:
        return (SubscriberPositionConfirmed(agency_id=command.agency_id, statement=said, received_at=now),)
    return (
        SubscriberPositionDisputed(agency_id=command.agency_id, statement=said, held=command.held, received_at=now),
    )


def _repeats(state: Position, said: PositionStatement) -> bool:
    # Subscribers state their position with every head; only what is new in it is worth a place in the journal.
    last = state.last
    return last is not None and (last.view, last.session_id, last.sequence, last.figures) == (
        said.view,
        said.session_id,
        said.sequence,
        said.figures,
    )


def evolve_position(state: Position, event: Event) -> Position:
    """Return the position after an event."""
    match event:
        case SubscriberPositionConfirmed(statement=said):
            known = replace(
                state,
                agency_id=event.agency_id,
                last=said,
                held=said.figures,
                received_at=event.received_at,
            )
            return replace(known, marks=_marked(state, event))
        case SubscriberPositionDisputed(statement=said):
            return replace(state, agency_id=event.agency_id, last=said, held=event.held, received_at=event.received_at)
    return state


def _marked(state: Position, event: SubscriberPositionConfirmed) -> tuple[Mark, ...]:
    said, mark = event.statement, state.mark
    if mark is not None and mark.session_id == said.session_id and said.sequence <= mark.sequence:
        return state.marks
    new = Mark(
        said.session_id, said.sequence, said.fetched_at, said.applied_at, event.received_at, said.snapshot_reason
    )
    return (*state.marks, new)[-MARKS_MAX:]


def position_stream(agency_id: str) -> str:
    """Return the stream of an agency's positions."""
    return stream_name("position", agency_id)
