"""The set digest: the vectors of the feed's page, and what a set must do."""

import hashlib
import random

import pytest

from zhixing_feed.lthash import ELEMENT_PREFIX, SET_PREFIX, BucketedSet, LaneSums, bucket_of, raw_element

VECTORS = [
    ((b"a", b"b"), (b"a", b"b"), "8f773281"),
    ((b"a",), (), "68beac48"),
    ((b"a", b"b"), (), "ba06e6d7"),
    ((b"a", b"b"), (b"a",), "a46ee469"),
]


def sums_of(*elements: bytes) -> LaneSums:
    sums = LaneSums()
    for element in elements:
        sums.add(element)
    return sums


@pytest.mark.rule("R-CRB-33")
@pytest.mark.parametrize(("added", "removed", "digest"), [((), (), "8f773281"), *VECTORS])
def test_the_vectors_of_the_page(added: tuple[bytes, ...], removed: tuple[bytes, ...], digest: str) -> None:
    sums = sums_of(*added)
    for element in removed:
        sums.remove(element)
    assert sums.digest()[:8] == digest


def test_lanes_are_added_as_the_page_says_one_by_one() -> None:
    elements = [str(number).encode() for number in range(300)]
    lanes = [0] * 1024
    for element in elements:
        raw = hashlib.shake_256(ELEMENT_PREFIX + element).digest(2048)
        for lane in range(1024):
            lanes[lane] = (lanes[lane] + int.from_bytes(raw[2 * lane : 2 * lane + 2], "little")) % 65536
    state = b"".join(lane.to_bytes(2, "little") for lane in lanes)
    expected = hashlib.sha256(SET_PREFIX + (300).to_bytes(8, "big") + state).hexdigest()
    sums = sums_of(*elements)
    assert (sums.to_bytes(), sums.digest()) == (state, expected)


def test_the_order_does_not_matter_and_taking_out_undoes_putting_in() -> None:
    elements = [str(number).encode() for number in range(200)]
    shuffled = random.Random(7).sample(elements, len(elements))
    sums = sums_of(*shuffled)
    assert sums.same(sums_of(*elements))
    for element in shuffled[:150]:
        sums.remove(element)
    assert sums.same(sums_of(*shuffled[150:]))


def test_a_state_survives_its_bytes_and_one_of_another_length_is_none() -> None:
    sums = sums_of(b"a", b"b")
    assert LaneSums.from_bytes(sums.to_bytes(), 2).same(sums)
    with pytest.raises(ValueError, match="2,048"):
        LaneSums.from_bytes(b"\0" * 2047, 2)


def test_the_same_element_65536_times_leaves_the_sums_as_they_were_and_only_the_count_tells() -> None:
    one = sums_of(b"b")
    many = sums_of(b"b")
    for _ in range(65536):
        many.add(b"a")
    assert many.to_bytes() == one.to_bytes()
    assert many.digest() != one.digest()


def test_the_buckets_add_up_to_the_whole() -> None:
    found = BucketedSet("air")
    for number in range(500):
        found.exchange(f"record-{number}", None, (1, hashlib.sha256(b"%d" % number).digest()))
    for number in range(0, 500, 3):
        old = (1, hashlib.sha256(b"%d" % number).digest())
        found.exchange(f"record-{number}", old, (2, hashlib.sha256(b"new").digest()))
    assert found.adds_up()
    assert found.whole.count == 500
    found.buckets[bucket_of("record-0")].add(b"drift")
    assert not found.adds_up()


def test_an_element_is_view_record_version_and_hash() -> None:
    assert raw_element("air", "r", 12, b"\x01" * 32) == b"air\0r\x0012\0" + b"\x01" * 32
