"""The log as an RFC 6962 tree: its full subtrees, the root over all, and whether one log continues another."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import Final

EMPTY_ROOT: Final = hashlib.sha256(b"").digest()


def leaf_hash(entry_bytes: bytes) -> bytes:
    """Return the hash of a leaf."""
    return hashlib.sha256(b"\x00" + entry_bytes).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of an inner node."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Frontier:
    """The log's length and the roots of its full subtrees, largest first. It grows in place: `copy` before a try."""

    __slots__ = ("roots", "size")

    def __init__(self, size: int = 0, roots: Iterable[bytes] = ()) -> None:
        """Take a stored frontier. Raises `ValueError` if so many roots cannot belong to so many leaves."""
        self.size = size
        self.roots = list(roots)
        if size < 0 or size.bit_count() != len(self.roots) or any(len(root) != 32 for root in self.roots):  # noqa: PLR2004 -- SHA-256
            raise ValueError(f"{len(self.roots)} roots do not make a log of {size}")

    def copy(self) -> Frontier:
        """Return another one with the same content."""
        return Frontier(self.size, self.roots)

    def append(self, leaf: bytes) -> None:
        """Let the log grow by one leaf hash."""
        carried, level = leaf, self.size
        while level & 1:
            carried = node_hash(self.roots.pop(), carried)
            level >>= 1
        self.roots.append(carried)
        self.size += 1

    def root(self) -> bytes:
        """Return the root over the whole log."""
        if not self.roots:
            return EMPTY_ROOT
        *left, result = self.roots
        for each in reversed(left):
            result = node_hash(each, result)
        return result

    def before(self, size: int) -> Frontier:
        """Return the frontier at the last multiple of `size` (a power of two): its roots are the first of these."""
        kept = self.size - self.size % size
        return Frontier(kept, self.roots[: kept.bit_count()])


def continues(first: int, first_root: bytes, second: int, second_root: bytes, proof: Sequence[bytes]) -> bool:
    """Whether a log of `second` leaves begins with the log of `first` leaves (RFC 6962 section 2.1.2)."""
    if first > second or first < 0:
        return False
    if first == second:
        return not proof and first_root == second_root
    if first == 0:
        return not proof and first_root == EMPTY_ROOT
    node, last = first - 1, second - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    hashes = list(proof)
    if node:
        if not hashes:
            return False
        old = new = hashes.pop(0)
    else:
        old = new = first_root  # the first log is one full subtree: it is its own beginning
    for each in hashes:
        if last == 0:
            return False
        if node & 1 or node == last:
            old, new = node_hash(each, old), node_hash(each, new)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            new = node_hash(new, each)
        node, last = node >> 1, last >> 1
    return last == 0 and old == first_root and new == second_root
