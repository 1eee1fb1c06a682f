"""Admission: how many requests a process works on at once. Who comes above that is told at the door to come back.

Without it everybody is let in, waits for everybody else and gets an answer that is too late for anyone. Counted is who
is worked on: a client whose body is still on its way, or who waits for news in a long poll, holds no place.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from libs.foundation.errors import Overloaded
from libs.foundation.limits import BODIES_BYTES_MAX, REQUESTS_AT_ONCE_MAX
from libs.telemetry import get_logger, metrics
from libs.web.body import STREAMED
from libs.web.problems import RETRY_AFTER_SPREAD, problem

PLACE: Final = "zhixing.place"
EXPECTED: Final = "zhixing.expected"
SIGN_PATHS: Final = frozenset({"/livez", "/readyz", "/metrics"})
"""Always open: whoever looks after the process must see it when it is full."""

_TURNED_AWAY: Final = metrics.counter(
    "zhixing_http_turned_away", "Requests turned away at the door: the house was full"
)
_PROBLEM: Final = problem(Overloaded("More requests are being worked on than this process takes; nothing was written."))
_HEADERS: Final = [pair for pair in _PROBLEM.raw_headers if pair[0] != b"retry-after"]
_LOG_SECONDS: Final = 1.0
SMALL_BODY_BYTES_MAX: Final = 64 * 1024

_log = get_logger("zhixing.admission")


class Admission:
    """Counts who is inside, in requests and in bytes of their bodies."""

    def __init__(self, at_once_max: int = REQUESTS_AT_ONCE_MAX, bodies_bytes_max: int = BODIES_BYTES_MAX) -> None:
        """Let at most `at_once_max` requests be worked on, and their bodies together be `bodies_bytes_max` bytes."""
        self._at_once_max = at_once_max
        self._bodies_bytes_max = bodies_bytes_max
        self._inside = 0
        self._coming = 0
        self._bodies_bytes = 0
        self._turned_away = 0
        self._logged_at = 0.0

    @property
    def full(self) -> bool:
        """Whether the next one is turned away."""
        return self._inside + self._coming >= self._at_once_max

    def expect(self, scope: Scope) -> None:
        """Count a request from now on, though its turn to enter comes only when the loop gets to it."""
        scope[EXPECTED] = True
        self._coming += 1

    def arrived(self, scope: Scope) -> None:
        """Note that the loop got to it."""
        self._coming -= scope.pop(EXPECTED, False)

    def enter(self) -> None:
        """Take a place."""
        self._inside += 1

    def leave(self, body_bytes: int = 0) -> None:
        """Give the place back, and what was kept of the body."""
        self._inside -= 1
        self._bodies_bytes -= body_bytes

    def hold(self, more: int, body_bytes: int) -> None:
        """Count more bytes of a body of `body_bytes`; raises `Overloaded` if all bodies together are too much.

        Small ones are always kept: a few clients that do not end their large bodies must not keep everybody out.
        """
        self._bodies_bytes += more
        if body_bytes > SMALL_BODY_BYTES_MAX and self._bodies_bytes > self._bodies_bytes_max:
            raise Overloaded("The bodies being read are more than this process keeps; nothing was written.")

    def turn_away(self) -> None:
        """Note that one was turned away."""
        _TURNED_AWAY.inc()
        self._turned_away += 1
        now = time.monotonic()
        if now - self._logged_at >= _LOG_SECONDS:
            # One line a second, not one for each: writing lines is the last thing to do with what time is left.
            _log.warning("requests_turned_away", count=self._turned_away, inside=self._inside)
            self._turned_away, self._logged_at = 0, now


class Gate:
    """Pure ASGI: answers 429 `overloaded`, before anything is read or logged, when the house is full."""

    def __init__(self, app: ASGIApp, *, admission: Admission) -> None:
        """Wrap `app`."""
        self._app = app
        self._admission = admission

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request, or turn it away."""
        self._admission.arrived(scope)
        if scope["type"] != "http" or scope["path"] in SIGN_PATHS:
            await self._app(scope, receive, send)
        elif self._admission.full:
            self._admission.turn_away()
            await send({"type": "http.response.start", "status": _PROBLEM.status_code, "headers": refusal_headers()})
            await send({"type": "http.response.body", "body": bytes(_PROBLEM.body)})
        else:
            place = scope[PLACE] = Place(self._admission, scope, receive)
            self._admission.enter()
            try:
                await self._app(scope, place.receive, send)
            finally:
                self._admission.leave(place.body_bytes)


class Place:
    """What one request holds of the house."""

    __slots__ = ("_admission", "_receive", "_scope", "body_bytes")

    def __init__(self, admission: Admission, scope: Scope, receive: Receive) -> None:
        """Hold no body yet."""
        self._admission = admission
        self._scope = scope
        self._receive = receive
        self.body_bytes = 0

    async def receive(self) -> Message:
        """Return the next part of the body; nothing is worked on while the client has not sent it."""
        self._admission.leave()
        try:
            message = await self._receive()
        finally:
            self._admission.enter()
        size = len(message.get("body", b""))
        # Of a body that is read line by line only the last part is kept.
        more = size - self.body_bytes if STREAMED in self._scope else size
        if more:
            self.body_bytes += more
            self._admission.hold(more, self.body_bytes)
        return message

    @contextmanager
    def left(self) -> Iterator[None]:
        """Give the place up while waiting for somebody else, as a long poll does."""
        self._admission.leave()
        try:
            yield
        finally:
            # Whoever was let in once is not turned away in the middle: for a moment there may be a few too many.
            self._admission.enter()


def refusal_headers() -> list[tuple[bytes, bytes]]:
    """Return the headers of the answer to who is turned away: not all of them come back in the same second."""
    return [*_HEADERS, (b"retry-after", str(random.randint(1, RETRY_AFTER_SPREAD)).encode())]  # noqa: S311 -- jitter, no secret


def refusal_bytes(*, close: bool) -> bytes:
    """Return the same answer as it stands on the wire, for who is turned away before there is a request."""
    head = b"".join(b"%s: %s\r\n" % pair for pair in refusal_headers())
    end = b"connection: close\r\n\r\n" if close else b"\r\n"
    return b"HTTP/1.1 429 Too Many Requests\r\n" + head + end + bytes(_PROBLEM.body)
