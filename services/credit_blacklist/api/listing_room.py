"""What the routes of listings share: finding a listing for its court, the debtor's standing, numbers of papers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

from libs.evidence import Signer
from libs.foundation.canonical import sha256_hex
from libs.foundation.clock import Clock
from libs.foundation.court_calendar import court_day
from libs.foundation.court_secrets import CourtSecrets
from libs.foundation.ids import stream_parts
from libs.journal import CommandMeta, Folded, Journal, Outcome
from libs.schemas.credit_blacklist import ListingWordingKept, PaperKind, PersonRecorded
from libs.schemas.envelope import Event
from libs.web import Caller, fold_for
from services.credit_blacklist.api.present import require_present
from services.credit_blacklist.domain.casefile import CaseFile, CaseFileUnknown, casefile_stream
from services.credit_blacklist.domain.casefile_law import TakeNumber
from services.credit_blacklist.domain.listing import Listing, ListingUnknown, listing_id_of, stream_of_listing
from services.credit_blacklist.domain.listing_commands import Standing
from services.credit_blacklist.domain.listing_law import ListingCommand, decide_listing
from services.credit_blacklist.domain.listing_refusals import NotADebtorOfTheCase
from services.credit_blacklist.domain.listing_standing import standing_of
from services.credit_blacklist.domain.listing_wording import (
    KeepWords,
    ListingWordings,
    Masker,
    papers_stream,
    wording_stream,
)
from services.credit_blacklist.domain.person import Person, RecordPerson, person_fact, person_stream

READ: Final = "credit_blacklist.listings.read"
WRITE: Final = "credit_blacklist.listings.write"
CORRECT: Final = "credit_blacklist.corrections.write"


@dataclass(frozen=True, slots=True)
class ListingRoom:
    """The journal, business time, the court's signer and secrets, with what every route of listings asks."""

    journal: Journal
    clock: Clock
    signer: Signer | None
    secrets: CourtSecrets

    def today(self) -> date:
        """Return the court's day."""
        return court_day(self.clock.now())

    async def listing(self, caller: Caller, any_id: str) -> Folded[Listing]:
        """Return the listing that an id belongs to, of one of the caller's courts. Raises `ListingUnknown`."""
        return await fold_for(caller, self.journal, stream_of_listing(any_id), ListingUnknown)

    async def casefile(self, caller: Caller, case_id: str) -> Folded[CaseFile]:
        """Return our copy of a case of one of the caller's courts. Raises `CaseFileUnknown`."""
        folded: Folded[CaseFile] = await fold_for(caller, self.journal, casefile_stream(case_id), CaseFileUnknown)
        folded.state.require()
        return folded

    async def person(self, party_id: str) -> Person:
        """Return our copy of a person, known or not."""
        folded: Folded[Person] = await self.journal.fold(person_stream(party_id), court=None)
        return folded.state

    def representative(self, court: str, party_id: str, name: str | None) -> PersonRecorded | None:
        """Return who represents a party, for `execute` to record: published facts name an id and no full name."""
        if name is None:
            return None
        named = self.secrets.named_beside(court, party_id, name)
        return person_fact(party_id=named, party_type="PERSON", name=name, documents=(), source="LISTING_DECISION")

    async def standing(self, caller: Caller, case_id: str, party_id: str) -> Standing:
        """Return what speaks for and against listing a debtor now. Raises `PersonNotHereYet` for an unknown debtor."""
        casefile = (await self.casefile(caller, case_id)).state
        if casefile.debtor(party_id) is None:
            raise NotADebtorOfTheCase(field="party_id")
        record = (await self.person(party_id)).require()
        return standing_of(casefile, party_id, record.birth_date)

    async def numbered(self, folded: Folded[Listing], kind: PaperKind, purpose_id: str, meta: CommandMeta) -> str:
        """Return the number of a paper of the listing's case; a repeat gets the same one."""
        stream = casefile_stream(folded.state.case_id)
        command = TakeNumber(folded.state.case_id, kind, purpose_id)
        outcome: Outcome[CaseFile] = await self.journal.execute(stream, command, meta.step("number"))
        return outcome.state.numbers[kind, purpose_id]

    async def masker(self, case_id: str) -> Masker:
        """Return what masks the parties of a case in free texts before they are published."""
        folded: Folded[CaseFile] = await self.journal.fold(casefile_stream(case_id), court=None)
        record = folded.state.record
        parties = (*record.applicants, *record.debtors) if record else ()
        persons = [(await self.person(party.party_id)).record for party in parties]
        return Masker(person for person in persons if person is not None)

    async def keep_words(self, folded: Folded[Listing], text: str, meta: CommandMeta, *, paper: bool = False) -> None:
        """Keep a text word by word in the private stream beside the listing, or among its papers."""
        _, party_id, case_id = stream_parts(folded.stream)
        listing_id = listing_id_of(party_id, case_id)
        words = ListingWordingKept(
            listing_id=listing_id,
            sha256=sha256_hex(text.encode()),
            text=text,
            recorded_by=meta.actor.subject,
        )
        stream = papers_stream(listing_id) if paper else wording_stream(listing_id)
        await self.journal.execute(stream, KeepWords(words), meta.step("words", words.sha256, key=case_id))

    async def words(self, listing_id: str, *, papers: bool = False) -> ListingWordings:
        """Return what was written about a listing, or its papers."""
        stream = papers_stream(listing_id) if papers else wording_stream(listing_id)
        folded: Folded[ListingWordings] = await self.journal.fold(stream, court=None)
        return folded.state

    async def rehearse(
        self, folded: Folded[Listing], command: ListingCommand, meta: CommandMeta
    ) -> Sequence[Event] | None:
        """Return the facts that would follow, without writing; None for a command that was answered before.

        Who writes other streams first asks here, so that what is refused leaves nothing behind. Raises what the law of
        listings refuses, and `Conflict`.
        """
        if await self.journal.recall(meta) is not None:
            return None
        require_present(folded, meta)
        return decide_listing(folded.state, command, self.clock.now())

    async def execute(
        self,
        folded: Folded[Listing],
        command: ListingCommand,
        meta: CommandMeta,
        *,
        named: PersonRecorded | None = None,
    ) -> Outcome[Any]:
        """Execute a command on a listing's stream; whom it names by id is recorded before, unless it is refused."""
        if named is not None and await self.rehearse(folded, command, meta) is not None:
            # A review is written by the court above; whom it names belongs to the court that lists.
            step = replace(meta.step("person", named.party_id, key=named.party_id), court=folded.court or meta.court)
            await self.journal.execute(person_stream(named.party_id), RecordPerson(named), step)
        return await self.journal.execute(folded.stream, command, meta)
