"""What is done to the primary. Each stroke returns when there is a primary again and all members take part."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from typing import Any

import psutil
from pymongo import MongoClient
from pymongo.errors import PyMongoError
from pymongo.write_concern import WriteConcern

from devstack.mongo import Mongod
from devstack.replica_set import NativeReplicaSet

Witness = Callable[[MongoClient[dict[str, Any]]], None]
"""Looks through a connection to the primary alone, and raises if anybody was shown what no majority has."""

Stroke = Callable[[NativeReplicaSet, random.Random, Witness], str]


def step_down(members: NativeReplicaSet, dice: random.Random, witness: Witness) -> str:
    """The primary stands back for some seconds; it hangs up on those who write."""
    del witness
    old = members.step_down(seconds=dice.randint(2, 5))
    new = members.wait_primary(other_than=old)
    members.wait_whole()
    return f"stepped down: {old.port} -> {new.port}"


def killed(members: NativeReplicaSet, dice: random.Random, witness: Witness) -> str:
    """The primary loses its power, and comes back before or after the others have chosen another."""
    del witness
    old = members.wait_primary()
    old.kill()
    if dice.random() < 0.5:
        members.wait_primary(other_than=old)
    time.sleep(dice.uniform(0, 0.5))
    old.start()
    new = members.wait_primary()
    members.wait_whole()
    return f"killed: {old.port} -> {new.port}"


def frozen_past_an_election(members: NativeReplicaSet, dice: random.Random, witness: Witness) -> str:
    """The primary stands still until another is chosen, and wakes up believing that it is primary.

    What was sent to it meanwhile waits in its sockets. It may take it, and must not say that it stands.
    """
    del witness
    old = members.wait_primary()
    letter = _Letter(old)
    old.pause()
    _wait_stopped(old)
    letter.send()
    new = members.wait_primary(other_than=old)
    time.sleep(dice.uniform(0, 1.5))
    old.resume()
    members.wait_whole()
    letter.assert_not_acknowledged(members)
    return f"frozen: {old.port} -> {new.port}"


def alone_and_killed(members: NativeReplicaSet, dice: random.Random, witness: Witness) -> str:
    """The primary takes writes that nobody copies, and dies; when it comes back it has to take them back.

    Whoever had read them from it, or had been told that they stand, or had published them, is found out.
    """
    old = members.wait_primary()
    others = [member for member in members.members if member is not old]
    for member in others:
        member.pause()
    for member in others:
        _wait_stopped(member)
    time.sleep(dice.uniform(0.8, 1.8))
    with old.client() as client:
        witness(client)
    old.kill()
    for member in others:
        member.resume()
    new = members.wait_primary(other_than=old)
    time.sleep(dice.uniform(0, 0.5))
    old.start()
    members.wait_whole()
    return f"alone and killed: {old.port} -> {new.port}"


STROKES: tuple[Stroke, ...] = (step_down, killed, frozen_past_an_election, alone_and_killed)


class _Letter:
    """A write by hand to one member, on a connection that was opened before it was frozen."""

    def __init__(self, member: Mongod) -> None:
        self._client: MongoClient[dict[str, Any]] = MongoClient(
            "127.0.0.1", member.port, directConnection=True, socketTimeoutMS=30_000, retryWrites=False
        )
        self._client.admin.command("ping")
        self._written: list[Any] = []
        self._thread = threading.Thread(target=self._write, daemon=True)

    def send(self) -> None:
        """Send it and return at once."""
        self._thread.start()

    def _write(self) -> None:
        box = self._client["letters"].get_collection("sent", write_concern=WriteConcern("majority", j=True))
        try:
            self._written.append(box.insert_one({"to": self._client.address}).inserted_id)
        except PyMongoError:
            # Not acknowledged: that is all that may be heard of it.
            return

    def assert_not_acknowledged(self, members: NativeReplicaSet) -> None:
        """Wait for what is said of it: an acknowledged write must stand at the majority, and this one cannot."""
        self._thread.join(30)
        assert not self._thread.is_alive(), "nothing was said about a write to the old primary"
        with members.observer() as mongo:
            kept = mongo["letters"]["sent"].count_documents({})
        self._client.close()
        assert not self._written, f"the old primary acknowledged a write after another was chosen; kept: {kept}"


def _wait_stopped(member: Mongod) -> None:
    while psutil.Process(member.pid).status() != psutil.STATUS_STOPPED:
        time.sleep(0.001)
