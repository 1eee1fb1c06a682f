"""For every log: each true proof verifies, and no proof with anything changed in it does."""

import hashlib
from itertools import pairwise
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from libs.evidence.log_tree import (
    Frontier,
    MemoryLog,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    tree_root,
    verify_consistency,
    verify_inclusion,
)
from libs.evidence.lthash import SetState

SIZES = st.integers(min_value=1, max_value=70)


def grown(size: int) -> list[bytes]:
    return [leaf_hash(b"%d" % number) for number in range(size)]


def recursive_root(hashes: list[bytes]) -> bytes:
    """Compute the root as the RFC words it, cutting from above."""
    if len(hashes) == 1:
        return hashes[0]
    split = max(1 << bit for bit in range(8) if 1 << bit < len(hashes))
    return hashlib.sha256(b"\x01" + recursive_root(hashes[:split]) + recursive_root(hashes[split:])).digest()


@given(SIZES)
def test_all_ways_to_a_root_agree(size: int) -> None:
    hashes = grown(size)
    assert recursive_root(hashes) == tree_root(hashes) == Frontier().extend(hashes).root == MemoryLog(hashes).root()


@given(SIZES, st.data())
def test_each_leaf_is_proved_and_no_other_in_its_place(size: int, data: st.DataObject) -> None:
    log = MemoryLog(grown(size))
    index = data.draw(st.integers(0, size - 1))
    path = inclusion_proof(index, size, log.node)
    assert verify_inclusion(leaf_hash(b"%d" % index), index, size, path, log.root())
    assert not verify_inclusion(leaf_hash(b"another"), index, size, path, log.root())
    other = data.draw(st.integers(0, size).filter(lambda place: place != index))
    assert not verify_inclusion(leaf_hash(b"%d" % index), other, size, path, log.root())
    if path:
        assert not verify_inclusion(leaf_hash(b"%d" % index), index, size, path[:-1], log.root())
    assert not verify_inclusion(leaf_hash(b"%d" % index), index, size, [*path, path[-1] if path else b""], log.root())


@given(SIZES, SIZES, st.data())
def test_a_longer_log_is_proved_to_begin_with_the_shorter_one(one: int, two: int, data: st.DataObject) -> None:
    old, new = sorted((one, two))
    log = MemoryLog(grown(new))
    path = consistency_proof(old, new, log.node)
    assert verify_consistency(old, new, path, log.root(old), log.root(new))
    rewritten = MemoryLog([leaf_hash(b"rewritten"), *grown(new)[1:]])
    assert not verify_consistency(old, new, path, log.root(old), rewritten.root())
    assert not verify_consistency(old, new, path, rewritten.root(old), log.root(new))
    if path:
        place = data.draw(st.integers(0, len(path) - 1))
        altered = [*path[:place], leaf_hash(b"altered"), *path[place + 1 :]]
        assert not verify_consistency(old, new, altered, log.root(old), log.root(new))
        assert not verify_consistency(old, new, path[:-1], log.root(old), log.root(new))


@given(st.lists(SIZES, min_size=2, max_size=6))
def test_a_log_may_grow_in_any_steps(steps: list[int]) -> None:
    hashes = grown(sum(steps))
    frontier, done = Frontier(), 0
    for step in steps:
        frontier, done = frontier.extend(hashes[done : done + step]), done + step
        assert frontier.root == tree_root(hashes[:done])


@settings(max_examples=60)
@given(st.sets(st.binary(max_size=40), max_size=30), st.sets(st.binary(max_size=40), max_size=30), st.randoms())
def test_the_set_digest_forgets_the_way_to_a_set_and_nothing_else(
    kept: set[bytes], gone: set[bytes], dice: Random
) -> None:
    gone = gone - kept
    steps = [(True, each) for each in kept | gone]
    dice.shuffle(steps)
    state = SetState()
    for _, element in steps:
        state = state.add(element)
    leaving = list(gone)
    dice.shuffle(leaving)
    for element in leaving:
        state = state.remove(element)
    assert state == SetState.of(kept)
    if gone:
        assert state.digest != SetState.of(kept | gone).digest


@given(st.lists(st.integers(0, 400), min_size=2, max_size=8, unique=True))
def test_frontiers_that_meet_the_same_leaves_meet_the_same_roots(sizes: list[int]) -> None:
    hashes = grown(401)
    for one, two in pairwise(sorted(sizes)):
        assert Frontier().extend(hashes[:one]).extend(hashes[one:two]) == Frontier().extend(hashes[:two])
