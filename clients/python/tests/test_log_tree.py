"""The log: RFC 6962's vectors, frontiers, and consistency proofs of every pair of sizes."""

import hashlib

import pytest

from zhixing_feed.log_tree import EMPTY_ROOT, Frontier, continues, leaf_hash, node_hash

LEAVES = [bytes.fromhex(each) for each in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657")]
LEAVES.append(bytes.fromhex("606162636465666768696a6b6c6d6e6f"))
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
"""The test vectors of Certificate Transparency's reference implementation."""


def tree(leaves: list[bytes]) -> bytes:
    if len(leaves) < 2:
        return leaves[0] if leaves else EMPTY_ROOT
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return node_hash(tree(leaves[:split]), tree(leaves[split:]))


def proof(first: int, leaves: list[bytes], *, whole: bool = True) -> list[bytes]:
    if first == len(leaves):
        return [] if whole else [tree(leaves)]
    split = 1 << (len(leaves) - 1).bit_length() - 1
    if first <= split:
        return [*proof(first, leaves[:split], whole=whole), tree(leaves[split:])]
    return [*proof(first - split, leaves[split:], whole=False), tree(leaves[:split])]


def numbered(count: int) -> list[bytes]:
    return [leaf_hash(b"%d" % number) for number in range(count)]


def test_the_empty_log_has_the_hash_of_nothing() -> None:
    assert Frontier().root() == hashlib.sha256(b"").digest() == EMPTY_ROOT


@pytest.mark.parametrize("size", range(1, 9))
def test_the_vectors_of_certificate_transparency(size: int) -> None:
    frontier = Frontier()
    for leaf in LEAVES[:size]:
        frontier.append(leaf_hash(leaf))
    assert frontier.root().hex() == ROOTS[size - 1]


def test_a_frontier_grows_to_the_tree_of_every_size() -> None:
    frontier, leaves = Frontier(), numbered(300)
    for size, leaf in enumerate(leaves, start=1):
        frontier.append(leaf)
        assert frontier.root() == tree(leaves[:size])
        assert frontier.before(256).root() == tree(leaves[: size - size % 256])


def test_a_frontier_with_roots_that_cannot_be_its_own_is_refused() -> None:
    with pytest.raises(ValueError, match="do not make"):
        Frontier(5, [b"\0" * 32])
    with pytest.raises(ValueError, match="do not make"):
        Frontier(1, [b"\0" * 31])


def test_every_longer_log_is_proved_to_continue_every_shorter_one() -> None:
    leaves = numbered(40)
    for second in range(1, 41):
        for first in range(1, second + 1):
            hashes = proof(first, leaves[:second])
            assert continues(first, tree(leaves[:first]), second, tree(leaves[:second]), hashes)


def test_a_proof_that_was_touched_proves_nothing() -> None:
    leaves = numbered(40)
    for first, second in ((1, 2), (3, 7), (4, 8), (6, 8), (7, 40), (32, 33), (31, 40)):
        hashes = proof(first, leaves[:second])
        old, new = tree(leaves[:first]), tree(leaves[:second])
        for at in range(len(hashes)):
            touched = [*hashes[:at], bytes([hashes[at][0] ^ 1]) + hashes[at][1:], *hashes[at + 1 :]]
            assert not continues(first, old, second, new, touched)
        assert not continues(first, old, second, new, hashes[:-1])
        assert not continues(first, old, second, new, [*hashes, b"\0" * 32])
        assert not continues(first, tree(numbered(41)[1 : first + 1]), second, new, hashes)
        assert not continues(second, new, first, old, hashes)


def test_a_log_of_the_same_size_continues_itself_only_with_the_same_root() -> None:
    assert continues(3, b"r" * 32, 3, b"r" * 32, [])
    assert not continues(3, b"r" * 32, 3, b"s" * 32, [])
    assert continues(0, EMPTY_ROOT, 3, b"s" * 32, [])
