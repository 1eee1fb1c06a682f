"""Topics of one test on a shared broker: made before, gone after; and what a consumer group has committed."""

from __future__ import annotations

import asyncio

from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError

PARTITIONS = 6
ANSWER_SECONDS = 60.0
INTAKE = "zhixing.intake.v1"
"""The topic of the events that the drill's writer borrows."""


async def make(bootstrap: str, name: str) -> None:
    """Make a topic as the table of topics has it."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        await admin.create_topics([NewTopic(name, PARTITIONS, 1)])
    finally:
        await admin.close()


async def drop(bootstrap: str, prefix: str) -> None:
    """Delete every topic whose name begins so."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        if names := [name for name in await admin.list_topics() if name.startswith(prefix)]:
            await admin.delete_topics(names)
    finally:
        await admin.close()


async def committed(bootstrap: str, group: str, topic: str) -> dict[int, int]:
    """Return the offset that a group has committed in each partition; waits for a broker that comes up."""
    deadline = asyncio.get_running_loop().time() + ANSWER_SECONDS
    while True:
        try:
            return await _committed(bootstrap, group, topic)
        except (KafkaError, TimeoutError):
            if asyncio.get_running_loop().time() > deadline:
                raise
            await asyncio.sleep(0.5)


async def _committed(bootstrap: str, group: str, topic: str) -> dict[int, int]:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    try:
        await admin.start()
        offsets = await admin.list_consumer_group_offsets(group)
    finally:
        await admin.close()
    wanted = [TopicPartition(topic, partition) for partition in range(PARTITIONS)]
    return {one.partition: offsets[one].offset for one in wanted if one in offsets and offsets[one].offset >= 0}
