"""What the routes of restriction orders look at besides the order: the case, its other orders and listings, persons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from libs.foundation.canonical import sha256_hex
from libs.foundation.court_secrets import CourtSecrets
from libs.foundation.errors import Refused
from libs.journal import CommandMeta, Folded, Journal, Outcome
from libs.schemas.credit_blacklist import CoveredPerson, RestrictionWordingKept, Role
from libs.web import Caller, fold_for
from services.credit_blacklist.api.present import require_present
from services.credit_blacklist.api.restriction_bodies import NamedPerson
from services.credit_blacklist.desk import Desk
from services.credit_blacklist.domain.casefile import CaseFile, CaseFileUnknown, casefile_stream
from services.credit_blacklist.domain.casefile_law import TakeNumber
from services.credit_blacklist.domain.listing import Listing
from services.credit_blacklist.domain.person import Person, PersonNotHereYet, RecordPerson, person_fact, person_stream
from services.credit_blacklist.domain.restriction import RestrictionOrder, order_of_part, restriction_stream
from services.credit_blacklist.domain.restriction_commands import RestrictionCommand, Surroundings
from services.credit_blacklist.domain.restriction_law import decide_restriction
from services.credit_blacklist.domain.restriction_refusals import RestrictionUnknown
from services.credit_blacklist.domain.restriction_request_law import RequestCommand
from services.credit_blacklist.domain.restriction_wording import KeepWording, wording_stream


def said(caller: Caller, order_id: str, part_id: str, text: str) -> tuple[RestrictionWordingKept, str]:
    """Return a text to be kept beside the order, and its SHA-256, which the public fact carries."""
    wording = RestrictionWordingKept(order_id=order_id, part_id=part_id, text=text, said_by=caller.subject)
    return wording, sha256_hex(text.encode())


class PersonNamedOtherwise(Refused):
    """The court knows the holder of these documents under another name; two names are never one person."""

    code = "person_named_otherwise"
    title = "The court knows the holder of this document under another name"
    remedy = "Check name and document number; correct the party register first if it is wrong."


@dataclass(frozen=True)
class NewPerson:
    """A covered person, and what has to be written of them first: None for a party whom the register knows."""

    person: CoveredPerson
    record: RecordPerson | None = None


@dataclass(frozen=True)
class RestrictionDesk:
    """The journal and the court's secrets, with the questions that several routes ask."""

    desk: Desk

    @property
    def journal(self) -> Journal:
        """The journal."""
        return self.desk.journal

    @cached_property
    def secrets(self) -> CourtSecrets:
        """The secrets under which a court names persons."""
        return self.desk.settings.persons()

    async def order(self, caller: Caller, order_id: str) -> Folded[RestrictionOrder]:
        """Return an order of the caller's courts. Raises `RestrictionUnknown` (404)."""
        folded: Folded[RestrictionOrder] = await fold_for(
            caller, self.journal, restriction_stream(order_id), RestrictionUnknown
        )
        folded.state.require()
        return folded

    async def part(self, caller: Caller, kind: str, part_id: str) -> Folded[RestrictionOrder]:
        """Return the order that a lifting, an exemption or a correction belongs to."""
        return await self.order(caller, order_of_part(kind, part_id))

    async def casefile(self, caller: Caller, case_id: str) -> Folded[CaseFile]:
        """Return our copy of a case of the caller's courts. Raises `CaseFileUnknown` (404)."""
        folded: Folded[CaseFile] = await fold_for(caller, self.journal, casefile_stream(case_id), CaseFileUnknown)
        folded.state.require()
        return folded

    async def around(self, case_id: str, order_id: str) -> Surroundings:
        """Return what the rest of the case says: its copy, who is covered by another order, whose listing stands."""
        casefile: CaseFile = (await self.journal.fold(casefile_stream(case_id), court=None)).state
        own, covered, listed = restriction_stream(order_id), set[str](), set[str]()
        for stream in casefile.restrictions:
            order: RestrictionOrder = (await self.journal.fold(stream, court=None)).state
            if stream != own:
                covered |= {party_id for party_id in order.persons if order.covers(party_id)}
        for stream in casefile.listings:
            listing: Listing = (await self.journal.fold(stream, court=None)).state
            if listing.current is not None:
                listed.add(listing.current.record.party_id)
        return Surroundings(casefile, frozenset(covered), frozenset(listed))

    async def number(self, order: Folded[RestrictionOrder], meta: CommandMeta) -> str:
        """Return the number that the order carries; the same one however often it is asked."""
        drafted = order.state.require()
        take = TakeNumber(drafted.case_id, "RESTRICTION_ORDER", drafted.order_id)
        taken = await self.journal.execute(casefile_stream(drafted.case_id), take, meta.step("number"))
        return str(taken.state.numbers[("RESTRICTION_ORDER", drafted.order_id)])

    async def person(self, court: str, named: NamedPerson, role: Role) -> NewPerson:
        """Return whom a body names. Raises `PersonNotHereYet` (409) and `PersonNamedOtherwise` (409)."""
        if named.party_id is not None:
            folded = await self.journal.fold(person_stream(named.party_id), court=None)
            known: Person = folded.state
            if folded.court != court:
                raise PersonNotHereYet(field="party_id")
            record = known.require()
            return NewPerson(
                CoveredPerson(
                    party_id=record.party_id,
                    display_name=record.display_name,
                    party_type=record.party_type,
                    roles=(role,),
                )
            )
        return await self._stranger(court, named, role)

    async def _stranger(self, court: str, named: NamedPerson, role: Role) -> NewPerson:
        name, party_type, documents = named.name, named.party_type, named.documents()
        assert name is not None, "the body is checked"
        assert party_type is not None, "the body is checked"
        party_id = self.secrets.party_id(court, ((one.id_type, one.id_number) for one in documents))
        known: Person = (await self.journal.fold(person_stream(party_id), court=None)).state
        if known.record is not None and known.record.name != name:
            raise PersonNamedOtherwise(field="name")
        fact = person_fact(
            party_id=party_id, party_type=party_type, name=name, documents=documents, source="RESTRICTION_ORDER"
        )
        person = CoveredPerson(party_id=party_id, display_name=fact.display_name, party_type=party_type, roles=(role,))
        return NewPerson(person, RecordPerson(fact))

    async def carry_out(
        self,
        order: Folded[RestrictionOrder],
        command: RestrictionCommand | RequestCommand,
        meta: CommandMeta,
        *,
        wording: RestrictionWordingKept | None = None,
        persons: Sequence[NewPerson] = (),
    ) -> Outcome[RestrictionOrder]:
        """Return the answer to a command about an order; its text and its persons are written before it.

        It is decided once without writing first, so that what is refused leaves nothing behind.
        """
        if await self.journal.recall(meta) is None:
            require_present(order, meta)
            decide_restriction(order.state, command, self.desk.clock.now())
        await self.record(persons, meta)
        if wording is not None:
            step = meta.step("wording", wording.part_id, key=order.key)
            await self.journal.execute(wording_stream(wording.order_id), KeepWording(wording), step)
        return await self.journal.execute(order.stream, command, meta)

    async def record(self, persons: Sequence[NewPerson], meta: CommandMeta) -> None:
        """Write whom the register did not know, before anything names them."""
        for new in persons:
            if new.record is not None:
                step = meta.step("person", new.person.party_id, key=new.person.party_id)
                await self.journal.execute(person_stream(new.person.party_id), new.record, step)
