"""Stored answers: what was said to a command when it was accepted, with the state of that moment. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from libs.foundation.clock import instant
from libs.journal.fold import Head, fold_commits, fold_entry, stored_event
from libs.journal.model import Decider, Outcome, RecordedRefusal
from libs.journal.refusals import JournalBroken
from libs.journal.store import Document


def answered(
    decider: Decider[Any], head: Head, commits: Iterable[Document], command_ids: Collection[str]
) -> dict[str, Outcome[Any]]:
    """Return the answers of commands that stand in the commits behind `head`, or raise `JournalBroken`."""
    answers: dict[str, Outcome[Any]] = {}
    for commit in commits:
        if any(entry["command_id"] in command_ids for entry in commit["entries"]):
            answers |= _in_commit(decider, head, commit, command_ids)
        head = fold_commits(decider, head, [commit])
    if len(answers) < len(command_ids):
        raise JournalBroken(f"{head.stream} does not hold a command that was found in it")
    return answers


def _in_commit(
    decider: Decider[Any], head: Head, commit: Document, command_ids: Collection[str]
) -> dict[str, Outcome[Any]]:
    answers = {}
    state, timers, seq = head.state, head.timers, head.seq
    for entry in commit["entries"]:
        state, timers, seq = fold_entry(decider, state, timers, seq, entry)
        if entry["command_id"] in command_ids:
            answers[entry["command_id"]] = Outcome(
                state=state,
                seq=seq,
                stream=head.stream,
                court=commit["court"],
                key=commit["key"],
                events=tuple(stored_event(stored) for stored in entry["events"]),
                replayed=True,
                at=instant(commit["at"]),
                refusal=refusal_of(entry),
                version=commit["version"],
            )
    return answers


def refusal_of(entry: Mapping[str, Any]) -> RecordedRefusal | None:
    """Return the refusal that an entry records, if it does."""
    refusal = entry["outcome"].get("refusal")
    return RecordedRefusal(**refusal) if refusal else None
