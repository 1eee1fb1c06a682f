"""The log tree: the roots of the test vectors that the implementations of RFC 6962 share, and its proofs."""

import hashlib

import pytest

from libs.evidence.log_tree import (
    EMPTY_ROOT,
    Frontier,
    MemoryLog,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    node_hash,
    tree_root,
    verify_consistency,
    verify_inclusion,
)

LEAVES = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
HASHES = [leaf_hash(leaf) for leaf in LEAVES]
LOG = MemoryLog(HASHES)


@pytest.mark.parametrize("size", range(9))
def test_the_root_of_each_size_is_the_published_one(size: int) -> None:
    assert tree_root(HASHES[:size]).hex() == ROOTS[size]
    assert Frontier().extend(HASHES[:size]).root.hex() == ROOTS[size]
    assert LOG.root(size).hex() == ROOTS[size]


def test_the_empty_log_has_the_hash_of_nothing() -> None:
    assert hashlib.sha256(b"").digest() == EMPTY_ROOT == Frontier().root


def test_the_audit_paths_of_the_rfcs_example_are_its_own() -> None:
    # RFC 6962, 2.1.3: seven leaves a … j; the path of d0 is b, h, l, that of d3 is c, g, l, of d4 f, j, k, of d6 i, k.
    seven = HASHES[:7]
    a, b, c, d, e, f, j = seven
    g, h, i = node_hash(a, b), node_hash(c, d), node_hash(e, f)
    k, el = node_hash(g, h), node_hash(i, j)
    node = MemoryLog(seven).node
    assert inclusion_proof(0, 7, node) == [b, h, el]
    assert inclusion_proof(3, 7, node) == [c, g, el]
    assert inclusion_proof(4, 7, node) == [f, j, k]
    assert inclusion_proof(6, 7, node) == [i, k]


def test_the_consistency_proofs_of_the_rfcs_example_are_its_own() -> None:
    seven = HASHES[:7]
    a, b, c, d, e, f, j = seven
    g, h, i = node_hash(a, b), node_hash(c, d), node_hash(e, f)
    k, el = node_hash(g, h), node_hash(i, j)
    node = MemoryLog(seven).node
    assert consistency_proof(3, 7, node) == [c, d, g, el]
    assert consistency_proof(4, 7, node) == [el]
    assert consistency_proof(6, 7, node) == [i, j, k]


def test_an_append_returns_every_subtree_that_it_filled() -> None:
    frontier, filled = Frontier().extend(HASHES[:3]).append(HASHES[3])
    assert [(level, index) for level, index, _ in filled] == [(0, 3), (1, 1), (2, 0)]
    assert frontier.peaks == (filled[-1][2],)


def test_peaks_that_are_not_those_of_a_size_are_refused() -> None:
    with pytest.raises(ValueError, match="full subtrees"):
        Frontier(3, (EMPTY_ROOT,))


def test_a_proof_beyond_the_log_is_refused() -> None:
    with pytest.raises(ValueError, match="not in a log"):
        inclusion_proof(8, 8, LOG.node)
    with pytest.raises(ValueError, match="never was"):
        consistency_proof(8, 7, LOG.node)


@pytest.mark.parametrize(("index", "size"), [(-1, 3), (3, 3), (0, 0)])
def test_a_place_outside_the_log_is_not_proved(index: int, size: int) -> None:
    assert not verify_inclusion(HASHES[0], index, size, [], HASHES[0])


def test_the_same_size_with_another_root_is_not_consistent() -> None:
    assert verify_consistency(3, 3, [], LOG.root(3), LOG.root(3))
    assert not verify_consistency(3, 3, [], LOG.root(3), LOG.root(4))
    assert not verify_consistency(4, 3, [], LOG.root(4), LOG.root(3))


def test_every_log_begins_with_the_empty_one() -> None:
    assert verify_consistency(0, 5, [], EMPTY_ROOT, LOG.root(5))
    assert not verify_consistency(0, 5, [], LOG.root(1), LOG.root(5))
    assert not verify_consistency(3, 5, [], LOG.root(3), LOG.root(5))
