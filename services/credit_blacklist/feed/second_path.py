"""Set digest and log root by another way than the register's, so that a fault of one is not a fault of both.

Nothing here is shared with `libs.evidence`: lanes are added in two wide sums, for even and odd lanes, and taken out by
adding what is missing to 2^16; the log is a stack of subtrees by their sizes.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final

_SLOT: Final = int.from_bytes(b"\xff\xff\x00\x00" * 512, "little")
_WHOLE: Final = int.from_bytes(b"\x00\x00\x01\x00" * 512, "little")
_HALF_BITS: Final = 16
_BYTES: Final = 2048


@dataclass(frozen=True, slots=True)
class SecondSum:
    """A set as the sums of its even and its odd lanes."""

    even: int = 0
    odd: int = 0
    count: int = 0

    @classmethod
    def from_state(cls, state: bytes, count: int) -> SecondSum:
        """Return the set of a stored state."""
        whole = int.from_bytes(state, "little")
        return cls(whole & _SLOT, whole >> _HALF_BITS & _SLOT, count)

    def with_entry(self, element: bytes) -> SecondSum:
        """Return the set with an element more."""
        even, odd = _halves(element)
        return SecondSum((self.even + even) & _SLOT, (self.odd + odd) & _SLOT, self.count + 1)

    def without(self, element: bytes) -> SecondSum:
        """Return the set with an element less."""
        even, odd = _halves(element)
        return SecondSum((self.even + _WHOLE - even) & _SLOT, (self.odd + _WHOLE - odd) & _SLOT, self.count - 1)

    @property
    def digest(self) -> str:
        """The digest, in lower-case hexadecimal."""
        state = (self.even | self.odd << _HALF_BITS).to_bytes(_BYTES, "little")
        return hashlib.sha256(b"zhixing-feed/set/v1\0" + self.count.to_bytes(8, "big") + state).hexdigest()


def element_of(view: str, record_id: str, version: int, raw: bytes) -> bytes:
    """Return the element of an entry in force from its very bytes."""
    return b"\0".join([view.encode(), record_id.encode(), str(version).encode(), hashlib.sha256(raw).digest()])


def _halves(element: bytes) -> tuple[int, int]:
    whole = int.from_bytes(hashlib.shake_256(b"zhixing-feed/lthash/v1\0" + element).digest(_BYTES), "little")
    return whole & _SLOT, whole >> _HALF_BITS & _SLOT


@dataclass(frozen=True, slots=True)
class SecondLog:
    """A log as the stack of its full subtrees, each with its size."""

    stack: tuple[tuple[int, bytes], ...] = ()

    @classmethod
    def of(cls, size: int, roots: list[bytes]) -> SecondLog:
        """Return the log of `size` leaves with these roots of full subtrees, left to right."""
        sizes = [1 << bit for bit in range(size.bit_length() - 1, -1, -1) if size >> bit & 1]
        return cls(tuple(zip(sizes, roots, strict=True)))

    def with_leaf(self, raw: bytes) -> SecondLog:
        """Return the log with one entry more."""
        stack = [*self.stack, (1, hashlib.sha256(b"\0" + raw).digest())]
        while len(stack) > 1 and stack[-1][0] == stack[-2][0]:
            (size, right), (_, left) = stack.pop(), stack.pop()
            stack.append((size * 2, hashlib.sha256(b"\1" + left + right).digest()))
        return SecondLog(tuple(stack))

    @property
    def root(self) -> str:
        """The root, in lower-case hexadecimal."""
        roots = [root for _size, root in self.stack]
        while len(roots) > 1:
            right, left = roots.pop(), roots.pop()
            roots.append(hashlib.sha256(b"\1" + left + right).digest())
        return (roots[0] if roots else hashlib.sha256(b"").digest()).hex()
