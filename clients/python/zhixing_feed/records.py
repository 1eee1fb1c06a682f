"""One record's row, and the documents by which it is found."""

from __future__ import annotations

import sqlite3

from zhixing_feed.entries import Entry
from zhixing_feed.lthash import bucket_of

_PUT = "INSERT OR REPLACE INTO records VALUES (?, ?, ?, ?, ?, ?, ?, ?)"


def write_record(writer: sqlite3.Connection, sequence: int, entry: Entry, epoch: int) -> None:
    """Put an entry in the place of the record's former one. Nobody is found by a record that ended."""
    record_id = entry.record_id
    delete_documents(writer, record_id)
    sha256, bucket = entry.signed.sha256, bucket_of(record_id)
    writer.execute(_PUT, (record_id, entry.version, sequence, entry.status, sha256, entry.signed.text, bucket, epoch))
    if entry.in_force:
        writer.executemany(
            "INSERT OR IGNORE INTO documents VALUES (?, ?, ?)",
            [(kind, number, record_id) for kind, number in entry.documents],
        )


def empty_tables(writer: sqlite3.Connection) -> None:
    """Begin anew: what there is belongs to no copy."""
    for table in ("records", "documents", "buckets", "pages", "copy"):
        writer.execute(f"DELETE FROM {table}")  # noqa: S608 -- our own names


def delete_documents(writer: sqlite3.Connection, record_id: str) -> None:
    """Let nobody be found by a record."""
    writer.execute("DELETE FROM documents WHERE record_id = ?", (record_id,))
