"""The doorway: pure ASGI."""

from __future__ import annotations

import re
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from libs.telemetry import bound, new_correlation_id

CORRELATION_HEADER: Final = b"x-correlation-id"
_USABLE: Final = re.compile(rb"[A-Za-z0-9._:-]{1,64}")


class Doorway:
    """Gives every request its correlation id."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap `app`."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = next((value for name, value in scope["headers"] if name == CORRELATION_HEADER), b"")
        current = given.decode() if _USABLE.fullmatch(given) else new_correlation_id()

        async def send_named(message: Message) -> None:
            if message["type"] == "http.response.start":
                message.setdefault("headers", []).append((CORRELATION_HEADER, current.encode()))
            await send(message)

        with bound(correlation_id=current):
            await self._app(scope, receive, send_named)
