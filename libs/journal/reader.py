"""Reading at majority: tails of streams, confirmation of heads, command ids. Every question shares its query."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from pymongo.errors import PyMongoError

from libs.foundation.errors import KeyReused, NotFound
from libs.foundation.ids import category_of
from libs.journal.answers import answered
from libs.journal.cache import HeadCache, Known
from libs.journal.commits import COLLECTION, VERSION_MAX, after, commit_id
from libs.journal.fold import Head, blank, fold_commits
from libs.journal.model import CommandMeta, Decider, Outcome
from libs.journal.refusals import StoreUnavailable
from libs.journal.shared_query import SharedQuery
from libs.journal.store import Document, Store

_KEYS_MAX = 500
_TAILS_MAX = 100

_FOLDED = {
    **dict.fromkeys(("stream", "version", "court", "key", "at", "prev_hash", "hash"), 1),
    **dict.fromkeys(("entries.events.seq", "entries.events.type", "entries.events.data"), 1),
}
"""All of a commit that folding reads: who acted and why is half of a small commit."""

P = ParamSpec("P")
R = TypeVar("R")


def translated(call: Callable[P, Awaitable[R]]) -> Callable[P, Awaitable[R]]:
    """Turn the driver's errors of a read into `StoreUnavailable`: a read that failed can always be repeated."""

    @wraps(call)
    async def translating(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return await call(*args, **kwargs)
        except PyMongoError as error:
            raise StoreUnavailable(f"{type(error).__name__}: {error}"[:500]) from error

    return translating


@dataclass(frozen=True, slots=True)
class Found:
    """Where a command id stands in the journal."""

    command_id: str
    fingerprint: str
    stream: str
    court: str
    version: int


class Reader:
    """Reads a service's commits; what it returns is majority-committed."""

    def __init__(self, store: Store, deciders: Mapping[str, Decider[Any]], cache: HeadCache) -> None:
        """`deciders` by category."""
        self.store = store
        self._commits = store.collection(COLLECTION)
        self._deciders = deciders
        self.cache = cache
        self._existing: SharedQuery[str, bool] = SharedQuery(self._fetch_existing, keys_max=_KEYS_MAX)
        self._found: SharedQuery[str, Found] = SharedQuery(self._fetch_found, keys_max=_KEYS_MAX)
        self._answers: SharedQuery[Found, Outcome[Any] | Exception] = SharedQuery(
            self._fetch_answers, keys_max=_KEYS_MAX
        )
        self._tails: SharedQuery[tuple[str, int], list[Document]] = SharedQuery(self._fetch_tails, keys_max=_TAILS_MAX)

    def decider(self, stream: str) -> Decider[Any]:
        """Return the law of a stream's category. Raises `LookupError` for a category this service does not keep."""
        return self._deciders[category_of(stream)]

    async def refresh(self, streams: Iterable[str]) -> dict[str, Known | Exception]:
        """Read what is new of each stream, with one query for all, and return the heads.

        A stream that cannot be folded has its error in place of a head. Raises `StoreUnavailable`.
        """
        began = time.monotonic()
        answers: dict[str, Known | Exception] = {}
        bases: dict[str, Head] = {}
        for stream in streams:
            try:
                bases[stream] = self._base(stream)
            except LookupError as error:
                # Written by a release that kept a category which this one does not know.
                answers[stream] = error
        tails = await self._tails.ask([(stream, head.version) for stream, head in bases.items()])
        for stream, head in bases.items():
            try:
                folded = fold_commits(self.decider(stream), head, tails.get((stream, head.version), ()))
                answers[stream] = self.cache.put(folded, began)
            except Exception as error:  # noqa: BLE001 -- one stream that cannot be folded must not stop the others
                answers[stream] = error
        return answers

    def _base(self, stream: str) -> Head:
        known = self.cache.get(stream)
        return known.head if known else blank(self.decider(stream), stream)

    async def confirmed(self, stream: str) -> Head:
        """Return the head, known to have been the head at some instant after this call."""
        began = time.monotonic()
        known = self.cache.get(stream)
        if known is not None and not await self.followed([(stream, known.head.version)]):
            return self.cache.put(known.head, began).head
        answer = (await self.refresh([stream]))[stream]
        if isinstance(answer, Exception):
            raise answer
        return answer.head

    async def followed(self, heads: Iterable[tuple[str, int]]) -> set[str]:
        """Return those of the streams that have a commit behind the given version."""
        following = {commit_id(stream, version + 1): stream for stream, version in heads}
        return {following[each] for each in await self._existing.ask(following)}

    async def find_commands(self, command_ids: Iterable[str]) -> dict[str, Found]:
        """Return where each command id stands, wherever it is, for those that stand in the journal."""
        return await self._found.ask(command_ids)

    async def commits(self, stream: str, *, behind: int = 0, until: int = VERSION_MAX) -> list[Document]:
        """Return a stream's commits in order."""
        return await self._read(after(stream, behind, until))

    @translated
    async def find(self, query: Document, projection: Document, *, limit: int) -> list[Document]:
        """Return commits in order of their `_id`, at most `limit` (0: all)."""
        found: list[Document] = await self._commits.find(query, projection, sort=[("_id", 1)], limit=limit).to_list(
            None
        )
        return found

    async def answer(self, found: Found, meta: CommandMeta, *, replayed: bool) -> Outcome[Any]:
        """Return the stored answer of a command: the state is that at the stored `seq`.

        Raises `NotFound` if it belongs to another court, and only then `KeyReused` if it had another body.
        """
        if meta.court is not None and meta.court != found.court:
            raise NotFound
        if meta.fingerprint != found.fingerprint:
            raise KeyReused
        answer = (await self._answers.ask([found]))[found]
        if isinstance(answer, Exception):
            raise answer
        return replace(answer, replayed=replayed)

    async def _fetch_answers(self, wanted: list[Found]) -> dict[Found, Outcome[Any] | Exception]:
        """Fold each stream once, however many of its commands are repeated."""
        by_stream: dict[str, list[Found]] = {}
        for found in wanted:
            by_stream.setdefault(found.stream, []).append(found)
        answers: dict[Found, Outcome[Any] | Exception] = {}
        for stream, group in by_stream.items():
            try:
                answers |= await self._stored_answers(stream, group)
            except Exception as error:  # noqa: BLE001 -- told to those who asked for this stream
                answers |= dict.fromkeys(group, error)
        return answers

    async def _stored_answers(self, stream: str, group: list[Found]) -> dict[Found, Outcome[Any]]:
        wanted = {found.command_id: found for found in group}
        head = self._base(stream)
        if head.version >= min(found.version for found in group):
            head = blank(self.decider(stream), stream)
        last = max(found.version for found in group)
        commits = await self.commits(stream, behind=head.version, until=last)
        passed = answered(self.decider(stream), head, commits, wanted.keys())
        return {wanted[command]: outcome for command, outcome in passed.items()}

    @translated
    async def _read(self, query: Document, projection: Document | None = None) -> list[Document]:
        found: list[Document] = await self._commits.find(query, projection, sort=[("_id", 1)]).to_list(None)
        return found

    async def _fetch_existing(self, ids: list[str]) -> dict[str, bool]:
        rows = await self._read({"_id": {"$in": ids}}, {"_id": 1})
        return {row["_id"]: True for row in rows}

    async def _fetch_found(self, ids: list[str]) -> dict[str, Found]:
        rows = await self._read({"entries.command_id": {"$in": ids}}, {"entries.events": 0})
        wanted = set(ids)
        return {
            entry["command_id"]: Found(
                entry["command_id"], entry["fingerprint"], row["stream"], row["court"], row["version"]
            )
            for row in rows
            for entry in row["entries"]
            if entry["command_id"] in wanted
        }

    async def _fetch_tails(self, keys: list[tuple[str, int]]) -> dict[tuple[str, int], list[Document]]:
        rows = await self._read({"$or": [after(stream, version) for stream, version in keys]}, _FOLDED)
        by_stream: dict[str, list[Document]] = {}
        for row in rows:
            by_stream.setdefault(row["stream"], []).append(row)
        return {
            (stream, version): [row for row in by_stream.get(stream, ()) if row["version"] > version]
            for stream, version in keys
        }
