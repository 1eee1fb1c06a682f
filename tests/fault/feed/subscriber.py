"""A subscriber as a process that can be struck: the reference client, one way to follow, a door that says its state.

`python -m tests.fault.feed.subscriber CONFIG`; the port is in `PORT`. It writes nothing but the client's own copy, so
whatever it knows after it was killed stands there.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

from zhixing_feed import Subscriber
from zhixing_feed.pacing import Pacing

EXPECTED_ALARMS = frozenset({"unreachable", "body_truncated"})
"""A publisher that is killed does not answer, or not to the end; any other alarm is about the list itself."""

FAILURE_S = 0.4
"""Polite waits are minutes; here a publisher is away for seconds."""


def state_of(subscriber: Subscriber) -> dict[str, Any]:
    """Return what the copy holds, as an observer asks for it."""
    state = subscriber.state()
    return {
        "view": state.view,
        "session_id": state.session_id,
        "sequence": state.sequence,
        "digest": state.set_digest,
        "count": state.count,
        "log_root": state.log_root,
        "stopped": state.support_code,
        "alarms": [f"{one.code}: {one.detail}" for one in state.alarms if one.code not in EXPECTED_ALARMS],
    }


async def follow(subscriber: Subscriber, config: dict[str, Any]) -> None:
    """Follow by the configured way; never back off long."""
    match config["way"]:
        case "pull":
            await subscriber.follow()
        case "stream":
            await subscriber.follow_stream()
        case "deltas":
            await subscriber.follow_kafka_deltas(config["bootstrap"], config["view"])
        case "entries":
            await subscriber.follow_kafka_entries(config["bootstrap"], config["view"])


async def main(config: dict[str, Any]) -> None:
    """Follow, and answer at the door, until killed."""
    subscriber = Subscriber(
        config["publisher"],
        root_keys=[config["root"]],
        path=config["path"],
        token=config["token"],
        signing_key=config["key"],
        pacing=Pacing(start_jitter_s=0, failure_s=FAILURE_S),
    )

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        body = json.dumps(state_of(subscriber)).encode()
        head = f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n"
        writer.write(head.encode() + b"connection: close\r\n\r\n" + body)
        await writer.drain()
        writer.close()

    async with subscriber, await asyncio.start_server(answer, "127.0.0.1", int(os.environ["PORT"])):
        await follow(subscriber, config)


if __name__ == "__main__":
    asyncio.run(main(json.loads(Path(sys.argv[1]).read_text())))
