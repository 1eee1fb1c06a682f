"""Runs a service: uvicorn on uvloop, ended in order by SIGTERM or SIGINT."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final, TypeVar

import uvicorn
from fastapi import FastAPI

from libs.web import long_poll
from libs.web.bounded_http import BoundedHttp
from libs.web.settings import WebSettings

S = TypeVar("S", bound=WebSettings)

STARTUP_FAILED: Final = 3
PARTS_SECONDS: Final = 4
"""What of the time to stop is kept for the background parts, after the requests in flight."""


class OrderlyServer(uvicorn.Server):
    """A server whose end by a signal is an orderly one: exit code 0, not death by SIGTERM."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Take the signals while serving; uvicorn would raise them again at the end and die of them."""
        former = {each: signal.signal(each, self.handle_exit) for each in (signal.SIGTERM, signal.SIGINT)}
        try:
            yield
        finally:
            for each, handler in former.items():
                signal.signal(each, handler)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Send the waiting callers home, then let uvicorn finish what is in flight."""
        long_poll.stop_waiting()
        super().handle_exit(sig, frame)


def run(build: Callable[[S], FastAPI], settings: S) -> None:
    """Build the application and serve it until SIGTERM or SIGINT; requests in flight get their answers.

    Ends within `settings.stop_seconds_max`; exits with code 3 if a part could not start.
    """
    server = OrderlyServer(
        uvicorn.Config(
            build(settings),
            host=settings.host,
            port=settings.port,
            loop="uvloop",
            http=BoundedHttp,
            ws="none",
            access_log=False,
            log_config=None,
            server_header=False,
            timeout_graceful_shutdown=max(1, settings.stop_seconds_max - PARTS_SECONDS),
        )
    )
    server.run()
    if not server.started:
        sys.exit(STARTUP_FAILED)
