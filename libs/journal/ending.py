"""Ending tasks for certain, also those whose driver swallows a cancellation."""

from __future__ import annotations

import asyncio
from typing import Any

_AGAIN_SECONDS = 0.5


async def end_tasks(*tasks: asyncio.Task[Any]) -> None:
    """Cancel the tasks and return when all have ended; what they raise is theirs and is not raised here.

    Until Python 3.12 a cancellation that arrives together with the answer is lost in `asyncio.wait_for`, which PyMongo
    Async waits with: the loop around it goes on as if nobody had asked. So whoever still runs is asked again. Seen: one
    stop in about a thousand hung for ever on a busy machine.
    """
    pending = {task for task in tasks if not task.done()}
    while pending:
        for task in pending:
            task.cancel()
        _, pending = await asyncio.wait(pending, timeout=_AGAIN_SECONDS)
    await asyncio.gather(*tasks, return_exceptions=True)
