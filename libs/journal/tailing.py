"""Following streams event by event: for copies that keep a stream's events themselves and never fold them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from libs.journal.commits import after, commit_id
from libs.journal.fold import stored_event
from libs.journal.reader import Reader
from libs.journal.refusals import JournalBroken
from libs.journal.store import Document
from libs.schemas.envelope import Event

_FOLLOWED = {
    **dict.fromkeys(("stream", "version", "at", "prev_hash", "hash"), 1),
    **dict.fromkeys(("entries.events.seq", "entries.events.type", "entries.events.data"), 1),
}
"""All that whoever follows a stream reads of a commit."""

_COMMITS_MAX = 24


@dataclass(frozen=True, slots=True)
class TailEvent:
    """One event of a stream: its number, the commit that holds it, when it was accepted (text), and the fact."""

    seq: int
    version: int
    at: str
    event: Event


@dataclass(frozen=True, slots=True)
class Tail:
    """What stands behind a version of a stream: its events in order, and the commit that follows on from them.

    `gap` says that a commit was seen whose predecessor was not. The next look shows it; where it does not, the stream
    has lost a commit.
    """

    events: tuple[TailEvent, ...]
    version: int
    hash: str
    gap: bool = False


async def tails(reader: Reader, behind: Mapping[str, tuple[int, str]]) -> dict[str, Tail]:
    """Return what is new of each stream, given the version and hash that were reached; at most two dozen commits.

    One query for all streams, majority-committed. A stream without anything new is left out; ask again until all are.
    Raises `JournalBroken` where a commit does not follow on from the hash that was reached, `StoreUnavailable`.
    """
    if not behind:
        return {}
    query = {"$or": [after(stream, version) for stream, (version, _hash) in behind.items()]}
    by_stream: dict[str, list[Document]] = {}
    for commit in await reader.find(query, _FOLLOWED, limit=_COMMITS_MAX):
        by_stream.setdefault(commit["stream"], []).append(commit)
    return {stream: _tail(stream, commits, *behind[stream]) for stream, commits in by_stream.items()}


async def commits_at(reader: Reader, stream: str, versions: Sequence[int]) -> list[tuple[int, Tail]]:
    """Return single commits of a stream by version, each as a tail of its own; those that are missing are left out."""
    rows = await reader.find({"_id": {"$in": [commit_id(stream, each) for each in versions]}}, _FOLLOWED, limit=0)
    return [(row["version"], Tail(_events(row), row["version"], row["hash"])) for row in rows]


def _tail(stream: str, commits: Sequence[Document], version: int, reached: str) -> Tail:
    events: list[TailEvent] = []
    for commit in commits:
        if commit["version"] != version + 1:
            return Tail(tuple(events), version, reached, gap=True)
        if commit["prev_hash"] != reached:
            raise JournalBroken(f"{commit['_id']} does not follow on from version {version} of {stream}")
        version, reached = commit["version"], commit["hash"]
        events += _events(commit)
    return Tail(tuple(events), version, reached)


def _events(commit: Document) -> tuple[TailEvent, ...]:
    return tuple(
        TailEvent(stored["seq"], commit["version"], commit["at"], stored_event(stored))
        for entry in commit["entries"]
        for stored in entry["events"]
    )
