"""Lets containers reach what listens on this machine's loopback only: the simulated partners."""

import asyncio
import threading
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress

from devstack.ports import LOOPBACK


class Forwarder:
    """Forwards ports of one address (the containers' gateway) to the same ports of the loopback until it is closed."""

    def __init__(self, address: str, ports: Sequence[int]) -> None:
        """Listens when this returns. Raises `OSError` if the address is not ours or a port is taken."""
        self._loop = asyncio.new_event_loop()
        self._servers: list[asyncio.Server] = []
        self._thread = threading.Thread(target=self._loop.run_forever, name="forwarder", daemon=True)
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._listen(address, ports), self._loop).result(timeout=10)

    def close(self) -> None:
        """Stop listening and end the thread."""
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(timeout=10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=10)
        self._loop.close()

    async def _listen(self, address: str, ports: Sequence[int]) -> None:
        for port in ports:
            self._servers.append(await asyncio.start_server(_carry_to(port), address, port))

    async def _close(self) -> None:
        for server in self._servers:
            server.close()
        own = asyncio.current_task()
        carrying = [task for task in asyncio.all_tasks() if task is not own]
        for task in carrying:
            task.cancel()
        await asyncio.gather(*carrying, return_exceptions=True)


def _carry_to(port: int) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], Coroutine[None, None, None]]:
    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            near_reader, near_writer = await asyncio.open_connection(LOOPBACK, port)
        except OSError:
            # Nobody listens there yet: the caller sees a closed connection, as it would without us.
            writer.close()
            return
        try:
            await asyncio.gather(_pump(reader, near_writer), _pump(near_reader, writer))
        finally:
            # Also when we are closed in the middle: neither side may wait for a peer that is gone.
            near_writer.close()
            writer.close()

    return carry


async def _pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while data := await source.read(65536):
            sink.write(data)
            await sink.drain()
    sink.close()
