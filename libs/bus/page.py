"""From a page of unpublished commits to records: what may go out, what is held back, and why. Pure.

First occurrences on the wire are in `seq` order for every stream. So a commit goes out only if everything before it in
its stream has gone out or goes out with it; where that is not so, the stream is held, and the others go on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from libs.bus.cloudevents import Envelope, Record, Undecodable, encode, type_of
from libs.foundation import limits
from libs.foundation.ids import category_of
from libs.schemas.timers import TimerFired
from libs.schemas.topics import topic_of, topic_of_name

GAP: Final = "gap_in_sequence"
PREDECESSOR_UNPUBLISHED: Final = "predecessor_unpublished"
OVERSIZED: Final = "record_oversized"
UNENCODABLE: Final = "record_unencodable"
WRONG_TOPIC: Final = "event_in_wrong_topic"

TIMERS: Final = TimerFired.SERVICE
"""Facts about timers stand in every stream, so in every topic."""

FRAMING_BYTES: Final = 1024
"""What the broker adds to a record at most: batch header, lengths, timestamps; generously."""


@dataclass(frozen=True, slots=True)
class Tail:
    """Where a stream stands after a commit, and whether that commit is published."""

    version: int
    seq: int
    published: bool = True


BEFORE_FIRST: Final = Tail(0, 0)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A record and the topic (without prefix) that it goes to."""

    topic: str
    record: Record


@dataclass(slots=True)
class Plan:
    """What to publish and mark, where each stream will stand then, and what is held with its cause."""

    outgoing: list[Outgoing] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    tails: dict[str, Tail] = field(default_factory=dict)
    held: dict[str, str] = field(default_factory=dict)
    held_commits: int = 0


def predecessors_needed(page: Iterable[Mapping[str, Any]], known: Mapping[str, Tail]) -> list[tuple[str, int]]:
    """Return `(stream, version)` of the commits before the page whose standing is not known."""
    needed: dict[str, int] = {}
    for commit in page:
        stream = commit["stream"]
        if stream not in needed:
            needed[stream] = commit["version"] - 1
    return [(stream, version) for stream, version in needed.items() if version > 0 and stream not in known]


def plan_page(page: Sequence[Mapping[str, Any]], known: Mapping[str, Tail], *, service: str) -> Plan:
    """Return what to do with a page, given where the streams stood before it (missing: no such commit)."""
    plan = Plan()
    for commit in page:
        stream = commit["stream"]
        if stream in plan.held:
            plan.held_commits += 1
            continue
        before = plan.tails.get(stream) or known.get(stream, BEFORE_FIRST)
        outgoing: list[Outgoing] = []
        cause = _follows(commit, before) or _encode(commit, service, outgoing)
        if cause is not None:
            plan.held[stream] = cause
            plan.held_commits += 1
            continue
        plan.outgoing += outgoing
        plan.ids.append(commit["_id"])
        plan.tails[stream] = Tail(int(commit["version"]), int(commit["seq"]))
    return plan


def records_of(commit: Mapping[str, Any], *, service: str) -> list[Outgoing]:
    """Return the records of a commit: the same bytes whenever it is asked. Raises `ValueError` if one has no form."""
    topic = topic_of(service, category_of(commit["stream"]))
    if topic is None:
        return []
    return [
        Outgoing(topic.name, encode(_envelope(commit, entry, event, service)))
        for entry in commit["entries"]
        for event in entry["events"]
    ]


def _follows(commit: Mapping[str, Any], before: Tail) -> str | None:
    if not before.published:
        return PREDECESSOR_UNPUBLISHED
    if commit["version"] != before.version + 1:
        # Marking may have failed after an earlier publication: a repeat of what went out already is no gap.
        return None if commit["version"] <= before.version else GAP
    seqs = [event["seq"] for entry in commit["entries"] for event in entry["events"]]
    return None if seqs == list(range(before.seq + 1, commit["seq"] + 1)) else GAP


def _encode(commit: Mapping[str, Any], service: str, outgoing: list[Outgoing]) -> str | None:
    try:
        records = records_of(commit, service=service)
        strays = [item for item in records if _stray(item)]
    except (ValueError, Undecodable):
        return UNENCODABLE
    if strays:
        return WRONG_TOPIC
    if any(item.record.size + FRAMING_BYTES > limits.RECORD_BYTES_MAX for item in records):
        return OVERSIZED
    outgoing += records
    return None


def _stray(item: Outgoing) -> bool:
    """Return whether an event must not stand in its topic: a private copy, or personal data outside of the register."""
    service, name, _version = type_of(item.record.headers)
    if service == TIMERS:
        return False
    topic = topic_of_name(service, name)
    return topic is None or topic.name != item.topic


def _envelope(commit: Mapping[str, Any], entry: Mapping[str, Any], event: Mapping[str, Any], service: str) -> Envelope:
    return Envelope(
        id=event["id"],
        type=event["type"],
        service=service,
        stream=commit["stream"],
        seq=int(event["seq"]),
        court=commit["court"],
        key=commit["key"],
        at=commit["at"],
        correlation_id=entry.get("correlation_id") or "",
        causation_id=entry.get("causation_id"),
        trace=entry.get("trace"),
        data=plain(event["data"]),
    )


def plain(value: Any) -> Any:
    """Return stored data with the plain types of JSON: the database answers integers in a class of its own."""
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, int) and not isinstance(value, bool):
        return int(value)
    return value
