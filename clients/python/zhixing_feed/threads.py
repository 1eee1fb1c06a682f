"""Work that runs beside the event loop and is finished even if nobody waits for it any more."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import ParamSpec, TypeVar

_P = ParamSpec("_P")
_R = TypeVar("_R")


async def to_its_end(step: Callable[_P, _R], *args: _P.args, **kwargs: _P.kwargs) -> _R:
    """Run a step in a thread and return what it returns.

    A thread cannot be cancelled. Whoever is cancelled meanwhile stays until the step is done: else the next one would
    begin while this one is still writing.
    """
    running = asyncio.get_running_loop().run_in_executor(None, partial(step, *args, **kwargs))
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        await asyncio.wait([running])
        raise
