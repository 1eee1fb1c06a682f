"""HTTP by httptools with bounds on what a client may keep us waiting for; the parser and uvicorn have none.

A head is bounded in bytes and in seconds, a body has to come at some speed, an answer has to be taken. The bounds cost
an ordinary request nothing: it arrives in one piece, and no timer is set for it.
"""

from __future__ import annotations

import asyncio
import time
from typing import Any, ClassVar, Final

from uvicorn import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from libs.web.admission import SIGN_PATHS, Admission, refusal_bytes

HEAD_BYTES_MAX: Final = 64 * 1024
"""Largest request line with headers; a token is at most 8 KiB of it."""
REQUEST_SECONDS: Final = 10.0
"""How long a request may take to arrive, and a new connection to ask for something; a body may take longer, …"""
BODY_BYTES_PER_SECOND_MIN: Final = 1024
"""… as long as it comes at this rate."""
ANSWER_SECONDS: Final = 30.0
"""How long an answer may lie in the buffer because the client does not take it."""

_TOO_LARGE: Final = b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
_TOO_SLOW: Final = b"HTTP/1.1 408 Request Timeout\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"


class BoundedHttp(HttpToolsProtocol):
    """Ends a connection whose request does not end, or whose client does not read."""

    silent: ClassVar[dict[BoundedHttp, None]] = {}
    """Connections that have asked for nothing yet, the oldest first."""

    _turned_away = False
    _begun = False
    _in_head = True
    _whole = False
    _bytes = _body_bytes = _body_seen = 0
    _since = 0.0
    _arrival: asyncio.TimerHandle | None = None
    _departure: asyncio.TimerHandle | None = None

    @classmethod
    def end_the_oldest_silent(cls) -> bool:
        """End the connection that has been silent for longest; False if all have asked for something."""
        oldest = next(iter(cls.silent), None)
        if oldest is None:
            return False
        del cls.silent[oldest]
        oldest.transport.close()
        return True

    def __init__(
        self, config: Config, server_state: ServerState, app_state: dict[str, Any], admission: Admission
    ) -> None:
        """Turn away here who finds no place in `admission`: it costs a tenth of a request that comes to nothing."""
        super().__init__(config, server_state, app_state)
        self._admission = admission

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # uvicorn's own signature
        """Begin to wait for the first request."""
        super().connection_made(transport)
        self.silent[self] = None
        self._since = time.monotonic()
        self._arrival = self.loop.call_later(REQUEST_SECONDS, self._look)

    def connection_lost(self, exc: Exception | None) -> None:
        """Let go of the timers."""
        self.silent.pop(self, None)
        for timer in (self._arrival, self._departure):
            if timer is not None:
                timer.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on, unless the head has grown too long."""
        self._bytes += len(data)
        super().data_received(data)
        if self._whole or self.transport.is_closing():
            return
        if self._in_head and self._bytes > HEAD_BYTES_MAX:
            self.transport.write(_TOO_LARGE)
            self.transport.close()
        elif self._arrival is None:
            self._arrival = self.loop.call_later(REQUEST_SECONDS, self._look)

    def on_message_begin(self) -> None:
        """A new head begins."""
        self._begun, self._in_head, self._whole, self._since = True, True, False, time.monotonic()
        self._bytes = self._body_bytes = self._body_seen = 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """The head is whole; what follows is bounded as a body."""
        self._in_head = False
        self.silent.pop(self, None)
        # Before the first request uvicorn has None here, whatever its types say.
        alone = getattr(self.cycle, "response_complete", True)
        if not alone or self.url.partition(b"?")[0].decode("ascii", "replace") in SIGN_PATHS:
            super().on_headers_complete()
        elif self._admission.full:
            self._turned_away = True
            self._admission.turn_away()
            if self.expect_100_continue:
                # Whoever asked before sending may now leave the body out; nobody could tell what comes next.
                self._refuse(close=True)
        else:
            self._admission.expect(self.scope)  # type: ignore[arg-type]  # uvicorn has a type of its own for it
            super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Take a part of the body, or drop it if nobody will read it."""
        self._body_bytes += len(body)
        if not self._turned_away:
            super().on_body(body)

    def on_message_complete(self) -> None:
        """The request has arrived."""
        self._whole = True
        if not self._turned_away:
            super().on_message_complete()
        elif not self.transport.is_closing():
            self._turned_away = False
            self._refuse(close=not self.parser.should_keep_alive())

    def _refuse(self, *, close: bool) -> None:
        self.transport.write(refusal_bytes(close=close))
        if close:
            self.transport.close()
        else:
            self.timeout_keep_alive_task = self.loop.call_later(
                self.timeout_keep_alive, self.timeout_keep_alive_handler
            )

    def pause_writing(self) -> None:
        """The client does not take its answer: not for ever."""
        super().pause_writing()
        self._departure = self.loop.call_later(ANSWER_SECONDS, self.transport.abort)

    def resume_writing(self) -> None:
        """It does again."""
        if self._departure is not None:
            self._departure.cancel()
        super().resume_writing()

    def _look(self) -> None:
        """End the connection if what began to arrive should have arrived by now."""
        self._arrival = None
        if self._whole or self.transport.is_closing():
            return
        came, self._body_seen = self._body_bytes - self._body_seen, self._body_bytes
        left = self._since + REQUEST_SECONDS - time.monotonic()
        if self.flow.read_paused or came >= REQUEST_SECONDS * BODY_BYTES_PER_SECOND_MIN:
            # It comes, or it is we who do not read.
            left = REQUEST_SECONDS
        if left > 0:
            self._arrival = self.loop.call_later(left, self._look)
            return
        answering = self.pipeline or not (self._in_head or self._turned_away or not self.cycle.response_started)
        if self._begun and not answering:
            self.transport.write(_TOO_SLOW)
        self.transport.close()
