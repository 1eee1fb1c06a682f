"""For those without a copy of the list: ranges of keyed digests, of which a question names only the first 16 bits.

An agency asks for all listed documents whose digest begins as its customer's does, and compares at home; about one in
65,536 of all persons share a beginning, so the question tells next to nothing about whom it is. Every answer has the
same number of rows, whoever is asked for. It stays personal data: purpose, log and quota are the route's.
"""

from __future__ import annotations

import asyncio
import hmac
from collections import OrderedDict
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

import orjson

from services.credit_blacklist.feed.documents import document_key
from services.credit_blacklist.feed.register.model import Held, Point, Row
from services.credit_blacklist.feed.register.pages import entry_bytes
from services.credit_blacklist.screening.digest_index import index_key
from services.credit_blacklist.screening.persons import AsOf

MAC: Final = "HMAC-SHA-256"
PREFIX_BYTES: Final = 2
ROW_BYTES: Final = 16
"""Of a digest 16 bytes are kept and shown: enough that no two documents meet."""
ROWS_STEP: Final = 64
AGENCIES_MAX: Final = 8
"""Indexes that a process keeps; the one that was asked longest ago goes first."""
PAGE_ENTRIES: Final = 1000
_TABLES: Final = 1 << 8 * PREFIX_BYTES


class Listed(Protocol):
    """What ranges need of the register."""

    def in_force(self, view: str, *, at: Point | None = None) -> AsyncIterator[list[Held]]:
        """Yield the entries in force in batches."""

    async def entries(self, view: str, session_id: str, after: int, limit: int) -> list[Row]:
        """Return entries in their order."""


def agency_key(secret: bytes, agency_id: str, month: str) -> bytes:
    """Return an agency's key of a month (`2024-06`); it says nothing about another's, or the next month's."""
    return hmac.digest(secret, f"range key\x1f{agency_id}\x1f{month}".encode(), "sha256")


def document_mac(key: bytes, id_type: str, number: str) -> bytes:
    """Return the digest of a document: HMAC-SHA-256 over type, a zero byte and the number in its comparable form."""
    return hmac.digest(key, index_key(id_type, number).encode(), "sha256")[:ROW_BYTES]


@dataclass(slots=True)
class RangeIndex:
    """The digests of one view under one key, up to `sequence`; memory is 16 bytes a document."""

    key: bytes
    session_id: str
    sequence: int
    tables: list[bytes] = field(default_factory=lambda: [b""] * _TABLES)
    longest: int = 0

    def take(self, payloads: Iterable[dict[str, Any]]) -> None:
        """Take in the documents of entries that are no removal; what is there is not taken twice."""
        for payload in payloads:
            if payload["status"] == "REMOVED":
                continue
            for each in payload["subject"]["identity_documents"]:
                mac = document_mac(self.key, *document_key(each["type"], each["number"]))
                place = int.from_bytes(mac[:PREFIX_BYTES], "big")
                if mac not in _rows(self.tables[place]):
                    grown = self.tables[place] + mac
                    # The size of answers grows first: a question in between has a row too many, never one too few.
                    self.longest = max(self.longest, len(grown) // ROW_BYTES)
                    self.tables[place] = grown

    @property
    def rows(self) -> int:
        """How many rows every answer has: those of the longest range, rounded up."""
        return max(1, -(-self.longest // ROWS_STEP)) * ROWS_STEP

    def range(self, prefix: bytes) -> list[str]:
        """Return the digests that begin so, in order, filled up with others that no document has.

        The fill is the same whenever it is asked for, so that two answers side by side do not tell it apart.
        """
        real = _rows(self.tables[int.from_bytes(prefix, "big")])
        fill = [
            prefix + hmac.digest(self.key, b"fill\x1f%b%d" % (prefix, n), "sha256")[: ROW_BYTES - PREFIX_BYTES]
            for n in range(self.rows - len(real))
        ]
        return sorted(mac.hex() for mac in (*real, *fill))


def _rows(table: bytes) -> list[bytes]:
    return [table[first : first + ROW_BYTES] for first in range(0, len(table), ROW_BYTES)]


class Ranges:
    """The indexes that are in use, each made at its first question of the month and grown with the list."""

    def __init__(self, listed: Listed) -> None:
        """Read from the register."""
        self._listed = listed
        self._indexes: OrderedDict[tuple[str, bytes], RangeIndex] = OrderedDict()
        self._turn: dict[tuple[str, bytes], asyncio.Lock] = {}

    async def of(self, as_of: AsOf, key: bytes) -> RangeIndex:
        """Return the index of a view under a key, with everything that stood at `as_of`."""
        name = (as_of.view, key)
        # One question at a time makes or grows an index; the others wait and find it done.
        async with self._turn.setdefault(name, asyncio.Lock()):
            index = self._indexes.get(name)
            if index is None or index.session_id != as_of.session_id:
                index = await self._made(as_of, key)
            while index.sequence < as_of.sequence:
                rows = await self._listed.entries(as_of.view, as_of.session_id, index.sequence, PAGE_ENTRIES)
                if not rows:
                    break
                await asyncio.to_thread(index.take, _payloads(rows))
                index.sequence = rows[-1].sequence
            self._indexes[name] = index
            self._indexes.move_to_end(name)
        while len(self._indexes) > AGENCIES_MAX:
            self._turn.pop(self._indexes.popitem(last=False)[0], None)
        return index

    async def _made(self, as_of: AsOf, key: bytes) -> RangeIndex:
        index = RangeIndex(key, as_of.session_id, as_of.sequence)
        async for batch in self._listed.in_force(as_of.view, at=as_of.point):
            await asyncio.to_thread(index.take, [held.payload for held in batch])
        return index


def _payloads(rows: Sequence[Row]) -> list[dict[str, Any]]:
    return [orjson.loads(entry_bytes(row.jws)) for row in rows]
