"""The broker and the database as containers, for whoever has a Docker engine and asks with `STACK=docker`."""

import io
import tarfile
import time
from collections.abc import Callable

from docker.errors import DockerException
from docker.models.containers import Container
from testcontainers.core.container import DockerContainer

from devstack import versions
from devstack.errors import StackUnavailable
from devstack.kafka import broker_answers
from devstack.ports import free_ports

_KAFKA_PORT = 9092
_MONGO_PORT = 27017
_READY_SECONDS = 90
_LAUNCH = "/tmp/launch.sh"  # noqa: S108 - inside the container
_INITIATE = (
    "try { rs.status() } catch (e) { rs.initiate({_id: 'zhixing', members: [{_id: 0, host: 'localhost:27017'}]}) };"
    "quit(db.hello().isWritablePrimary ? 0 : 1)"
)


class _InDocker:
    """One container that can be stopped, killed, paused and brought back with its data.

    Its port is chosen by us: one that the engine chooses changes when the container is started again.
    """

    pid: int | None = None

    def __init__(self, container: DockerContainer, inside: int) -> None:
        self._port = free_ports(1)[0]
        self._container = container.with_bind_ports(inside, self._port)

    @property
    def _engine(self) -> Container:
        return self._container.get_wrapped_container()

    def stop(self) -> None:
        """End it in order."""
        self._engine.stop()

    def kill(self) -> None:
        """End it as a power cut would."""
        self._engine.kill()

    def pause(self) -> None:
        """Freeze it: connections stay open and nothing answers."""
        self._engine.pause()

    def resume(self) -> None:
        """Let a frozen one run on."""
        self._engine.unpause()

    def remove(self) -> None:
        """Take the container and its anonymous volumes away."""
        self._container.stop()

    def _create(self) -> None:
        try:
            self._container.start()
        except DockerException as error:
            raise StackUnavailable(f"STACK=docker asks for a Docker engine, and it cannot serve: {error}") from error

    @property
    def _host(self) -> str:
        return str(self._container.get_container_host_ip())

    def _wait_until(self, answers: Callable[[], bool]) -> None:
        until = time.monotonic() + _READY_SECONDS
        while time.monotonic() < until:
            if answers():
                return
            time.sleep(0.3)
        raise StackUnavailable(f"The container of {self._container.image} did not answer within {_READY_SECONDS} s.")


class KafkaInDocker(_InDocker):
    """`apache/kafka` as one KRaft node whose advertised address is the published port."""

    def __init__(self) -> None:
        """Nothing is started."""
        settings = {
            "KAFKA_NODE_ID": "1",
            "KAFKA_PROCESS_ROLES": "broker,controller",
            "KAFKA_LISTENERS": f"HOST://:{_KAFKA_PORT},INTERNAL://:19092,CONTROLLER://:9093",
            "KAFKA_LISTENER_SECURITY_PROTOCOL_MAP": "HOST:PLAINTEXT,INTERNAL:PLAINTEXT,CONTROLLER:PLAINTEXT",
            # The broker asks its own transaction coordinator, and the published port means nothing inside.
            "KAFKA_INTER_BROKER_LISTENER_NAME": "INTERNAL",
            "KAFKA_CONTROLLER_LISTENER_NAMES": "CONTROLLER",
            "KAFKA_CONTROLLER_QUORUM_VOTERS": "1@localhost:9093",
            "KAFKA_AUTO_CREATE_TOPICS_ENABLE": "false",
            "KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR": "1",
            "KAFKA_OFFSETS_TOPIC_NUM_PARTITIONS": "4",
            "KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR": "1",
            "KAFKA_TRANSACTION_STATE_LOG_NUM_PARTITIONS": "4",
            "KAFKA_TRANSACTION_STATE_LOG_MIN_ISR": "1",
            "KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS": "0",
        }
        # How the engine's host is called is known only once it runs, so the container waits for its launch script.
        container = DockerContainer(versions.KAFKA_IMAGE)
        container = container.with_command(["sh", "-c", f"while [ ! -f {_LAUNCH} ]; do sleep 0.1; done; sh {_LAUNCH}"])
        for name, value in settings.items():
            container = container.with_env(name, value)
        super().__init__(container, _KAFKA_PORT)

    @property
    def bootstrap(self) -> str:
        """The address a client is given."""
        return f"{self._host}:{self._port}"

    def start(self) -> None:
        """Create it, or bring a stopped one back, and return when it serves."""
        if self._container._container is not None:  # noqa: SLF001 - testcontainers has no restart
            self._engine.start()
        else:
            self._create()
            listeners = f"HOST://{self.bootstrap},INTERNAL://localhost:19092"
            script = f"export KAFKA_ADVERTISED_LISTENERS={listeners}\nexec /etc/kafka/docker/run\n".encode()
            self._engine.put_archive("/tmp", _archive("launch.sh", script))  # noqa: S108 - inside the container
        self._wait_until(lambda: broker_answers(self._host, self._port))


class MongoInDocker(_InDocker):
    """`mongo` as a replica set of one, reached directly because its name means nothing outside the container."""

    def __init__(self) -> None:
        """Nothing is started."""
        container = DockerContainer(versions.MONGO_IMAGE)
        super().__init__(container.with_command("--replSet zhixing"), _MONGO_PORT)

    @property
    def uri(self) -> str:
        """The connection string a client is given."""
        return f"mongodb://{self._host}:{self._port}/?directConnection=true"

    def start(self) -> None:
        """Create it, or bring a stopped one back, and return when it is primary."""
        if self._container._container is not None:  # noqa: SLF001 - testcontainers has no restart
            self._engine.start()
        else:
            self._create()
        self._wait_until(lambda: self._container.exec(["mongosh", "--quiet", "--eval", _INITIATE]).exit_code == 0)


def _archive(name: str, content: bytes) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        entry = tarfile.TarInfo(name)
        entry.size, entry.mode = len(content), 0o755
        archive.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()
