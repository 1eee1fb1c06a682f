"""The same stack from containers: `STACK=docker` gives the same broker, database and faults through testcontainers."""

import os
from collections.abc import Iterator

import pymongo
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from devstack.stack import Stack

pytestmark = pytest.mark.skipif(
    os.environ.get("STACK") != "docker", reason="the container stack is tried only when STACK=docker asks for it"
)


@pytest.fixture(scope="module")
def docker_stack() -> Iterator[Stack]:
    """Containers of our own, whatever the environment names."""
    with Stack(own=True) as stack:
        yield stack


@pytest.mark.asyncio
async def test_a_transaction_on_the_containers_broker_is_seen_whole_or_not_at_all(
    docker_stack: Stack, unique: str
) -> None:
    bootstrap = docker_stack.kafka_bootstrap
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    await admin.create_topics([NewTopic(unique, num_partitions=1, replication_factor=1)])
    await admin.close()
    async with AIOKafkaProducer(bootstrap_servers=bootstrap, transactional_id=unique) as producer:
        await producer.begin_transaction()
        await producer.send_and_wait(unique, b"aborted")
        await producer.abort_transaction()
        async with producer.transaction():
            await producer.send_and_wait(unique, b"committed")
    consumer = AIOKafkaConsumer(
        unique, bootstrap_servers=bootstrap, auto_offset_reset="earliest", isolation_level="read_committed"
    )
    async with consumer:
        assert (await consumer.getone()).value == b"committed"


def test_the_containers_database_keeps_majority_writes_over_a_kill(docker_stack: Stack, unique: str) -> None:
    with pymongo.MongoClient[dict[str, object]](docker_stack.mongo_uri, w="majority") as client:
        client[unique]["facts"].insert_one({"_id": 1})
    docker_stack.mongo.kill()
    docker_stack.mongo.start()
    with pymongo.MongoClient[dict[str, object]](docker_stack.mongo_uri) as client:
        assert client[unique]["facts"].count_documents({}) == 1
