"""The court's party register becomes our private copy of persons."""

from __future__ import annotations

from collections.abc import Iterable

from libs.bus import Dispatch, Message
from libs.schemas.intake import PartyRegistered
from services.credit_blacklist.domain.person import RecordPerson, person_fact, person_stream


def on_party_registered(message: Message[PartyRegistered]) -> Iterable[Dispatch]:
    """Name and documents; telephone, address and accounts of a party are no business of the list."""
    party = message.event
    fact = person_fact(
        party_id=party.party_id,
        party_type=party.party_type,
        name=party.name,
        documents=party.documents,
        source="PARTY_REGISTER",
        source_seq=message.seq,
    )
    return [Dispatch(person_stream(party.party_id), RecordPerson(fact))]
