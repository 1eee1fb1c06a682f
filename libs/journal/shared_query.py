"""Many questions, one query: what callers ask in the same moment leaves together."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class SharedQuery(Generic[K, V]):
    """Collects keys until a query may leave; every answer comes from a query that began after its question.

    `fetch` answers a list of keys; a key it leaves out has no answer. It may raise: then all who asked get the error.
    """

    def __init__(
        self, fetch: Callable[[list[K]], Awaitable[dict[K, V]]], *, keys_max: int, in_flight_max: int = 2
    ) -> None:
        """Ask for at most `keys_max` keys at once, with at most `in_flight_max` queries on their way."""
        self._fetch = fetch
        self._keys_max = keys_max
        self._free = in_flight_max
        self._waiting: dict[K, asyncio.Future[V | None]] = {}
        self._running: set[asyncio.Task[None]] = set()

    async def ask(self, keys: Iterable[K]) -> dict[K, V]:
        """Return the answers of those keys that have one."""
        loop = asyncio.get_running_loop()
        asked: dict[K, asyncio.Future[V | None]] = {}
        for key in keys:
            future = self._waiting.get(key)
            if future is None:
                future = self._waiting[key] = loop.create_future()
                # An asker that was cancelled never looks; the error is told to those who do.
                future.add_done_callback(_looked_at)
            asked[key] = future
        if not asked:
            return {}
        # The query leaves with the next turn of the loop, so that everybody who is awake now can join it.
        loop.call_soon(self._send)
        await asyncio.wait(asked.values())
        answers = {key: future.result() for key, future in asked.items()}
        return {key: answer for key, answer in answers.items() if answer is not None}

    def _send(self) -> None:
        while self._free and self._waiting:
            keys = list(self._waiting)[: self._keys_max]
            batch = {key: self._waiting.pop(key) for key in keys}
            self._free -= 1
            task = asyncio.get_running_loop().create_task(self._run(batch))
            self._running.add(task)
            task.add_done_callback(self._running.discard)

    async def _run(self, batch: dict[K, asyncio.Future[V | None]]) -> None:
        try:
            answers = await self._fetch(list(batch))
        except Exception as error:  # noqa: BLE001 -- whatever it is, those who asked must hear of it
            for future in batch.values():
                future.set_exception(error)
        except asyncio.CancelledError:
            for future in batch.values():
                future.cancel()
            raise
        else:
            for key, future in batch.items():
                future.set_result(answers.get(key))
        finally:
            self._free += 1
            self._send()


def _looked_at(future: asyncio.Future[V | None]) -> None:
    if not future.cancelled():
        future.exception()
