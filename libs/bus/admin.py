"""Topics are created from the table and never changed: the key decides the partition, so its number is for ever."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping

from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from libs.foundation import limits
from libs.foundation.errors import Rejected, Transient
from libs.schemas.topics import Topic

TOPIC_ALREADY_EXISTS = 36
NO_ERROR = 0
VISIBLE_ATTEMPTS_MAX = 50
VISIBLE_PAUSE_SECONDS = 0.1
MILLISECONDS_PER_DAY = 24 * 60 * 60 * 1000


class PartitionCountDiffers(Rejected):
    """The broker has a topic with another number of partitions than the table says."""

    code = "partition_count_differs"
    title = "A topic has another number of partitions than the topics table"
    remedy = "Make a topic with a new name; a changed number of partitions would break the order of every key."


async def ensure_topics(
    bootstrap: str, prefix: str, topics: Iterable[Topic], *, replication_factor: int = -1
) -> list[str]:
    """Create the topics that are missing and return their names on the broker.

    Safe when several processes start at once. Raises `PartitionCountDiffers` for a topic of another shape, and
    `Transient` if the broker creates a topic but does not show it in time.
    """
    wanted = {f"{prefix}{topic.name}": topic for topic in topics}
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        present = await _partitions(admin, wanted)
        missing = [_new_topic(name, topic, replication_factor) for name, topic in wanted.items() if name not in present]
        created = await _create(admin, missing)
        for _attempt in range(VISIBLE_ATTEMPTS_MAX):
            present = await _partitions(admin, wanted)
            if len(present) == len(wanted):
                break
            await asyncio.sleep(VISIBLE_PAUSE_SECONDS)
    finally:
        await admin.close()
    _check(wanted, present)
    return created


async def _partitions(admin: AIOKafkaAdminClient, wanted: Iterable[str]) -> dict[str, int]:
    # A request that names topics may create them on a broker with automatic creation, so all topics are asked for.
    names = set(wanted)
    described = await admin.describe_topics(None)
    return {
        topic["topic"]: len(topic["partitions"])
        for topic in described
        if topic["topic"] in names and topic["error_code"] == NO_ERROR and topic["partitions"]
    }


def _new_topic(name: str, topic: Topic, replication_factor: int) -> NewTopic:
    configs = {
        "max.message.bytes": str(limits.RECORD_BYTES_MAX),
        # Business time runs ahead on the sandbox clock; the broker's log must follow real time only.
        "message.timestamp.type": "CreateTime",
        "cleanup.policy": "compact" if topic.compacted else "delete",
    }
    # Of a compacted topic only tombstones go: whoever reads slowly must still find them.
    kept = "delete.retention.ms" if topic.compacted else "retention.ms"
    configs[kept] = str(topic.retention_days * MILLISECONDS_PER_DAY)
    # aiokafka wants an (empty) assignment beside the broker's default factor, and none beside a number.
    assignments: dict[int, list[int]] | None = {} if replication_factor == -1 else None
    return NewTopic(name, topic.partitions, replication_factor, assignments, configs)


async def _create(admin: AIOKafkaAdminClient, missing: list[NewTopic]) -> list[str]:
    if not missing:
        return []
    response = await admin.create_topics(missing)
    created = []
    for name, code, *rest in response.topic_errors:
        if code == NO_ERROR:
            created.append(name)
        elif code != TOPIC_ALREADY_EXISTS:
            msg = f"the broker did not create topic {name}: error {code} {rest[0] if rest else ''}"
            raise Transient(msg)
    return created


def _check(wanted: Mapping[str, Topic], present: Mapping[str, int]) -> None:
    for name, topic in wanted.items():
        if name not in present:
            msg = f"topic {name} was created but is not visible yet"
            raise Transient(msg)
        if present[name] != topic.partitions:
            msg = f"topic {name} has {present[name]} partitions, the table says {topic.partitions}"
            raise PartitionCountDiffers(msg)
