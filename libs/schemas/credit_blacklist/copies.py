"""What credit_blacklist keeps for its own decisions; none of it is published."""

from __future__ import annotations

from datetime import date
from typing import Literal

from libs.schemas.envelope import Event
from libs.schemas.intake.parties import IdentityDocument
from libs.schemas.parts import PartyType


class PersonRecorded(Event, name="person_recorded"):
    """A person's identity, from intake's party register or from a restriction order that covers them (private).

    The newest one holds whole. `sex` and `birth_date` follow from a resident identity number.
    """

    party_id: str
    party_type: PartyType
    name: str
    display_name: str
    documents: tuple[IdentityDocument, ...]
    sex: Literal["MALE", "FEMALE"] | None = None
    birth_date: date | None = None
    source: Literal["PARTY_REGISTER", "RESTRICTION_ORDER"]
    source_seq: int = 0
