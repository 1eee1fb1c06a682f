"""Whether a service's journal is whole, computed from the raw documents and nothing of the product."""

from __future__ import annotations

from collections import Counter
from typing import Any

from pymongo.database import Database
from pymongo.read_concern import ReadConcern

from devstack.demo.proof.hashes import chain_faults

Commit = dict[str, Any]


def verify(database: Database[Commit]) -> dict[str, int]:
    """Return the last `seq` of every stream, from all commits that a majority of the database has.

    Raises `AssertionError`, naming the commits, unless every stream has versions 1 to n, each chained to the one before
    it by the hashes computed here anew (canonical JSON, RFC 6962), `seq` has no gap, a header says what its entries
    are, and no command and no event stands twice in the service.
    """
    return judge(list(database.get_collection("commits", read_concern=ReadConcern("majority")).find()))


def judge(commits: list[Commit]) -> dict[str, int]:
    """Return the last `seq` of every stream of these commits, as `verify` does."""
    faults = [*chain_faults(commits), *_header_faults(commits)]
    entries = [entry for commit in commits for entry in commit["entries"]]
    faults += _repeated("command", (entry["command_id"] for entry in entries))
    faults += _repeated("event", (event["id"] for entry in entries for event in entry["events"]))
    assert not faults, f"{len(faults)} faults in {len(commits)} commits, first: " + "; ".join(faults[:5])
    last: dict[str, int] = {}
    for commit in commits:
        last[commit["stream"]] = max(last.get(commit["stream"], 0), int(commit["seq"]))
    return last


def _header_faults(commits: list[Commit]) -> list[str]:
    faults: list[str] = []
    seqs: dict[str, int] = {}
    for commit in sorted(commits, key=lambda one: (one["stream"], one["version"])):
        name, stream = commit["_id"], commit["stream"]
        if name != f"{stream}@{commit['version']:010d}":
            faults.append(f"{name}: its id is not that of its stream and version")
        if not commit["entries"] or commit["count"] != len(commit["entries"]):
            faults.append(f"{name}: it counts {commit['count']} entries and has {len(commit['entries'])}")
        for entry in commit["entries"]:
            numbers = [event["seq"] for event in entry["events"]]
            seqs[stream] = numbers[-1] if numbers else seqs.get(stream, 0)
            if entry["outcome"]["seq"] != seqs[stream]:
                faults.append(f"{name}: an entry was answered with another seq than that of its last event")
        if commit["seq"] != seqs[stream]:
            faults.append(f"{name}: its seq is not that of its last event")
    return faults


def _repeated(what: str, ids: Any) -> list[str]:
    return [f"{what} {one} stands {count} times" for one, count in Counter(ids).items() if count > 1]
