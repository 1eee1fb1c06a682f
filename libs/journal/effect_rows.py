"""The list of effects: one row per intent, kept when it is done so that a repeat of its commit begins nothing anew."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from pymongo import UpdateOne

from libs.foundation.clock import instant
from libs.journal.fold import stored_event
from libs.journal.model import EffectSpec, Intent
from libs.journal.store import Document, Store
from libs.schemas.envelope import parse_type

COLLECTION = "effects"

INDEXES: tuple[tuple[list[tuple[str, int]], dict[str, Any]], ...] = (
    ([("effect", 1), ("not_before", 1)], {"partialFilterExpression": {"done": False}, "name": "open"}),
)

_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


async def record(store: Store, effects: Sequence[EffectSpec], commits: Sequence[Document]) -> int:
    """Put the intents that stand in commits on the list; return how many are new."""
    rows = [row for commit in commits for row in _rows(effects, commit)]
    if not rows:
        return 0
    operations = [UpdateOne({"_id": row.pop("_id")}, {"$setOnInsert": row}, upsert=True) for row in rows]
    done = await store.collection(COLLECTION).bulk_write(operations, ordered=False)
    return int(done.upserted_count)


def _rows(effects: Sequence[EffectSpec], commit: Document) -> list[Document]:
    names = {(spec.intent.SERVICE, spec.intent.NAME): spec.name for spec in effects}
    return [
        {
            "_id": f"{effect}/{stored['id']}",
            "effect": effect,
            "stream": commit["stream"],
            "court": commit["court"],
            "key": commit["key"],
            "at": commit["at"],
            "correlation_id": entry["correlation_id"],
            "event": stored,
            "attempts": 0,
            "started": False,
            "ask_first": False,
            "done": False,
            "owner": None,
            "term": 0,
            "lease_until": _LONG_AGO,
            "not_before": _LONG_AGO,
        }
        for entry in commit["entries"]
        for stored in entry["events"]
        if (effect := names.get(parse_type(stored["type"])[:2])) is not None
    ]


def intent_of(row: Document) -> Intent:
    """Return what a port is told about a row."""
    stored = row["event"]
    return Intent(
        id=stored["id"],
        stream=row["stream"],
        seq=stored["seq"],
        court=row["court"],
        key=row["key"],
        event=stored_event(stored),
        at=instant(row["at"]),
        correlation_id=row["correlation_id"],
        attempts=row["attempts"],
    )
