"""What may change in a published event, and what is a new version instead."""

from typing import Any, Literal

import pytest
from pydantic import BaseModel, create_model

from libs.schemas.compatibility import incompatibilities
from libs.schemas.envelope import Fen, Instant

TYPE = "zhixing.intake.case_closed.v1"


class Part(BaseModel):
    code: str


class NarrowPart(BaseModel):
    code: str
    text: str


BASE: dict[str, Any] = {
    "case_id": (str, ...),
    "amount_fen": (Fen, ...),
    "closed_at": (Instant, ...),
    "kind": (Literal["A", "B"], ...),
    "note": (str | None, None),
    "parts": (tuple[Part, ...], ...),
}


def schema(**changes: Any) -> dict[str, Any]:
    fields = {name: field for name, field in {**BASE, **changes}.items() if field is not None}
    model: type[BaseModel] = create_model("CaseClosed", **fields)
    return model.model_json_schema()


def sentences(**changes: Any) -> list[str]:
    return incompatibilities({TYPE: schema()}, {TYPE: schema(**changes)})


def test_an_unchanged_schema_is_compatible() -> None:
    assert sentences() == []


@pytest.mark.parametrize(
    "changes",
    [
        {"reason": (str | None, None)},
        {"reason": (str, "none")},
        {"kind": (Literal["A", "B", "C"], ...)},
    ],
    ids=["new optional field", "new field with a default", "new value"],
)
def test_additions_that_readers_may_ignore_are_compatible(changes: dict[str, Any]) -> None:
    assert sentences(**changes) == []


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"case_id": None}, "the field case_id was removed or renamed"),
        ({"reason": (str, ...)}, "the new field reason is required"),
        ({"note": (str | None, ...)}, "the field note is required now"),
        ({"case_id": (str, "x")}, "the field case_id is optional now"),
        ({"amount_fen": (str, ...)}, "the field amount_fen was integer and is string now"),
        ({"closed_at": (str, ...)}, "the field closed_at was a date-time and is string now"),
        ({"kind": (Literal["A"], ...)}, "the field kind may not be 'B' any more"),
        ({"case_id": (Literal["A", "B"], ...)}, "the field case_id allows only certain values now"),
        ({"note": (str, "")}, "the field note may not be null any more"),
        ({"case_id": (str | None, ...)}, "the field case_id may be null now"),
        ({"parts": (tuple[NarrowPart, ...], ...)}, "the new field parts[].text is required"),
    ],
)
def test_a_change_that_breaks_a_reader_is_named_in_a_sentence(changes: dict[str, Any], says: str) -> None:
    found = sentences(**changes)
    assert len(found) == 1
    assert found[0].startswith(TYPE)
    assert says in found[0]


def test_a_removed_event_type_is_named() -> None:
    assert incompatibilities({TYPE: schema()}, {}) == [
        f"{TYPE} was removed: stored events of it could not be read any more."
    ]


def test_a_new_event_type_is_compatible() -> None:
    assert incompatibilities({}, {TYPE: schema()}) == []


def test_a_tighter_bound_is_named() -> None:
    old, new = schema(), schema()
    new["properties"]["amount_fen"]["maximum"] -= 1
    assert "has a lower maximum" in incompatibilities({TYPE: old}, {TYPE: new})[0]
