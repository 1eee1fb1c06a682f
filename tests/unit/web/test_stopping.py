"""Who still waits when the time to stop has run out is told so, and not that something is broken."""

import asyncio
import json
from typing import Any

import pytest

from libs.web.middleware import Doorway

pytestmark = pytest.mark.asyncio

SCOPE: dict[str, Any] = {"type": "http", "method": "POST", "path": "/v1/payouts", "headers": []}


async def test_a_request_that_is_given_up_at_the_end_is_answered_outcome_unknown_and_retryable() -> None:
    said: list[Any] = []

    async def never(_scope: Any, _receive: Any, _send: Any) -> None:
        await asyncio.Event().wait()

    async def send(message: Any) -> None:
        said.append(message)

    async def receive() -> Any:
        return {"type": "http.request"}

    waiting = asyncio.create_task(Doorway(never, templates={})(dict(SCOPE), receive, send))
    await asyncio.sleep(0)
    waiting.cancel()
    await waiting
    assert said[0]["status"] == 503
    problem = json.loads(said[1]["body"])
    assert (problem["code"], problem["retryable"]) == ("outcome_unknown", True)
