"""A TCP line between two programs, in the test's hands. It has a thread and an event loop of its own."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from abc import ABC, abstractmethod
from collections import Counter
from types import TracebackType
from typing import Self

from devstack.ports import LOOPBACK, free_ports

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Line(ABC):
    """A context manager: inside it, what connects to `port` is led to the target, as far as the line lets it."""

    def __init__(self, target: int) -> None:
        """`target` is a port of this machine."""
        self.target = target
        self.port = free_ports(1)[0]
        self.mishaps: Counter[str] = Counter()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, daemon=True, name=f"line to {target}")
        self._opened = threading.Event()
        self._stopping = asyncio.Event()

    def __enter__(self) -> Self:
        """Listen."""
        self._thread.start()
        assert self._opened.wait(10), f"nobody listens on {self.port}"
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Hang up all connections and listen no more."""
        self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join(10)

    def _run(self) -> None:
        self._loop.run_until_complete(self._serve())
        self._loop.close()

    async def _serve(self) -> None:
        talks: set[asyncio.Task[None]] = set()

        async def begin(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.current_task()
            assert task is not None
            talks.add(task)
            task.add_done_callback(talks.discard)
            await self._connect(reader, writer)

        server = await asyncio.start_server(begin, LOOPBACK, self.port)
        self._opened.set()
        await self._stopping.wait()
        server.close()
        for talk in list(talks):
            talk.cancel()
        await asyncio.gather(*talks, return_exceptions=True)

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            far_reader, far_writer = await asyncio.open_connection(LOOPBACK, self.target)
        except OSError:
            hang_up(writer)
            return
        try:
            await self.talk((reader, writer), (far_reader, far_writer))
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            # One side has gone, or the line is taken down; the other must not wait.
            pass
        finally:
            hang_up(writer)
            hang_up(far_writer)

    @abstractmethod
    async def talk(self, near: Streams, far: Streams) -> None:
        """Carry one connection; when this returns or raises `OSError`, both sides are hung up."""


def hang_up(writer: asyncio.StreamWriter) -> None:
    """End a connection at once, with a reset if anything is left to send."""
    with contextlib.suppress(OSError, RuntimeError):
        writer.transport.abort()
