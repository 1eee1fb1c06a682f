"""A correction is told to everyone whose signed position shows that they held the wrong version (R-CRB-12)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from libs.bus import Dispatch, Handler, Message
from libs.foundation.clock import instant
from libs.foundation.errors import Transient
from libs.foundation.limits import PAGE_ITEMS_MAX
from libs.journal import NATIONAL
from libs.schemas.credit_blacklist import FeedRecord
from libs.schemas.envelope import Event
from services.credit_blacklist.desk import Desk
from services.credit_blacklist.domain.report import report_stream
from services.credit_blacklist.domain.report_notices import GiveNotices, Holder
from services.credit_blacklist.feed.register import Held, Point
from services.credit_blacklist.feed.register.reading import Reading
from services.credit_blacklist.rules.views import VIEWS, FeedView
from services.credit_blacklist.views.positions import MARKS


class WrongVersionPending(Transient):
    """The entry that is corrected has not reached the register of this process."""

    code = "wrong_version_pending"
    title = "The corrected entry is not here yet"


def notice_handlers(desk: Desk, record_events: Iterable[type[Event]]) -> dict[type[Event], Handler]:
    """Return the handler of each event that carries a record; none without a key, for then nothing goes out."""
    return {} if desk.signer is None else dict.fromkeys(record_events, NoticeHandler(desk).on_record)


class NoticeHandler:
    """Finds who held what."""

    def __init__(self, desk: Desk) -> None:
        """The desk's register knows the sequences, its journal the confirmed positions."""
        self._desk = desk

    async def on_record(self, message: Message[Any]) -> Iterable[Dispatch]:
        """Tell the holders of a wrong version; a record that corrects nothing tells nobody."""
        record: FeedRecord = message.event.record
        if record.correction is None:
            return []
        holders: list[Holder] = []
        for view in VIEWS.values():
            if view.carries(record.list_type):
                holders += await self._holders(view, record, record.correction.wrong_version)
        give = GiveNotices(record, tuple(holders))
        return [Dispatch(report_stream(record.record_id), give, court=record.court, key=record.case_id)]

    async def _holders(self, view: FeedView, record: FeedRecord, wrong_version: int) -> list[Holder]:
        point = self._desk.register.reached(view.view_id)
        wrong, following = await self._entries(point, view.view_id, record.record_id, wrong_version)
        if wrong is None or point is None:
            return []
        until = following.sequence if following else None
        return [
            Holder(str(row["agency_id"]), view.view_id, int(mark["sequence"]), instant(mark["received_at"]))
            async for row in self._marks(view)
            if (mark := _mark_on(row["marks"], wrong, point.session_id, until)) is not None
        ]

    async def _entries(
        self, point: Point | None, view: str, record_id: str, version: int
    ) -> tuple[Held | None, Held | None]:
        """Return the entry of a version, None where the active session lacks it, and the entry behind it."""
        found = await self._desk.register.record(view, record_id, at=point) if point else None
        if found is None or point is None or found.record_version < version:
            raise WrongVersionPending(f"{view} {record_id}")
        following = None
        while found is not None and found.record_version > version:
            found, following = await self._former(point, view, found), found
        return (found if found is not None and found.record_version == version else None), following

    async def _former(self, point: Point, view: str, entry: Held) -> Held | None:
        feed = self._desk.register.feed(point.session_id)
        if feed is None:
            return None
        ask = partial(Reading.former, feed=feed.feed, record_id=entry.record_id, sequence=entry.sequence)
        sequence = await self._desk.register.read(ask)
        if sequence is None:
            return None
        return await self._desk.register.record(view, entry.record_id, at=Point(point.session_id, sequence))

    async def _marks(self, view: FeedView) -> AsyncIterator[Mapping[str, Any]]:
        cursor: str | None = None
        while True:
            page = await self._desk.journal.views.find(
                MARKS, court=NATIONAL, where={"view": view.view_id}, cursor=cursor, limit=PAGE_ITEMS_MAX
            )
            for row in page.rows:
                yield row
            if (cursor := page.next_cursor) is None:
                return


def _mark_on(
    marks: Sequence[Mapping[str, Any]], wrong: Held, session_id: str, until: int | None
) -> Mapping[str, Any] | None:
    """Return the first confirmed position that shows that the wrong entry was held."""
    for mark in marks:
        if mark["session_id"] != session_id:
            # Of a session that was replaced since: what was held then is told by when it was confirmed.
            if instant(mark["received_at"]) >= wrong.at:
                return mark
        elif wrong.sequence <= mark["sequence"] and (until is None or mark["sequence"] < until):
            return mark
    return None
