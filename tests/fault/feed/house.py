"""The publisher under fire: two processes of it, its relay apart, and a subscriber of each kind."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from pymongo import MongoClient

from devstack.demo.proof.feed_sight import FeedSight, Reader, look_at_feed
from devstack.devkeys import KeyFolder
from devstack.processes import Processes
from devstack.stack import Stack
from tests.e2e.bad_input.letters import Tokens
from tests.fault.feed.mouth import COURT
from tests.fault.kill.client import Client
from tests.fault.kill.faults import Victim

SERVICE = "credit_blacklist"
PUBLISHERS = (SERVICE, f"{SERVICE}-2")
RELAY = f"{SERVICE}-relay"
SUBSCRIBERS = {
    "airline": ("air", "pull"),
    "railway": ("rail", "stream"),
    "bank": ("finance", "deltas"),
    "registry": ("land", "entries"),
}
"""Who reads which view by which way."""

READY_SECONDS = 120.0
SCOPES = ("credit_blacklist.*.read", "credit_blacklist.*.write")


@dataclass
class FeedHouse:
    """Everything that runs."""

    stack: Stack
    processes: Processes
    keys: KeyFolder
    client: Client
    mongo: MongoClient[dict[str, Any]]
    tokens: Tokens
    seed: int

    @property
    def victims(self) -> dict[str, Victim]:
        """Publishers, relay and subscribers."""
        return {program.name: program for program in self.processes}

    @property
    def urls(self) -> list[str]:
        """Both publishers."""
        return [self.processes[name].url for name in PUBLISHERS]

    def token(self, agency_id: str) -> str:
        """Return the token of a subscriber."""
        return self.tokens.sign(claims(self.tokens, agency_id))

    async def connect_subscribers(self) -> None:
        """Register every subscriber with its view and key."""
        for agency_id, (view, _way) in SUBSCRIBERS.items():
            body = {
                "view": view,
                "title": agency_id,
                "contact_name": "李四",
                "contact_phone": "010-12345678",
                "keys": [self.keys.public_agency_key(agency_id)],
            }
            done = await self.client.write("operator", SERVICE, f"/v1/subscribers/{agency_id}", body, method="PUT")
            assert done.accepted, done.answer

    async def everybody_ready(self) -> None:
        """Wait until all that run answer."""
        async with asyncio.timeout(READY_SECONDS):
            for program in self.processes:
                while not (program.running and await asyncio.to_thread(program.answers)):  # noqa: ASYNC110 -- it rings no bell
                    await asyncio.sleep(0.1)

    async def look(self) -> FeedSight:
        """See the feed by all four ways, and what every subscriber holds."""
        readers = tuple(
            Reader(agency_id, view, self.token(agency_id), self.processes[agency_id].url)
            for agency_id, (view, _way) in SUBSCRIBERS.items()
        )
        return await look_at_feed(self.stack.kafka_bootstrap, self.urls[0], readers, self.keys.public_root_key())

    def commits(self) -> list[dict[str, Any]]:
        """Return the publisher's journal, raw."""
        return list(self.mongo[SERVICE]["commits"].find().sort("_id", 1))


def claims(tokens: Tokens, who: str) -> dict[str, Any]:
    """Return the claims of an officer, the president, the operator, or a subscriber."""
    if who in SUBSCRIBERS:
        return tokens.claims(who, who, roles=["agency"], scopes=SCOPES, agency_id=who)
    courts = ["*"] if who == "operator" else [COURT]
    role = {"officer": "case_officer"}.get(who, who)
    return tokens.claims(who, COURT, roles=[role], scopes=SCOPES, courts=courts)


@contextmanager
def feed_under_fire(seed: int) -> Iterator[FeedHouse]:
    """Bring a house up, without its subscribers; leaving ends everything."""
    with Stack(own=True) as stack, Processes(stack.folder, {}) as processes:
        keys = KeyFolder(stack.folder / "keys")
        keys.make()
        tokens = Tokens.of_issuer(json.loads(keys.issuer_key.read_text()))
        _register(processes, stack, keys)
        processes.start_all()
        urls = {SERVICE: [processes[name].url for name in PUBLISHERS]}
        with httpx.Client(), MongoClient[dict[str, Any]](stack.mongo_uri) as mongo:
            client = Client(urls, lambda who: claims(tokens, who), tokens.sign, random.Random(seed), f"f{seed}")
            yield FeedHouse(stack, processes, keys, client, mongo, tokens, seed)


def _register(processes: Processes, stack: Stack, keys: KeyFolder) -> None:
    shared = {"KAFKA_BOOTSTRAP": stack.kafka_bootstrap, "MONGO_URI": stack.mongo_uri, "JWKS": str(keys.jwks)}
    settings = (
        shared
        | keys.settings(SERVICE)
        | {
            "CREDIT_BLACKLIST_RELAY": "false",
            "CREDIT_BLACKLIST_FEED_MINIMUM_WAIT_S": "1",
            "CREDIT_BLACKLIST_FEED_HEAD_EVERY_S": "5",
        }
    )
    for name in PUBLISHERS:
        processes.service(SERVICE, settings, name=name)
    processes.program(RELAY, "services.relay", shared | {"RELAY_SERVICE": SERVICE}, ready_path="/readyz")


def add_subscribers(house: FeedHouse) -> None:
    """Start a subscriber of each kind; each has its copy in a file that outlives it."""
    folder: Path = house.stack.folder / "subscribers"
    folder.mkdir()
    for number, (agency_id, (view, way)) in enumerate(SUBSCRIBERS.items()):
        config = {
            "publisher": house.urls[number % len(house.urls)],
            "view": view,
            "way": way,
            "bootstrap": house.stack.kafka_bootstrap,
            "root": house.keys.public_root_key(),
            "key": json.loads(house.keys.agency_key(agency_id).read_text()),
            "token": house.token(agency_id),
            "path": str(folder / f"{agency_id}.sqlite"),
        }
        path = folder / f"{agency_id}.json"
        path.write_text(json.dumps(config))
        program = house.processes.program(agency_id, "tests.fault.feed.subscriber")
        program.arguments = [str(path)]
        assert program.env is not None
        program.env["PYTHONPATH"] += ":" + str(Path(program.env["PYTHONPATH"]) / "clients" / "python")
    house.processes.start_all()
