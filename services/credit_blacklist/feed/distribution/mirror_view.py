"""One view on Kafka: what its newest head names goes out, entries in order, then the head. Exactly once on the wire.

One transactional producer per view publishes, under an id that is the same for every process, so that Kafka fences
whoever published before. What is on the wire is not remembered anywhere: after fencing it is read from the topic
itself, so that no crash, pause or takeover can make it differ from what is known.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Final

from libs.bus import BusSettings
from libs.bus.page import Outgoing
from libs.bus.publisher import Publisher
from libs.foundation.clock import Clock, instant
from services.credit_blacklist.feed.distribution.key_sets import opened_unverified
from services.credit_blacklist.feed.distribution.ports import PublishedFeed
from services.credit_blacklist.feed.distribution.records import (
    BURIED,
    FORMER,
    Buried,
    Entry,
    deltas_topic,
    entries_topic,
    entry_records,
    head_records,
    tombstone_record,
)
from services.credit_blacklist.feed.distribution.tail import Place, last_place, strays
from services.credit_blacklist.feed.register.model import Head, Row

ENTRIES_AT_ONCE: Final = 256
"""Entries in one transaction."""
BURIED_AT_ONCE: Final = 256
REMOVED_KEPT: Final = timedelta(days=90)
"""How long a `REMOVED` value stays in the compacted topic before its tombstone."""


class ViewMirror:
    """Publishes one view while its process owns it. Every owner makes one of its own after fencing."""

    def __init__(
        self, view: str, feed: PublishedFeed, clock: Clock, publisher: Publisher, settings: BusSettings
    ) -> None:
        """Nothing is known of the wire yet."""
        self.view = view
        self._settings = settings
        self._feed = feed
        self._clock = clock
        self._publisher = publisher
        self._session_id = ""
        self._sequence = 0
        self._head: str | None = None
        self._buried = Buried()
        self.trouble: str | None = None

    async def look(self) -> None:
        """Read from the topics what is on the wire; only after the publisher has fenced all others."""
        settings = self._settings
        place = await last_place(settings, settings.topic(deltas_topic(self.view)))
        if place is None:
            return
        self._session_id, self._sequence = place.session_id, place.sequence
        self._head = place.value if place.kind == "head" else None
        head = await last_place(settings, settings.topic(entries_topic(self.view)), _is_head)
        if head is not None and head.session_id == self._session_id:
            self._buried = Buried(int(head.headers.get(BURIED, "0")), head.headers.get(FORMER) == "1")

    async def publish(self, before_commit: Callable[[], Awaitable[None]] | None = None) -> int:
        """Publish what the newest head names and is not on the wire; return the number of records.

        Raises `PublishFailed` or `Fenced`; this mirror is of no more use then.
        """
        head = await self._feed.head(self.view)
        if head is None or self._is_published(head):
            return 0
        sent = await self._bury_former(head)
        while (page := await self._page(head)) is not None:
            entries, records = page
            await self._publisher.publish(records, before_commit)
            sent += len(records)
            self._note(head, entries)
            if self._head is not None:
                break
        return sent

    def _is_published(self, head: Head) -> bool:
        if head.session_id != self._session_id or head.sequence > self._sequence:
            self.trouble = None
            return False
        if head.sequence < self._sequence:
            # Somebody restored the publisher and not the topic, or the other way about: that is for a human.
            self.trouble = f"the topic holds {self._sequence}, the newest head names {head.sequence}"
            return True
        self.trouble = None
        return self._head is not None and not _is_newer(head, self._head)

    async def _page(self, head: Head) -> tuple[Sequence[Row], list[Outgoing]] | None:
        """Return the next entries with their records, and the head behind the last of them; None: they are not here."""
        after = self._sequence if head.session_id == self._session_id else 0
        limit = min(ENTRIES_AT_ONCE, head.sequence - after)
        rows = await self._feed.entries(self.view, head.session_id, after, limit) if limit else ()
        if [row.sequence for row in rows] != list(range(after + 1, after + len(rows) + 1)):
            self.trouble = f"the register has a gap after {after}"
            return None
        if limit and not rows:
            return None
        records = [record for row in rows for record in entry_records(self.view, _entry(head.session_id, row))]
        if after + len(rows) == head.sequence:
            records += await self._closing(head)
        return rows, records

    async def _closing(self, head: Head) -> list[Outgoing]:
        before = self._buried if head.session_id == self._session_id else Buried()
        removed = await self._feed.removed_before(
            self.view, head.session_id, before.to_sequence, self._clock.now() - REMOVED_KEPT, BURIED_AT_ONCE
        )
        self._buried = before._replace(to_sequence=removed[-1][0] if removed else before.to_sequence)
        tombstones = [tombstone_record(self.view, head.session_id, *one) for one in removed]
        return tombstones + head_records(self.view, head.session_id, head.sequence, head.jws, self._buried)

    async def _bury_former(self, head: Head) -> int:
        """Once a reset is whole on the wire, bury the values that it did not carry over: they ended 90 days ago."""
        whole = head.session_id == self._session_id and self._head is not None
        if not whole or self._buried.former or not head.payload.get("previous_session"):
            return 0
        found = await strays(self._settings, self._settings.topic(entries_topic(self.view)), head.session_id)
        for first in range(0, len(found), BURIED_AT_ONCE):
            page = found[first : first + BURIED_AT_ONCE]
            await self._publisher.publish([tombstone_record(self.view, *one) for one in page])
        self._buried = self._buried._replace(former=True)
        return len(found)

    def _note(self, head: Head, rows: Sequence[Row]) -> None:
        start = self._sequence if head.session_id == self._session_id else 0
        self._session_id, self._sequence = head.session_id, start + len(rows)
        self._head = head.jws if self._sequence == head.sequence else None


def _entry(session_id: str, row: Row) -> Entry:
    _header, payload = opened_unverified(row.jws)
    return Entry(session_id, row.sequence, str(payload["record_id"]), row.jws)


def _is_head(place: Place) -> bool:
    return place.kind == "head"


def _is_newer(head: Head, published: str) -> bool:
    _header, payload = opened_unverified(published)
    return head.jws != published and head.issued_at > instant(str(payload["issued_at"]))
