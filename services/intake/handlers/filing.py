"""Our own facts lead on: accepted → numbered → registered; served → the debtor's clock; closed → the filing knows."""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast

from libs.bus import Dispatch, Message
from libs.evidence import Signer
from libs.foundation.ids import derived_id
from libs.journal import Journal
from libs.schemas import intake
from services.intake.domain.case.opening import RegisterCase
from services.intake.domain.case.papers import OrderPropertyReport
from services.intake.domain.filing import Filing, RecordClosedCase
from services.intake.domain.numbering import BindNumber
from services.intake.domain.roster import Roster
from services.intake.naming import case_stream, filing_stream, numbering_stream, roster_stream
from services.intake.receipts import SigningKeyMissing, filing_receipt


def on_application_accepted(message: Message[intake.ApplicationAccepted]) -> Iterable[Dispatch]:
    """An accepted application gets the next number of its court, type and year."""
    event = message.event
    stream = numbering_stream(message.court, event.case_type, event.decided_on.year)
    command = BindNumber(event.application_id, event.case_id, message.court, event.case_type, event.decided_on.year)
    return [Dispatch(stream, command, key=derived_id("key", stream))]


class CaseRegistrar:
    """A bound number becomes a registered case with a signed filing receipt."""

    def __init__(self, journal: Journal, signer: Signer | None) -> None:
        """The registrar reads the application and the roster, and signs."""
        self._journal = journal
        self._signer = signer

    async def on_case_number_bound(self, message: Message[intake.CaseNumberBound]) -> Iterable[Dispatch]:
        """Register the case under its number, with whoever is on duty now as officer and leader."""
        if self._signer is None:
            raise SigningKeyMissing
        event = message.event
        filing = cast(
            "Filing", (await self._journal.read(filing_stream(event.application_id), court=message.court)).state
        )
        roster = cast("Roster", (await self._journal.read(roster_stream(message.court), court=message.court)).state)
        received = filing.attempt(event.application_id).received
        receipt = await self._signer.sign(filing_receipt(received, event, roster.present.court_name), "filing-receipt")
        command = RegisterCase(
            case_id=event.case_id,
            case_number=event.case_number,
            court=message.court,
            court_name=roster.present.court_name,
            application_id=event.application_id,
            applicants=received.applicants,
            debtors=received.debtors,
            basis=received.basis,
            cause=received.cause,
            claim_fen=received.claim_fen,
            received_at=received.received_at or message.at,
            acting_officer=roster.staff(roster.present.duty_officer),
            acting_leader=roster.staff(roster.present.duty_leader),
            receipt=receipt,
        )
        return [Dispatch(case_stream(event.case_id), command, key=event.case_id)]


def on_document_served(message: Message[intake.DocumentServed]) -> Iterable[Dispatch]:
    """Service of the property report order starts the debtor's clock (R-INT-16)."""
    event = message.event
    if event.kind != "PROPERTY_REPORT_ORDER":
        return []
    command = OrderPropertyReport(event.party.party_id, event.document_id, event.served_at)
    return [Dispatch(case_stream(event.case_id), command)]


class ClosingClerk:
    """A closed case lets its filing know, so that the same basis may, or may not, be filed again."""

    def __init__(self, journal: Journal) -> None:
        """The clerk looks up which application the case came from."""
        self._journal = journal

    async def on_case_closed(self, message: Message[intake.CaseClosed]) -> Iterable[Dispatch]:
        """Tell the filing how its case ended."""
        event = message.event
        case = (await self._journal.read(case_stream(event.case_id), court=message.court)).state
        application_id = case.registered.application_id
        command = RecordClosedCase(application_id, event.case_id, event.kind)
        return [Dispatch(filing_stream(application_id), command)]
