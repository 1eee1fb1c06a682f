"""Ids are opaque and ASCII; derived ones repeat; no part of a stream's name can forge a separator."""

from hypothesis import given
from hypothesis import strategies as st

from libs.foundation.ids import category_of, command_id, derived_id, keyed_digest, new_id, stream_name, stream_parts


@given(st.lists(st.text(min_size=1), min_size=1, max_size=4))
def test_a_streams_name_gives_its_parts_back(parts: list[str]) -> None:
    name = stream_name("numbering", *parts)
    assert name.isascii()
    assert stream_parts(name) == ["numbering", *parts]
    assert category_of(name) == "numbering"


@given(st.text(), st.text())
def test_parts_never_run_into_each_other(one: str, two: str) -> None:
    if one and two:
        assert command_id(one + two) != command_id(one, two)


def test_the_same_cause_has_the_same_id_and_new_things_do_not() -> None:
    assert derived_id("doc", "a", "b") == derived_id("doc", "a", "b") != derived_id("doc", "ab")
    assert new_id("case") != new_id("case")


def test_a_digest_depends_on_the_secret() -> None:
    assert keyed_digest(b"one", "530399198001010015") != keyed_digest(b"two", "530399198001010015")
