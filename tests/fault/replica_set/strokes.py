"""What is done to the primary. Each stroke returns when there is a primary again and all members take part."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

import psutil
from pymongo import MongoClient
from pymongo.errors import PyMongoError
from pymongo.write_concern import WriteConcern

from devstack.mongo import Mongod
from devstack.replica_set import NativeReplicaSet


@dataclass(frozen=True)
class Scene:
    """The members, the dice, and what the stroke may ask of those who work.

    `witness` looks through a connection to one member alone and raises if anybody was shown what no majority has.
    Inside `rest()` nobody writes, and all that was written has been published.
    """

    members: NativeReplicaSet
    dice: random.Random
    witness: Callable[[MongoClient[dict[str, Any]]], None]
    rest: Callable[[], AbstractContextManager[None]]


Stroke = Callable[[Scene], str]


def step_down(scene: Scene) -> str:
    """The primary stands back for some seconds; it hangs up on those who write."""
    old = scene.members.step_down(seconds=scene.dice.randint(2, 5))
    new = scene.members.wait_primary(other_than=old)
    scene.members.wait_whole()
    return f"stepped down: {old.port} -> {new.port}"


def killed(scene: Scene) -> str:
    """The primary loses its power, and comes back before or after the others have chosen another."""
    old = scene.members.wait_primary()
    old.kill()
    if scene.dice.random() < 0.5:
        scene.members.wait_primary(other_than=old)
    time.sleep(scene.dice.uniform(0, 0.5))
    old.start()
    new = scene.members.wait_primary()
    scene.members.wait_whole()
    return f"killed: {old.port} -> {new.port}"


def frozen_past_an_election(scene: Scene) -> str:
    """The primary stands still until another is chosen, and wakes up believing that it is primary.

    What was sent to it meanwhile waits in its sockets. It may take it, and must not say that it stands.
    """
    old = scene.members.wait_primary()
    letter = _Letter(old)
    old.pause()
    _wait_stopped(old)
    letter.send()
    new = scene.members.wait_primary(other_than=old)
    time.sleep(scene.dice.uniform(0, 1.5))
    old.resume()
    scene.members.wait_whole()
    letter.assert_not_acknowledged(scene.members)
    return f"frozen: {old.port} -> {new.port}"


def alone_and_killed(scene: Scene) -> str:
    """The primary takes writes that nobody copies, and dies; when it comes back it has to take them back.

    Whoever had read them from it, or had been told that they stand, or had published them, is found out.
    """
    old = scene.members.wait_primary()
    others = [member for member in scene.members.members if member is not old]
    # Nothing is on its way, so that the relays look for more while the primary is alone, and find it. The others are
    # dead and not frozen: what a frozen one finds in its sockets when it wakes would still become a majority's.
    with scene.rest():
        for member in others:
            member.kill()
    time.sleep(scene.dice.uniform(1.0, 1.5))
    with old.client() as client:
        scene.witness(client)
    old.kill()
    for member in others:
        member.launch()
    new = scene.members.wait_primary(other_than=old)
    time.sleep(scene.dice.uniform(0, 0.5))
    old.start()
    scene.members.wait_whole()
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
