"""Which entries may be shown to who reads about a case."""

from typing import Any

import pytest

from libs.evidence.mentions import cases_of, shown, values_of


def entry(*data: Any) -> dict[str, Any]:
    return {"events": [{"data": each} for each in data]}


def test_a_case_is_named_wherever_its_id_stands() -> None:
    facts = {"case_id": "a", "lines": [{"case_id": "b"}, {"deep": [[{"case_id": "c"}]]}], "number": 1}
    assert cases_of(entry(facts, {"case_id": "d"})) == {"a", "b", "c", "d"}


def test_what_only_looks_like_a_name_names_no_case() -> None:
    assert cases_of(entry({"note": "case_1", "case_ids": ["a"], "case_id": 7, "other": {"case_id": ""}})) == frozenset()


def test_values_are_found_under_any_name() -> None:
    assert list(values_of([{"application_id": "x"}, {"a": {"application_id": "y"}}], "application_id")) == ["x", "y"]


@pytest.mark.parametrize(
    ("data", "own", "seen"),
    [
        ({"case_id": "mine"}, True, True),
        ({"case_id": "mine"}, False, True),
        ({"case_id": "other"}, True, False),
        ({"case_id": "other"}, False, False),
        ({"text": "nothing"}, True, True),
        ({"text": "nothing"}, False, False),
        ({"case_id": "mine", "also": {"case_id": "other"}}, False, True),
    ],
)
def test_of_shared_streams_only_what_names_the_case_is_shown(data: dict[str, Any], own: bool, seen: bool) -> None:
    assert shown(entry(data), "mine", own=own) is seen
