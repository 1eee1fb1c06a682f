"""From a page of unpublished commits to records: what may go out, what is held back, and why. Pure.

First occurrences on the wire are in `seq` order for every stream. So a commit goes out only if everything before it in
its stream has gone out or goes out with it; where that is not so, the stream is held, and the others go on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Any, Final, NamedTuple

from libs.bus.cloudevents import Envelope, Record, encode
from libs.foundation import limits
from libs.foundation.errors import Rejected
from libs.foundation.ids import category_of
from libs.schemas.envelope import parse_type
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


class Tail(NamedTuple):
    """Where a stream stands after a commit, and whether that commit is published."""

    version: int
    seq: int
    published: bool = True


BEFORE_FIRST: Final = Tail(0, 0)


class Outgoing(NamedTuple):
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
            continue
        before = plan.tails.get(stream) or known.get(stream, BEFORE_FIRST)
        outgoing: list[Outgoing] = []
        cause = _follows(commit, before) or _encode(commit, service, outgoing)
        if cause is not None:
            plan.held[stream] = cause
            continue
        plan.outgoing += outgoing
        plan.ids.append(commit["_id"])
        plan.tails[stream] = Tail(commit["version"], commit["seq"])
    return plan


def records_of(commit: Mapping[str, Any], *, service: str) -> list[Outgoing]:
    """Return the records of a commit: the same bytes whenever it is asked. Raises `ValueError` if one has no form."""
    topic = _topic(service, category_of(commit["stream"]))
    if topic is None:
        return []
    return [
        Outgoing(topic, encode(_envelope(commit, entry, event, service)))
        for entry in commit["entries"]
        for event in entry["events"]
    ]


@cache
def _topic(service: str, category: str) -> str | None:
    topic = topic_of(service, category)
    return None if topic is None else topic.name


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
        types = [event["type"] for entry in commit["entries"] for event in entry["events"]] if records else ()
        strays = any(not _may_stand(event_type, records[0].topic) for event_type in types)
    except (ValueError, Rejected):
        return UNENCODABLE
    if strays:
        return WRONG_TOPIC
    if any(item.record.size + FRAMING_BYTES > limits.RECORD_BYTES_MAX for item in records):
        return OVERSIZED
    outgoing += records
    return None


@lru_cache(maxsize=4096)
def _may_stand(event_type: str, topic: str) -> bool:
    """Return False for a private copy in a public topic, or for personal data outside of the register."""
    service, name, _version = parse_type(event_type)
    own = topic_of_name(service, name)
    return service == TIMERS or (own is not None and own.name == topic)


def _envelope(commit: Mapping[str, Any], entry: Mapping[str, Any], event: Mapping[str, Any], service: str) -> Envelope:
    return Envelope(
        id=event["id"],
        type=event["type"],
        service=service,
        stream=commit["stream"],
        seq=event["seq"],
        court=commit["court"],
        key=commit["key"],
        at=commit["at"],
        correlation_id=entry.get("correlation_id") or "",
        causation_id=entry.get("causation_id"),
        trace=entry.get("trace"),
        data=event["data"],
    )
