"""The development stack keeps its promises: it survives faults on the same port and data, and leaves nothing behind."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pymongo
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from devstack.errors import NotOurs
from devstack.processes import Processes
from devstack.runs import ROOT, RUNS
from devstack.stack import Stack


@pytest.fixture(scope="module")
def own_stack() -> Iterator[Stack]:
    """A stack that these tests may harm: never the one that the environment names."""
    with Stack(own=True) as stack:
        yield stack


async def produce(bootstrap: str, topic: str, value: bytes) -> None:
    async with AIOKafkaProducer(bootstrap_servers=bootstrap, enable_idempotence=True) as producer:
        await producer.send_and_wait(topic, value)


async def consume_first(bootstrap: str, topic: str) -> bytes | None:
    consumer = AIOKafkaConsumer(topic, bootstrap_servers=bootstrap, auto_offset_reset="earliest")
    async with consumer:
        value: bytes | None = (await consumer.getone()).value
        return value


async def create_topic(bootstrap: str, topic: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        await admin.create_topics([NewTopic(topic, num_partitions=1, replication_factor=1)])
    finally:
        await admin.close()


@pytest.mark.asyncio
async def test_a_killed_broker_comes_back_on_the_same_port_with_its_records(own_stack: Stack, unique: str) -> None:
    await create_topic(own_stack.kafka_bootstrap, unique)
    await produce(own_stack.kafka_bootstrap, unique, b"before the power cut")
    pids = [own_stack.kafka.pid]
    own_stack.kafka.kill()
    pids.append(own_stack.kafka.pid)
    own_stack.kafka.start()
    pids.append(own_stack.kafka.pid)
    assert pids[1] is None
    assert len(set(pids)) == 3
    assert await consume_first(own_stack.kafka_bootstrap, unique) == b"before the power cut"


def test_a_killed_database_comes_back_with_every_majority_write(own_stack: Stack, unique: str) -> None:
    with pymongo.MongoClient[dict[str, object]](own_stack.mongo_uri, w="majority") as client:
        client[unique]["facts"].insert_one({"_id": 1})
        own_stack.mongo.kill()
        own_stack.mongo.start()
        assert client[unique]["facts"].count_documents({}) == 1


def test_a_paused_database_answers_nothing_until_it_is_resumed(own_stack: Stack) -> None:
    own_stack.mongo.pause()
    try:
        with (
            pymongo.MongoClient[dict[str, object]](own_stack.mongo_uri, serverSelectionTimeoutMS=500) as client,
            pytest.raises(pymongo.errors.ServerSelectionTimeoutError),
        ):
            client.admin.command("ping")
    finally:
        own_stack.mongo.resume()
    with pymongo.MongoClient[dict[str, object]](own_stack.mongo_uri) as client:
        assert client.admin.command("ping")["ok"] == 1


def test_transactions_work_because_the_database_is_a_replica_set(own_stack: Stack, unique: str) -> None:
    with pymongo.MongoClient[dict[str, object]](own_stack.mongo_uri) as client, client.start_session() as session:
        with session.start_transaction():
            client[unique]["facts"].insert_one({"_id": 1}, session=session)
            session.abort_transaction()
        assert client[unique]["facts"].count_documents({}) == 0


def test_a_broker_named_by_the_environment_is_never_harmed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAFKA_BOOTSTRAP", "broker.example:9092")
    monkeypatch.setenv("MONGO_URI", "mongodb://database.example")
    with Stack() as stack:
        assert stack.kafka_bootstrap == "broker.example:9092"
        assert stack.mongo_uri == "mongodb://database.example"
        with pytest.raises(NotOurs):
            stack.kafka.kill()
    assert not stack.folder.exists()


def test_nothing_survives_the_sigkill_of_whoever_started_it(unique: str) -> None:
    environment = {k: v for k, v in os.environ.items() if k not in {"KAFKA_BOOTSTRAP", "MONGO_URI", "STACK"}}
    command = [sys.executable, "-m", "devstack", "up", "--keep", "--run", unique]
    with subprocess.Popen(  # noqa: S603 - our own command
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        exports = [parent.stdout.readline() for _ in range(2)]
        children = psutil.Process(parent.pid).children(recursive=True)
        parent.send_signal(signal.SIGKILL)
        parent.wait()
    assert exports[0].startswith("export KAFKA_BOOTSTRAP=127.0.0.1:")
    assert len(children) == 2
    gone, alive = psutil.wait_procs(children, timeout=10)
    shutil.rmtree(RUNS / unique)
    assert (len(gone), alive) == (2, [])


def test_a_program_is_ready_restarts_on_its_port_and_ends_with_the_supervisor(tmp_path: Path) -> None:
    (tmp_path / "livez").write_text("alive")
    with Processes(tmp_path, {}) as processes:
        program = processes.program("files", "http.server")
        program.arguments = [str(program.port), "--bind", "127.0.0.1", "--directory", str(tmp_path)]
        seen: list[str] = []
        processes.start_all(lambda name, _: seen.append(name))
        first, port = program.pid, program.port
        program.kill()
        program.start()
        assert seen == ["files"]
        assert (program.pid != first, program.port, program.starts) == (True, port, 2)
        assert processes.rss_bytes()["files"] > 0
        last = program.pid
    assert last is not None
    assert not psutil.pid_exists(last)


def test_a_program_that_ends_while_starting_is_told_with_the_end_of_its_log(tmp_path: Path) -> None:
    with Processes(tmp_path, {}) as processes:
        processes.program("nonsense", "no_such_module_anywhere")
        began = time.monotonic()
        with pytest.raises(RuntimeError, match="No module named no_such_module_anywhere"):
            processes.start_all()
        assert time.monotonic() - began < 10
