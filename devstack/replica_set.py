"""Three mongods of this machine as one replica set, so that an election can be had without a network."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pymongo
from pymongo.errors import AutoReconnect, OperationFailure

from devstack.errors import StackUnavailable
from devstack.mongo import Mongod, initiate, uri_of
from devstack.ports import free_ports

MEMBERS = 3
ELECTION_TIMEOUT_MS = 2000
"""A fifth of the server's default: on one machine nothing is slow but our own faults, and tests wait for elections."""
HEARTBEAT_MS = 500
READY_SECONDS = 60.0


class NativeReplicaSet:
    """A context manager: inside it three voting members stand, one of them primary; each can be struck by itself."""

    def __init__(self, folder: Path) -> None:
        """Nothing is started; every member keeps port and data over restarts."""
        ports = free_ports(MEMBERS)
        self.members = [Mongod(folder / f"member-{place}", port) for place, port in enumerate(ports)]
        self.uri = uri_of(ports)

    def __enter__(self) -> Self:
        """Start all, found the set, and return when there is a primary that a majority follows."""
        try:
            for member in self.members:
                member.launch()
            self._wait_up()
            settings = {"electionTimeoutMillis": ELECTION_TIMEOUT_MS, "heartbeatIntervalMillis": HEARTBEAT_MS}
            initiate(self.members[0], [member.port for member in self.members], settings)
            self.wait_whole()
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End all at once: nobody needs the data, and an orderly end would wait for elections."""
        self._end()

    def _wait_up(self) -> None:
        until = time.monotonic() + READY_SECONDS
        for member in self.members:
            while not member.hello():
                if not member.running or time.monotonic() > until:
                    raise member.mute(READY_SECONDS)
                time.sleep(0.05)

    def _end(self) -> None:
        for member in self.members:
            member.kill()

    def primary(self) -> Mongod | None:
        """The member that takes writes now, in the newest term if an old primary does not know yet; or none."""
        said = [(member.hello(), member) for member in self.members]
        found = [(hello["electionId"], member) for hello, member in said if hello.get("isWritablePrimary")]
        return max(found, key=lambda one: one[0])[1] if found else None

    def wait_primary(self, *, other_than: Mongod | None = None, deadline_s: float = READY_SECONDS) -> Mongod:
        """Return the primary, once there is one that is not `other_than`; raises `StackUnavailable`."""
        until = time.monotonic() + deadline_s
        while (primary := self.primary()) is None or primary is other_than:
            if time.monotonic() > until:
                message = f"no {'other ' if other_than else ''}primary was elected within {deadline_s:.0f} s"
                raise StackUnavailable(message)
            time.sleep(0.05)
        return primary

    def wait_whole(self, deadline_s: float = READY_SECONDS) -> None:
        """Return when all members take part and one is primary; raises `StackUnavailable`."""
        until = time.monotonic() + deadline_s
        while not self._whole():
            if time.monotonic() > until:
                message = f"no replica set of {MEMBERS} with a primary within {deadline_s:.0f} s"
                raise StackUnavailable(message)
            time.sleep(0.05)

    def _whole(self) -> bool:
        said = [member.hello() for member in self.members]
        primaries = sum(bool(one.get("isWritablePrimary")) for one in said)
        return primaries == 1 and sum(bool(one.get("secondary")) for one in said) == MEMBERS - 1

    def taken_back(self) -> int:
        """How many files the members have filled with writes that they had to take back after an election."""
        return sum(1 for member in self.members for _ in (member.folder / "data" / "rollback").rglob("*.bson"))

    def step_down(self, seconds: int) -> Mongod:
        """Have the primary stand back for so long; return it. It ends its clients' connections as it does so."""
        primary = self.wait_primary()
        with primary.client() as client:
            try:
                client.admin.command("replSetStepDown", seconds, secondaryCatchUpPeriodSecs=1)
            except (AutoReconnect, OperationFailure):
                # It answers, hangs up, or says that nobody has caught up: who is primary afterwards is what counts.
                client.close()
        return primary

    @contextmanager
    def observer(self) -> Iterator["pymongo.MongoClient[dict[str, Any]]"]:
        """A client of the whole set that reads what a majority has."""
        with pymongo.MongoClient[dict[str, Any]](self.uri, readConcernLevel="majority", tz_aware=True) as client:
            yield client
