"""The fold cache: committed heads only, and since when each is proved to have been the head."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

from libs.journal.fold import Head


@dataclass(frozen=True, slots=True)
class Known:
    """A committed head. At the real (monotonic) instant `proven_at` no later commit of its stream existed."""

    head: Head
    proven_at: float


class HeadCache:
    """The most recently used heads of a process; a stream's head only ever moves forward in it."""

    def __init__(self, streams_max: int) -> None:
        """Keep at most `streams_max` heads."""
        self._known: OrderedDict[str, Known] = OrderedDict()
        self._streams_max = streams_max

    def get(self, stream: str) -> Known | None:
        """Return the known head of a stream and mark it as used."""
        known = self._known.get(stream)
        if known is not None:
            self._known.move_to_end(stream)
        return known

    def put(self, head: Head, proven_at: float) -> Known:
        """Keep a committed head unless a later one, or the same with a later proof, is known; return what is known."""
        known = self._known.get(head.stream)
        if known is None or (head.version, proven_at) > (known.head.version, known.proven_at):
            known = Known(head, proven_at)
            self._known[head.stream] = known
        self._known.move_to_end(head.stream)
        if len(self._known) > self._streams_max:
            self._known.popitem(last=False)
        return known
