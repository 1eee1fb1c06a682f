"""The law of the drill: one stream that sends facts, and one that notes in order what it was told. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from libs.foundation.errors import Refused
from libs.journal import Decider
from libs.schemas.envelope import Event
from libs.schemas.intake import DocumentRejected
from libs.schemas.payments import AccountNumberBound

COURT = "云0381"
SENDER = "intake"
RECEIVER = "payments"


@dataclass(frozen=True, slots=True)
class Reject:
    """Writes one fact per reason into a stream of the sender; a stream with `closes_at` facts takes no more."""

    reasons: tuple[str, ...]
    closes_at: int | None = None


@dataclass(frozen=True, slots=True)
class Note:
    """Writes a name into a stream of the receiver."""

    name: str


class StreamClosed(Refused):
    """The stream holds as many facts as it may."""

    code = "drill_stream_closed"
    title = "The stream takes no more facts"


def rejected(reason: str) -> DocumentRejected:
    """Return the fact that the sender writes."""
    return DocumentRejected(document_id="doc_1", case_id="case_1", rejected_by="u1", reason=reason)


def _decide_reject(facts: int, command: Reject, _now: datetime) -> Sequence[Event]:
    if command.closes_at is not None and facts + len(command.reasons) > command.closes_at:
        raise StreamClosed
    return [rejected(reason) for reason in command.reasons]


def _decide_note(_names: int, command: Note, _now: datetime) -> Sequence[Event]:
    return [AccountNumberBound(name=command.name, case_id="case_1", court=COURT)]


def _count(facts: int, _event: Event) -> int:
    return facts + 1


CASES: Decider[int] = Decider(SENDER, "case", initial=int, decide=_decide_reject, evolve=_count)
"""The sender's streams, published to the topic of `intake`. The state is the number of facts."""

NOTES: Decider[int] = Decider(RECEIVER, "notes", initial=int, decide=_decide_note, evolve=_count)
"""The receiver's streams, private to it; the names stand in its events in the order of their acceptance."""
