"""The broker and the database as containers, for whoever has a Docker engine and asks with `STACK=docker`."""

import io
import tarfile
import time

from docker.models.containers import Container
from testcontainers.core.container import DockerContainer
from testcontainers.core.waiting_utils import wait_for_logs

from devstack import versions
from devstack.errors import StackUnavailable
from devstack.ports import free_ports

_KAFKA_PORT = 9092
_MONGO_PORT = 27017
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

    def __init__(self, container: DockerContainer) -> None:
        self._container = container

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

    def _address(self, port: int) -> str:
        return f"{self._container.get_container_host_ip()}:{self._container.get_exposed_port(port)}"


class KafkaInDocker(_InDocker):
    """`apache/kafka` as one KRaft node whose advertised address is the published port."""

    def __init__(self) -> None:
        """Nothing is started."""
        settings = {
            "KAFKA_NODE_ID": "1",
            "KAFKA_PROCESS_ROLES": "broker,controller",
            "KAFKA_LISTENERS": f"PLAINTEXT://:{_KAFKA_PORT},CONTROLLER://:9093",
            "KAFKA_LISTENER_SECURITY_PROTOCOL_MAP": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
            "KAFKA_CONTROLLER_LISTENER_NAMES": "CONTROLLER",
            "KAFKA_CONTROLLER_QUORUM_VOTERS": "1@localhost:9093",
            "KAFKA_AUTO_CREATE_TOPICS_ENABLE": "false",
            "KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR": "1",
            "KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR": "1",
            "KAFKA_TRANSACTION_STATE_LOG_MIN_ISR": "1",
            "KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS": "0",
        }
        # How the engine's host is called is known only once it runs, so the container waits for its launch script.
        container = DockerContainer(versions.KAFKA_IMAGE).with_bind_ports(_KAFKA_PORT, free_ports(1)[0])
        container = container.with_command(["sh", "-c", f"while [ ! -f {_LAUNCH} ]; do sleep 0.1; done; sh {_LAUNCH}"])
        for name, value in settings.items():
            container = container.with_env(name, value)
        super().__init__(container)

    @property
    def bootstrap(self) -> str:
        """The address a client is given."""
        return self._address(_KAFKA_PORT)

    def start(self) -> None:
        """Create it, or bring a stopped one back, and return when it serves."""
        if self._container._container is not None:  # noqa: SLF001 - testcontainers has no restart
            self._engine.start()
        else:
            self._container.start()
            script = (
                f"export KAFKA_ADVERTISED_LISTENERS=PLAINTEXT://{self.bootstrap}\nexec /etc/kafka/docker/run\n".encode()
            )
            self._engine.put_archive("/tmp", _archive("launch.sh", script))  # noqa: S108 - inside the container
        wait_for_logs(self._container, "Kafka Server started", timeout=90)


class MongoInDocker(_InDocker):
    """`mongo` as a replica set of one, reached directly because its name means nothing outside the container."""

    def __init__(self) -> None:
        """Nothing is started."""
        container = DockerContainer(versions.MONGO_IMAGE).with_bind_ports(_MONGO_PORT, free_ports(1)[0])
        super().__init__(container.with_command("--replSet zhixing"))

    @property
    def uri(self) -> str:
        """The connection string a client is given."""
        return f"mongodb://{self._address(_MONGO_PORT)}/?directConnection=true"

    def start(self) -> None:
        """Create it, or bring a stopped one back, and return when it is primary."""
        if self._container._container is not None:  # noqa: SLF001 - testcontainers has no restart
            self._engine.start()
        else:
            self._container.start()
        until = time.monotonic() + 60
        while time.monotonic() < until:
            if self._container.exec(["mongosh", "--quiet", "--eval", _INITIATE]).exit_code == 0:
                return
            time.sleep(0.5)
        raise StackUnavailable("The mongo container did not become primary within 60 s.")


def _archive(name: str, content: bytes) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        entry = tarfile.TarInfo(name)
        entry.size, entry.mode = len(content), 0o755
        archive.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()
