"""Positions: confirmed where both lists are the same, disputed where not, refused where nobody can hold that."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from libs.evidence import SignatureInvalid, Signer
from libs.evidence.keys import new_key
from libs.schemas.credit_blacklist.position import (
    PositionStatement,
    SetFigures,
    SubscriberPositionConfirmed,
    SubscriberPositionDisputed,
)
from libs.schemas.envelope import Event
from libs.web.errors import RequestInvalid
from services.credit_blacklist.domain.position import (
    MARKS_MAX,
    Position,
    StatePosition,
    decide_position,
    evolve_position,
)
from services.credit_blacklist.domain.position_refusals import (
    PositionAhead,
    PositionOfAnotherAgency,
    PositionOfAnotherView,
    PositionOfReplacedSession,
    PositionTimesImpossible,
)
from services.credit_blacklist.feed.distribution.statements import opened_statement
from services.credit_blacklist.views.positions import mark_rows, position_rows

NOW = datetime(2024, 6, 3, 2, 0, tzinfo=UTC)
OURS = SetFigures(count=2, set_digest="a" * 64, log_root="b" * 64)
THEIRS = SetFigures(count=1, set_digest="c" * 64, log_root="b" * 64)


def statement(sequence: int = 7, figures: SetFigures = OURS, **changed: Any) -> PositionStatement:
    said = PositionStatement(
        view="air",
        session_id="s-1",
        sequence=sequence,
        figures=figures,
        head_sha256="d" * 64,
        fetched_at=NOW - timedelta(seconds=3),
        applied_at=NOW - timedelta(seconds=2),
        jws=f"jws {sequence}",
    )
    return said.model_copy(update=changed)


def command(said: PositionStatement, *, named: int = 10, held: SetFigures | None = OURS) -> StatePosition:
    return StatePosition("airline", said, view="air", session_id="s-1", named=named, held=held)


def told(state: Position, said: PositionStatement, **how: Any) -> tuple[Position, list[Event]]:
    events = list(decide_position(state, command(said, **how), NOW))
    for event in events:
        state = evolve_position(state, event)
    return state, events


@pytest.mark.rule("R-CRB-33")
def test_a_position_that_is_ours_is_confirmed_and_becomes_the_mark() -> None:
    state, (event,) = told(Position(), statement(7))
    assert isinstance(event, SubscriberPositionConfirmed)
    assert state.agrees
    assert state.mark is not None
    assert (state.mark.session_id, state.mark.sequence) == ("s-1", 7)


@pytest.mark.rule("R-CRB-33")
def test_a_position_that_is_not_ours_is_disputed_with_what_we_hold_and_marks_nothing() -> None:
    state, (event,) = told(Position(), statement(7, THEIRS))
    assert isinstance(event, SubscriberPositionDisputed)
    assert event.held == OURS
    assert not state.agrees
    assert state.mark is None


@pytest.mark.parametrize("wrong", ["count", "set_digest", "log_root"])
def test_one_wrong_figure_is_enough_for_a_dispute(wrong: str) -> None:
    value: Any = 99 if wrong == "count" else "e" * 64
    said = statement(7, OURS.model_copy(update={wrong: value}))
    state, _events = told(Position(), said)
    assert not state.agrees


def test_a_lower_position_is_recorded_and_never_lowers_the_mark() -> None:
    state, _ = told(Position(), statement(7))
    state, events = told(state, statement(3))
    assert [type(event) for event in events] == [SubscriberPositionConfirmed]
    assert state.last is not None
    assert state.last.sequence == 3
    assert state.mark is not None
    assert state.mark.sequence == 7


def test_the_same_again_is_nothing_new() -> None:
    state, _ = told(Position(), statement(7))
    _, events = told(state, statement(7, applied_at=NOW + timedelta(minutes=1), jws="signed again"))
    assert events == []


def test_a_dispute_that_is_repeated_is_nothing_new_but_its_repair_is() -> None:
    state, _ = told(Position(), statement(7, THEIRS))
    _, again = told(state, statement(7, THEIRS))
    assert again == []
    state, repaired = told(state, statement(7))
    assert [type(event) for event in repaired] == [SubscriberPositionConfirmed]
    assert state.agrees


@pytest.mark.rule("R-CRB-33")
def test_a_position_ahead_of_what_was_sent_is_refused() -> None:
    with pytest.raises(PositionAhead):
        decide_position(Position(), command(statement(11), named=10), NOW)


def test_a_sequence_that_does_not_exist_is_refused_as_never_sent() -> None:
    with pytest.raises(PositionAhead):
        decide_position(Position(), command(statement(7), held=None), NOW)


def test_a_position_in_another_view_is_refused() -> None:
    with pytest.raises(PositionOfAnotherView):
        decide_position(Position(), command(statement(view="rail")), NOW)


def test_a_position_in_a_replaced_session_is_refused_even_where_its_sequence_is_ahead() -> None:
    with pytest.raises(PositionOfReplacedSession):
        decide_position(Position(), command(statement(99, session_id="s-0"), held=None), NOW)


def test_nothing_is_applied_before_it_was_fetched() -> None:
    with pytest.raises(PositionTimesImpossible):
        decide_position(Position(), command(statement(applied_at=NOW - timedelta(minutes=1))), NOW)


def test_a_new_session_begins_a_new_mark_below_the_old_one() -> None:
    state, _ = told(Position(), statement(7))
    wanted = replace(command(statement(2, session_id="s-2")), session_id="s-2")
    for event in decide_position(state, wanted, NOW):
        state = evolve_position(state, event)
    assert [(mark.session_id, mark.sequence) for mark in state.marks] == [("s-1", 7), ("s-2", 2)]


def test_marks_are_bounded_and_the_newest_stay() -> None:
    state = Position()
    for sequence in range(1, MARKS_MAX + 11):
        state, _ = told(state, statement(sequence), named=10**6)
    assert len(state.marks) == MARKS_MAX
    assert state.marks[-1].sequence == MARKS_MAX + 10


def test_the_operators_row_shows_both_figures_and_how_far_it_was_ever_confirmed() -> None:
    state, _ = told(Position(), statement(7))
    state, _ = told(state, statement(3, THEIRS))
    row = position_rows(state)["airline"]
    assert (row["status"], row["confirmed"]) == ("DIFFERS", {"session_id": "s-1", "sequence": 7})
    assert row["stated"]["set_digest"] == THEIRS.set_digest
    assert row["held"]["set_digest"] == OURS.set_digest
    assert [mark["sequence"] for mark in mark_rows(state)["airline"]["marks"]] == [7]


def test_who_never_said_anything_has_no_row() -> None:
    assert position_rows(Position()) == {}
    assert mark_rows(Position()) == {}


KEY, OTHER = Signer(new_key(kid="airline-1")), Signer(new_key(kid="railway-1"))
KEYS = {"airline-1": KEY.jwks()["keys"][0]}
PAYLOAD = {
    "view": "air",
    "session_id": "s-1",
    "sequence": 7,
    "set_digest": "a" * 64,
    "count": 2,
    "log_root": "b" * 64,
    "head_sha256": "d" * 64,
    "fetched_at": "2024-06-03T02:00:00Z",
    "applied_at": "2024-06-03T02:00:01Z",
}
TYP = "zhixing-position+jws"


def test_a_statement_is_opened_with_the_agencys_key_and_kept_as_it_was_signed() -> None:
    jws = KEY.sign_now({**PAYLOAD, "snapshot_reason": "FIRST"}, TYP)
    said = opened_statement(jws, KEYS)
    assert (said.sequence, said.figures, said.snapshot_reason, said.jws) == (7, OURS, "FIRST", jws)


def test_a_forged_signature_is_refused() -> None:
    head, body, _ = KEY.sign_now(PAYLOAD, TYP).split(".")
    forged = Signer(new_key(kid="airline-1")).sign_now(PAYLOAD, TYP).rpartition(".")[2]
    with pytest.raises(SignatureInvalid):
        opened_statement(f"{head}.{body}.{forged}", KEYS)


def test_an_altered_payload_is_refused() -> None:
    head, _, signature = KEY.sign_now(PAYLOAD, TYP).split(".")
    altered = KEY.sign_now({**PAYLOAD, "sequence": 9}, TYP).split(".")[1]
    with pytest.raises(SignatureInvalid):
        opened_statement(f"{head}.{altered}.{signature}", KEYS)


def test_another_agencys_key_is_refused() -> None:
    with pytest.raises(PositionOfAnotherAgency):
        opened_statement(OTHER.sign_now(PAYLOAD, TYP), KEYS)


def test_what_was_signed_as_something_else_is_no_position() -> None:
    with pytest.raises(SignatureInvalid):
        opened_statement(KEY.sign_now(PAYLOAD, "zhixing-receipt+jws"), KEYS)


@pytest.mark.parametrize("text", ["x", "a.b.c", "..", "e30.e30", "e30.W10.e30"])
def test_what_is_no_jws_is_refused(text: str) -> None:
    with pytest.raises(SignatureInvalid):
        opened_statement(text, KEYS)


@pytest.mark.parametrize(
    "wrong",
    [
        {"sequence": -1},
        {"sequence": "7"},
        {"set_digest": "A" * 64},
        {"fetched_at": "2024-06-03T02:00:00"},
        {"snapshot_reason": "BOREDOM"},
        {"extra": 1},
    ],
)
def test_a_signed_payload_that_is_no_position_names_its_field(wrong: dict[str, Any]) -> None:
    with pytest.raises(RequestInvalid) as caught:
        opened_statement(KEY.sign_now({**PAYLOAD, **wrong}, TYP), KEYS)
    errors: Any = caught.value.extra["errors"]
    assert errors[0]["field"] == f"position.{next(iter(wrong))}"
