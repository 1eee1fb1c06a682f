"""A bus of one's own on the shared broker: unique topics and databases, gone after the test."""

from collections.abc import AsyncIterator
from typing import Any

import pytest_asyncio
from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient
from pymongo import AsyncMongoClient

from libs.bus import BusSettings, ensure_topics
from libs.foundation.clock import RealClock
from libs.journal import Journal, JournalSettings
from tests.integration.bus.stage import CASES, INTAKE, NOTES, Bus, JournalMaker


@pytest_asyncio.fixture
async def bus(kafka_bootstrap: str, unique: str) -> AsyncIterator[Bus]:
    settings = BusSettings(
        bootstrap=kafka_bootstrap,
        topic_prefix=f"{unique}.",
        lease_seconds=2.0,
        backoff_seconds_max=0.5,
        drain_seconds=5.0,
        session_timeout_ms=6000,
        heartbeat_ms=500,
        request_poll_seconds=0.2,
    )
    await ensure_topics(kafka_bootstrap, settings.topic_prefix, [INTAKE])
    producer = AIOKafkaProducer(bootstrap_servers=kafka_bootstrap, acks="all")
    await producer.start()
    try:
        yield Bus(settings, producer, INTAKE.partitions, settings.topic(INTAKE.name))
    finally:
        await producer.stop()
        await _drop(kafka_bootstrap, unique)


async def _drop(bootstrap: str, prefix: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        names = [name for name in await admin.list_topics() if name.startswith(prefix)]
        if names:
            await admin.delete_topics(names)
    finally:
        await admin.close()


@pytest_asyncio.fixture
async def open_journal(mongo_uri: str, unique: str) -> AsyncIterator[JournalMaker]:
    """Open journals of `payments` (receives) or `intake` (sends); the same service twice is two processes."""
    opened: list[Journal] = []

    async def make(service: str) -> Journal:
        settings = JournalSettings(mongo_uri=mongo_uri, database=f"{unique}_{service}")
        decider = NOTES if service == "payments" else CASES
        journal = Journal(settings, service=service, clock=RealClock(), deciders=[decider])
        await journal.start()
        opened.append(journal)
        return journal

    yield make
    for journal in opened:
        await journal.stop()
    for service in {journal.service for journal in opened}:
        await _drop_database(mongo_uri, f"{unique}_{service}")


async def _drop_database(mongo_uri: str, name: str) -> None:
    client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(mongo_uri)
    await client.drop_database(name)
    await client.close()
