"""Runs a service: uvicorn on uvloop, ended in order by SIGTERM or SIGINT."""

from __future__ import annotations

import resource
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final, TypeVar

import uvicorn
from fastapi import FastAPI

from libs.foundation.garbage import collect_rarely
from libs.web import long_poll
from libs.web.acceptor import Acceptor
from libs.web.admission import Admission
from libs.web.bounded_http import BoundedHttp
from libs.web.settings import WebSettings

S = TypeVar("S", bound=WebSettings)

STARTUP_FAILED: Final = 3
PARTS_SECONDS: Final = 4
"""What of the time to stop is kept for the background parts, after the requests in flight."""


class OrderlyServer(uvicorn.Server):
    """A server whose end by a signal is an orderly one: exit code 0, not death by SIGTERM."""

    def __init__(self, config: uvicorn.Config, admission: Admission) -> None:
        """Turn away at the socket who finds no place in `admission`, the application's own."""
        super().__init__(config)
        self._admission = admission

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Take the signals while serving; uvicorn would raise them again at the end and die of them."""
        former = {each: signal.signal(each, self.handle_exit) for each in (signal.SIGTERM, signal.SIGINT)}
        try:
            yield
        finally:
            for each, handler in former.items():
                signal.signal(each, handler)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start the parts, then listen; a port that is taken is told before anything starts."""
        (listening,) = sockets or (self.config.bind_socket(),)
        await super().startup(sockets=[])
        collect_rarely()
        acceptor = Acceptor(listening, self._protocol, self.server_state.connections)
        acceptor.start()
        self.servers = [acceptor]  # type: ignore[list-item]  # it does what is asked of a listener here

    def _protocol(self) -> BoundedHttp:
        return BoundedHttp(self.config, self.server_state, self.lifespan.state, self._admission)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Send the waiting callers home, then let uvicorn finish what is in flight."""
        long_poll.stop_waiting()
        super().handle_exit(sig, frame)


def _open_files() -> None:
    """Let the process open as many files as the system allows it: each connection is one."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def run(build: Callable[[S], FastAPI], settings: S) -> None:
    """Build the application and serve it until SIGTERM or SIGINT; requests in flight get their answers.

    Ends within `settings.stop_seconds_max`; exits with code 3 if a part could not start.
    """
    _open_files()
    app = build(settings)
    server = OrderlyServer(
        uvicorn.Config(
            app,
            host=settings.host,
            port=settings.port,
            loop="uvloop",
            ws="none",
            # Else a lifespan that breaks would pass for an application that has none, and serve without its parts.
            lifespan="on",
            access_log=False,
            log_config=None,
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=max(1, settings.stop_seconds_max - PARTS_SECONDS),
        ),
        app.state.admission,
    )
    server.run()
    if not server.started:
        sys.exit(STARTUP_FAILED)
