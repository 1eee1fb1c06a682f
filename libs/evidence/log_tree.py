"""The Merkle tree of RFC 6962 over a log that grows: its root, what to keep of it, and the two kinds of proof.

A root names everything that was logged before it. An inclusion proof shows that a leaf is among it; a consistency
proof shows that a longer log begins with the shorter one, so that nothing was taken out or changed in between. Proofs
are made from the roots of full subtrees, which never change once they stand: `(level, index)` is the subtree over the
leaves `index * 2^level` to `(index + 1) * 2^level - 1`. Whoever stores those, as `Frontier.append` returns them, can
prove anything about any earlier size with a handful of look-ups.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

EMPTY_ROOT: Final = hashlib.sha256(b"").digest()
"""The root of a log without leaves."""

Node = tuple[int, int, bytes]
"""A full subtree: its level, its index on that level, its root."""

NodeAt = Callable[[int, int], bytes]
"""Returns the root of the full subtree `(level, index)`, raising `LookupError` where there is none."""


def leaf_hash(data: bytes) -> bytes:
    """Return `SHA-256(00 ‖ data)`."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return `SHA-256(01 ‖ left ‖ right)`."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def tree_root(hashes: Sequence[bytes]) -> bytes:
    """Return the root over leaf hashes in their order."""
    if not hashes:
        return EMPTY_ROOT
    level = list(hashes)
    # Pairing from the left and carrying an odd last one upwards gives the very tree that the RFC cuts from above.
    while len(level) > 1:
        paired = [node_hash(level[i], level[i + 1]) for i in range(0, len(level) - 1, 2)]
        level = paired + level[len(paired) * 2 :]
    return level[0]


@dataclass(frozen=True, slots=True)
class Frontier:
    """A log's size and the roots of its full subtrees, left to right: all that appending to it needs."""

    size: int = 0
    peaks: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        """Refuse peaks that do not belong to a log of this size."""
        if self.size < 0 or len(self.peaks) != self.size.bit_count():
            msg = f"a log of {self.size} leaves has not {len(self.peaks)} full subtrees"
            raise ValueError(msg)

    def append(self, leaf: bytes) -> tuple[Frontier, list[Node]]:
        """Return the log with one more leaf hash, and every subtree that it filled, the leaf itself first."""
        peaks, level, index = list(self.peaks), 0, self.size
        filled: list[Node] = [(0, index, leaf)]
        while index & 1:
            leaf = node_hash(peaks.pop(), leaf)
            level, index = level + 1, index >> 1
            filled.append((level, index, leaf))
        return Frontier(self.size + 1, (*peaks, leaf)), filled

    def extend(self, leaves: Iterable[bytes]) -> Frontier:
        """Return the log with more leaf hashes, for those who keep no nodes."""
        size, peaks = self.size, list(self.peaks)
        for each in leaves:
            leaf, carry = each, size
            while carry & 1:
                leaf, carry = node_hash(peaks.pop(), leaf), carry >> 1
            peaks.append(leaf)
            size += 1
        return Frontier(size, tuple(peaks))

    @property
    def root(self) -> bytes:
        """The root of the log."""
        if not self.peaks:
            return EMPTY_ROOT
        *left, root = self.peaks
        for peak in reversed(left):
            root = node_hash(peak, root)
        return root


class MemoryLog:
    """A log whose nodes are kept in memory: for logs of some thousand leaves, and for tests."""

    def __init__(self, leaves: Iterable[bytes] = ()) -> None:
        """Take the leaf hashes of the log so far."""
        self.frontier = Frontier()
        self._nodes: dict[tuple[int, int], bytes] = {}
        for leaf in leaves:
            self.append(leaf)

    def append(self, leaf: bytes) -> None:
        """Add one leaf hash."""
        self.frontier, filled = self.frontier.append(leaf)
        self._nodes.update({(level, index): root for level, index, root in filled})

    def node(self, level: int, index: int) -> bytes:
        """Return the root of a full subtree. Raises `KeyError`."""
        return self._nodes[level, index]

    def root(self, size: int | None = None) -> bytes:
        """Return the root at a size, by default the present one."""
        return root_at(self.frontier.size if size is None else size, self.node)


def root_at(size: int, node: NodeAt) -> bytes:
    """Return the root that a log had when it held `size` leaves."""
    return _range_root(0, size, node) if size else EMPTY_ROOT


def inclusion_proof(index: int, size: int, node: NodeAt) -> list[bytes]:
    """Return the audit path of leaf `index` in the log at `size` (RFC 6962, 2.1.1). Raises `ValueError`."""
    if not 0 <= index < size:
        msg = f"leaf {index} is not in a log of {size}"
        raise ValueError(msg)
    path: list[bytes] = []
    low, high = 0, size
    while high - low > 1:
        middle = low + _split(high - low)
        if index < middle:
            path.append(_range_root(middle, high, node))
            high = middle
        else:
            path.append(_range_root(low, middle, node))
            low = middle
    return path[::-1]


def inclusion_proofs(leaves: Iterable[bytes], size: int, indexes: Iterable[int]) -> dict[int, list[bytes]]:
    """Return the audit paths of some leaves, going once over all leaf hashes and keeping only what the paths need.

    Raises `ValueError` for an index outside of the log, `LookupError` if there are fewer leaves than `size`.
    """
    wanted = list(indexes)
    needed: dict[tuple[int, int], bytes] = {}

    def note(level: int, index: int) -> bytes:
        needed[level, index] = b""
        return b""

    for index in wanted:
        inclusion_proof(index, size, note)
    frontier = Frontier()
    for leaf in leaves:
        frontier, filled = frontier.append(leaf)
        needed.update({(level, index): root for level, index, root in filled if (level, index) in needed})
    if frontier.size != size:
        msg = f"{frontier.size} leaves are not {size}"
        raise LookupError(msg)
    return {index: inclusion_proof(index, size, lambda *place: needed[place]) for index in wanted}


def verify_inclusion(leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> bool:
    """Tell whether `path` proves that `leaf` is leaf `index` of the log of `size` leaves with this `root`."""
    if not 0 <= index < size:
        return False
    place, last, running = index, size - 1, leaf
    for hashed in path:
        if last == 0:
            return False
        if place & 1 or place == last:
            running = node_hash(hashed, running)
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            running = node_hash(running, hashed)
        place, last = place >> 1, last >> 1
    return last == 0 and running == root


def consistency_proof(old: int, new: int, node: NodeAt) -> list[bytes]:
    """Return the proof that the log at `new` begins with the log at `old` (RFC 6962, 2.1.2). Raises `ValueError`.

    It is empty for an `old` of 0 and where both are the same.
    """
    if not 0 <= old <= new:
        msg = f"a log of {new} leaves never was one of {old} before"
        raise ValueError(msg)
    path: list[bytes] = []
    if old in (0, new):
        return path
    low, high, whole = 0, new, True
    while high != old:
        middle = low + _split(high - low)
        if old <= middle:
            path.append(_range_root(middle, high, node))
            high = middle
        else:
            path.append(_range_root(low, middle, node))
            low, whole = middle, False
    # The verifier knows the old root itself; where the old log ends inside a subtree it is told that subtree's root.
    return [*([] if whole else [_range_root(low, high, node)]), *reversed(path)]


def verify_consistency(old: int, new: int, path: Sequence[bytes], old_root: bytes, new_root: bytes) -> bool:
    """Tell whether `path` proves that the log of `new` leaves begins with the log of `old` leaves."""
    if not 0 <= old <= new:
        return False
    if old == new:
        return not path and old_root == new_root
    if old == 0:
        return not path and old_root == EMPTY_ROOT
    rest = [old_root, *path] if old & (old - 1) == 0 else list(path)
    if not rest:
        return False
    place, last = old - 1, new - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    before = after = rest[0]
    for hashed in rest[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            before, after = node_hash(hashed, before), node_hash(hashed, after)
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            after = node_hash(after, hashed)
        place, last = place >> 1, last >> 1
    return last == 0 and before == old_root and after == new_root


def _split(width: int) -> int:
    """Return the largest power of two below `width`."""
    return 1 << (width - 1).bit_length() - 1


def _range_root(low: int, high: int, node: NodeAt) -> bytes:
    """Return the root over the leaves `low` to `high` - 1; `low` is where a subtree of the RFC begins."""
    width = high - low
    if width & (width - 1) == 0:
        level = width.bit_length() - 1
        return node(level, low >> level)
    middle = low + _split(width)
    return node_hash(_range_root(low, middle, node), _range_root(middle, high, node))
