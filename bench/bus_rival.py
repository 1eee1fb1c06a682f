"""The rival of letter (c): the raw calls of the same road, in as many processes, tasks, pages and partitions.

It promises less: no lease, no fencing against a predecessor's page, no order proved, no inbox, no chain, no quarantine.
What it sends and stores are the very bytes of the product, made before the clock starts.
"""

from __future__ import annotations

import asyncio
import time
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from motor.motor_asyncio import AsyncIOMotorClient

from bench.bus_road import Leg, run, told
from libs.bus.page import records_of
from libs.foundation import limits
from libs.journal import BUCKETS, JournalSettings
from libs.journal.commits import COLLECTION, INDEXES
from libs.journal.store import client_options
from libs.schemas.topics import TOPICS

TOPIC = next(topic for topic in TOPICS if topic.name == "zhixing.intake.v1")
Document = dict[str, Any]


def _database(leg: Leg, name: str) -> tuple[Any, Any]:
    settings = JournalSettings(mongo_uri=leg.mongo_uri, database=name)
    client: Any = AsyncIOMotorClient(leg.mongo_uri, **client_options(settings))
    return client, client[name]


async def _publish(leg: Leg, commits: Any, producer: Any, wire: dict[str, list[Any]], bucket: int, all_in: Any) -> None:
    pause = 0.05
    while True:
        found = commits.find(
            {"bucket": bucket, "published": False},
            sort=[("at", 1), ("_id", 1)],
            limit=limits.RELAY_PAGE_COMMITS_MAX,
        )
        page = await found.to_list(None)
        if not page:
            if all_in.is_set():
                return
            await asyncio.sleep(pause)
            continue
        await producer.begin_transaction()
        sent = [
            await producer.send(f"{leg.prefix}{TOPIC.name}", value=value, key=key, headers=headers)
            for commit in page
            for key, value, headers in wire[commit["_id"]]
        ]
        await asyncio.gather(*sent)
        await producer.commit_transaction()
        ids = [commit["_id"] for commit in page]
        await commits.update_many({"_id": {"$in": ids}}, {"$set": {"published": True}})


def _records(commit: Document) -> list[tuple[bytes, bytes, list[tuple[str, bytes]]]]:
    records = [item.record for item in records_of(commit, service="intake")]
    return [(record.key, record.value, list(record.headers)) for record in records]


async def sender(leg: Leg) -> None:
    """Publish what stands in the outbox, or what is inserted meanwhile."""
    client, database = _database(leg, leg.sender)
    commits = database[COLLECTION]
    for keys, options in INDEXES:
        await commits.create_index(keys, **options)
    source = client[leg.documents.partition(".")[0]]["sent"] if leg.live else commits
    documents = await source.find({}, sort=[("at", 1), ("_id", 1)]).to_list(None)
    wire = {each["_id"]: _records(each) for each in documents}
    producers = [
        AIOKafkaProducer(
            bootstrap_servers=leg.bootstrap,
            transactional_id=f"{leg.prefix}rival-{bucket}",
            max_batch_size=256 * 1024,
            linger_ms=0,
        )
        for bucket in range(BUCKETS)
    ]
    for producer in producers:
        await producer.start()
    all_in = asyncio.Event()

    async def write() -> None:
        # As many commits in one insert as the product's callers give it, two inserts in flight.
        size = leg.callers // 2
        batches = iter([documents[start : start + size] for start in range(0, len(documents), size)])

        async def one() -> None:
            for batch in batches:
                await commits.insert_many(batch, ordered=False)

        await asyncio.gather(one(), one())
        all_in.set()

    async def done() -> Document:
        began = time.monotonic()
        if not leg.live:
            all_in.set()
        await asyncio.gather(
            *(_publish(leg, commits, producers[bucket], wire, bucket, all_in) for bucket in range(BUCKETS)),
            *([write()] if leg.live else []),
        )
        return {"began": began, "ended": time.monotonic()}

    await told(done)
    for producer in producers:
        await producer.stop()


async def receiver(leg: Leg) -> None:
    """Take in all events and store the product's documents for them."""
    client, database = _database(leg, leg.receiver)
    commits = database[COLLECTION]
    for keys, options in INDEXES:
        await commits.create_index(keys, **options)
    name, _, collection = leg.documents.partition(".")
    documents = await client[name][collection].find({}, sort=[("at", 1), ("_id", 1)]).to_list(None)
    settings = leg.bus()
    consumer = AIOKafkaConsumer(
        bootstrap_servers=leg.bootstrap,
        group_id=settings.group("rival"),
        enable_auto_commit=False,
        isolation_level="read_committed",
        auto_offset_reset="earliest",
        max_partition_fetch_bytes=2 * limits.RECORD_BYTES_MAX,
    )
    await consumer.start()
    partitions = [TopicPartition(settings.topic(TOPIC.name), number) for number in range(TOPIC.partitions)]
    consumer.assign(partitions)
    times: list[float] = []
    finished = asyncio.Event()
    taken = 0

    async def take(partition: TopicPartition) -> None:
        nonlocal taken
        while not finished.is_set():
            found = await consumer.getmany(partition, timeout_ms=1000, max_records=settings.batch_records_max)
            records = found.get(partition, ())
            if not records:
                continue
            mine, taken = documents[taken : taken + len(records)], taken + len(records)
            await commits.insert_many(mine, ordered=False)
            times.extend([time.monotonic()] * len(records))
            await consumer.commit({partition: records[-1].offset + 1})
            if len(times) >= leg.events:
                finished.set()

    tasks = [asyncio.create_task(take(partition)) for partition in partitions]

    async def done() -> Document:
        await finished.wait()
        return {"times": times[:: max(1, leg.events // 500)], "last": times[-1]}

    await told(done)
    await asyncio.gather(*tasks)
    await consumer.stop()


if __name__ == "__main__":
    run({"sender": sender, "receiver": receiver})
