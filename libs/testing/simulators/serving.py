"""A small HTTP server inside this process, for partners that are called by others."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Iterator
from typing import Literal

import uvicorn
from starlette.types import ASGIApp

LOOPBACK = "127.0.0.1"


class _QuietServer(uvicorn.Server):
    """Leaves signals to the program: several servers share one process."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture nothing."""
        yield


class HttpServer:
    """Serves an application on a port of the loopback; port 0 takes a free one."""

    def __init__(self, app: ASGIApp, port: int = 0, *, lifespan: bool = False) -> None:
        """Nothing listens yet. With `lifespan` the application's own start and end are part of ours."""
        self._app = app
        self._lifespan: Literal["on", "off"] = "on" if lifespan else "off"
        self._port = port
        self._server: uvicorn.Server | None = None
        self._task: asyncio.Task[None] | None = None
        self.url = ""

    async def start(self) -> None:
        """Listen, and return when connections are taken. Raises `OSError` if the port is taken."""
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((LOOPBACK, self._port))
        self._port = listener.getsockname()[1]
        self.url = f"http://{LOOPBACK}:{self._port}"
        config = uvicorn.Config(
            self._app, lifespan=self._lifespan, log_config=None, access_log=False, timeout_graceful_shutdown=1
        )
        self._server = _QuietServer(config)
        self._task = asyncio.create_task(self._server.serve(sockets=[listener]), name=f"serve {self.url}")
        while not self._server.started and not self._task.done():  # noqa: ASYNC110 -- uvicorn has no event for it
            await asyncio.sleep(0.01)

    async def stop(self) -> None:
        """Answer what is in flight, at most for a second, and close."""
        if self._server is None or self._task is None:
            return
        self._server.should_exit = True
        await self._task
        self._server = self._task = None
