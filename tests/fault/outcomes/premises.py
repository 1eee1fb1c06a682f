"""Services on a database of the test's own: what they are told, whom they believe, who looks at their journals."""

from __future__ import annotations

import asyncio
import json
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient
from pymongo import MongoClient
from pymongo.read_concern import ReadConcern

from devstack.demo import wages_world as world
from devstack.demo.ground import Ground, Opening
from devstack.demo.proof.sight import WireRecord
from devstack.processes import Processes
from tests.e2e.bad_input.letters import Tokens
from tests.fault import chains, wire

OPENING = Opening(world.COURT, datetime(2026, 3, 2, 9, 0, tzinfo=timezone(timedelta(hours=8))), 60)
"""Business time stands still until the clock is run."""

Commit = dict[str, Any]


@dataclass(frozen=True)
class Addresses:
    """Where broker and database answer."""

    kafka_bootstrap: str
    mongo_uri: str


@dataclass
class Premises:
    """The running services, the maker of tokens, and the observer's own way to database and broker."""

    ground: Ground
    processes: Processes
    tokens: Tokens
    mongo: MongoClient[Commit]
    prefix: str
    urls: dict[str, list[str]] = field(default_factory=dict)

    def add(self, service: str, *, name: str | None = None, mongo_uri: str | None = None) -> None:
        """Register one more process of a service, on another way to the database if one is named."""
        changed = {"TOPIC_PREFIX": self.prefix} | ({"MONGO_URI": mongo_uri} if mongo_uri else {})
        program = self.processes.service(service, self.ground.settings(service) | changed, name=name)
        self.urls.setdefault(service, []).append(program.url)

    def commits(self, service: str) -> list[Commit]:
        """Return all commits of a service that a majority of the database has."""
        return list(self.mongo[service].get_collection("commits", read_concern=ReadConcern("majority")).find())

    def settle(self, seconds: float = 60) -> None:
        """Wait until everything that is written has been published and projected."""
        until = time.monotonic() + seconds
        for service in self.urls:
            open_work = {"$or": [{"published": False}, {"projected": False}]}
            while (left := self.mongo[service]["commits"].count_documents(open_work)) and time.monotonic() < until:
                time.sleep(0.1)
            assert not left, f"{service}: {left} commits are still not published or not shown"

    async def wire(self) -> list[WireRecord]:
        """Return every committed record on every topic of these premises."""
        admin = AIOKafkaAdminClient(bootstrap_servers=self.ground.stack.kafka_bootstrap)
        await admin.start()
        try:
            topics = [name for name in await admin.list_topics() if name.startswith(self.prefix)]
        finally:
            await admin.close()
        return await wire.read_all(self.ground.stack.kafka_bootstrap, topics)

    def assert_whole_and_published(self) -> dict[str, int]:
        """Settle, then hold the wire against the journals; return how many commits and records there are.

        Every chain is whole; every record stands in a journal with the same id, sequence, time and data; every event
        of a published kind of stream stands on the wire, first occurrences in `seq` order, repeats byte-identical.
        """
        self.settle()
        records = asyncio.run(self.wire())
        on_the_wire = wire.first_occurrences(records)
        kinds = {stream.partition("/")[0] for stream in on_the_wire}
        written: dict[str, tuple[str, int, str, str]] = {}
        counted = 0
        for service in self.urls:
            chains.verify(self.mongo[service])
            commits = self.commits(service)
            counted += len(commits)
            for commit in commits:
                for event in (event for entry in commit["entries"] for event in entry["events"]):
                    data = _canonical(event["data"])
                    written[event["id"]] = (commit["stream"], event["seq"], commit["at"], data)
        for one in records:
            place, at = (one.header("ce_subject"), int(one.header("ce_sequence"))), one.header("ce_time")
            said = (*place, at, _canonical(json.loads(one.value)))
            stands = written.get(one.header("ce_id"))
            assert stands == said, f"on the wire stands {said}, in the journal {stands}"
        published = {one.header("ce_id") for one in records}
        missing = [at for event, at in written.items() if event not in published and at[0].partition("/")[0] in kinds]
        assert not missing, f"{len(missing)} events are not on the wire, first {missing[0][:2]}"
        return {"commits": counted, "events": len(written), "records": len(records)}


def _canonical(data: Any) -> str:
    return json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=int)


@contextmanager
def premises(kafka_bootstrap: str, mongo_uri: str, folder: Path) -> Iterator[Premises]:
    """Inside, services can be registered and started; when it ends, they have ended. Topics have a prefix of their own.

    `mongo_uri` is where the observer looks, and the services unless they are told another way.
    """
    with Processes(folder, {}) as processes, MongoClient[Commit](mongo_uri, tz_aware=True) as mongo:
        ground = Ground(Addresses(kafka_bootstrap, mongo_uri), processes, folder, OPENING)
        tokens = Tokens.of_issuer(json.loads(ground.keys.issuer_key.read_text()))
        yield Premises(ground, processes, tokens, mongo, f"f{secrets.token_hex(4)}.")
