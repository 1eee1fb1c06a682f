"""Writer processes that begin at one moment on the same streams, what they were told, and what then stands written."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

from pymongo.database import Database

from tests.fault import chains
from tests.fault.programs import Crew, Program, until

END_SECONDS_MAX = 400.0


@dataclass
class Written:
    """The journal as it stands: where each command stands, how long each stream is, who wrote each commit."""

    heads: dict[str, int]
    stream_of: dict[str, str]
    authors: dict[str, list[str]] = field(default_factory=dict)
    """Stream → the name of the writer of each of its commits, in their order."""

    def takes_turns(self) -> int:
        """Return how often a commit follows one of another writer in the same stream."""
        pairs = [pair for names in self.authors.values() for pair in pairwise(names)]
        return sum(before != behind for before, behind in pairs)


@dataclass
class Desk:
    """One test's database and its writers."""

    crew: Crew
    mongo_uri: str
    database: Database[Any]
    begin: Path

    def write(self, names: list[str], **options: Any) -> list[Program]:
        """Run a writer of each name, all at once, until all are done; two of one name send the very same commands."""
        wanted = {name.replace("_", "-"): value for name, value in options.items()}
        given = {"mongo-uri": self.mongo_uri, "database": self.database.name, "tell": True, "begin-when": self.begin}
        writers = [
            self.crew.add(f"{name}-{place}", "writer", {**given, "name": name, **wanted})
            for place, name in enumerate(names)
        ]
        for writer in writers:
            writer.until_said("ready")
        self.begin.touch()
        for writer in writers:
            until(lambda: not writer.running, END_SECONDS_MAX, f"{writer.name} is done")  # noqa: B023 -- asked within the turn
            assert writer.said("done") == [True], f"{writer.name} ended undone"
        return writers

    def written(self) -> Written:
        """Return what stands in the journal. Raises `AssertionError` unless every chain is whole."""
        heads = chains.verify(self.database)
        found = Written(heads, {})
        for commit in self.database["commits"].find().sort("_id", 1):
            name = commit["entries"][0]["correlation_id"].partition("-")[0]
            found.authors.setdefault(commit["stream"], []).append(name)
            for entry in commit["entries"]:
                found.stream_of[entry["command_id"]] = commit["stream"]
        return found


def answers(writer: Program) -> dict[str, dict[str, Any]]:
    """Return what a writer was told, by command."""
    lines = [line for line in writer.lines() if "answer" in line]
    told = {line["command"]: line for line in lines}
    assert len(told) == len(lines), f"{writer.name} was answered twice"
    return told


def tally(told: dict[str, dict[str, Any]]) -> Counter[str]:
    """Return how often each answer was given."""
    return Counter(line["answer"] for line in told.values())
