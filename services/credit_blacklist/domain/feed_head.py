"""What the signed heads of a session have named: it only grows, and never says two things about one sequence.

The signed heads themselves lie where they can be lost; this is what no loss of them may make anybody contradict.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from libs.foundation.errors import Refused, Transient
from libs.foundation.ids import stream_name
from libs.schemas.credit_blacklist.feed import FeedPublished
from libs.schemas.envelope import Event


class HeadOvertaken(Transient):
    """Another process has signed, or named, more than this one holds yet."""

    code = "feed_head_overtaken"
    title = "Another process signed first"


class HeadContradicts(Refused):
    """A head was about to say something else about a sequence than an earlier one said."""

    code = "feed_head_contradicts"
    title = "The head contradicts an earlier one"
    rule = "R-CRB-33"
    remedy = "Find out which register is wrong; where continuity cannot be shown, order a reset."


def head_stream(view: str, session_id: str) -> str:
    """Return the stream of what heads of a session have named."""
    return stream_name("feedhead", view, session_id)


@dataclass(frozen=True, slots=True)
class Named:
    """The last that was named; None: nothing yet."""

    last: FeedPublished | None = None


@dataclass(frozen=True, slots=True)
class NameSequence:
    """A head will name this sequence."""

    fact: FeedPublished


def decide_head(state: Named, command: Any, now: datetime) -> Sequence[Event]:
    """Return the fact, or nothing where it was named before.

    What contradicts it is refused (`HeadContradicts`); who would name less is behind (`HeadOvertaken`).
    """
    del now
    if not isinstance(command, NameSequence):
        msg = f"no such command: {type(command).__name__}"
        raise TypeError(msg)
    last, fact = state.last, command.fact
    if last is None or fact.sequence > last.sequence:
        return (fact,)
    if fact.sequence < last.sequence:
        raise HeadOvertaken(f"{last.sequence} was named, {fact.sequence} would be less.")
    if fact != last:
        raise HeadContradicts(f"Another digest or root was signed for {last.sequence}.")
    return ()


def evolve_head(state: Named, event: Event) -> Named:
    """Return the state after an event."""
    return Named(event) if isinstance(event, FeedPublished) else state
