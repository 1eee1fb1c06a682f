"""`lthash16-1024-shake256`: a digest of a set that entries can be added to and taken out of.

A state is 1,024 lanes of 16 bits. Here the even and the odd lanes lie in two big integers with 16 free bits after each
lane, so that one addition adds 512 lanes and no carry reaches a neighbour. A lane that is taken out is added as its
complement. The free bits are cleared after every step.
"""

from __future__ import annotations

import hashlib
from typing import Final

ALGORITHM: Final = "lthash16-1024-shake256"
STATE_BYTES: Final = 2048
ELEMENT_PREFIX: Final = b"zhixing-feed/lthash/v1\x00"
SET_PREFIX: Final = b"zhixing-feed/set/v1\x00"

_LANES: Final = int.from_bytes(b"\xff\xff\x00\x00" * 512, "little")
_MODULUS: Final = int.from_bytes(b"\x00\x00\x01\x00" * 512, "little")


class LaneSums:
    """A set's state and count. It changes in place; `copy` before what may fail."""

    __slots__ = ("_even", "_odd", "count")

    def __init__(self) -> None:
        """Begin with the empty set."""
        self._even = 0
        self._odd = 0
        self.count = 0

    @classmethod
    def from_bytes(cls, state: bytes, count: int) -> LaneSums:
        """Return a stored state. Raises `ValueError` for one of another length."""
        if len(state) != STATE_BYTES or count < 0:
            raise ValueError("a state has 2,048 bytes and a count")
        made = cls()
        whole = int.from_bytes(state, "little")
        made._even, made._odd, made.count = whole & _LANES, (whole >> 16) & _LANES, count
        return made

    def to_bytes(self) -> bytes:
        """Return the 2,048 bytes of the state, lanes little-endian."""
        return (self._even | (self._odd << 16)).to_bytes(STATE_BYTES, "little")

    def copy(self) -> LaneSums:
        """Return another one with the same content."""
        made = LaneSums()
        made._even, made._odd, made.count = self._even, self._odd, self.count
        return made

    def add(self, x: bytes) -> None:
        """Put in a raw element that is not in the set; whether it is, the caller knows and the sums do not."""
        self.shift(_element(x), None)
        self.count += 1

    def remove(self, x: bytes) -> None:
        """Take out a raw element that is in the set."""
        self.shift(None, _element(x))
        self.count -= 1

    def include(self, other: LaneSums) -> None:
        """Add another set that shares nothing with this one, as buckets add up to the whole."""
        self._even = (self._even + other._even) & _LANES
        self._odd = (self._odd + other._odd) & _LANES
        self.count += other.count

    def shift(self, added: int | None, removed: int | None) -> None:
        """Add and subtract whole elements that were made already; the count is the caller's."""
        if added is not None:
            self._even = (self._even + (added & _LANES)) & _LANES
            self._odd = (self._odd + ((added >> 16) & _LANES)) & _LANES
        if removed is not None:
            self._even = (self._even + _MODULUS - (removed & _LANES)) & _LANES
            self._odd = (self._odd + _MODULUS - ((removed >> 16) & _LANES)) & _LANES

    def digest(self) -> str:
        """Return the digest in lower-case hexadecimal."""
        return hashlib.sha256(SET_PREFIX + self.count.to_bytes(8, "big") + self.to_bytes()).hexdigest()

    def same(self, other: LaneSums) -> bool:
        """Whether both hold the same sums and count."""
        return (self._even, self._odd, self.count) == (other._even, other._odd, other.count)


def raw_element(view: str, record_id: str, record_version: int, entry_sha256: bytes) -> bytes:
    """Return x of an entry: what stands for it in the set."""
    return b"\x00".join((view.encode(), record_id.encode(), str(record_version).encode(), entry_sha256))


def _element(x: bytes) -> int:
    return int.from_bytes(hashlib.shake_256(ELEMENT_PREFIX + x).digest(STATE_BYTES), "little")


class BucketedSet:
    """A set, and its 256 parts by the first byte of SHA-256(record_id), moved by one and the same element.

    The parts add up to the whole (`adds_up`), so neither can drift alone, and a difference to the publisher's set is
    found in the parts that differ.
    """

    __slots__ = ("buckets", "view", "whole")

    def __init__(self, view: str) -> None:
        """Begin with the empty set of a view."""
        self.view = view
        self.whole = LaneSums()
        self.buckets = [LaneSums() for _ in range(256)]

    def copy(self) -> BucketedSet:
        """Return another one with the same content."""
        made = BucketedSet(self.view)
        made.whole = self.whole.copy()
        made.buckets = [each.copy() for each in self.buckets]
        return made

    def exchange(self, record_id: str, old: tuple[int, bytes] | None, new: tuple[int, bytes] | None) -> int:
        """Put `(version, SHA-256 of the entry)` in the place of the one held; return the number of the bucket."""
        number = bucket_of(record_id)
        added = _element(raw_element(self.view, record_id, *new)) if new else None
        removed = _element(raw_element(self.view, record_id, *old)) if old else None
        for sums in (self.whole, self.buckets[number]):
            sums.shift(added, removed)
            sums.count += (new is not None) - (old is not None)
        return number

    def same(self, other: BucketedSet) -> bool:
        """Whether both hold the same in every part."""
        parts = zip(self.buckets, other.buckets, strict=True)
        return self.whole.same(other.whole) and all(own.same(its) for own, its in parts)

    def adds_up(self) -> bool:
        """Whether the 256 parts are the whole."""
        total = LaneSums()
        for each in self.buckets:
            total.include(each)
        return total.same(self.whole)


def bucket_of(record_id: str) -> int:
    """Return the bucket of a record."""
    return hashlib.sha256(record_id.encode()).digest()[0]
