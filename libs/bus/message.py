"""What a handler gets, and what it answers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime
from typing import Any, Generic, NamedTuple, TypeVar

from libs.schemas.envelope import Event

E = TypeVar("E", bound=Event)


class Message(NamedTuple, Generic[E]):
    """An event as it arrived: the fact, whose it is, why it happened, and where on the wire it stood."""

    event: E
    id: str
    service: str
    stream: str
    seq: int
    court: str
    key: str
    at: datetime
    correlation_id: str
    causation_id: str | None
    trace: str | None
    topic: str
    partition: int
    offset: int


class Dispatch(NamedTuple):
    """A command for a stream of our own. Court and key default to the message's.

    One event may address a stream with a command type once: the command's id is made of consumer, event, command type
    and stream, never of an ordinal, so that a handler may be reordered without anything happening twice.
    """

    stream: str
    command: Any
    court: str | None = None
    key: str | None = None


Handler = Callable[[Message[Any]], Iterable[Dispatch] | Awaitable[Iterable[Dispatch]]]
"""Turns an event into commands. It may be async and read the journal; it raises `Transient` to wait."""
