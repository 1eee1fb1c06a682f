"""Which commits of other streams speak of a case: a small projection beside the index of the case's own streams.

A commit whose key is the case is found by its key. What else names a case in an event's data (the money that came in
before anybody knew whose it was, the court's fund account, the numbering of cases) stands here, one row for each case
and commit. Rows are never changed; all may be written twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pymongo import UpdateOne

from libs.evidence.mentions import cases_of
from libs.journal.commits import COLLECTION as COMMITS
from libs.journal.reader import translated
from libs.journal.store import Document, Store

COLLECTION = "case_rows"
_STATE = "case_rows_state"
_PAGE = 500


async def prepare(store: Store) -> None:
    """Make the index by case."""
    await store.collection(COLLECTION).create_index([("case_id", 1), ("stream", 1), ("version", 1)])


async def record(store: Store, commits: Sequence[Document]) -> None:
    """Write the rows of commits."""
    operations = [
        UpdateOne({"_id": f"{case_id}|{commit['_id']}"}, {"$setOnInsert": _row(case_id, commit)}, upsert=True)
        for commit in commits
        for case_id in sorted(named(commit))
    ]
    if operations:
        await store.collection(COLLECTION).bulk_write(operations, ordered=False)


def named(commit: Document) -> frozenset[str]:
    """Return the cases that a commit names besides the one whose key it carries."""
    return frozenset().union(*(cases_of(entry) for entry in commit["entries"])) - {commit["key"]}


def _row(case_id: str, commit: Document) -> Document:
    return {"case_id": case_id, "stream": commit["stream"], "version": commit["version"], "court": commit["court"]}


@translated
async def rows_of(store: Store, case_id: str) -> list[Document]:
    """Return `stream`, `version` and `court` of what names a case, ordered by stream and version."""
    order = [("stream", 1), ("version", 1)]
    found: list[Document] = await store.collection(COLLECTION).find({"case_id": case_id}, sort=order).to_list(None)
    return found


@translated
async def fill(store: Store) -> int:
    """Write the rows of all commits that stand already, once in a database's life; return how many commits were read.

    A database that was written before there were such rows gets them; whoever is interrupted goes on where it was.
    """
    state, commits = store.collection(_STATE), store.collection(COMMITS)
    known = await state.find({"_id": "filled"}).to_list(None)
    behind, done = (known[0]["behind"], known[0]["done"]) if known else ("", False)
    read = 0
    while not done:
        query = {"_id": {"$gt": behind}}
        page: list[Document] = await commits.find(query, sort=[("_id", 1)], limit=_PAGE).to_list(None)
        await record(store, page)
        read += len(page)
        done = len(page) < _PAGE
        behind = page[-1]["_id"] if page else behind
        await state.update_one({"_id": "filled"}, {"$set": {"behind": behind, "done": done}}, upsert=True)
    return read


def by_stream(rows: Iterable[Document]) -> dict[str, list[int]]:
    """Return the versions by stream."""
    found: dict[str, list[int]] = {}
    for row in rows:
        found.setdefault(row["stream"], []).append(row["version"])
    return found
