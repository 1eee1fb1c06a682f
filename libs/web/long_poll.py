"""Long polls: a caller waits for something to be there, at most thirty seconds, and is sent home when we stop."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import Annotated, Final, TypeVar

from fastapi import Depends, Query, Request

from libs.foundation.errors import Overloaded
from libs.foundation.limits import LONG_POLL_SECONDS_MAX, LONG_POLLS_MAX
from libs.web.admission import PLACE, Place

T = TypeVar("T")

LOOK_AGAIN_SECONDS: Final = 0.25

_stopping: Final = threading.Event()
_waiting: Final[set[object]] = set()


def stop_waiting() -> None:
    """Let every long poll of this process answer with what it has: the process is about to stop."""
    _stopping.set()


def is_stopping() -> bool:
    """Return whether this process is about to stop."""
    return _stopping.is_set()


async def poll(request: Request, look: Callable[[], Awaitable[T]], seconds: float) -> T:
    """Return what `look` finds as soon as it is truthy, else what it found last after `seconds` of real time.

    `look` is asked again every quarter of a second. It must change nothing: a caller that left in between, or was sent
    home because the process stops, simply asks again.
    """
    place: Place | None = request.scope.get(PLACE)
    until = time.monotonic() + min(seconds, LONG_POLL_SECONDS_MAX)
    while True:
        found = await look()
        left = until - time.monotonic()
        if found or left <= 0 or _stopping.is_set() or await request.is_disconnected():
            return found
        with _waiting_room(place):
            await asyncio.sleep(min(LOOK_AGAIN_SECONDS, left))


@contextmanager
def _waiting_room(place: Place | None) -> Iterator[None]:
    """Wait outside, so that those who have something to do find a place. Raises `Overloaded` if too many wait."""
    if len(_waiting) >= LONG_POLLS_MAX:
        raise Overloaded(f"{LONG_POLLS_MAX} callers wait for news already.")
    me = object()
    _waiting.add(me)
    try:
        with place.left() if place else nullcontext():
            yield
    finally:
        _waiting.discard(me)


async def _wait(
    wait: Annotated[int, Query(ge=0, le=LONG_POLL_SECONDS_MAX, description="Seconds to wait for something new")] = 0,
) -> int:
    return wait


wait_param: Final = Depends(_wait)
"""`wait: Annotated[int, wait_param]`: the seconds a caller will wait, 0 to 30."""
