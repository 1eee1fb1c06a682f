"""Names that differ in one way share a key and score; the score is what its differences say."""

from math import prod

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from libs.foundation.name_likeness import READINGS_MAX, likeness, likeness_keys, readings
from libs.foundation.names import normal_name

pytestmark = pytest.mark.rule("R-CRB-33")

SIGNS = st.sampled_from("王李张陈单仇曾尉迟欧阳伟芳娜敏静丽强磊军洋勇吕绿女陆路鲁")
NAMES = st.text(SIGNS, min_size=2, max_size=4)
FIRMS = st.text(SIGNS, min_size=5, max_size=12)


@settings(max_examples=200, deadline=None)
@given(NAMES, st.data())
def test_any_reading_of_a_name_in_letters_finds_it(name: str, data: st.DataObject) -> None:
    assume(prod(len(readings(sign)) for sign in name) <= READINGS_MAX)
    spelled = [data.draw(st.sampled_from(sorted(readings(sign)))) for sign in name]
    turned = data.draw(st.integers(0, min(2, len(name) - 1)))
    letters = " ".join([*spelled[turned:], *spelled[:turned]]).replace(
        "Ü", data.draw(st.sampled_from(["YU", "V", "Ü"]))
    )
    assert likeness_keys(letters) & likeness_keys(name)
    assert likeness(letters, name).score == 85


@settings(max_examples=200, deadline=None)
@given(FIRMS, SIGNS, st.data())
def test_one_slip_in_a_long_name_still_finds_it(name: str, other: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(name) - 1))
    kind = data.draw(st.sampled_from(["replaced", "missing", "more"]))
    slipped = name[:place] + ("" if kind == "missing" else other) + name[place + (kind != "more") :]
    assume(slipped != name)
    assert likeness_keys(slipped) & likeness_keys(name)
    assert likeness(slipped, name).alike


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=20), st.text(max_size=20))
def test_a_score_is_what_its_differences_say_and_is_the_same_both_ways(one: str, other: str) -> None:
    found = likeness(one, other)
    assert found.score == max(0, 100 + sum(difference.points for difference in found.differences))
    assert (found.score == 100) == (normal_name(one) == normal_name(other))
    assert found.score == likeness(other, one).score


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=30))
def test_the_normal_form_of_any_text_holds_nothing_that_nobody_sees(text: str) -> None:
    normal = normal_name(text)
    assert not any(char.isspace() or char in "\u00b7\u200b\ufeff\u3000\ufe0f" for char in normal)
