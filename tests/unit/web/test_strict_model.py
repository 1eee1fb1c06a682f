"""Request bodies are JSON's own types: nothing is guessed, not even for a field that says nothing of itself."""

from typing import Any

import pytest
from pydantic import ValidationError

from libs.web import RequestModel


class Body(RequestModel):
    count: int
    ready: bool
    text: str
    numbers: tuple[int, ...] = ()
    more: int | None = None


FITTING: dict[str, Any] = {"count": 5, "ready": True, "text": "5"}


@pytest.mark.parametrize(
    "wrong",
    [
        {"count": "5"},
        {"count": 5.0},
        {"count": True},
        {"ready": 1},
        {"ready": "true"},
        {"text": 5},
        {"numbers": ["5"]},
        {"more": "5"},
        {"unknown": 1},
    ],
)
def test_a_value_of_another_type_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Body.model_validate({**FITTING, **wrong})


def test_values_of_the_right_types_are_taken_as_they_are() -> None:
    body = Body.model_validate({**FITTING, "numbers": [1, 2], "more": None})
    assert (body.count, body.ready, body.text, body.numbers, body.more) == (5, True, "5", (1, 2), None)


class Document(RequestModel):
    type: str
    number: int


class Holder(RequestModel):
    document: Document


def test_a_field_may_be_called_type() -> None:
    sent = {"document": {"type": "PASSPORT", "number": 5}}
    assert Holder.model_validate(sent).model_dump() == sent
    with pytest.raises(ValidationError):
        Holder.model_validate({"document": {"type": 7, "number": 5}})
