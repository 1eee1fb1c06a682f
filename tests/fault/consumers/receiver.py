"""A receiving service as processes: members of one group, an operator, and the count of what they did."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pymongo.database import Database
from pymongo.read_concern import ReadConcern

from tests.fault import chains, topics
from tests.fault.consumers.speech import Place, Said, Speaker
from tests.fault.programs import Crew, Program, until

DONE_SECONDS = 300.0
RESOLVED = ("RELEASED", "DISCARDED")


@dataclass
class Receiver:
    """One test's share of broker and database, its members, and what they are told."""

    crew: Crew
    mongo_uri: str
    bootstrap: str
    unique: str
    database: Database[Any]
    folder: Path
    members: list[Program] = field(default_factory=list)

    @property
    def topic(self) -> str:
        """Where the messages stand."""
        return f"{self.unique}.{topics.INTAKE}"

    def join(self) -> Program:
        """Start another member of the group."""
        options = {
            **self._journal(),
            "bootstrap": self.bootstrap,
            "topic-prefix": f"{self.unique}.",
            "repaired-when": self.folder / "repaired",
        }
        self.members.append(self.crew.add(f"member-{len(self.members)}", "consumer", options))
        return self.members[-1]

    def operator(self, **options: Any) -> Program:
        """Start a person who releases and discards."""
        return self.crew.add("operator", "operator", {**self._journal(), **options})

    def repair(self) -> None:
        """Mend the handler's bug in every member."""
        (self.folder / "repaired").touch()

    def quarantined(self) -> dict[Place, str]:
        """Return the status of every message that is or was in quarantine."""
        rows = self._majority("quarantine").find({}, {"partition": 1, "offset": 1, "status": 1})
        return {(row["partition"], row["offset"]): row["status"] for row in rows}

    def noted(self) -> dict[str, list[tuple[str, str]]]:
        """Return for every stream the events that caused its facts, with the noted name, in order."""
        notes: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for commit in self._majority("commits").find().sort("_id"):
            for entry in commit["entries"]:
                notes[commit["stream"]] += [(entry["causation_id"], event["data"]["name"]) for event in entry["events"]]
        return notes

    def offsets(self) -> dict[int, int]:
        """Return what the group has committed."""
        return asyncio.run(topics.committed(self.bootstrap, f"{self.unique}.payments", self.topic))

    def nothing_is_ahead_of_what_is_done(self, speaker: Speaker) -> int:
        """Prove that every message below a committed offset is applied or kept; return how many there were."""
        offsets = self.offsets()
        # Read after the offsets: whatever they cover must have been at majority before them.
        kept = self.quarantined()
        applied = Counter(event for notes in self.noted().values() for event, _name in notes)
        covered = [(place, said) for place, said in list(speaker.placed.items()) if place[1] < offsets.get(place[0], 0)]
        for place, said in covered:
            assert place in kept or applied[said.event] == 2, f"{said} at {place}: offset {offsets} went ahead of it"
        return len(covered)

    def all_done(self, speaker: Speaker) -> None:
        """Wait until the group has committed everything that was said and nothing waits in quarantine."""
        assert len(speaker.placed) == len(speaker.messages)
        ends: dict[int, int] = {}
        for partition, offset in speaker.placed:
            ends[partition] = max(ends.get(partition, 0), offset + 1)

        def undone() -> list[str]:
            offsets = self.offsets()
            behind = [
                f"[{part}] at {offsets.get(part)} of {end}" for part, end in ends.items() if offsets.get(part, 0) < end
            ]
            return behind + [f"{place} {now}" for place, now in self.quarantined().items() if now not in RESOLVED]

        standing = [member.name for member in self.members if member.running]
        until(lambda: not undone(), DONE_SECONDS, lambda: f"{standing} have done all, but for {undone()[:8]}")

    def prove(self, speaker: Speaker) -> set[Place]:
        """Prove that all that was said is noted once, in the order of its key, but for what was discarded."""
        chains.verify(self.database)
        discarded = {place for place, status in self.quarantined().items() if status == "DISCARDED"}
        expected: dict[str, list[Said]] = defaultdict(list)
        for place, said in sorted(speaker.placed.items(), key=lambda item: item[1].seq):
            if place not in discarded:
                expected[said.key].append(said)
        notes = self.noted()
        for key, messages in expected.items():
            names = [name for _event, name in notes.pop(f"notes/{key}", [])]
            wanted = [said.name for said in messages]
            assert names == wanted, f"{key}: {_difference(names, wanted)}"
        shared = Counter(name for stream, facts in notes.items() if "/all-" in stream for _event, name in facts)
        everything = Counter(said.name for messages in expected.values() for said in messages)
        assert shared == everything, f"lost {everything - shared}, doubled {shared - everything}"
        return discarded

    def _majority(self, name: str) -> Any:
        return self.database.get_collection(name, read_concern=ReadConcern("majority"))

    def _journal(self) -> dict[str, Any]:
        return {"mongo-uri": self.mongo_uri, "database": self.database.name}


def _difference(names: list[str], wanted: list[str]) -> str:
    doubled = [name for name, times in Counter(names).items() if times > 1]
    at = next((at for at, (one, other) in enumerate(zip(names, wanted, strict=False)) if one != other), -1)
    lost, strange = sorted(set(wanted) - set(names)), sorted(set(names) - set(wanted))
    return (
        f"{len(names)} noted, {len(wanted)} wanted; lost {lost[:5]}, not wanted {strange[:5]}, doubled {doubled[:5]}; "
        f"first difference at {at}: {names[at : at + 3]} where {wanted[at : at + 3]} must stand"
    )
