"""`lthash16-1024-shake256`: one short digest of a set that grows and shrinks, in whatever order it came to be.

Two copies with the same digest hold the same set: 1,024 lanes of 16 bits are added modulo 2^16, so an element can be
taken out again, and finding another set with the same sums is a lattice problem (ePrint 2019/227: 200 bits). XOR and
sums of 256 bits are not used: those can be forged in seconds. The lanes of a state stand in one big integer, which adds
all of them at once; an addition costs less than the hash of its element.

An element must not stand in a set twice, and only what stands in it may be taken out: neither shows in a state.
`docs/joint-punishment-feed.md` section 6 says what the elements of the feed are.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

ALGORITHM: Final = "lthash16-1024-shake256"
STATE_BYTES: Final = 2048

_ELEMENT = b"zhixing-feed/lthash/v1\x00"
_SET = b"zhixing-feed/set/v1\x00"

_TOP = int.from_bytes(b"\x00\x80" * 1024, "little")
_LOW = int.from_bytes(b"\xff\x7f" * 1024, "little")
_EVEN = int.from_bytes(b"\xff\xff\x00\x00" * 512, "little")
# Lanes that are 32 bits wide take this many elements before one runs over into the next.
_WIDE_LANES_TAKE = 1 << 16


def feed_element(view: str, record_id: str, record_version: int, entry_sha256: bytes) -> bytes:
    """Return the raw `x` of an entry in force; `entry_sha256` is over the exact payload bytes of the entry's JWS."""
    return b"%b\x00%b\x00%d\x00%b" % (view.encode(), record_id.encode(), record_version, entry_sha256)


def lanes(element: bytes) -> int:
    """Return the lanes of a raw element, as one little-endian integer."""
    return int.from_bytes(hashlib.shake_256(_ELEMENT + element).digest(STATE_BYTES), "little")


def plus(state: int, other: int) -> int:
    """Return two states added lane by lane."""
    # The upper bit of each lane is added apart from the rest, so that nothing carries into the next lane.
    return ((state & _LOW) + (other & _LOW)) ^ ((state ^ other) & _TOP)


def minus(state: int, other: int) -> int:
    """Return a state with another one taken out lane by lane."""
    return ((state | _TOP) - (other & _LOW)) ^ (~(state ^ other) & _TOP)


def total(elements: Iterable[bytes]) -> tuple[int, int]:
    """Return `(state, count)` of many raw elements; what is left to do besides hashing them is one tenth."""
    state = count = plain = even = 0
    for element in elements:
        value = lanes(element)
        plain += value
        even += value & _EVEN
        count += 1
        if count % _WIDE_LANES_TAKE == 0:
            state, plain, even = plus(state, _narrowed(plain, even)), 0, 0
    return plus(state, _narrowed(plain, even)), count


def _narrowed(plain: int, even: int) -> int:
    # The plain sum is muddled by carries, that of the even lanes has room for them: the difference is the odd lanes'.
    odd = (plain - even) >> 16
    return (even & _EVEN) | ((odd & _EVEN) << 16)


def digest(state: int, count: int) -> str:
    """Return the digest of a set of `count` elements, in lower-case hexadecimal."""
    return hashlib.sha256(_SET + count.to_bytes(8, "big") + state.to_bytes(STATE_BYTES, "little")).hexdigest()


@dataclass(frozen=True, slots=True)
class SetState:
    """A set as its lane sums and its count; immutable, so that a page that fails to verify leaves it as it was."""

    lanes: int = 0
    count: int = 0

    @classmethod
    def of(cls, elements: Iterable[bytes]) -> SetState:
        """Return the state of a set of raw elements."""
        return cls(*total(elements))

    @classmethod
    def from_bytes(cls, raw: bytes, count: int) -> SetState:
        """Return a stored state. Raises `ValueError` for bytes that are none."""
        if len(raw) != STATE_BYTES or count < 0:
            msg = f"a state has {STATE_BYTES} bytes and a count"
            raise ValueError(msg)
        return cls(int.from_bytes(raw, "little"), count)

    def to_bytes(self) -> bytes:
        """Return the 2,048 bytes to store; the count goes beside them."""
        return self.lanes.to_bytes(STATE_BYTES, "little")

    def add(self, element: bytes) -> SetState:
        """Return the set with a raw element in it that was not."""
        return SetState(plus(self.lanes, lanes(element)), self.count + 1)

    def remove(self, element: bytes) -> SetState:
        """Return the set without a raw element that was in it."""
        return SetState(minus(self.lanes, lanes(element)), self.count - 1)

    def replace(self, old: bytes, new: bytes) -> SetState:
        """Return the set with `new` in the place of `old`."""
        return SetState(plus(minus(self.lanes, lanes(old)), lanes(new)), self.count)

    def union(self, other: SetState) -> SetState:
        """Return two sets that share nothing as one: the buckets of a set add up to it."""
        return SetState(plus(self.lanes, other.lanes), self.count + other.count)

    @property
    def digest(self) -> str:
        """The digest, in lower-case hexadecimal."""
        return digest(self.lanes, self.count)

    def described(self) -> dict[str, Any]:
        """Return `{"alg", "count", "digest"}`, as heads, pages, snapshots and checksums carry it."""
        return {"alg": ALGORITHM, "count": self.count, "digest": self.digest}
