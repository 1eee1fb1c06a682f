"""One unordered, journaled majority insert of many commits, and what it proves about each of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bson.errors import InvalidDocument
from pymongo.errors import BulkWriteError, DocumentTooLarge, OperationFailure, PyMongoError

from libs.journal.store import Document

_DUPLICATE = 11000

_NEVER_STORED = frozenset({2, 15, 22, 10334})
"""BadValue, Overflow (nested too deeply), InvalidBSON, BSONObjectTooLarge: the server will never take it."""


@dataclass(slots=True)
class Inserted:
    """Places in the batch by what is known: `lost` met a duplicate, `refused` cannot be stored, `unknown` may land."""

    landed: list[int] = field(default_factory=list)
    lost: list[int] = field(default_factory=list)
    refused: dict[int, str] = field(default_factory=dict)
    unknown: list[int] = field(default_factory=list)
    reason: str = ""


async def insert_commits(collection: Any, commits: Sequence[Document]) -> Inserted:
    """Insert commits of different streams; never raises for what the database does or does not do."""
    places = range(len(commits))
    try:
        await collection.insert_many(list(commits), ordered=False)
    except BulkWriteError as error:
        return _sorted_out(error.details or {}, places)
    except (InvalidDocument, DocumentTooLarge, OverflowError) as error:
        return await _isolated(collection, commits, error)
    except PyMongoError as error:
        if isinstance(error, OperationFailure) and error.code in _NEVER_STORED:
            return await _isolated(collection, commits, error)
        return Inserted(unknown=list(places), reason=f"{type(error).__name__}: {error}"[:200])
    return Inserted(landed=list(places))


def _sorted_out(details: Mapping[str, Any], places: range) -> Inserted:
    errors = {error["index"]: error for error in details.get("writeErrors", ())}
    refused = {place: error for place, error in errors.items() if error.get("code") in _NEVER_STORED}
    lost = [place for place, error in errors.items() if error.get("code") == _DUPLICATE]
    # A member that was stepping down, or had no room, says so of single documents: that is no verdict on them.
    unknown = [place for place in errors if place not in refused and place not in lost]
    clean = [place for place in places if place not in errors]
    doubtful = details.get("writeConcernErrors")
    return Inserted(
        landed=[] if doubtful else clean,
        lost=lost,
        refused={place: str(error.get("errmsg"))[:300] for place, error in refused.items()},
        # Written, but not known to be on a majority: nobody may be told before that is known.
        unknown=unknown + clean if doubtful else unknown,
        reason=str(doubtful or [errors[place] for place in unknown])[:300],
    )


async def _isolated(collection: Any, commits: Sequence[Document], error: Exception) -> Inserted:
    """Find the commit that spoils the batch, so that it spoils nobody else's."""
    if len(commits) == 1:
        return Inserted(refused={0: str(error)[:200]})
    total = Inserted()
    for place, commit in enumerate(commits):
        single = await insert_commits(collection, [commit])
        total.landed += [place for _ in single.landed]
        total.lost += [place for _ in single.lost]
        total.unknown += [place for _ in single.unknown]
        if single.refused:
            total.refused[place] = single.refused[0]
        total.reason = total.reason or single.reason
    return total
