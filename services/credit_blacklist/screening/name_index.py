"""Which entries carry a name that may be alike: nine bytes for each key of each name, and no name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from libs.foundation.name_likeness import likeness_keys

BUCKETS: Final = 1 << 16
_BUCKET_BITS: Final = 16
_TAIL_BYTES: Final = 4
_TAIL_MASK: Final = (1 << 8 * _TAIL_BYTES) - 1
_SEQUENCE_BYTES: Final = 5
_ROW_BYTES: Final = _TAIL_BYTES + _SEQUENCE_BYTES


class NameIndex:
    """From the keys of a name (`likeness_keys`) to the sequences of entries whose names share one.

    It only grows, and may name entries that are not alike or that were replaced since: whoever asks compares.
    """

    __slots__ = ("_buckets",)

    def __init__(self) -> None:
        """Make an empty one."""
        self._buckets: list[bytes] = [b""] * BUCKETS

    def add(self, sequence: int, name: str) -> None:
        """Take in that the entry `sequence` names `name`."""
        row = sequence.to_bytes(_SEQUENCE_BYTES, "big")
        for place, tail in _addresses(likeness_keys(name)):
            self._buckets[place] += tail + row

    def sequences(self, name: str, limit: int) -> list[int]:
        """Return up to `limit` sequences, newest first; those first that share the most keys with `name`."""
        shared: dict[int, int] = {}
        for place, tail in _addresses(likeness_keys(name)):
            for sequence in _rows(self._buckets[place], tail):
                shared[sequence] = shared.get(sequence, 0) + 1
        return sorted(shared, key=lambda sequence: (-shared[sequence], -sequence))[:limit]

    @property
    def size(self) -> int:
        """Bytes of the rows."""
        return sum(map(len, self._buckets))


def _addresses(keys: Iterable[str]) -> Iterator[tuple[int, bytes]]:
    for key in keys:
        value = hash(key)
        yield value & (BUCKETS - 1), (value >> _BUCKET_BITS & _TAIL_MASK).to_bytes(_TAIL_BYTES, "big")


def _rows(bucket: bytes, tail: bytes) -> Iterator[int]:
    found = bucket.find(tail)
    while found != -1:
        if found % _ROW_BYTES == 0:
            yield int.from_bytes(bucket[found + _TAIL_BYTES : found + _ROW_BYTES], "big")
        found = bucket.find(tail, found + 1)
