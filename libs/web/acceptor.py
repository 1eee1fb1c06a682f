"""Takes connections from the listening socket, many in one turn of the loop, and never more than a process keeps.

The loop's own listener takes one connection a turn. When turns grow long under load, the others wait in the kernel's
backlog, where nobody sees them, counts them or refuses them: a health probe waited there for fifteen seconds.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Callable, Sized
from typing import Final

from libs.foundation.limits import CONNECTIONS_MAX
from libs.telemetry import get_logger, metrics
from libs.web.admission import refusal_bytes
from libs.web.bounded_http import BoundedHttp

AT_ONCE_MAX: Final = 128
BACKLOG: Final = 2048
REST_SECONDS: Final = 0.1
"""How long nobody is taken when the process can open no more files."""

_TURNED_AWAY: Final = metrics.counter("zhixing_http_connections_turned_away", "Connections refused: too many are open")

_log = get_logger("zhixing.acceptor")


class Acceptor:
    """Stands where uvicorn keeps its listeners."""

    def __init__(self, listening: socket.socket, protocol: Callable[[], asyncio.Protocol], connections: Sized) -> None:
        """Make a `protocol` for each connection of the bound socket; `connections` are those that are open."""
        self._listening = listening
        self._protocol = protocol
        self._connections = connections
        self._loop = asyncio.get_running_loop()
        self._tasks: set[asyncio.Task[object]] = set()

    def start(self) -> None:
        """Listen."""
        self._listening.settimeout(0)
        self._listening.listen(BACKLOG)
        self._loop.add_reader(self._listening.fileno(), self._take)

    def close(self) -> None:
        """Take no more; what is open stays open."""
        if self._listening.fileno() >= 0:
            self._loop.remove_reader(self._listening.fileno())
            self._listening.close()

    async def wait_closed(self) -> None:
        """Return when the connections taken last have their protocol."""
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _take(self) -> None:
        for _ in range(AT_ONCE_MAX):
            try:
                connection, _ = self._listening.accept()
            except (BlockingIOError, ConnectionAbortedError):
                return
            except OSError as error:
                _log.error("accept_failed", error=str(error))
                self._loop.remove_reader(self._listening.fileno())
                self._loop.call_later(REST_SECONDS, self._resume)
                return
            if len(self._connections) + len(self._tasks) < CONNECTIONS_MAX or BoundedHttp.end_the_oldest_silent():
                self._serve(connection)
            else:
                _turn_away(connection)

    def _resume(self) -> None:
        if self._listening.fileno() >= 0:
            self._loop.add_reader(self._listening.fileno(), self._take)

    def _serve(self, connection: socket.socket) -> None:
        connection.settimeout(0)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        task = self._loop.create_task(self._loop.connect_accepted_socket(self._protocol, connection))
        self._tasks.add(task)
        task.add_done_callback(self._served)

    def _served(self, task: asyncio.Task[object]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.warning("connection_lost_at_once", error=str(error))


def _turn_away(connection: socket.socket) -> None:
    """Say 429 and close; what was sent already is read first, or the kernel would throw the answer away."""
    _TURNED_AWAY.inc()
    connection.settimeout(0)
    with contextlib.suppress(OSError), connection:
        connection.send(refusal_bytes(close=True))
        connection.shutdown(socket.SHUT_WR)
        connection.recv(64 * 1024)
