"""The table of times to punish and to un-punish, made anew from what the journal and the feed say.

Every process makes the same table, so its figures are gauges of a window and not counters: two replicas that are asked
say the same, and nobody is counted twice.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from libs.foundation.clock import Clock, instant, instant_text
from libs.foundation.limits import PAGE_ITEMS_MAX
from libs.journal import NATIONAL, Journal
from libs.journal.ending import end_tasks
from libs.telemetry import get_logger
from services.credit_blacklist.domain.feed_head import head_stream
from services.credit_blacklist.feed.distribution.endings import endings_of
from services.credit_blacklist.feed.distribution.key_sets import opened_unverified
from services.credit_blacklist.feed.distribution.meters import BEHIND, STAGE_MS
from services.credit_blacklist.feed.distribution.ports import PublishedFeed
from services.credit_blacklist.feed.distribution.timeliness import MarkTimes, Named, Passage, passage, rows_of
from services.credit_blacklist.feed.register.model import Head, Row
from services.credit_blacklist.views.positions import MARKS, POSITIONS

log = get_logger(__name__)

WINDOW_ENTRIES: Final = 500
"""Entries of a view that the table looks back on."""
REFRESH_SECONDS: Final = 30.0
FRESH_SECONDS: Final = 2.0
"""Who asks for the table gets one that is no older."""


@dataclass(slots=True)
class _Window:
    """The last entries of a view's session, and when heads named them."""

    session_id: str = ""
    sequence: int = 0
    namings: list[Named] = field(default_factory=list)
    passages: list[Passage] = field(default_factory=list)


class Timetable:
    """Makes the table, at intervals for the metrics and whenever somebody asks. A background part."""

    def __init__(
        self,
        journal: Journal,
        feed: PublishedFeed,
        clock: Clock,
        views: Sequence[str],
        *,
        refresh_seconds: float = REFRESH_SECONDS,
    ) -> None:
        """Nothing is made yet."""
        self._journal = journal
        self._feed = feed
        self._clock = clock
        self._windows = {view: _Window() for view in views}
        self._refresh_seconds = refresh_seconds
        self._rows: list[dict[str, Any]] = []
        self._differing: dict[str, str] = {}
        self._made_at = 0.0
        self._making = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to make the table at intervals."""
        self._task = asyncio.create_task(self._run(), name="feed timetable")

    async def stop(self) -> None:
        """End."""
        if self._task is not None:
            await end_tasks(self._task)

    def readiness(self) -> dict[str, str]:
        """Return nothing: a table that is not made stops nobody."""
        return {}

    def alarms(self) -> dict[str, str]:
        """Return the subscribers that said last that they hold another list, and those that are late."""
        late = {f"feed late {row['agency_id']} {row['direction']}": _lateness(row) for row in self._rows if row["late"]}
        return self._differing | late

    async def rows(self, view: str | None = None) -> list[dict[str, Any]]:
        """Return the table, of one view or of all, in order of agency and direction; at most two seconds old."""
        async with self._making:
            if time.monotonic() - self._made_at > FRESH_SECONDS:
                await self._make()
        return [row for row in self._rows if view is None or row["view"] == view]

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(self._refresh_seconds)
            try:
                await self.rows()
            except Exception as error:  # noqa: BLE001 -- the next round may find the database again
                log.warning("timetable_not_made", detail=f"{type(error).__name__}: {error}")

    async def _make(self) -> None:
        rows: list[dict[str, Any]] = []
        now = self._clock.now()
        for view, window in self._windows.items():
            head = self._feed.named(view)
            if head is None:
                continue
            await self._bring_up(view, window, head)
            oldest = min((one.decided_at for one in window.passages), default=now)
            endings = await endings_of(self._journal, view, oldest)
            for subscriber in await self._all(MARKS, {"view": view}):
                ended = endings.get(str(subscriber["agency_id"]), {})
                rows += await _of_subscriber(subscriber, window, head, ended, now)
        self._differing = await self._disputes()
        self._rows = sorted(rows, key=lambda row: (row["agency_id"], row["direction"]))
        self._made_at = time.monotonic()
        _measure(self._rows)

    async def _bring_up(self, view: str, window: _Window, head: Head) -> None:
        if window.session_id != head.session_id:
            window.session_id, window.sequence, window.namings = head.session_id, 0, []
            window.passages = []
        if window.sequence == head.sequence:
            return
        after = max(0, head.sequence - WINDOW_ENTRIES)
        await self._name(view, window)
        rows = await self._feed.entries(view, head.session_id, after, WINDOW_ENTRIES)
        window.passages = await asyncio.to_thread(_passages, rows, window.namings, _carried(window, head))
        window.sequence = head.sequence

    async def _name(self, view: str, window: _Window) -> None:
        stream = head_stream(view, window.session_id)
        last: int = (await self._journal.fold(stream, court=None)).seq
        # Every commit of this stream is one naming, so its number is that of the event.
        versions = range(max(1, last - WINDOW_ENTRIES), last + 1)
        found = await self._journal.commits_at(stream, list(versions))
        window.namings = sorted(
            (Named(one.event.sequence, instant(one.at)) for _, tail in found for one in tail.events),  # type: ignore[attr-defined]  # the stream holds nothing but `feed_published`
            key=lambda one: one.sequence,
        )

    async def _disputes(self) -> dict[str, str]:
        rows = await self._all(POSITIONS, {"status": "DIFFERS"})
        return {f"feed position {row['agency_id']}": f"differs at {row['stated']['sequence']}" for row in rows}

    async def _all(self, view: str, where: Mapping[str, Any]) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        cursor: str | None = None
        while True:
            page = await self._journal.views.find(
                view, court=NATIONAL, where=where, cursor=cursor, limit=PAGE_ITEMS_MAX
            )
            found += page.rows
            if (cursor := page.next_cursor) is None:
                return found


async def _of_subscriber(
    subscriber: Mapping[str, Any], window: _Window, head: Head, ended: Mapping[str, datetime], now: datetime
) -> list[dict[str, Any]]:
    marks = [_mark(one) for one in subscriber["marks"] if one["session_id"] == window.session_id]
    made = await asyncio.to_thread(rows_of, window.passages, marks, ended, now)
    confirmed = marks[-1].sequence if marks else 0
    about = {"agency_id": subscriber["agency_id"], "view": subscriber["view"], "as_of": instant_text(now)}
    return [{**about, "behind": head.sequence - confirmed, **row} for row in made]


def _passages(rows: Sequence[Row], namings: Sequence[Named], carried: int) -> list[Passage]:
    found = [
        passage(row.sequence, opened_unverified(row.jws)[1], row.at, namings) for row in rows if row.sequence > carried
    ]
    return [one for one in found if one is not None]


def _carried(window: _Window, head: Head) -> int:
    # What a reset carried over was decided long before; all of it is named by the session's first head.
    return window.namings[0].sequence if head.payload.get("previous_session") and window.namings else 0


def _mark(row: Mapping[str, Any]) -> MarkTimes:
    return MarkTimes(
        int(row["sequence"]),
        instant(row["fetched_at"]),
        instant(row["applied_at"]),
        instant(row["received_at"]),
        first=row.get("snapshot_reason") == "FIRST",
    )


def _lateness(row: Mapping[str, Any]) -> str:
    return f"{row['waiting']} of {row['entries']} entries wait, the longest {row['longest_waiting_ms'] // 1000} s"


def _measure(rows: Sequence[Mapping[str, Any]]) -> None:
    for row in rows:
        BEHIND.labels(row["agency_id"]).set(row["behind"])
        for stage, figures in row["stages"].items():
            for quantile in ("p50", "p95", "max"):
                STAGE_MS.labels(row["agency_id"], row["direction"], stage, quantile).set(figures[f"{quantile}_ms"])
