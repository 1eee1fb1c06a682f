"""One life of a subscriber as a process of its own, to be killed: `python life.py URL FILE ROOT_JWK`."""

from __future__ import annotations

import asyncio
import json
import sys

from tests.contract.subscriber.publisher import BEGIN
from zhixing_feed import Pacing, Subscriber


async def live(url: str, path: str, root: str) -> None:
    pacing = Pacing(start_jitter_s=0, failure_s=0.01, sleep=lambda _: asyncio.sleep(0.001))
    subscriber = Subscriber(
        url,
        root_keys=[json.loads(root)],
        path=path,
        token="token",
        pacing=pacing,
        clock=lambda: BEGIN,
        wall_clock=lambda: BEGIN,
    )
    async with subscriber:
        await subscriber.follow()


if __name__ == "__main__":
    asyncio.run(live(*sys.argv[1:]))
