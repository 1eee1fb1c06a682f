"""A name alone: who may be meant, how alike the names are, and why. Never a verdict."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, Final, Protocol

import orjson

from libs.foundation.errors import Refused, Transient
from libs.foundation.identity import masked_name, masked_number
from libs.foundation.name_likeness import Likeness, likeness
from services.credit_blacklist.feed.register.model import Held, Point, Row
from services.credit_blacklist.feed.register.pages import entry_bytes
from services.credit_blacklist.rules.views import COURT
from services.credit_blacklist.screening.evaluation import in_force
from services.credit_blacklist.screening.index import ScreeningIndex
from services.credit_blacklist.screening.persons import AsOf

SHOWN_MAX: Final = 20
LOOKED_AT_MAX: Final = 200
AT_ONCE: Final = 16


class NamesNotReady(Transient):
    """The names of the list are still being read in this process."""

    code = "names_not_ready"
    title = "Names cannot be searched yet"


class NamesOfThePresent(Refused):
    """A name was asked for in a session of the list that was replaced; names are kept of the present one only."""

    code = "names_of_the_present_only"
    title = "Names are searched in the present session only"
    remedy = "Ask by document, or for a moment of the present session."


class ListHeld(Protocol):
    """What candidates need of the register."""

    async def entries(self, view: str, session_id: str, after: int, limit: int) -> list[Row]:
        """Return entries in their order."""

    async def record(self, view: str, record_id: str, *, at: Point | None = None) -> Held | None:
        """Return the entry of a record at a point."""


async def candidates(
    held: ListHeld, index: ScreeningIndex, as_of: AsOf, name: str
) -> tuple[list[dict[str, Any]], bool]:
    """Return the entries whose names are most alike, best first, and whether there are more than are shown.

    Names and numbers are masked (R-INT-07): who must know more, reads the listing for a case and a purpose. Raises
    `NamesNotReady` (503) while this process still reads the list, `NamesOfThePresent` (409) for a replaced session.
    """
    known = index.of(COURT)
    if known is not None and known.session_id != as_of.session_id and as_of.past:
        raise NamesOfThePresent(field="as_of")
    if known is None or known.names is None or known.session_id != as_of.session_id or known.sequence < as_of.sequence:
        raise NamesNotReady
    sequences = known.names.sequences(name, LOOKED_AT_MAX)
    entries = await _held_by(held, as_of, [sequence for sequence in sequences if sequence <= as_of.sequence])
    scored = [
        (found, entry)
        for entry in entries
        if in_force(entry.payload, as_of.moment) and (found := likeness(name, entry.payload["subject"]["name"])).alike
    ]
    scored.sort(key=lambda pair: (-pair[0].score, pair[1].sequence))
    more = len(scored) > SHOWN_MAX or len(sequences) == LOOKED_AT_MAX
    return [_candidate(found, entry) for found, entry in scored[:SHOWN_MAX]], more


async def _held_by(held: ListHeld, as_of: AsOf, sequences: Sequence[int]) -> list[Held]:
    """Return what is held of the records that these entries are of: a name may stand in an older version."""
    records: dict[str, None] = {}
    for first in range(0, len(sequences), AT_ONCE):
        part = sequences[first : first + AT_ONCE]
        pages = await asyncio.gather(*(held.entries(as_of.view, as_of.session_id, each - 1, 1) for each in part))
        records |= {orjson.loads(entry_bytes(row.jws))["record_id"]: None for page in pages for row in page}
    found: list[Held] = []
    for first in range(0, len(records), AT_ONCE):
        named = list(records)[first : first + AT_ONCE]
        held_now = await asyncio.gather(*(held.record(as_of.view, each, at=as_of.point) for each in named))
        found += [entry for entry in held_now if entry is not None]
    return found


def _candidate(found: Likeness, entry: Held) -> dict[str, Any]:
    subject = entry.payload["subject"]
    organisation = subject["party_type"] == "ORGANISATION"
    return {
        "record_id": entry.record_id,
        "list_type": entry.payload["list_type"],
        "court": dict(entry.payload["court"]),
        "name": masked_name(subject["name"], organisation=organisation),
        "identity_documents": [
            {"type": document["type"], "number": masked_number(document["number"])}
            for document in subject["identity_documents"]
        ],
        "score": found.score,
        "explanation": [
            {"kind": difference.kind, "points": difference.points, "text": difference.text}
            for difference in found.differences
        ],
    }
