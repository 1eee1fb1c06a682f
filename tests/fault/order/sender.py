"""A sending service as processes: writers that contend, relays that compete, and the count of what they did."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pymongo.database import Database

from devstack.demo.proof.sight import WireRecord
from tests.fault import chains, topics, wire
from tests.fault.programs import Crew, Program, until

PUBLISHED_SECONDS = 180.0


@dataclass
class Sender:
    """One test's share of broker and database, and its programs."""

    crew: Crew
    mongo_uri: str
    bootstrap: str
    unique: str
    database: Database[Any]

    def writer(self, name: str, **options: Any) -> Program:
        """Start a writer of this name; it says every answer."""
        return self.crew.add(name, "writer", {**self._journal(), "name": name, "tell": True, **options})

    def relay(self, name: str, *, lease_seconds: float = 1.5, **life: Any) -> Program:
        """Start a relay; `life` are the blows it deals itself in its first life."""
        options = {
            **self._journal(),
            "bootstrap": self.bootstrap,
            "topic-prefix": f"{self.unique}.",
            "lease-seconds": lease_seconds,
            "publish-seconds-max": 60,
        }
        return self.crew.add(name, "relay", options, **life)

    def unpublished(self) -> int:
        """Return how many commits are not marked as published."""
        return self.database["commits"].count_documents({"published": False})

    def all_published(self, meanwhile: Callable[[], None] = lambda: None) -> None:
        """Wait until every commit is marked; `meanwhile` is called at each look."""

        def marked() -> bool:
            meanwhile()
            return self.unpublished() == 0

        until(marked, PUBLISHED_SECONDS, lambda: f"all is published; {self.unpublished()} commits are not")

    def read(self) -> list[WireRecord]:
        """Return everything that a reader of committed records sees."""
        return asyncio.run(wire.read_all(self.bootstrap, [f"{self.unique}.{topics.INTAKE}"]))

    def prove(self, *writers: Program) -> Counter[tuple[str, int]]:
        """Prove journal and wire against what the writers were answered; return how often each event is on the wire."""
        heads = chains.verify(self.database)
        stored = _commands(self.database)
        for writer in writers:
            for answer in (line for line in writer.lines() if "answer" in line):
                place = stored.get(answer["command"])
                expected = answer["stream"] if answer["answer"] == "accepted" else None
                assert place == expected, f"{writer.name} was told {answer}, the journal has {place}"
        records = self.read()
        order = wire.first_occurrences(records)
        assert {stream: len(seqs) for stream, seqs in order.items()} == heads, "the wire does not hold the journal"
        return Counter((record.header("ce_subject"), int(record.header("ce_sequence"))) for record in records)

    def _journal(self) -> dict[str, Any]:
        return {"mongo-uri": self.mongo_uri, "database": self.database.name}


def _commands(database: Database[Any]) -> dict[str, str]:
    rows = database["commits"].find({}, {"stream": 1, "entries.command_id": 1})
    return {entry["command_id"]: row["stream"] for row in rows for entry in row["entries"]}
