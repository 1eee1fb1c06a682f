"""Server-sent events: heads as they are signed, a comment in quiet times, and an end when the publisher stops.

An open stream holds no place among the requests: it waits for the client to leave, and who waits for a client is not
counted (`libs.web.admission`). A client that does not read is cut off by the connection's own bound.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractContextManager
from typing import Any, Final

import orjson
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from libs.journal.ending import end_tasks
from libs.web.long_poll import is_stopping
from services.credit_blacklist.feed.distribution.doorbell import Listener
from services.credit_blacklist.feed.distribution.meters import STREAM_EVENTS
from services.credit_blacklist.feed.register.model import Head

MEDIA_TYPE: Final = "text/event-stream"
COMMENT_SECONDS: Final = 15.0
STREAM_SECONDS_MAX: Final = 3600.0
"""A stream ends after an hour: the token it was opened with is asked for again."""
COMMENT: Final = b": still here\n\n"
_HEADERS: Final = [
    (b"content-type", MEDIA_TYPE.encode()),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
]

Listening = Callable[[], AbstractContextManager[Listener]]


def head_event(head: Head) -> bytes:
    """Return the event of a head."""
    return f"id: {head.session_id}:{head.sequence}\nevent: head\ndata: {head.jws}\n\n".encode()


def snapshot_event(last_event_id: str | None, head: Head) -> bytes | None:
    """Return the event for whoever cannot go on from `Last-Event-ID`, None for whoever can.

    What is no position at all was not given by us: it names no session that is served.
    """
    if not last_event_id:
        return None
    session, _, sequence = last_event_id.rpartition(":")
    if session != head.session_id or not (sequence.isascii() and sequence.isdigit()):
        reason = "SESSION_CHANGED"
    elif int(sequence[:20]) + 1 < head.oldest_sequence:
        reason = "POSITION_EXPIRED"
    else:
        return None
    data: dict[str, Any] = {
        "reason": reason,
        "session_id": head.session_id,
        "oldest_sequence": head.oldest_sequence,
    }
    return b"event: snapshot_required\ndata: " + orjson.dumps(data) + b"\n\n"


async def events_of(
    listener: Listener,
    last_event_id: str | None,
    *,
    comment_seconds: float = COMMENT_SECONDS,
    seconds_max: float = STREAM_SECONDS_MAX,
) -> AsyncGenerator[bytes, None]:
    """Yield what a stream sends until its time is over or the publisher stops."""
    until = time.monotonic() + seconds_max
    first = True
    while not is_stopping() and (left := until - time.monotonic()) > 0:
        head = await listener.next(min(comment_seconds, left))
        if head is None:
            yield COMMENT
            continue
        if first and (required := snapshot_event(last_event_id, head)) is not None:
            yield required
        first = False
        STREAM_EVENTS.labels(head.view).inc()
        yield head_event(head)


class EventStream(Response):
    """The open answer."""

    def __init__(self, listening: Listening, last_event_id: str | None) -> None:
        """`listening` gives the listener; nothing is sent before it does, so that its refusal is an ordinary answer."""
        super().__init__(media_type=MEDIA_TYPE)
        self._listening = listening
        self._last_event_id = last_event_id

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 -- ASGI's own form
        """Send until the client leaves or the stream ends."""
        with self._listening() as listener:
            await send({"type": "http.response.start", "status": 200, "headers": list(_HEADERS)})
            # Waiting for the client to leave is what gives the place of the request up, and nothing else may.
            gone = asyncio.create_task(_left(receive))
            sending = asyncio.create_task(self._send(listener, send))
            try:
                await asyncio.wait({gone, sending}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                await end_tasks(gone, sending)

    async def _send(self, listener: Listener, send: Send) -> None:
        async for chunk in events_of(listener, self._last_event_id):
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
