"""What an observer sees of the feed: both Kafka topics of a view, its pages, its doorbell, its subscribers."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from devstack.demo.proof.feed_sums import payload_of
from devstack.demo.proof.sight import FEED_TOPICS, READ_SECONDS, WireRecord, read_wire

PAGE_ENTRIES = 256
FEED = "/v1/joint-punishment-feed"


@dataclass(frozen=True, slots=True)
class Reader:
    """With whose token an observer reads a view, and where that agency's own door is."""

    agency_id: str
    view: str
    token: str
    door: str


@dataclass(frozen=True, slots=True)
class ViewSight:
    """One view as each of its four ways shows it."""

    view: str
    deltas: list[WireRecord]
    compacted: list[WireRecord]
    head: str
    pages: list[dict[str, Any]]
    doorbell: str


@dataclass(frozen=True, slots=True)
class FeedSight:
    """Every view that somebody reads, what its readers hold, and the keys that all of it is signed with."""

    views: dict[str, ViewSight]
    holders: dict[str, dict[str, Any]]
    readers: dict[str, Reader]
    root: dict[str, Any]
    key_sets: list[str] = field(default_factory=list)


async def look_at_feed(
    bootstrap: str, publisher: str, readers: tuple[Reader, ...], root: Mapping[str, Any]
) -> FeedSight:
    """See the feed as it is now. Raises `httpx.TransportError` where nobody answers."""
    async with httpx.AsyncClient(base_url=publisher, timeout=READ_SECONDS) as client:
        views = {}
        for reader in {reader.view: reader for reader in readers}.values():
            views[reader.view] = await _view(bootstrap, client, reader)
        newest = max(int(payload_of(view.head)["key_set_version"]) for view in views.values())
        sets = [await _text(client, readers[0], f"{FEED}/key-sets/{number}") for number in range(1, newest + 1)]
        holders = {reader.agency_id: (await client.get(f"{reader.door}/state")).json() for reader in readers}
    return FeedSight(
        views=views,
        holders=holders,
        readers={reader.agency_id: reader for reader in readers},
        root=dict(root),
        key_sets=sets,
    )


async def _view(bootstrap: str, client: httpx.AsyncClient, reader: Reader) -> ViewSight:
    head = await _text(client, reader, f"{FEED}/heads/latest")
    said = payload_of(head)
    full, rest = divmod(int(said["sequence"]), PAGE_ENTRIES)
    names = [str(number) for number in range(full)] + ([f"{full}.p/{rest}"] if rest else [])
    pages = [(await _got(client, reader, f"{FEED}/pages/{said['session_id']}/{name}")).json() for name in names]
    return ViewSight(
        view=reader.view,
        deltas=await read_wire(bootstrap, [f"{FEED_TOPICS}{reader.view}.deltas.v1"]),
        compacted=await read_wire(bootstrap, [f"{FEED_TOPICS}{reader.view}.entries.v1"]),
        head=head,
        pages=pages,
        doorbell=await _first_ring(client, reader),
    )


async def _first_ring(client: httpx.AsyncClient, reader: Reader) -> str:
    """Return the head that the doorbell tells whoever connects."""
    async with (
        asyncio.timeout(READ_SECONDS),
        client.stream("GET", f"{FEED}/stream", headers=_as(reader)) as answer,
    ):
        answer.raise_for_status()
        event = ""
        async for line in answer.aiter_lines():
            name, _, value = line.partition(":")
            if name == "event":
                event = value.strip()
            elif name == "data" and event == "head":
                return value.strip()
    return ""


async def _text(client: httpx.AsyncClient, reader: Reader, path: str) -> str:
    return (await _got(client, reader, path)).text.strip()


async def _got(client: httpx.AsyncClient, reader: Reader, path: str) -> httpx.Response:
    answer = await client.get(path, headers=_as(reader))
    answer.raise_for_status()
    return answer


def _as(reader: Reader) -> dict[str, str]:
    return {"Authorization": f"Bearer {reader.token}"}
