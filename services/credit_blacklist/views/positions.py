"""Who holds what: one row per subscriber, and the marks from which its times are reckoned."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from libs.foundation.clock import instant_text
from libs.journal import View
from services.credit_blacklist.domain.position import Mark, Position

POSITIONS: Final = "feed_positions"
MARKS: Final = "feed_marks"


def position_rows(state: Position) -> Mapping[str, Mapping[str, Any]]:
    """Return what an operator sees of a subscriber: its last statement, and how far it was ever confirmed."""
    said, mark = state.last, state.mark
    if said is None or state.received_at is None or state.held is None:
        return {}
    return {
        state.agency_id: {
            "agency_id": state.agency_id,
            "view": said.view,
            "status": "CONFIRMED" if state.agrees else "DIFFERS",
            "stated": {
                "session_id": said.session_id,
                "sequence": said.sequence,
                **said.figures.model_dump(),
                "fetched_at": instant_text(said.fetched_at),
                "applied_at": instant_text(said.applied_at),
                "snapshot_reason": said.snapshot_reason,
            },
            "held": state.held.model_dump(),
            "confirmed": {"session_id": mark.session_id, "sequence": mark.sequence} if mark else None,
            "received_at": instant_text(state.received_at),
        }
    }


def mark_rows(state: Position) -> Mapping[str, Mapping[str, Any]]:
    """Return the marks of a subscriber, the oldest first."""
    if not state.marks:
        return {}
    marks = [_mark(mark) for mark in state.marks]
    return {state.agency_id: {"agency_id": state.agency_id, "view": state.view, "marks": marks}}


def _mark(mark: Mark) -> dict[str, Any]:
    return {
        "session_id": mark.session_id,
        "sequence": mark.sequence,
        "fetched_at": instant_text(mark.fetched_at),
        "applied_at": instant_text(mark.applied_at),
        "received_at": instant_text(mark.received_at),
        "snapshot_reason": mark.snapshot_reason,
    }


POSITION_VIEWS: Final = (
    View[Position](POSITIONS, "position", position_rows, indexes=(("view", "agency_id"),)),
    View[Position](MARKS, "position", mark_rows, indexes=(("view", "agency_id"),)),
)
