"""Which offset may be committed: the contiguous done prefix, never more.

Offsets of a partition have holes (transaction markers, compaction), so the prefix follows the order of arrival.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable


class DonePrefix:
    """Tracks what of a partition is done; `committable` is the offset behind the last of the done prefix."""

    def __init__(self) -> None:
        self._waiting: deque[int] = deque()
        self._done: set[int] = set()
        self._committable: int | None = None
        self._committed: int | None = None

    def arrived(self, offsets: Iterable[int]) -> None:
        """Note offsets in the order of arrival. Raises `ValueError` if they do not rise."""
        for offset in offsets:
            if self._waiting and offset <= self._waiting[-1]:
                msg = f"offset {offset} arrived after {self._waiting[-1]}"
                raise ValueError(msg)
            self._waiting.append(offset)

    def done(self, offset: int) -> None:
        """Note that a message needs no further work."""
        self._done.add(offset)
        while self._waiting and self._waiting[0] in self._done:
            head = self._waiting.popleft()
            self._done.discard(head)
            self._committable = head + 1

    def committed(self, offset: int) -> None:
        """Note that the broker took this offset."""
        self._committed = offset

    @property
    def committable(self) -> int | None:
        """The offset to commit now, or None if nothing new is done."""
        return None if self._committable == self._committed else self._committable
