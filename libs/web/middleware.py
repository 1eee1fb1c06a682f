"""The doorway: correlation id, access log, metrics, and the last net under every request. Pure ASGI."""

from __future__ import annotations

import asyncio
import re
import time
from typing import TYPE_CHECKING, Any, Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from libs.foundation.errors import OutcomeUnknown, ZhixingError
from libs.telemetry import access_line, bound, get_logger, metrics, new_correlation_id
from libs.web.admission import SIGN_PATHS
from libs.web.problems import problem

if TYPE_CHECKING:
    from libs.web.caller import Caller

CORRELATION_HEADER: Final = b"x-correlation-id"
CALLER: Final = "zhixing.caller"
PURPOSE: Final = "zhixing.purpose"
SERVER_FAULT: Final = 500
CLIENT_LEFT: Final = 499
"""No answer went out, because nobody was there any more to take it; a number that proxies use, never on the wire."""

_USABLE: Final = re.compile(rb"[A-Za-z0-9._:-]{8,64}")
_TRACE_ID: Final = re.compile(rb"[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}$")
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

_log = get_logger("zhixing.access")


class Doorway:
    """Every request comes in and goes out here."""

    def __init__(self, app: ASGIApp, *, templates: dict[Any, str]) -> None:
        """Wrap `app`; `templates` names the route template of each endpoint, for labels without ids in them."""
        self._app = app
        self._templates = templates

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        current = _correlation(scope)
        exchange = _Exchange(send, current.encode())
        metrics.HTTP_IN_FLIGHT.inc()
        try:
            with bound(correlation_id=current):
                try:
                    await self._answered(scope, receive, exchange)
                finally:
                    self._record(scope, exchange)
        finally:
            metrics.HTTP_IN_FLIGHT.dec()

    async def _answered(self, scope: Scope, receive: Receive, exchange: _Exchange) -> None:
        try:
            await self._app(scope, receive, exchange.send)
        except ZhixingError as error:
            if exchange.status:
                raise
            await problem(error, instance=scope["path"])(scope, receive, exchange.send)
        except asyncio.CancelledError:
            if exchange.status:
                raise
            # The time to stop has run out: whoever still waits is told that a repeat will say what came of it.
            await problem(OutcomeUnknown(), instance=scope["path"])(scope, receive, exchange.send)
        except Exception:
            _log.exception("request_crashed", method=scope["method"], route=self._route(scope))
            if exchange.status:
                # Half an answer is out: only a broken connection tells the client that the rest will not come.
                raise
            await problem(ZhixingError(), instance=scope["path"])(scope, receive, exchange.send)

    def _record(self, scope: Scope, exchange: _Exchange) -> None:
        seconds = time.perf_counter() - exchange.began
        route = self._route(scope)
        method = scope["method"] if scope["method"] in _METHODS else "OTHER"
        counted, timed = metrics.answered(method, route, exchange.status or CLIENT_LEFT)
        counted.inc()
        timed.observe(seconds)
        caller: Caller | None = scope.get(CALLER)
        if purpose := scope.get(PURPOSE):
            _log.info(
                "personal_data_read",
                route=route,
                status=exchange.status,
                case_id=purpose.case_id,
                purpose=purpose.text,
                what=purpose.what,
                subject=caller.subject if caller else "",
                organisation=caller.organisation if caller else "",
            )
        if route not in SIGN_PATHS or exchange.status >= SERVER_FAULT:
            access_line(
                method=method,
                route=route,
                status=exchange.status,
                ms=round(seconds * 1000, 1),
                organisation=caller.organisation if caller else "",
            )

    def _route(self, scope: Scope) -> str:
        return self._templates.get(scope.get("endpoint"), "unmatched")


def _correlation(scope: Scope) -> str:
    trace = b""
    for name, value in scope["headers"]:
        if name == CORRELATION_HEADER and _USABLE.fullmatch(value):
            return str(value.decode())
        if name == b"traceparent" and (match := _TRACE_ID.match(value)):
            trace = match[1]
    # A caller that traces finds our lines by its own trace id.
    return trace.decode() or new_correlation_id()


class _Exchange:
    """Watches what goes out, and writes the correlation id on it."""

    __slots__ = ("_correlation", "_send", "began", "status")

    def __init__(self, send: Send, correlation: bytes) -> None:
        self._send = send
        self._correlation = correlation
        self.began = time.perf_counter()
        self.status = 0

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            message["headers"] = [
                *message.get("headers", []),
                (CORRELATION_HEADER, self._correlation),
                (b"x-content-type-options", b"nosniff"),
                (b"referrer-policy", b"no-referrer"),
            ]
        await self._send(message)
