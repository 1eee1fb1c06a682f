"""The publisher checks itself before it signs: the journal once more, by other code, against what the register says.

A digest that only the register had computed would be signed with the register's faults in it, and every subscriber
would have to reject a list that no repair can mend. So each entry is read from the journal a second time, its signature
is verified, what it replaces is looked up in the journal too, and set and log are added up by `second_path`. Where the
results differ, nothing is signed (R-CRB-33).
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import orjson

from libs.evidence import SignatureInvalid, Verifier
from libs.journal import Journal
from libs.schemas.credit_blacklist import FeedEntryAppended
from services.credit_blacklist.domain.feed import feed_stream
from services.credit_blacklist.feed.register import Checksum, Head, Point, Register
from services.credit_blacklist.feed.register.book import Feed
from services.credit_blacklist.feed.register.pages import entry_bytes
from services.credit_blacklist.feed.register.reading import Reading
from services.credit_blacklist.feed.second_path import SecondLog, SecondSum, element_of

STEP: Final = 1000
"""Entries that are looked at in one go."""


class Difference(Exception):
    """The two ways do not give the same: nothing may be signed."""


@dataclass(frozen=True, slots=True)
class Checked:
    """Up to where the second way has come, and what it found."""

    point: Point
    sums: SecondSum
    log: SecondLog


class SelfCheck:
    """The second way, for one view."""

    def __init__(self, journal: Journal, register: Register, view: str) -> None:
        """It begins anew in each session: from a signed head that this register agrees with, or from nothing."""
        self._journal = journal
        self._register = register
        self._view = view
        self._checked: Checked | None = None

    async def through(self, point: Point, signed: Head | None, entry_keys: Mapping[str, Any]) -> Checked:
        """Return what the second way finds at `point`, which the register has reached. Raises `Difference`."""
        checked = self._checked
        if checked is None or checked.point.session_id != point.session_id or checked.point.sequence > point.sequence:
            checked = await self._begin(point, signed)
        verifier = Verifier(entry_keys)
        feed = self._register.feed(point.session_id)
        if feed is None:
            raise Difference(f"the register does not keep {point.session_id}")
        while checked.point.sequence < point.sequence:
            until = min(point.sequence, checked.point.sequence + STEP)
            checked = await self._advance(feed, checked, until, verifier)
        await self._compare(checked, await self._register.checksum(self._view, point.session_id, point.sequence))
        self._checked = checked
        return checked

    async def _begin(self, point: Point, signed: Head | None) -> Checked:
        if signed is None or signed.session_id != point.session_id:
            return Checked(Point(point.session_id, 0), SecondSum(), SecondLog())
        # Whoever signed that head had checked it; a state with its digest is the state that was checked.
        held = await self._register.checksum(self._view, *_parts(signed.point))
        if (held.set, held.log_root) != (signed.payload["set"], signed.payload["log_root"]):
            raise Difference(f"the register does not hold what the signed head names at {signed.sequence}")
        feed = self._register.feed(signed.session_id)
        assert feed is not None, "its checksum was told"
        peaks = await self._register.read(partial(Reading.frontier, feed=feed.feed, size=signed.sequence))
        sums = SecondSum.from_state(held.state.to_bytes(), held.state.count)
        return Checked(signed.point, sums, SecondLog.of(signed.sequence, peaks))

    async def _advance(self, feed: Feed, checked: Checked, until: int, verifier: Verifier) -> Checked:
        after = checked.point.sequence
        broken = await self._register.read(partial(Reading.broken, feed=feed.feed, after=after, until=until))
        if broken is not None:
            raise Difference(broken)
        numbers = range(after + 1, until + 1)
        entries, rows = await self._entries(feed, numbers)
        former = await self._former(feed, {number: entries[number].record_id for number in numbers})
        replaced, _rows = await self._entries(feed, sorted({each for each in former.values() if each <= after}))
        return await asyncio.to_thread(
            self._add, checked, until, verifier=verifier, entries=replaced | entries, rows=rows, former=former
        )

    def _add(
        self,
        checked: Checked,
        until: int,
        *,
        verifier: Verifier,
        entries: Mapping[int, FeedEntryAppended],
        rows: Mapping[int, str],
        former: Mapping[int, int],
    ) -> Checked:
        sums, log = checked.sums, checked.log
        for number in range(checked.point.sequence + 1, until + 1):
            entry = entries[number]
            if rows.get(number) != entry.jws:
                raise Difference(f"row {number} of the register is not what the journal has")
            raw, payload = entry_bytes(entry.jws), _verified(entry, verifier, number)
            if number in former:
                old = entries[former[number]]
                old_raw = entry_bytes(old.jws)
                if old.record_id != entry.record_id or old.record_version >= entry.record_version:
                    raise Difference(f"entry {number} does not replace entry {former[number]}")
                if orjson.loads(old_raw)["status"] != "REMOVED":
                    sums = sums.without(element_of(self._view, old.record_id, old.record_version, old_raw))
            if payload["status"] != "REMOVED":
                sums = sums.with_entry(element_of(self._view, entry.record_id, entry.record_version, raw))
            log = log.with_leaf(raw)
        return Checked(Point(checked.point.session_id, until), sums, log)

    async def _entries(
        self, feed: Feed, numbers: Sequence[int] | range
    ) -> tuple[dict[int, FeedEntryAppended], dict[int, str]]:
        """Return entries as the journal has them, and as the register's rows have them, by sequence."""
        located = await self._register.read(partial(Reading.located, feed=feed.feed, sequences=list(numbers)))
        versions = sorted({version for version, _jws in located.values()})
        stream = feed_stream(feed.view, feed.session_id)
        wanted, found = set(numbers), {}
        for _version, tail in await self._journal.commits_at(stream, versions):
            for each in tail.events:
                if each.seq in wanted and isinstance(each.event, FeedEntryAppended):
                    found[each.seq] = each.event
        if missing := wanted - found.keys():
            raise Difference(f"the journal does not have entry {min(missing)} where the register says")
        return found, {number: jws for number, (_version, jws) in located.items()}

    async def _former(self, feed: Feed, records: Mapping[int, str]) -> dict[int, int]:
        def look(reading: Reading) -> dict[int, int]:
            found = {number: reading.former(feed.feed, record_id, number) for number, record_id in records.items()}
            return {number: former for number, former in found.items() if former is not None}

        return await self._register.read(look)

    async def _compare(self, checked: Checked, held: Checksum) -> None:
        if (checked.sums.count, checked.sums.digest) != (held.state.count, held.state.digest):
            raise Difference(f"the set at {held.point} is another one by the second way")
        if checked.log.root != held.log_root:
            raise Difference(f"the log at {held.point} is another one by the second way")


def _verified(entry: FeedEntryAppended, verifier: Verifier, number: int) -> dict[str, Any]:
    try:
        payload = verifier.verify(entry.jws)
    except SignatureInvalid as error:
        raise Difference(f"entry {number} is not signed with a key of the court") from error
    if (payload["record_id"], payload["record_version"]) != (entry.record_id, entry.record_version):
        raise Difference(f"entry {number} is not what its event says")
    return payload


def _parts(point: Point) -> tuple[str, int]:
    return point.session_id, point.sequence
