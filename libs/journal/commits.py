"""The commit document: its id, its entries, its chain, and the indexes that make its promises hold."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from zlib import crc32

from libs.evidence.chain import commit_hash, merkle_root
from libs.foundation.ids import category_of
from libs.journal.store import COLLECTION as COLLECTION  # noqa: PLC0414 -- its name belongs to its form
from libs.journal.store import Document
from libs.schemas.topics import topic_of

BUCKETS = 4
"""Shares of the outbox, each published by one relay at a time. Fixed for ever: the stream decides the bucket."""

VERSION_DIGITS = 10
VERSION_MAX = 10**VERSION_DIGITS - 1

INDEXES: tuple[tuple[list[tuple[str, int]], dict[str, Any]], ...] = (
    # The inbox and the idempotency record in one; it does not see a repeat inside one document, the writer does.
    ([("entries.command_id", 1)], {"unique": True, "name": "command_id"}),
    (
        [("bucket", 1), ("at", 1), ("_id", 1)],
        {"partialFilterExpression": {"published": False}, "name": "unpublished"},
    ),
    ([("at", 1), ("_id", 1)], {"partialFilterExpression": {"projected": False}, "name": "unprojected"}),
    # Evidence: what was accepted in an hour, and all streams of a case.
    ([("at", 1)], {"name": "at"}),
    ([("key", 1)], {"name": "key"}),
)


def commit_id(stream: str, version: int) -> str:
    """Return the `_id` whose uniqueness is optimistic concurrency."""
    return f"{stream}@{version:0{VERSION_DIGITS}d}"


def bucket_of(stream: str) -> int:
    """Return the outbox share of a stream."""
    return crc32(stream.encode()) % BUCKETS


def after(stream: str, version: int, until: int = VERSION_MAX) -> Document:
    """Return the filter for a stream's commits behind `version`, up to `until`."""
    return {"_id": {"$gt": commit_id(stream, version), "$lte": commit_id(stream, until)}}


def build_commit(
    header: Document, entries: Sequence[Document], entry_hashes: Sequence[bytes], *, service: str
) -> Document:
    """Return a commit ready to be inserted.

    `header` holds `stream`, `version`, `court`, `key`, `at`, `prev_hash`, and `seq`, the number of the last event.
    """
    stream = header["stream"]
    silent = not any(entry["events"] for entry in entries)
    commit: Document = {
        "_id": commit_id(stream, header["version"]),
        **header,
        "count": len(entries),
        "entries": list(entries),
        "entries_root": merkle_root(entry_hashes).hex(),
    }
    commit["hash"] = commit_hash(commit)
    commit["bucket"] = bucket_of(stream)
    # What nobody is told of, and what changes no view, never stands in the small indexes at all.
    commit["published"] = topic_of(service, category_of(stream)) is None
    commit["projected"] = silent
    return commit
