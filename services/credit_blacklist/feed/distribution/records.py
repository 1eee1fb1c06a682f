"""The feed on Kafka: topics of a view and the records in them (docs/joint-punishment-feed.md, section 10). Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal, NamedTuple

from libs.bus.cloudevents import Record
from libs.bus.page import Outgoing
from libs.schemas.topics import Topic

Kind = Literal["entry", "head", "tombstone"]

DELTAS_DAYS: Final = 90
"""As long as pages are served [D]; whoever comes later takes the snapshot."""
TOMBSTONE_DAYS: Final = 90
"""How long a tombstone stays for whoever reads the compacted topic slowly [D]."""
HEAD_KEY: Final = b"head"
FORMER: Final = "former_buried"
"""Header of a head in the compacted topic: 1 once values of former sessions that nobody carried over are buried."""
BURIED: Final = "buried_to"
"""Header of a head in the compacted topic: up to this sequence every removal that has a tombstone by now has it."""


def deltas_topic(view: str) -> str:
    """Return the name of a view's topic with every entry in order."""
    return f"zhixing.joint-punishment.{view}.deltas.v1"


def entries_topic(view: str) -> str:
    """Return the name of a view's compacted topic."""
    return f"zhixing.joint-punishment.{view}.entries.v1"


def topics_of(view: str, service: str) -> Sequence[Topic]:
    """Return both topics of a view. One partition each: a view is one sequence."""
    return (
        Topic(deltas_topic(view), service, (), (), key="record_id", partitions=1, retention_days=DELTAS_DAYS),
        Topic(
            entries_topic(view),
            service,
            (),
            (),
            key="record_id, of a head `head`",
            partitions=1,
            retention_days=TOMBSTONE_DAYS,
            compacted=True,
        ),
    )


class Entry(NamedTuple):
    """One entry of a view as it goes out."""

    session_id: str
    sequence: int
    record_id: str
    jws: str


def entry_records(view: str, entry: Entry) -> list[Outgoing]:
    """Return the records of an entry: one in each topic."""
    headers = _headers("entry", entry.session_id, entry.sequence)
    record = Record(entry.record_id.encode(), entry.jws.encode(), headers)
    return [Outgoing(deltas_topic(view), record), Outgoing(entries_topic(view), record)]


class Buried(NamedTuple):
    """What has its tombstone by now: removals up to a sequence, and values of former sessions, or not yet."""

    to_sequence: int = 0
    former: bool = False


def head_records(view: str, session_id: str, sequence: int, jws: str, buried: Buried) -> list[Outgoing]:
    """Return the records of a head: one in each topic, in the compacted one with what is buried."""
    headers = _headers("head", session_id, sequence)
    value = jws.encode()
    burial = [(BURIED, str(buried.to_sequence).encode()), (FORMER, b"%d" % buried.former)]
    return [
        Outgoing(deltas_topic(view), Record(HEAD_KEY, value, headers)),
        Outgoing(entries_topic(view), Record(HEAD_KEY, value, [*headers, *burial])),
    ]


def tombstone_record(view: str, session_id: str, sequence: int, record_id: str) -> Outgoing:
    """Return the tombstone of a record whose `REMOVED` entry stands at `sequence`: it frees the topic of its value."""
    headers = _headers("tombstone", session_id, sequence)
    return Outgoing(entries_topic(view), Record(record_id.encode(), b"", headers))


def _headers(kind: Kind, session_id: str, sequence: int) -> list[tuple[str, bytes]]:
    return [("kind", kind.encode()), ("session_id", session_id.encode()), ("sequence", str(sequence).encode())]
