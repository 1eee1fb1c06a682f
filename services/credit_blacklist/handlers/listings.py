"""What happens in a case reaches its listings: warning, performance, closing; a removal reaches what was shown."""

from __future__ import annotations

from collections.abc import Iterable

from libs.bus import Dispatch, Message
from libs.foundation.court_calendar import court_day
from libs.foundation.ids import stream_parts
from libs.journal import Folded, Journal
from libs.schemas.credit_blacklist import ListingRemoved
from libs.schemas.intake import CaseClosed, DocumentServed
from libs.schemas.payments import AccountCredited, DebtSatisfied
from services.credit_blacklist.domain.casefile import CaseFile, casefile_stream
from services.credit_blacklist.domain.listing import listing_id_of, listing_stream
from services.credit_blacklist.domain.listing_commands import EndWithCase, NotePayment, SettleByPerformance, WarnDebtor
from services.credit_blacklist.domain.publicity import EndItem


def on_document_served(message: Message[DocumentServed]) -> Iterable[Dispatch]:
    """The enforcement notice warns the debtor that whoever does not perform may be listed (R-CRB-06)."""
    served = message.event
    if served.kind != "ENFORCEMENT_NOTICE":
        return []
    party_id = served.party.party_id
    command = WarnDebtor(
        listing_id=listing_id_of(party_id, served.case_id),
        case_id=served.case_id,
        party_id=party_id,
        document_id=served.document_id,
        served_at=served.served_at,
    )
    return [Dispatch(listing_stream(party_id, served.case_id), command, key=served.case_id)]


class ListingsOfCase:
    """Knows which listings and batches a case has: its file says so before any of them is written."""

    def __init__(self, journal: Journal) -> None:
        """The journal holds the case files."""
        self._journal = journal

    async def on_account_credited(self, message: Message[AccountCredited]) -> Iterable[Dispatch]:
        """Money came in: a record that says nothing was performed would be wrong from now on (R-CRB-08)."""
        paid = message.event
        file = await self._file(paid.case_id)
        if file.record is None or not file.listings:
            return []
        # The debt may have grown since it was assessed; who paid all that was owed is let go by `debt_satisfied`.
        owed = file.debt.total_fen if file.debt else file.record.principal_fen
        command = NotePayment(paid.recovered_fen, owed)
        return [Dispatch(stream, command, key=paid.case_id) for stream in file.listings]

    async def on_debt_satisfied(self, message: Message[DebtSatisfied]) -> Iterable[Dispatch]:
        """The debt is covered: what waits is cancelled, what has no term is removed, the rest is prepared."""
        paid = message.event
        file = await self._file(paid.case_id)
        return [Dispatch(stream, SettleByPerformance(paid.as_of), key=paid.case_id) for stream in file.listings]

    async def on_case_closed(self, message: Message[CaseClosed]) -> Iterable[Dispatch]:
        """The case is closed: a non-enforcement or termination ruling asks for removals (R-CRB-10)."""
        closed = message.event
        file = await self._file(closed.case_id)
        command = EndWithCase(closed.kind, closed.closed_on)
        return [Dispatch(stream, command, key=closed.case_id) for stream in file.listings]

    async def on_listing_removed(self, message: Message[ListingRemoved]) -> Iterable[Dispatch]:
        """Who is listed no more is taken down wherever they were shown (R-CRB-09, R-CRB-10)."""
        removed = message.event
        file = await self._file(removed.case_id)
        command = EndItem(removed.listing_id, court_day(removed.record.changed_at))
        return [Dispatch(stream, command, key=stream_parts(stream)[-1]) for stream in file.batches]

    async def _file(self, case_id: str) -> CaseFile:
        folded: Folded[CaseFile] = await self._journal.fold(casefile_stream(case_id), court=None)
        return folded.state
