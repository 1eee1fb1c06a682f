"""Server-sent events, as far as a doorbell needs them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StreamEvent:
    """One event: its name and its data."""

    name: str
    data: str


async def events(lines: AsyncIterator[str]) -> AsyncIterator[StreamEvent]:
    """Yield the events of a stream's lines; comments only show that somebody is there."""
    name, data = "message", list[str]()
    async for line in lines:
        if not line:
            if data:
                yield StreamEvent(name, "\n".join(data))
            name, data = "message", []
        elif not line.startswith(":"):
            field, _, value = line.partition(":")
            value = value.removeprefix(" ")
            if field == "event":
                name = value
            elif field == "data":
                data.append(value)
