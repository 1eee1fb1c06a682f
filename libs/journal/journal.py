"""The journal of one service in one process: the door to everything else in this package."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pymongo.errors import PyMongoError

from libs.foundation.clock import Clock, instant
from libs.foundation.errors import NotFound
from libs.journal.cache import HeadCache
from libs.journal.commits import COLLECTION, INDEXES
from libs.journal.fold import fold_until, stored_event
from libs.journal.following import Following
from libs.journal.model import (
    Actor,
    Authority,
    CommandMeta,
    Decider,
    EffectSpec,
    Folded,
    Outcome,
    StoredEvent,
    View,
)
from libs.journal.reader import Reader
from libs.journal.refusals import StoreUnavailable
from libs.journal.rooting import root_decider
from libs.journal.settings import JournalSettings
from libs.journal.shelf import Shelf
from libs.journal.store import Store, open_store
from libs.journal.tailing import Tail, commits_at, tails
from libs.journal.views import ViewStore
from libs.journal.writer import Writer


class Journal:
    """Writes, reads and follows the streams of one service. `start` it before anything else.

    Streams are named `category/part/…` (`libs.foundation.ids.stream_name`); each category has one decider.
    """

    store: Store
    """The service's database, open between `start` and `stop`; the bus keeps its quarantine there."""
    views: ViewStore
    """The service's lists, between `start` and `stop`."""
    shelf: Shelf
    """What the service's processes agree on besides the journal, between `start` and `stop`."""

    def __init__(
        self,
        settings: JournalSettings,
        *,
        service: str,
        clock: Clock,
        deciders: Sequence[Decider[Any]],
        views: Sequence[View[Any]] = (),
        effects: Sequence[EffectSpec] = (),
    ) -> None:
        """Nothing is opened yet. Raises `ValueError` for two deciders of one category."""
        self.settings = settings
        self.service = service
        self.clock = clock
        laws = (*deciders, root_decider(service))
        self._deciders = {decider.category: decider for decider in laws}
        if len(self._deciders) != len(laws):
            raise ValueError("one category, one decider")
        self._views = tuple(views)
        self._effects = tuple(effects)
        self._callbacks: list[Callable[[], None]] = []
        self._started = False

    async def start(self) -> None:
        """Open the database, make the indexes, and begin to write and to follow. Raises `StoreUnavailable`."""
        self.store = open_store(self.settings)
        try:
            await self._begin()
        except PyMongoError as error:
            await self.store.close()
            raise StoreUnavailable(f"{type(error).__name__}: {error}"[:300]) from error

    async def _begin(self) -> None:
        commits = self.store.collection(COLLECTION)
        for keys, options in INDEXES:
            await commits.create_index(keys, **options)
        self._reader = Reader(self.store, self._deciders, HeadCache(self.settings.cached_streams_max))
        self._writer = Writer(self.settings, self.service, self.clock, self._reader, commits)
        self._following = Following(
            self.settings,
            self.service,
            self.clock,
            self._reader,
            views=self._views,
            effects=self._effects,
            execute=self.execute,
        )
        self.views = ViewStore(self.store, self._following.book, self._following.projector.reached)
        self.shelf = Shelf(self.store)
        self._callbacks.append(self._following.projector.poke)
        self._writer.on_landed = self._callbacks
        self._writer.start()
        self._started = True
        await self._following.start()

    async def stop(self) -> None:
        """Answer what is in flight, end, and let go of the database."""
        if self._started:
            self._started = False
            await self._writer.stop()
            await self._following.stop()
            await self.store.close()

    async def execute(self, stream: str, command: Any, meta: CommandMeta) -> Outcome[Any]:
        """Decide a command on its stream and return the answer once it is majority-committed or confirmed.

        A repeat of a command id is answered as the first time, wherever that stands. Raises what `decide` raises,
        `NotFound` for another court's stream, `Conflict` for a stale `expected_seq`, `KeyReused`, `Overloaded`,
        `StoreUnavailable` (nothing was written) and `OutcomeUnknown` (repeat with the same id to learn it).
        """
        self._reader.decider(stream)
        return await self._writer.execute(stream, command, meta)

    async def recall(self, meta: CommandMeta) -> Outcome[Any] | None:
        """Return what a command was answered when it was accepted, or None if it never was.

        Who writes several streams for one request asks before the first of them: the last one's refusal of a reused
        key would come when the others are written. Raises `NotFound` and `KeyReused` as `execute` does.
        """
        found = (await self._reader.find_commands([meta.command_id])).get(meta.command_id)
        return None if found is None else await self._reader.answer(found, meta, replayed=True)

    async def fold(self, stream: str, *, court: str | None, at_seq: int | None = None) -> Folded[Any]:
        """Return a stream's state, confirmed at majority, or as it was after event `at_seq`.

        `seq` 0 means that there is no such stream. Raises `NotFound` for another court's stream or an `at_seq` that it
        has not reached.
        """
        head = await self._reader.confirmed(stream)
        if head.version and court is not None and head.court != court:
            raise NotFound
        if at_seq is None or at_seq == head.seq:
            return head.folded()
        past = fold_until(self._reader.decider(stream), stream, await self._reader.commits(stream), at_seq)
        if past is None:
            raise NotFound(f"it has {head.seq} events")
        return past.folded()

    async def read(self, stream: str, *, court: str | None) -> Folded[Any]:
        """Return an existing stream's confirmed state. Raises `NotFound` if there is none, or for another court."""
        folded = await self.fold(stream, court=court)
        if folded.seq == 0:
            raise NotFound
        return folded

    async def history(self, stream: str, *, court: str | None) -> list[StoredEvent]:
        """Return all events of a stream with who caused them. Raises `NotFound` as `read` does."""
        commits = await self._reader.commits(stream)
        if not commits or (court is not None and commits[0]["court"] != court):
            raise NotFound
        return [
            StoredEvent(
                stored["id"],
                stored["seq"],
                stored["type"],
                stored["version"],
                instant(commit["at"]),
                Actor(**entry["actor"]),
                stored_event(stored),
                entry["command_id"],
                entry["correlation_id"],
                Authority(**entry["authority"]),
            )
            for commit in commits
            for entry in commit["entries"]
            for stored in entry["events"]
        ]

    async def tails(self, behind: Mapping[str, tuple[int, str]]) -> dict[str, Tail]:
        """Return what is new of each stream, given the version and hash reached (see `libs.journal.tailing`)."""
        return await tails(self._reader, behind)

    async def commits_at(self, stream: str, versions: Sequence[int]) -> list[tuple[int, Tail]]:
        """Return single commits of a stream by version, as `tails` would tell them; missing ones are left out."""
        return await commits_at(self._reader, stream, versions)

    def on_commit(self, callback: Callable[[], None]) -> None:
        """Have `callback` called in the event loop whenever commits of this process have landed; it must not block."""
        self._callbacks.append(callback)

    async def rebuild(self, view_name: str) -> None:
        """Fill a new generation of a view from the journal and switch to it; readers and live updates go on meanwhile.

        Raises `LookupError` if there is no such view.
        """
        await self._following.rebuilder.rebuild(view_name)

    def readiness(self) -> dict[str, str]:
        """Return why the journal is not ready, by name; empty when it is."""
        return self._following.trouble() if self._started else {"journal": "not started"}

    def alarms(self) -> dict[str, str]:
        """Return what a human must look at though the service goes on, by name; empty when all is well."""
        return self._following.alarms() if self._started else {}
