"""Our copy of a person's identity: what the feed names, and whether someone is of age (R-CRB-04)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from libs.foundation.errors import Refused
from libs.foundation.identity import IdentityNumberInvalid, Resident, masked_name, resident
from libs.foundation.ids import stream_name
from libs.schemas.credit_blacklist import PersonRecorded
from libs.schemas.envelope import Event
from libs.schemas.intake.parties import IdentityDocument
from libs.schemas.parts import PartyRef, PartyType

Source = Literal["PARTY_REGISTER", "RESTRICTION_ORDER", "LISTING_DECISION"]


class PersonNotHereYet(Refused):
    """The party register's fact about this person has not arrived, or there is no such party."""

    code = "person_not_here_yet"
    title = "The person's identity is not here yet"
    remedy = "Check the party id; repeat after a few seconds if the party was registered just now."
    retryable = True


@dataclass(frozen=True, slots=True)
class Person:
    """What is known about a person; `record` None: nothing yet."""

    record: PersonRecorded | None = None

    def require(self) -> PersonRecorded:
        """Return the record. Raises `PersonNotHereYet`."""
        if self.record is None:
            raise PersonNotHereYet
        return self.record


@dataclass(frozen=True, slots=True)
class RecordPerson:
    """Keep this identity if it is newer, or says more, than what is known."""

    fact: PersonRecorded


def party_ref(record: PersonRecorded | None) -> PartyRef | None:
    """Return how a published fact names a person: by id and masked name; None for nobody."""
    if record is None:
        return None
    return PartyRef(party_id=record.party_id, display_name=record.display_name, party_type=record.party_type)


def person_stream(party_id: str) -> str:
    """Return the stream of our copy of a person."""
    return stream_name("person", party_id)


def person_fact(
    *,
    party_id: str,
    party_type: PartyType,
    name: str,
    documents: Iterable[IdentityDocument],
    source: Source,
    source_seq: int = 0,
    birth_date: date | None = None,
) -> PersonRecorded:
    """Return the fact about a person, with the masked name, and sex and birth date as a resident number tells them."""
    held = tuple(documents)
    known = resident_of(held)
    return PersonRecorded(
        party_id=party_id,
        party_type=party_type,
        name=name,
        display_name=masked_name(name, organisation=party_type == "ORGANISATION"),
        documents=held,
        sex=known.sex if known else None,
        birth_date=known.born_on if known else birth_date,
        source=source,
        source_seq=source_seq,
    )


def resident_of(documents: Iterable[IdentityDocument]) -> Resident | None:
    """Return what the first valid resident identity number among the documents says, or None without one."""
    for document in documents:
        if document.id_type == "RESIDENT_IDENTITY_CARD":
            try:
                return resident(document.id_number)
            except IdentityNumberInvalid:
                # A number that came with an old file may break the standard; it then tells no birth date.
                continue
    return None


def decide_person(state: Person, command: RecordPerson, _now: datetime) -> Sequence[Event]:
    """Return the newer copy, or nothing. The court's register names a person; other sources only add to it."""
    known, fact = state.record, command.fact
    if known is None:
        return (fact,)
    if fact.source == "PARTY_REGISTER":
        if known.source == "PARTY_REGISTER" and fact.source_seq <= known.source_seq:
            return ()
        merged = _joined(fact, known)
    elif known.source == "PARTY_REGISTER":
        merged = _joined(known, fact)
    else:
        merged = _joined(fact, known)
    return () if _says_the_same(merged, known) else (merged,)


def evolve_person(state: Person, event: Event) -> Person:
    """Return the copy after `event`."""
    return Person(event) if isinstance(event, PersonRecorded) else state


def _joined(base: PersonRecorded, more: PersonRecorded) -> PersonRecorded:
    # A passport named by an order stays a way to be found when the register tells of the identity card only.
    known = {(document.id_type, document.id_number) for document in base.documents}
    added = tuple(one for one in more.documents if (one.id_type, one.id_number) not in known)
    return base.model_copy(
        update={
            "documents": (*base.documents, *added),
            "birth_date": base.birth_date or more.birth_date,
            "sex": base.sex or more.sex,
        }
    )


def _says_the_same(one: PersonRecorded, other: PersonRecorded) -> bool:
    return one.model_dump(exclude={"source_seq"}) == other.model_dump(exclude={"source_seq"})
