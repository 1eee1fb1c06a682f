"""`paper/<document>`: the text of a document, with names and numbers in it; read only by those who hand it on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from libs.foundation.canonical import sha256_hex
from libs.schemas.envelope import Event
from libs.schemas.intake import PaperWritten
from libs.schemas.parts import DocumentKind

MEDIA_TYPE = "text/html; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Paper:
    """The paper, once written. It is never written again: another text is another document."""

    written: PaperWritten | None = None


@dataclass(frozen=True, slots=True)
class WritePaper:
    """Write the text of a document."""

    document_id: str
    case_id: str
    kind: DocumentKind
    number: str
    title: str
    content: str


def decide(state: Paper, command: WritePaper, now: datetime) -> Sequence[Event]:  # noqa: ARG001 -- a decider's shape
    """Return the writing, or nothing if the paper stands."""
    if state.written is not None:
        return []
    return [
        PaperWritten(
            document_id=command.document_id,
            case_id=command.case_id,
            kind=command.kind,
            number=command.number,
            title=command.title,
            media_type=MEDIA_TYPE,
            content=command.content,
            sha256=sha256_hex(command.content.encode()),
        )
    ]


def evolve(state: Paper, event: Event) -> Paper:
    """Return the paper after a fact."""
    return Paper(event) if isinstance(event, PaperWritten) else state
