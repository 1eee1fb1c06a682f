"""The rival of letter (h): the same roads without a feed. `python -m bench.feed_bare`, its settings in the environment.

A decision is one journaled majority insert and one record in each of two topics; the head and the entry are bytes in
memory, of the product's size. Nothing is signed, chained, checked, or read by anybody before it goes out.
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

import uvicorn
from aiokafka import AIOKafkaProducer
from motor.motor_asyncio import AsyncIOMotorClient
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from libs.foundation.garbage import collect_rarely

FEED: Final = "/v1/joint-punishment-feed"
ENTRY_BYTES: Final = 1100
HEAD_BYTES: Final = 900


def text(payload: dict[str, Any], size: int) -> str:
    """Return a text of the form and size of a compact JWS that says this."""
    padded = json.dumps(payload | {"padding": "x" * max(0, size - len(json.dumps(payload)))}).encode()
    return f"e30.{base64.urlsafe_b64encode(padded).rstrip(b'=').decode()}.{'s' * 86}"


class Bare:
    """The list in memory, and who is told of it."""

    def __init__(self) -> None:
        """Nothing is listed yet."""
        self.rows: list[str] = []
        self.head = text({"session_id": "bare", "sequence": 0}, HEAD_BYTES)
        self.rung = asyncio.Event()

    @asynccontextmanager
    async def connected(self, _app: Starlette) -> AsyncIterator[None]:
        """Hold the connections to the database and the broker."""
        client: Any = AsyncIOMotorClient(os.environ["MONGO_URI"], w="majority", journal=True)
        self.decisions = client[os.environ["MONGO_DATABASE"]]["decisions"]
        self.producer = AIOKafkaProducer(bootstrap_servers=os.environ["KAFKA_BOOTSTRAP"], acks="all")
        await self.producer.start()
        try:
            yield
        finally:
            await self.producer.stop()
            client.close()

    async def decide(self, request: Request) -> Response:
        """Write the decision down, then tell everybody."""
        record_id = (await request.json())["record_id"]
        await self.decisions.insert_one({"_id": record_id})
        entry = text({"record_id": record_id}, ENTRY_BYTES)
        self.rows.append(entry)
        self.head = text({"session_id": "bare", "sequence": len(self.rows)}, HEAD_BYTES)
        rung, self.rung = self.rung, asyncio.Event()
        rung.set()
        headers = [("kind", b"entry")]
        topics = (os.environ["DELTAS"], os.environ["ENTRIES"])
        sent = [
            await self.producer.send(topic, entry.encode(), key=record_id.encode(), headers=headers) for topic in topics
        ]
        await asyncio.gather(*sent)
        return JSONResponse({})

    async def newest(self, _request: Request) -> Response:
        """Answer with the head."""
        return PlainTextResponse(self.head)

    async def entries(self, request: Request) -> Response:
        """Answer with what stands behind a position."""
        after = int(request.query_params["after"].rpartition(":")[2])
        rows = [{"sequence": after + place, "entry": entry} for place, entry in enumerate(self.rows[after:], start=1)]
        return JSONResponse({"head": self.head, "entries": rows, "next": f"bare:{after + len(rows)}"})

    async def stream(self, _request: Request) -> Response:
        """Tell every new head."""
        return StreamingResponse(self._events(), media_type="text/event-stream")

    async def _events(self) -> AsyncIterator[str]:
        while True:
            rung = self.rung
            yield f"id: bare:{len(self.rows)}\nevent: head\ndata: {self.head}\n\n"
            await rung.wait()


def main() -> None:
    """Serve until SIGTERM."""
    bare = Bare()
    routes = [
        Route("/decide", bare.decide, methods=["POST"]),
        Route(f"{FEED}/heads/latest", bare.newest),
        Route(f"{FEED}/entries", bare.entries),
        Route(f"{FEED}/stream", bare.stream),
    ]
    collect_rarely()
    uvicorn.run(
        Starlette(routes=routes, lifespan=bare.connected),
        host="127.0.0.1",
        port=int(os.environ["PORT"]),
        loop="uvloop",
        http="httptools",
        ws="none",
        access_log=False,
        log_config=None,
        timeout_graceful_shutdown=1,
    )


if __name__ == "__main__":
    main()
