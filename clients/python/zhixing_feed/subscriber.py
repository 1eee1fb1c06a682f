"""The subscriber: one copy of one view, followed by one of four ways, that answers by itself."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import httpx

from zhixing_feed.alarms import FeedFault
from zhixing_feed.answers import Answer, Hit
from zhixing_feed.bell import Bell, OnAlarm
from zhixing_feed.counter import Counter
from zhixing_feed.database import Connect, connect
from zhixing_feed.engine import Brought, Engine
from zhixing_feed.following import Following
from zhixing_feed.heads import Head
from zhixing_feed.journal import StoredReport
from zhixing_feed.judge import Limits
from zhixing_feed.jws import PrivateKey
from zhixing_feed.means import Means
from zhixing_feed.pacing import Pacing
from zhixing_feed.reporting import Report, Reporting
from zhixing_feed.standing import Position, State, state_of
from zhixing_feed.store import Store
from zhixing_feed.threads import to_its_end
from zhixing_feed.trust import Trust
from zhixing_feed.wire import Token, Unavailable, Wire

TIMEOUT_S: Final = 30


def utc_now() -> datetime:
    """Return the real time."""
    return datetime.now(UTC)


class Subscriber:
    """A verified local copy of the list, as far as one agency sees it.

    Use it as an asynchronous context manager, or `close` it. `follow`, `follow_stream`, `follow_kafka_deltas` and
    `follow_kafka_entries` run for ever and lead to the same copy; run one of them as a task, and `check` beside it. All
    methods belong to one event loop; `look_up` and `state` may be called from any thread.
    """

    def __init__(  # noqa: PLR0913 -- whom to trust, where to keep, whom to tell: all by name
        self,
        base_url: str,
        *,
        root_keys: Iterable[Mapping[str, Any]],
        path: Path | str,
        token: Token = None,
        signing_key: Mapping[str, Any] | None = None,
        on_alarm: OnAlarm | None = None,
        limits: Limits | None = None,
        pacing: Pacing | None = None,
        clock: Callable[[], datetime] = utc_now,
        wall_clock: Callable[[], datetime] = utc_now,
        client: httpx.AsyncClient | None = None,
        opened: Connect = connect,
    ) -> None:
        """Open the copy; nothing is fetched yet.

        `root_keys`: JWKs that the publisher gave you by hand. `path`: the copy's file, in a folder that can be written
        to. `token`: the bearer token, or what returns it, asked before every request. `signing_key`: a private EC JWK
        whose public half stands in your profile; with it, every new position is stated. `on_alarm`: called with each
        new `Alarm`. `clock`: business time, by which terms and freshness are judged; `wall_clock`: what is compared
        with the `Date` of answers; leave both alone outside of rehearsals. `client`: an HTTP client of your own (proxy,
        TLS), whose base URL is the publisher's; you close it. Raises `ValueError` for unusable keys and
        `CopyUnreadable` for a file that is no copy.
        """
        self._own_client = client is None
        self._client = client or httpx.AsyncClient(base_url=base_url, timeout=TIMEOUT_S)
        self._clock = clock
        self._store = Store(path, opened)
        self._bell = Bell(self._store.journal, clock, on_alarm)
        wire = Wire(self._client, token, wall_clock)
        trust = Trust(root_keys, wire, self._store.journal)
        self._means = Means(self._store, wire, trust, limits or Limits(), clock, self._bell)
        self._engine = Engine(self._means, self._bell)
        self._counter = Counter(self._means, self._engine, self._bell, clock)
        self._reporting = Reporting(self._means, self._bell, PrivateKey(signing_key) if signing_key else None)
        self._pacing = pacing or Pacing()
        self._turn = asyncio.Lock()
        self._moved = asyncio.Event()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """End; the copy stays on disk. What a running step had not committed is fetched again next time."""
        async with self._turn:
            if self._own_client:
                await self._client.aclose()
            self._store.close()

    # -- following ----------------------------------------------------------------------------------------------------

    async def bootstrap(self) -> State:
        """Take a copy if there is none yet. Raises as `sync` does."""
        state = self._store.state
        return self.state() if state is not None and state.issued_at is not None else await self.sync()

    async def sync(self) -> State:
        """Catch up with the newest head, once. A person or a test waits for it; programs `follow`.

        Raises `FeedFault` for what does not verify (the copy is as it was), `FeedStopped` if only a person may go on,
        `Unavailable` if the publisher does not answer.
        """
        await self.take_newest()
        return self.state()

    async def follow(self) -> None:
        """Follow by pull: bootstrap, then poll as often as heads allow, for ever. Raises `FeedStopped` only."""
        await Following(self, self._pacing, self._bell).pull()

    async def follow_stream(self) -> None:
        """Follow by server-sent events: a doorbell rings for every new head. Raises `FeedStopped` only."""
        await Following(self, self._pacing, self._bell).stream()

    async def follow_kafka_deltas(self, servers: str, view: str | None = None, *, topic_prefix: str = "") -> None:
        """Follow the topic of all entries. Keys, policy and repair still come over HTTP. Raises `FeedStopped` only.

        Without a copy and without `view`, the first copy is taken over HTTP, which says the view.
        """
        await Following(self, self._pacing, self._bell).kafka("deltas", servers, view, topic_prefix)

    async def follow_kafka_entries(self, servers: str, view: str | None = None, *, topic_prefix: str = "") -> None:
        """Follow the compacted topic of the last entry of every record; else as `follow_kafka_deltas`."""
        await Following(self, self._pacing, self._bell).kafka("entries", servers, view, topic_prefix)

    async def take_newest(self, *, fresh: bool = False) -> Head:
        """Fetch the newest head and bring the copy to it; raises as `sync` does."""
        self._engine.prove_running()
        try:
            text = await self._means.wire.head(fresh=fresh)
        except FeedFault as fault:
            self._bell.fault(fault)
            raise
        return await self.take_head(text)

    async def take_head(self, text: str, *, live: bool = True, brought: Brought | None = None) -> Head:
        """Bring the copy to a head that came by whatever way; raises as `sync` does."""
        async with self._turn:
            head = await self._engine.take(text, live=live, brought=brought)
        self._moved.set()
        self._moved = asyncio.Event()
        return head

    async def send_back(self) -> None:
        """State the position if it is new, and send reports that did not get through; failures wait for next time."""
        try:
            await self._reporting.acknowledge()
            await self._reporting.send_unsent()
        except Unavailable as error:
            self._bell(error.code, error.detail)
        except FeedFault as fault:
            self._bell.fault(fault)

    # -- asking -------------------------------------------------------------------------------------------------------

    async def check(self, document_type: str, number: str, name: str, measure_code: str) -> Answer:
        """May this measure be taken against this person now? Confirmed online where the staleness table says so.

        A hit is document and name together. Raises `MeasureUnknown` for a measure that the view's policy does not
        have: there is no legal basis for it.
        """
        return await self._counter.check(document_type, number, name, measure_code)

    def look_up(self, document_type: str, number: str, name: str, measure_code: str) -> Answer:
        """Answer as `check`, from the copy alone."""
        return self._counter.look_up(document_type, number, name, measure_code)

    def state(self) -> State:
        """Return where the copy stands, how fresh it is, and what is wrong."""
        return state_of(self._store, self._counter.freshness(), self._means.trust.policy, self._bell.standing)

    def ready(self) -> bool:
        """What a readiness probe answers: the copy is FRESH, and nothing stopped."""
        return self._counter.freshness() == "FRESH" and self._store.journal.stop() is None

    async def wait_ready(self, seconds: float) -> None:
        """Wait until the copy is ready. Raises `TimeoutError`."""
        await self.wait_for(lambda state: state.ready, seconds)

    async def wait_for(self, wanted: Callable[[State], bool], seconds: float) -> State:
        """Wait until the state is as wanted, looking after every head. Raises `TimeoutError`."""
        async with asyncio.timeout(seconds):
            while not wanted(self.state()):
                await self._moved.wait()
        return self.state()

    # -- telling ------------------------------------------------------------------------------------------------------

    def position(self) -> Position | None:
        """Return what the copy holds, as computed here; None while it is between two heads."""
        return self._reporting.position()

    async def acknowledge(self) -> str | None:
        """Sign and state the position now; return `CONFIRMED` or `DIFFERS`, None without a position or a key.

        Raises `Unavailable`, or `Refused` with the publisher's problem.
        """
        return await self._reporting.acknowledge(again=True)

    async def report(  # noqa: PLR0913 -- a report has so many parts, all by name
        self,
        hit: Hit,
        *,
        measure_code: str,
        outcome: str,
        agency_reference: str,
        started_at: datetime | None = None,
        ended_at: datetime | None = None,
        order_number: str | None = None,
        reason: str | None = None,
    ) -> bool:
        """Report what was done because of a hit: `REFUSED`, `APPLIED`, `HELD`, or `NOT_APPLIED` with a `reason`.

        It is kept and sent, again and again until it is there; returns whether it is there already. Raises
        `MeasureUnknown`.
        """
        started = started_at or self._clock()
        return await self._reporting.report(
            Report(hit, measure_code, outcome, agency_reference, started, ended_at, order_number, reason)
        )

    def reports_due(self) -> list[StoredReport]:
        """Return the reported measures without an end whose record ended: their end is due."""
        return self._store.journal.reports_due()

    def reports_to_review(self) -> list[StoredReport]:
        """Return the reported measures whose record got another version, a correction perhaps: does each stand?"""
        return self._store.journal.reports_to_review()

    async def repeat_report(self, agency_reference: str) -> bool:
        """Report that a measure stands under the record's present version. Raises `LookupError`."""
        return await self._reporting.stands(agency_reference)

    async def end_report(self, agency_reference: str, ended_at: datetime | None = None) -> bool:
        """Report the end of a measure. Raises `LookupError` for a reference that was never reported."""
        return await self._reporting.end(agency_reference, ended_at or self._clock())

    async def verify(self) -> bool:
        """Add the set up anew from every entry in the file; whether it is the one that the head signed.

        If it is not, answers are UNKNOWN from here on, and the next round repairs the copy bucket by bucket.
        """
        async with self._turn:
            return await to_its_end(self._store.verify)

    def resume(self) -> None:
        """Go on after a contradiction or a support code; a person decides that, after asking the publisher."""
        self._store.journal.resume()
        self._bell.clear()

    def evidence(self) -> list[tuple[str, str]]:
        """Return `(alarm code, JWS)` of the signed statements that contradict each other."""
        return self._store.journal.evidence()

    @property
    def store(self) -> Store:
        """The copy, for whoever compares lists: `in_force()`, `record(record_id)`."""
        return self._store

    @property
    def wire(self) -> Wire:
        """The publisher."""
        return self._means.wire
