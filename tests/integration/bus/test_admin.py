"""Topics are made once, as the table says, and never changed."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
import pytest_asyncio
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from libs.bus import ensure_topics
from libs.bus.admin import PartitionCountDiffers
from libs.schemas.topics import Topic

pytestmark = pytest.mark.asyncio

TOPIC = Topic("zhixing.trial.v1", "intake", ("trial",), ("intake",), partitions=3, retention_days=7)
COMPACTED = replace(TOPIC, name="zhixing.compacted.v1", compacted=True)


@pytest_asyncio.fixture
async def admin(kafka_bootstrap: str, unique: str) -> AsyncIterator[AIOKafkaAdminClient]:
    client = AIOKafkaAdminClient(bootstrap_servers=kafka_bootstrap)
    await client.start()
    yield client
    await client.delete_topics([name for name in await client.list_topics() if name.startswith(unique)])
    await client.close()


async def test_topics_are_made_as_the_table_says(kafka_bootstrap: str, unique: str, admin: AIOKafkaAdminClient) -> None:
    made = await ensure_topics(kafka_bootstrap, unique, [TOPIC, COMPACTED])
    assert sorted(made) == [f"{unique}{COMPACTED.name}", f"{unique}{TOPIC.name}"]
    (described,) = await admin.describe_topics([f"{unique}{TOPIC.name}"])
    assert len(described["partitions"]) == 3
    plain, compacted = await _settings(admin, made[0], made[1])
    assert plain["retention.ms"] == str(7 * 24 * 3600 * 1000)
    assert plain["cleanup.policy"] == "delete"
    assert plain["max.message.bytes"] == str(1024 * 1024)
    assert compacted["cleanup.policy"] == "compact"


async def test_six_processes_may_start_at_once(kafka_bootstrap: str, unique: str, admin: AIOKafkaAdminClient) -> None:
    made = await asyncio.gather(*(ensure_topics(kafka_bootstrap, unique, [TOPIC, COMPACTED]) for _ in range(6)))
    assert sum(len(names) for names in made) == 2
    assert await ensure_topics(kafka_bootstrap, unique, [TOPIC, COMPACTED]) == []


async def test_another_number_of_partitions_is_refused_and_never_changed(
    kafka_bootstrap: str, unique: str, admin: AIOKafkaAdminClient
) -> None:
    await ensure_topics(kafka_bootstrap, unique, [TOPIC])
    with pytest.raises(PartitionCountDiffers, match="has 3 partitions, the table says 6"):
        await ensure_topics(kafka_bootstrap, unique, [replace(TOPIC, partitions=6)])
    (described,) = await admin.describe_topics([f"{unique}{TOPIC.name}"])
    assert len(described["partitions"]) == 3


async def _settings(admin: AIOKafkaAdminClient, *names: str) -> list[dict[str, str]]:
    found = []
    for name in sorted(names, reverse=True):
        (response,) = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, name)])
        found.append({entry[0]: entry[1] for entry in response.resources[0][4]})
    return found
