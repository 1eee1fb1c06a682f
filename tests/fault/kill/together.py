"""Works that belong together, and the word that ends the load."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class Stopped(Exception):
    """The load is over; the case stays as it is."""


async def together(*works: Coroutine[Any, Any, T]) -> list[T]:
    """Do all at once and wait for all, whatever becomes of one: no write is left without its fate."""
    done = await asyncio.gather(*works, return_exceptions=True)
    for one in done:
        if isinstance(one, BaseException):
            raise one
    return [one for one in done if not isinstance(one, BaseException)]
