"""The set digest: its published vectors, and sums that forget the order in which they came about."""

import hashlib

import pytest

from libs.evidence import lthash
from libs.evidence.lthash import STATE_BYTES, SetState, feed_element, lanes, minus, plus, total


def test_the_digest_of_the_empty_set_is_the_published_one() -> None:
    assert SetState().digest.startswith("8f773281")


def test_the_digest_of_one_element_is_the_published_one() -> None:
    assert SetState.of([b"a"]).digest.startswith("68beac48")


def test_the_digest_of_two_elements_is_the_published_one() -> None:
    assert SetState.of([b"a", b"b"]).digest.startswith("ba06e6d7")


def test_what_was_taken_out_leaves_the_published_digest_of_the_rest() -> None:
    left = SetState.of([b"a", b"b"]).remove(b"a")
    assert left.digest.startswith("a46ee469")
    assert left == SetState.of([b"b"])


def test_lanes_are_added_without_a_carry_into_the_next() -> None:
    full = int.from_bytes(b"\xff" * STATE_BYTES, "little")
    one_in_each = int.from_bytes(b"\x01\x00" * 1024, "little")
    assert plus(full, one_in_each) == 0
    assert minus(0, one_in_each) == full


def test_each_lane_is_the_sum_of_its_lanes() -> None:
    left, right = lanes(b"left"), lanes(b"right")
    summed = plus(left, right)
    for lane in range(1024):
        low = 16 * lane
        assert summed >> low & 0xFFFF == ((left >> low) + (right >> low)) & 0xFFFF


def test_many_at_once_are_what_they_are_one_by_one() -> None:
    elements = [b"%d" % number for number in range(1000)]
    one_by_one = SetState()
    for element in elements:
        one_by_one = one_by_one.add(element)
    assert SetState.of(elements) == one_by_one
    assert total(iter(elements)) == (one_by_one.lanes, 1000)


def test_a_new_version_takes_the_place_of_the_old_one() -> None:
    assert SetState.of([b"a", b"b"]).replace(b"b", b"c") == SetState.of([b"c", b"a"])


def test_disjoint_sets_add_up() -> None:
    assert SetState.of([b"a"]).union(SetState.of([b"b", b"c"])) == SetState.of([b"a", b"b", b"c"])


def test_a_state_survives_its_bytes() -> None:
    state = SetState.of([b"a", b"b"])
    assert SetState.from_bytes(state.to_bytes(), 2) == state


def test_bytes_that_are_no_state_are_refused() -> None:
    with pytest.raises(ValueError, match="2048 bytes"):
        SetState.from_bytes(b"\x00" * 2047, 0)


def test_the_element_of_an_entry_binds_view_record_version_and_bytes() -> None:
    entry = hashlib.sha256(b"{}").digest()
    assert feed_element("air", "L-1", 12, entry) == b"air\x00L-1\x0012\x00" + entry


def test_a_digest_is_described_as_the_feed_carries_it() -> None:
    assert SetState.of([b"a"]).described() == {
        "alg": "lthash16-1024-shake256",
        "count": 1,
        "digest": SetState.of([b"a"]).digest,
    }


def test_more_elements_than_a_wide_lane_takes_are_summed_exactly(monkeypatch: pytest.MonkeyPatch) -> None:
    full = int.from_bytes(b"\xff" * STATE_BYTES, "little")
    monkeypatch.setattr(lthash, "lanes", lambda _element: full)
    state, count = total(b"" for _ in range(70_000))
    # 70,000 times 2^16 - 1 is -70,000 modulo 2^16.
    assert state == int.from_bytes((-70_000 % 65_536).to_bytes(2, "little") * 1024, "little")
    assert count == 70_000
