"""Whatever single thing is changed in a bundle, the verification finds it."""

from functools import cache
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from libs.evidence.bundle import verify_bundle
from tests.unit.evidence.made_bundle import Lines, bundle_of, copied, intake, payments, sealed, verified


@cache
def whole() -> tuple[bytes, ...]:
    return tuple(sealed(bundle_of(intake(), payments())))


@cache
def lines() -> Lines:
    return bundle_of(intake(), payments())


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_any_single_byte(data: st.DataObject) -> None:
    raw = list(whole())
    place = data.draw(st.integers(0, len(raw) - 1))
    at = data.draw(st.integers(0, len(raw[place]) - 1))
    other = data.draw(st.integers(0, 255).filter(lambda byte: byte != raw[place][at]))
    raw[place] = raw[place][:at] + bytes([other]) + raw[place][at + 1 :]
    assert not verify_bundle(raw).whole


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_any_single_line_that_is_taken_out_and_the_file_sealed_again(data: st.DataObject) -> None:
    left = list(lines())
    del left[data.draw(st.integers(0, len(left) - 1))]
    assert not verified(left, expected={"intake", "payments"}).whole


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_any_two_lines_of_a_part_that_change_places_and_the_file_sealed_again(data: st.DataObject) -> None:
    left = list(lines())
    parts = [place for place, line in enumerate(left) if line["kind"] == "line"]
    one, two = data.draw(st.lists(st.sampled_from(parts), min_size=2, max_size=2, unique=True))
    left[one], left[two] = left[two], left[one]
    assert not verified(left).whole


def leaves(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    if isinstance(value, dict):
        return [leaf for name, item in value.items() for leaf in leaves(item, (*path, name))]
    if isinstance(value, list):
        return [leaf for place, item in enumerate(value) for leaf in leaves(item, (*path, place))]
    return [path]


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_any_single_value_that_was_signed_and_the_file_sealed_again(data: st.DataObject) -> None:
    left = copied(lines())
    place = data.draw(st.integers(1, len(left) - 1))
    *path, last = data.draw(st.sampled_from(leaves(left[place])))
    holder: Any = left[place]
    for step in path:
        holder = holder[step]
    before = holder[last]
    holder[last] = before + 1 if isinstance(before, int) else f"{before}x" if isinstance(before, str) else "x"
    report = verified(left)
    # How a key says what it is for is no part of the key: everything else is signed, or leads to what is signed.
    assert not report.whole or (left[place]["kind"] == "jwks" and last in ("use", "key_ops"))
