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
        self._free = asyncio.Semaphore(in_flight_max)
        self._waiting: dict[K, None] = {}
        self._next: asyncio.Task[dict[K, V]] | None = None

    async def ask(self, keys: Iterable[K]) -> dict[K, V]:
        """Return the answers of those keys that have one."""
        asked = dict.fromkeys(keys)
        if not asked:
            return {}
        if self._next is None:
            # It leaves with the next turn of the loop, or when a query is free: who is awake until then joins it.
            self._next = asyncio.get_running_loop().create_task(self._leave())
            self._next.add_done_callback(_looked_at)
        self._waiting |= asked
        # Who goes away leaves the others their answer.
        answers = await asyncio.shield(self._next)
        return {key: answers[key] for key in asked if key in answers}

    async def _leave(self) -> dict[K, V]:
        await self._free.acquire()
        keys = list(self._waiting)
        self._waiting, self._next = {}, None
        pages = [keys[first : first + self._keys_max] for first in range(0, len(keys), self._keys_max)]
        found = await asyncio.gather(*(self._page(page, free=page is pages[0]) for page in pages))
        return {key: answer for answers in found for key, answer in answers.items()}

    async def _page(self, keys: list[K], *, free: bool) -> dict[K, V]:
        if not free:
            await self._free.acquire()
        try:
            return await self._fetch(keys)
        finally:
            self._free.release()


def _looked_at(task: asyncio.Task[dict[K, V]]) -> None:
    # Askers that were cancelled never look; the error is told to those who do.
    if not task.cancelled():
        task.exception()
