"""What an observer can see: every commit of every service, every record on the wire, every partner's books."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pymongo
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from pymongo import MongoClient
from pymongo.read_concern import ReadConcern

READ_SECONDS = 20.0
FEED_TOPICS = "zhixing.joint-punishment."
"""What stands there is no event of a service: entries and heads with headers of their own."""


@dataclass(frozen=True, slots=True)
class WireRecord:
    """One record as a `read_committed` reader gets it."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes
    headers: tuple[tuple[str, bytes], ...]

    def header(self, name: str) -> str:
        """Return a CloudEvents header as text, or an empty text."""
        return next((value.decode() for key, value in self.headers if key == name), "")


@dataclass(frozen=True, slots=True)
class Sight:
    """Everything that was seen at one moment."""

    commits: dict[str, list[dict[str, Any]]]
    wire: list[WireRecord]
    quarantined: int
    timers: dict[str, list[dict[str, Any]]]
    books: dict[str, Any]
    messages: list[dict[str, Any]]
    jwks: dict[str, dict[str, Any]] = field(default_factory=dict)

    def events(self, *names: str, service: str | None = None) -> Iterator[dict[str, Any]]:
        """Yield the events with these names, with `stream`, `at`, `service` and their `data`."""
        for owner, commits in self.commits.items():
            if service not in {None, owner}:
                continue
            for commit in commits:
                stream = str(commit["_id"]).rpartition("@")[0]
                for entry in commit["entries"]:
                    for event in entry["events"]:
                        if not names or event_name(event) in names:
                            yield event | {
                                "stream": stream,
                                "at": commit["at"],
                                "service": owner,
                                "court": commit["court"],
                            }


def event_name(event: dict[str, Any]) -> str:
    """Return the plain name of a stored event, whether its type is written long or short."""
    text = str(event["type"])
    parts = text.split(".")
    return parts[2] if text.startswith("zhixing.") else parts[-1]


def read_journals(
    mongo_uri: str, services: Iterable[str]
) -> tuple[dict[str, list[dict[str, Any]]], int, dict[str, Any]]:
    """Read every commit (sorted by stream and version), count open quarantine, and read the timers."""
    client: MongoClient[dict[str, Any]] = MongoClient(mongo_uri, tz_aware=True)
    try:
        commits: dict[str, list[dict[str, Any]]] = {}
        timers: dict[str, Any] = {}
        quarantined = 0
        for service in services:
            database = client.get_database(service, read_concern=ReadConcern("majority"))
            commits[service] = list(database["commits"].find().sort("_id", pymongo.ASCENDING))
            timers[service] = list(database["timers"].find())
            quarantined += database["quarantine"].count_documents({"status": {"$nin": ["RELEASED", "DISCARDED"]}})
        return commits, quarantined, timers
    finally:
        client.close()


def _is_of_events(topic: str) -> bool:
    return topic.startswith("zhixing.") and not topic.startswith(FEED_TOPICS)


async def _partitions(bootstrap: str, topics: Iterable[str] | None) -> list[TopicPartition]:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        there = await admin.list_topics()
        names = sorted(set(topics) & set(there) if topics else {name for name in there if _is_of_events(name)})
        return [
            TopicPartition(topic["topic"], partition["partition"])
            for topic in await admin.describe_topics(names)
            for partition in topic["partitions"]
        ]
    finally:
        await admin.close()


async def read_wire(bootstrap: str, topics: Iterable[str] | None = None) -> list[WireRecord]:
    """Read every record of these topics (of every topic of events, if none is named), from the first to the end now.

    A topic that nobody has made yet has no records.
    """
    partitions = await _partitions(bootstrap, topics)
    if not partitions:
        return []
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap, isolation_level="read_committed", enable_auto_commit=False, group_id=None
    )
    await consumer.start()
    try:
        consumer.assign(partitions)
        await consumer.seek_to_beginning(*partitions)
        ends = await consumer.end_offsets(partitions)
        records: list[WireRecord] = []
        waiting = {partition for partition in partitions if ends[partition] > 0}
        while waiting:
            batches = await consumer.getmany(timeout_ms=500)
            for batch in batches.values():
                records += [
                    WireRecord(one.topic, one.partition, one.offset, one.key, one.value or b"", tuple(one.headers))
                    for one in batch
                ]
            # Transaction markers take offsets too, so the position tells when a partition is read, not the last record.
            waiting = {one for one in waiting if await consumer.position(one) < ends[one]}
        return records
    finally:
        await consumer.stop()


async def read_json(url: str) -> Any:
    """Read a partner's page or a service's public key set."""
    async with httpx.AsyncClient(timeout=READ_SECONDS) as client:
        response = await client.get(url)
        response.raise_for_status()
        return response.json()
