"""Snapshots on the shelf: made in parts beside the running feed, read back before they are named, dropped in time.

Parts are written before the document that names them, and stay for a day after another snapshot took their place: an
older head may still name them. Two processes that make one at once write parts of their own; one of them is named.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import uuid4

from libs.foundation.clock import instant, instant_text
from libs.journal import Journal
from libs.journal.shelf import PART_BYTES_MAX
from services.credit_blacklist.feed.head_payload import SnapshotName
from services.credit_blacklist.feed.register import Register
from services.credit_blacklist.feed.self_check import Checked, Difference
from services.credit_blacklist.feed.snapshot_lines import Body, SnapshotReader, snapshot_lines

KEPT: Final = timedelta(days=1)
"""How long a snapshot stays after another took its place."""
MAKING_SECONDS_MAX: Final = 600
"""How long the making of one snapshot may take, in real seconds."""
ORPHAN_SECONDS: Final = 7200
"""After this no process can still be making a snapshot, in real seconds."""
KEPT_MIN: Final = 2
"""Snapshots of a view that always stay: the present one and the one before."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A snapshot that lies on the shelf."""

    session_id: str
    sequence: int
    sha256: str
    bytes: int
    count: int
    parts: int
    folder: str
    made_at: str

    @property
    def name(self) -> SnapshotName:
        """Return it as a head names it."""
        return SnapshotName(self.sequence, self.sha256, self.bytes, self.count)

    def keys(self) -> list[str]:
        """Return where its parts lie."""
        return [f"{self.folder}/{number:06d}" for number in range(self.parts)]


class Snapshots:
    """The snapshots of all views."""

    def __init__(self, journal: Journal, register: Register) -> None:
        """The journal's shelf keeps them."""
        self._journal = journal
        self._register = register

    async def newest(self, view: str, session_id: str) -> Stored | None:
        """Return the newest snapshot of a session, or None."""
        _revision, stored = await self._shelved(view)
        return next((each for each in stored if each.session_id == session_id), None)

    async def at(self, view: str, session_id: str, sequence: int) -> Stored | None:
        """Return the snapshot of a sequence, or None."""
        _revision, stored = await self._shelved(view)
        return next((each for each in stored if (each.session_id, each.sequence) == (session_id, sequence)), None)

    async def read(self, stored: Stored) -> AsyncIterator[bytes]:
        """Yield the bytes of a snapshot, part by part. Raises `LookupError` where a part is gone."""
        for key in stored.keys():  # noqa: SIM118 -- a method of ours, not a mapping's
            part = await self._journal.shelf.get(key)
            if part is None:
                raise LookupError(f"{key} is gone")
            yield bytes(part.value["data"])

    async def make(self, view: str, checked: Checked, *, removed_since: datetime, now: datetime) -> Stored:
        """Make the snapshot at the point that was checked, read it back, and put it in the place of the former.

        Raises `Difference` if what lies on the shelf is not the list that was checked; then nothing is named.
        """
        stored = await self._write(view, checked, removed_since=removed_since, now=now)
        try:
            reader = SnapshotReader(view, checked)
            async for part in self.read(stored):
                await asyncio.to_thread(reader.take, part)
            reader.finish()
        except BaseException:
            await self._journal.shelf.drop(stored.keys())
            raise
        await self._name(view, stored, now)
        return stored

    async def make_alone(self, view: str, checked: Checked, *, removed_since: datetime, now: datetime) -> Stored | None:
        """Do what `make` does unless another process is doing it; then return None. It is work for one at a time."""
        key, shelf = f"snapshot-making/{view}", self._journal.shelf
        found = await shelf.get(key)
        if found is not None and found.value["until"] > time.time():
            return None
        if not await shelf.put(
            key, {"until": time.time() + MAKING_SECONDS_MAX}, revision=found.revision if found else 0
        ):
            return None
        try:
            async with asyncio.timeout(MAKING_SECONDS_MAX):
                return await self.make(view, checked, removed_since=removed_since, now=now)
        finally:
            await shelf.drop([key])

    async def _write(self, view: str, checked: Checked, *, removed_since: datetime, now: datetime) -> Stored:
        point, body = checked.point, Body()
        folder = f"{_parts_of(view)}{int(time.time()):012d}-{uuid4().hex}"
        feed = self._register.feed(point.session_id)
        if feed is None:
            raise Difference(f"the register does not keep {point.session_id}")
        held = await self._register.checksum(view, point.session_id, point.sequence)
        parts, waiting = 0, bytearray()
        async for piece in snapshot_lines(self._register, feed, held, removed_since=removed_since, now=now, body=body):
            waiting += piece
            while len(waiting) >= PART_BYTES_MAX:
                await self._put(f"{folder}/{parts:06d}", bytes(waiting[:PART_BYTES_MAX]))
                del waiting[:PART_BYTES_MAX]
                parts += 1
        await self._put(f"{folder}/{parts:06d}", bytes(waiting))
        return Stored(
            *(point.session_id, point.sequence, body.hashing.hexdigest(), body.size, body.count),
            parts=parts + 1,
            folder=folder,
            made_at=instant_text(now),
        )

    async def _put(self, key: str, data: bytes) -> None:
        await self._journal.shelf.put(key, {"data": data}, revision=0)

    async def _name(self, view: str, stored: Stored, now: datetime) -> None:
        while True:
            revision, former = await self._shelved(view)
            kept = [each for each in former if now - instant(each.made_at) < KEPT]
            kept = former[:KEPT_MIN] if len(kept) < KEPT_MIN else kept
            listed = [stored, *kept]
            value = {"stored": [asdict(each) for each in listed]}
            if await self._journal.shelf.put(_key(view), value, revision=revision):
                gone = [key for each in former if each not in kept for key in each.keys()]  # noqa: SIM118 -- see above
                await self._journal.shelf.drop([*gone, *await self._orphans(view, listed)])
                return

    async def _orphans(self, view: str, listed: Sequence[Stored]) -> list[str]:
        """Return parts that nothing names, left by a process that was killed while it made them."""
        named = {each.folder for each in listed}
        young = f"{_parts_of(view)}{int(time.time()) - ORPHAN_SECONDS:012d}"
        keys = await self._journal.shelf.keys(_parts_of(view))
        return [key for key in keys if key < young and key.rpartition("/")[0] not in named]

    async def _shelved(self, view: str) -> tuple[int, list[Stored]]:
        found = await self._journal.shelf.get(_key(view))
        rows: list[dict[str, Any]] = list(found.value["stored"]) if found else []
        return found.revision if found else 0, [Stored(**row) for row in rows]


def _parts_of(view: str) -> str:
    return f"snapshot-part/{view}/"


def _key(view: str) -> str:
    return f"snapshot/{view}"
