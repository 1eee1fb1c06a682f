"""For any history of statements: nothing that was not published is confirmed, and what was confirmed stays so."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.foundation.errors import ZhixingError
from libs.schemas.credit_blacklist.position import PositionStatement, SetFigures
from services.credit_blacklist.domain.position import Position, StatePosition, decide_position, evolve_position

NOW = datetime(2024, 6, 3, 2, 0, tzinfo=UTC)
SESSIONS = ("s-1", "s-2", "s-3")
NAMED = 20


def published(session: str, sequence: int) -> SetFigures:
    """What the publisher holds there."""
    return SetFigures(count=sequence, set_digest=f"{session} {sequence}", log_root=f"root {session} {sequence}")


@st.composite
def statements(draw: st.DrawFn) -> list[tuple[str, StatePosition]]:
    """Statements of one agency while sessions are replaced one after the other; some of them lie."""
    made = []
    present = 0
    for number in range(draw(st.integers(1, 30))):
        present = min(present + draw(st.sampled_from((0, 0, 0, 0, 1))), len(SESSIONS) - 1)
        session = draw(st.sampled_from(SESSIONS[: present + 1]))
        sequence = draw(st.integers(0, NAMED + 3))
        ours = published(session, sequence) if sequence <= NAMED else None
        lies = draw(st.sampled_from((False, False, True)))
        said = PositionStatement(
            view="air",
            session_id=session,
            sequence=sequence,
            figures=SetFigures(count=0, set_digest="lie", log_root="lie") if lies or ours is None else ours,
            head_sha256="h",
            fetched_at=NOW,
            applied_at=NOW,
            jws=str(number),
        )
        made.append((SESSIONS[present], StatePosition("a", said, "air", SESSIONS[present], NAMED, ours)))
    return made


@pytest.mark.rule("R-CRB-33")
@given(statements())
def test_the_mark_is_the_furthest_confirmed_position_of_the_newest_session_and_nothing_else(
    history: list[tuple[str, StatePosition]],
) -> None:
    state = Position()
    confirmed: list[tuple[str, int]] = []
    for number, (present, command) in enumerate(history):
        said = command.statement
        try:
            events = decide_position(state, command, NOW + timedelta(seconds=number))
        except ZhixingError:
            assert said.session_id != present or said.sequence > NAMED
            continue
        for event in events:
            state = evolve_position(state, event)
        assert state.last is not None
        assert state.agrees == (state.last.figures == published(said.session_id, said.sequence))
        if state.agrees:
            confirmed.append((said.session_id, said.sequence))
    if not confirmed:
        assert state.mark is None
        return
    newest = confirmed[-1][0]
    assert state.mark is not None
    assert state.mark.session_id == newest
    assert state.mark.sequence == max(sequence for session, sequence in confirmed if session == newest)
    marks = [(mark.session_id, mark.sequence) for mark in state.marks]
    assert marks == sorted(set(marks))
