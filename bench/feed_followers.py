"""Subscribers of letter (h), many in one process: `python -m bench.feed_followers`, its configuration on stdin.

They are as light as can be, because each agency has a machine of its own and these share one: an entry counts as in
hand when its bytes are there; verifying and storing them is not part of the road. HTTP is spoken by hand.
"""

from __future__ import annotations

import asyncio
import base64
import json
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final
from urllib.parse import urlsplit

import uvloop
from aiokafka import AIOKafkaConsumer, TopicPartition

FEED: Final = "/v1/joint-punishment-feed"
START_AT_ONCE: Final = 25
ARRIVAL_SECONDS: Final = 20.0
POLL_SECONDS: Final = 1.0
"""How often a puller asks; the letter's publisher allows it."""

Seen = list[tuple[str, float]]


class Line:
    """One connection that asks one thing after the other."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, token: str) -> None:
        """Take an open connection."""
        self.reader = reader
        self._writer = writer
        self._token = token

    async def ask(self, path: str) -> dict[bytes, bytes]:
        """Send a request and return the headers of its answer. Raises `RuntimeError` unless it is 200."""
        request = f"GET {path} HTTP/1.1\r\nhost: bench\r\nauthorization: Bearer {self._token}\r\n\r\n"
        self._writer.write(request.encode())
        head = await self.reader.readuntil(b"\r\n\r\n")
        status, *lines = head.split(b"\r\n")
        if b" 200 " not in status + b" ":
            msg = f"{path}: {status.decode()}"
            raise RuntimeError(msg)
        pairs = (line.partition(b":") for line in lines if line)
        return {name.lower(): value.strip() for name, _, value in pairs}

    async def get(self, path: str) -> bytes:
        """Return the body of an answer."""
        headers = await self.ask(path)
        return await self.reader.readexactly(int(headers[b"content-length"]))

    async def chunks(self, path: str) -> AsyncIterator[bytes]:
        """Yield an endless answer as it comes."""
        await self.ask(path)
        while size := int(await self.reader.readline(), 16):
            yield (await self.reader.readexactly(size + 2))[:-2]


@asynccontextmanager
async def line(url: str, token: str) -> AsyncIterator[Line]:
    """Give a connection."""
    where = urlsplit(url)
    reader, writer = await asyncio.open_connection(where.hostname, where.port, limit=1024 * 1024)
    try:
        yield Line(reader, writer, token)
    finally:
        writer.close()


def payload(jws: str) -> dict[str, Any]:
    """Return what a signed text says."""
    part = jws.split(".")[1]
    return dict(json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))))


class Follower:
    """One subscriber: what it has in hand since when."""

    def __init__(self, config: dict[str, Any], seen: Seen) -> None:
        """`seen` is shared by all of its kind."""
        self._config = config
        self._seen = seen
        self._place = ""
        self.ready = asyncio.Event()

    async def follow(self, kind: str, token: str) -> None:
        """Follow by one of the four ways, for ever."""
        if kind == "pull":
            await self.pull(token)
        elif kind == "stream":
            await self.stream(token)
        else:
            await self.topic(self._config[kind])

    async def pull(self, token: str) -> None:
        """Ask for the head once a second, and for entries when it names new ones."""
        async with line(self._config["url"], token) as ask:
            await self._fetch(ask, (await ask.get(f"{FEED}/heads/latest")).decode())
            self.ready.set()
            while True:
                await asyncio.sleep(POLL_SECONDS)
                await self._fetch(ask, (await ask.get(f"{FEED}/heads/latest")).decode())

    async def stream(self, token: str) -> None:
        """Listen to the doorbell, and fetch what each head names."""
        async with line(self._config["url"], token) as ask, line(self._config["url"], token) as bell:
            rest = b""
            async for chunk in bell.chunks(f"{FEED}/stream"):
                *events, rest = (rest + chunk).split(b"\n\n")
                heads = [one.rpartition(b"data: ")[2] for one in events if b"event: head" in one]
                if heads:
                    await self._fetch(ask, heads[-1].decode())
                    self.ready.set()

    async def _fetch(self, ask: Line, head: str) -> None:
        said = payload(head)
        place = f"{said['session_id']}:{said['sequence']}"
        if self._place in ("", place):
            self._place = place
            return
        answer = json.loads(await ask.get(f"{FEED}/entries?after={self._place}&limit=200"))
        now = time.monotonic()
        self._seen += [(payload(row["entry"])["record_id"], now) for row in answer["entries"]]
        self._place = answer["next"]

    async def topic(self, name: str) -> None:
        """Read one of the view's topics from its end on."""
        consumer = AIOKafkaConsumer(
            bootstrap_servers=self._config["bootstrap"],
            group_id=None,
            isolation_level="read_committed",
            enable_auto_commit=False,
        )
        await consumer.start()
        try:
            partition = TopicPartition(name, 0)
            consumer.assign([partition])
            await consumer.seek_to_end(partition)
            await consumer.position(partition)
            self.ready.set()
            async for record in consumer:
                if dict(record.headers)["kind"] == b"entry":
                    self._seen.append((record.key.decode(), time.monotonic()))
        finally:
            await consumer.stop()


def _all_arrived(config: dict[str, Any], seen: dict[str, Seen], wanted: set[str]) -> bool:
    return all(
        sum(record in wanted for record, _at in seen[kind]) >= len(tokens) * len(wanted)
        for kind, tokens in config["kinds"].items()
    )


async def main() -> None:
    """Start all followers, say so; told which records were published, wait for them and tell who had which when."""
    stdin = asyncio.StreamReader(limit=16 * 1024 * 1024)
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(stdin), sys.stdin)
    config = json.loads(await stdin.readline())
    seen: dict[str, Seen] = {kind: [] for kind in config["kinds"]}
    gate = asyncio.Semaphore(START_AT_ONCE)
    running: set[asyncio.Task[None]] = set()

    async def begin(kind: str, token: str) -> None:
        follower = Follower(config, seen[kind])
        async with gate:
            task = loop.create_task(follower.follow(kind, token))
            running.add(task)
            ready = loop.create_task(follower.ready.wait())
            await asyncio.wait({task, ready}, return_when=asyncio.FIRST_COMPLETED)
            if task.done():
                task.result()

    await asyncio.gather(*(begin(kind, token) for kind, tokens in config["kinds"].items() for token in tokens))
    sys.stdout.write('{"ready": true}\n')
    sys.stdout.flush()
    wanted = set(json.loads(await stdin.readline()))
    until = time.monotonic() + ARRIVAL_SECONDS
    while time.monotonic() < until and not _all_arrived(config, seen, wanted):  # noqa: ASYNC110 -- nothing is measured here
        await asyncio.sleep(POLL_SECONDS / 4)
    ended = [repr(task.exception()) for task in running if task.done() and not task.cancelled()]
    for task in running:
        task.cancel()
    await asyncio.gather(*running, return_exceptions=True)
    sys.stdout.write(json.dumps({"seen": seen, "ended": ended[:3]}) + "\n")


if __name__ == "__main__":
    uvloop.run(main())
