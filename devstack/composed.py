"""The story on `docker compose`: the services run in their containers, people and partners stay outside.

Nothing of the story knows it: the services are programs like any others, only that compose starts, kills and ends them.
"""

import asyncio
import json
import os
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

from devstack.devkeys import SERVICES
from devstack.errors import StackUnavailable
from devstack.forwarding import Forwarder
from devstack.ports import LOOPBACK
from devstack.processes import READY_SECONDS, Processes, Program, Progress
from devstack.runs import ROOT
from devstack.stack import Stack

ADDRESSES = {
    "KAFKA_BOOTSTRAP": "localhost:9092",
    "MONGO_URI": "mongodb://localhost:27017/?directConnection=true",
}
_PROJECT = "zhixing-story"
_FIRST_PORT = 8001
_OURS = re.compile(rf"http://{re.escape(LOOPBACK)}:(\d+)")


def play(*, keep: bool = False) -> int:
    """Play story 1 on the compose file's broker, database and services; the project is taken down at the end."""
    from devstack.demo.run import OPENING, perform  # noqa: PLC0415 - the story's own parts import this package

    os.environ.update(ADDRESSES)
    with Stack() as stack, ComposedProcesses(stack.folder) as processes:
        return asyncio.run(perform(stack, processes, OPENING, keep=keep))


class ComposedService(Program):
    """A service whose process lives in a container of the compose project."""

    def __init__(self, name: str, env: Mapping[str, str], compose: "ComposedProcesses") -> None:
        """Nothing is started; the port is the one that the compose file publishes."""
        super().__init__(name, f"services.{name}", compose.folder / "logs", env, "/readyz")
        self.port = _FIRST_PORT + SERVICES.index(name)
        self.container = name.replace("_", "-")
        self._compose = compose

    @property
    def running(self) -> bool:
        """Whether its container runs."""
        return self.pid is not None

    @property
    def pid(self) -> int | None:
        """The process id on this machine, where the engine is on it."""
        identity = self._compose.run("ps", "--quiet", self.container).strip()
        if not identity:
            return None
        return int(_docker("inspect", "--format", "{{.State.Pid}}", identity)) or None

    def launch(self) -> None:
        """Start the container again after a fault."""
        self._compose.run("start", self.container)

    def kill(self) -> None:
        """End it as a power cut would."""
        self._compose.run("kill", self.container)

    def stop(self) -> None:
        """Left to the project's own end, which takes all containers down at once."""

    def ask_to_end(self) -> None:
        """The same."""


class ComposedProcesses(Processes):
    """Programs of which the services are containers."""

    def __init__(self, folder: Path) -> None:
        """The run's folder is mounted where it is: paths in the settings mean the same inside."""
        super().__init__(folder, {})
        self._override = folder / "compose.json"
        self._forwarder: Forwarder | None = None

    def service(self, service: str, env: Mapping[str, str] | None = None, *, name: str | None = None) -> Program:
        """Register a service of the compose file with settings of this run; `name` cannot differ from the file's."""
        assert name in (None, service), "the compose file holds one container of a service"
        program = ComposedService(service, env or {}, self)
        self._programs[service] = program
        return program

    def run(self, *arguments: str) -> str:
        """Run one compose command on this project and return its output; raises `StackUnavailable` if it fails."""
        files = ["-f", str(ROOT / "docker-compose.yml"), "-f", str(self._override)]
        return _docker("compose", "-p", _PROJECT, *files, *arguments)

    def start_all(self, progress: Progress | None = None, deadline_s: float = READY_SECONDS) -> None:
        """Bring the project up, wait until all of it is healthy, then start the programs outside."""
        gateway = _docker("network", "inspect", "bridge", "--format", "{{(index .IPAM.Config 0).Gateway}}").strip()
        ports = [int(port) for each in self for port in _OURS.findall(" ".join((each.env or {}).values()))]
        self._forwarder = Forwarder(gateway, sorted(set(ports)))
        self._override.write_text(json.dumps({"services": self._overrides()}, indent=1))
        self.run("up", "--detach", "--build", "--wait")
        super().start_all(progress, deadline_s)

    def stop_all(self) -> None:
        """End the programs outside, then take the project and its volumes down."""
        super().stop_all()
        if self._override.exists():
            (self.folder / "logs").mkdir(exist_ok=True)
            (self.folder / "logs" / "compose.log").write_text(self.run("logs", "--no-color"))
            self.run("down", "--volumes")
        if self._forwarder:
            self._forwarder.close()

    def _overrides(self) -> dict[str, object]:
        composed = [each for each in self if isinstance(each, ComposedService)]
        return {each.container: self._override_of(each) for each in composed}

    def _override_of(self, service: ComposedService) -> dict[str, object]:
        given = {name: value for name, value in (service.env or {}).items() if name not in ADDRESSES}
        return {
            "environment": {name: _OURS.sub(r"http://host.docker.internal:\1", text) for name, text in given.items()},
            "volumes": [f"{self.folder}:{self.folder}:ro"],
            # The keys of this run are ours and private.
            "user": f"{os.getuid()}:{os.getgid()}",
        }


def _docker(*arguments: str) -> str:
    try:
        done = subprocess.run(["docker", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S607
    except FileNotFoundError:
        raise StackUnavailable("The story on compose needs docker, and there is none here.") from None
    if done.returncode:
        words = " ".join(arguments[-2:])
        raise StackUnavailable(f"docker … {words} failed: {done.stderr.strip()[-600:]}")
    return done.stdout
