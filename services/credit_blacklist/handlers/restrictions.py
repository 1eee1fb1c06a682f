"""What follows for restrictions and reports: performance lifts, a listing obliges, every version can be reported on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, Final

from libs.bus import Dispatch, Handler, Message
from libs.journal import Journal
from libs.schemas.credit_blacklist import FeedRecord, RemovalGround
from libs.schemas.envelope import Event
from libs.schemas.intake import CaseClosed, ClosureKind
from libs.schemas.payments import DebtSatisfied
from services.credit_blacklist.domain.casefile import CaseFile, casefile_stream
from services.credit_blacklist.domain.listing import Listing
from services.credit_blacklist.domain.report import report_stream
from services.credit_blacklist.domain.report_law import NoteRecord
from services.credit_blacklist.domain.restriction import RestrictionOrder
from services.credit_blacklist.domain.restriction_commands import LiftByRule
from services.credit_blacklist.domain.restriction_duty import CompareRecord, duty_stream

LIFTED_BY_CLOSING: Final[Mapping[ClosureKind, RemovalGround]] = MappingProxyType(
    {
        "FULLY_PERFORMED": "PERFORMED",
        "ENFORCEMENT_TERMINATED": "FINAL_TERMINATION",
        "CANCELLED": "FINAL_TERMINATION",
        "NOT_ENFORCED": "NON_ENFORCEMENT",
        "APPLICATION_DISMISSED": "NON_ENFORCEMENT",
    }
)
"""Ways to close a case that leave nothing to restrict for. After 终本 the restriction stands."""


def restriction_handlers(journal: Journal, record_events: Iterable[type[Event]]) -> dict[type[Event], Handler]:
    """Return the handlers of what ends restrictions, and of each event that carries a record."""
    rooms = RestrictionHandlers(journal)
    return {
        DebtSatisfied: rooms.on_debt_satisfied,
        CaseClosed: rooms.on_case_closed,
        **dict.fromkeys(record_events, rooms.on_record),
    }


class RestrictionHandlers:
    """Handlers that look at the case before they answer."""

    def __init__(self, journal: Journal) -> None:
        """The journal says which orders and listings a case has."""
        self._journal = journal

    async def on_debt_satisfied(self, message: Message[DebtSatisfied]) -> Iterable[Dispatch]:
        """The debt is covered: whoever is restricted for it must be free at once (R-CRB-24)."""
        return await self._lift(message.event.case_id, "PERFORMED")

    async def on_case_closed(self, message: Message[CaseClosed]) -> Iterable[Dispatch]:
        """The case is closed: unless only for the time being, nobody is restricted for it any more."""
        ground = LIFTED_BY_CLOSING.get(message.event.kind)
        return [] if ground is None else await self._lift(message.event.case_id, ground)

    async def on_record(self, message: Message[Any]) -> Iterable[Dispatch]:
        """A version went out: it can be reported on (R-CRB-33), and a listed debtor must be restricted (R-CRB-20)."""
        record: FeedRecord = message.event.record
        return [
            Dispatch(report_stream(record.record_id), NoteRecord(record), court=record.court, key=record.case_id),
            *await self._compare(record),
        ]

    async def _lift(self, case_id: str, ground: RemovalGround) -> Iterable[Dispatch]:
        casefile = await self._casefile(case_id)
        return [Dispatch(stream, LiftByRule(ground)) for stream in casefile.restrictions]

    async def _compare(self, record: FeedRecord) -> Iterable[Dispatch]:
        casefile = await self._casefile(record.case_id)
        if casefile.debtor(record.party_id) is None:
            return []
        restricted, listed = False, None
        for stream in casefile.restrictions:
            order: RestrictionOrder = (await self._journal.fold(stream, court=None)).state
            restricted = restricted or order.restricts(record.party_id)
        for stream in casefile.listings:
            listing: Listing = (await self._journal.fold(stream, court=None)).state
            if listing.current is not None and listing.current.record.party_id == record.party_id:
                listed = listing.current.record.record_id
        compare = CompareRecord(record, restricted=restricted, listed=None if casefile.satisfied else listed)
        return [Dispatch(duty_stream(record.case_id), compare, court=record.court, key=record.case_id)]

    async def _casefile(self, case_id: str) -> CaseFile:
        state: CaseFile = (await self._journal.fold(casefile_stream(case_id), court=None)).state
        return state
