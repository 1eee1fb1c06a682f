"""The book of due timers: a projection of what is pending in the streams."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from libs.foundation.clock import instant_text
from libs.journal.fold import Head
from libs.journal.store import Document
from libs.journal.view_rows import StreamRows, rows_of
from libs.schemas.timers import TimerScheduled

COLLECTION = "timers"

INDEXES = (("due_at",),)

_TYPE_PREFIX = TimerScheduled.type_text().rpartition(".v")[0].rpartition(".")[0] + "."


def timer_id(stream: str, timer: str) -> str:
    """Return the row id of a stream's timer; a stream's name never holds the separator."""
    return f"{stream}#{timer}"


def timer_rows(heads: Mapping[str, Head], commits: Sequence[Document]) -> list[StreamRows]:
    """Return the pending timers of those streams whose commits say anything about timers."""
    touched = {
        commit["stream"]
        for commit in commits
        for entry in commit["entries"]
        if any(stored["type"].startswith(_TYPE_PREFIX) for stored in entry["events"])
    }
    return [
        rows_of(
            head,
            {
                timer_id(stream, name): {
                    "timer": name,
                    "generation": timer.generation,
                    "due_at": instant_text(timer.due_at),
                }
                for name, timer in head.timers.items()
            },
        )
        for stream, head in heads.items()
        if stream in touched
    ]
