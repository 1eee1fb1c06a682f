"""What every route needs: the journal, the clock, the signer, the secrets, and how to find things for a caller."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import cast

from libs.evidence import Signer
from libs.foundation.clock import Clock
from libs.foundation.court_calendar import court_day
from libs.foundation.court_secrets import CourtSecrets
from libs.journal import Folded, Journal
from libs.web import Caller, fold_for
from services.intake.domain.case import Case
from services.intake.domain.document import Document, DocumentUnknown
from services.intake.domain.filing import Filing
from services.intake.domain.refusals import ApplicationUnknown, CaseUnknown
from services.intake.domain.roster import Roster
from services.intake.naming import case_stream, document_stream, filing_stream, roster_stream
from services.intake.receipts import SigningKeyMissing


@dataclass(frozen=True, slots=True)
class Desk:
    """The parts that the routes of this service share."""

    journal: Journal
    clock: Clock
    signer: Signer | None
    secrets: CourtSecrets

    async def case(self, caller: Caller, case_id: str) -> Folded[Case]:
        """Return a case of one of the caller's courts. Raises `CaseUnknown`."""
        return await fold_for(caller, self.journal, case_stream(case_id), CaseUnknown)

    async def filing(self, caller: Caller, application_id: str) -> Folded[Filing]:
        """Return the filing that an application belongs to. Raises `ApplicationUnknown`."""
        return await fold_for(caller, self.journal, filing_stream(application_id), ApplicationUnknown)

    async def document(self, caller: Caller, document_id: str) -> Folded[Document]:
        """Return a document of one of the caller's courts. Raises `DocumentUnknown`."""
        return await fold_for(caller, self.journal, document_stream(document_id), DocumentUnknown)

    async def roster(self, court: str) -> Roster:
        """Return the court's roster, set or not."""
        return cast("Roster", (await self.journal.fold(roster_stream(court), court=court)).state)

    def now(self) -> datetime:
        """Return business time."""
        return self.clock.now()

    def today(self) -> date:
        """Return the court's day."""
        return court_day(self.clock.now())

    def signing(self) -> Signer:
        """Return the signer. Raises `SigningKeyMissing` (503)."""
        if self.signer is None:
            raise SigningKeyMissing
        return self.signer
