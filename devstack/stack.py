"""One interface for the broker and the database, wherever they come from.

Tried in this order: addresses in the environment (`KAFKA_BOOTSTRAP`, `MONGO_URI`, each by itself), containers when
`STACK=docker` asks for them, and the native programs.
"""

import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from types import TracebackType
from typing import Self

from devstack.jars import Say
from devstack.kafka import NativeKafka
from devstack.mongo import NativeMongo
from devstack.node import ForeignNode, Node
from devstack.ports import free_ports
from devstack.runs import RUNS, drop_data, fresh_name, hold


def _silent(_: str) -> None:
    """Say nothing."""


class Stack:
    """A context manager: inside it the broker and the database answer; when it ends, what it started is gone.

    `folder` keeps data and logs below `.devstack/<run>/`. A run with a name finds its data again; one without leaves
    only its logs.
    """

    kafka: Node
    mongo: Node
    kafka_bootstrap: str
    mongo_uri: str

    def __init__(self, run: str | None = None, say: Say = _silent, *, own: bool = False) -> None:
        """`own=True` ignores addresses in the environment: a fault test must not kill somebody else's broker."""
        self.folder = RUNS / (run or fresh_name("run"))
        self._passing = run is None
        self.timings: dict[str, float] = {}
        self._say = say
        self._own = own
        self._exits = ExitStack()

    def __enter__(self) -> Self:
        """Start what is missing, broker and database side by side; raises `StackUnavailable`."""
        kafka = None if self._own else os.environ.get("KAFKA_BOOTSTRAP")
        mongo = None if self._own else os.environ.get("MONGO_URI")
        with self._exits:
            self._exits.enter_context(hold(self.folder))
            if self._passing:
                self._exits.callback(drop_data, self.folder)
            with ThreadPoolExecutor(2) as pool:
                starting = [pool.submit(self._bring_kafka, kafka), pool.submit(self._bring_mongo, mongo)]
                for each in starting:
                    each.exception()  # both have ended before either failure is told, so nothing starts behind our back
            for each in starting:
                each.result()
            self._exits = self._exits.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop what was started; data and logs stay below the run's folder."""
        self._exits.close()

    def exports(self) -> str:
        """Shell lines that let another process use this stack."""
        return f"export KAFKA_BOOTSTRAP={self.kafka_bootstrap}\nexport MONGO_URI='{self.mongo_uri}'\n"

    def _bring_kafka(self, given: str | None) -> None:
        if given:
            self.kafka, self.kafka_bootstrap = ForeignNode("Kafka"), given
        elif os.environ.get("STACK") == "docker":
            from devstack.containers import KafkaInDocker  # noqa: PLC0415 - the native way needs no testcontainers

            docker = KafkaInDocker()
            self._time("Kafka", docker.start, docker.remove)
            self.kafka, self.kafka_bootstrap = docker, docker.bootstrap
        else:
            port, controller = free_ports(2)
            native = NativeKafka(self.folder / "kafka", port, controller, self._say)
            native.prepare()
            self._time("Kafka", native.start, native.stop)
            self.kafka, self.kafka_bootstrap = native, native.bootstrap

    def _bring_mongo(self, given: str | None) -> None:
        if given:
            self.mongo, self.mongo_uri = ForeignNode("MongoDB"), given
        elif os.environ.get("STACK") == "docker":
            from devstack.containers import MongoInDocker  # noqa: PLC0415 - the native way needs no testcontainers

            docker = MongoInDocker()
            self._time("MongoDB", docker.start, docker.remove)
            self.mongo, self.mongo_uri = docker, docker.uri
        else:
            native = NativeMongo(self.folder / "mongo", free_ports(1)[0])
            self._time("MongoDB", native.start, native.stop)
            self.mongo, self.mongo_uri = native, native.uri

    def _time(self, name: str, start: Callable[[], None], stop: Callable[[], None]) -> None:
        self._exits.callback(stop)
        began = time.monotonic()
        start()
        self.timings[name] = time.monotonic() - began
        self._say(f"✔ {name} {self.timings[name]:.1f} s")
