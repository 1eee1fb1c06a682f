"""Which documents a view has ever named, in eight bytes each: so that a miss is told without a query."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

BUCKETS: Final = 1 << 16
_BUCKET_BITS: Final = 16
_TAIL_BYTES: Final = 6
_TAIL_MASK: Final = (1 << 8 * _TAIL_BYTES) - 1


def index_key(id_type: str, number: str) -> str:
    """Return the key of a document; `number` is in its comparable form."""
    return f"{id_type}\x00{number}"


class DigestIndex:
    """A set of keys that only grows: it may say yes to a key it never saw, and never says no to one that it did.

    A key is kept as 48 bits of Python's string hash in one of 65,536 buckets, so a million keys take about 10 MB, and a
    wrong yes costs one query. The hash is keyed anew for every process and never leaves it: nothing can be read back
    from the index, and it is of no use to anybody who steals it.
    """

    __slots__ = ("_buckets", "keys")

    def __init__(self) -> None:
        """Make an empty one."""
        self._buckets: list[bytes] = [b""] * BUCKETS
        self.keys = 0

    def add(self, keys: Iterable[str]) -> None:
        """Take keys in; what is there already is not kept twice."""
        buckets = self._buckets
        for key in keys:
            value = hash(key)
            tail = (value >> _BUCKET_BITS & _TAIL_MASK).to_bytes(_TAIL_BYTES, "big")
            bucket = buckets[value & (BUCKETS - 1)]
            if tail not in bucket:
                buckets[value & (BUCKETS - 1)] = bucket + tail
                self.keys += 1

    def may_hold(self, key: str) -> bool:
        """Return False if this key was never taken in; True if it was, or, rarely, looks like one that was."""
        value = hash(key)
        # A match across the border of two tails is a wrong yes like any other.
        tail = (value >> _BUCKET_BITS & _TAIL_MASK).to_bytes(_TAIL_BYTES, "big")
        return tail in self._buckets[value & (BUCKETS - 1)]

    @property
    def size(self) -> int:
        """Bytes of the tails, without Python's own for 65,536 texts (about 2 MB)."""
        return sum(map(len, self._buckets))
