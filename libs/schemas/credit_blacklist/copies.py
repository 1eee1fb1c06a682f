"""What credit_blacklist keeps for its own decisions; never published."""

from __future__ import annotations

from datetime import date
from typing import Literal

from libs.schemas.credit_blacklist.kinds import ListingBar, PaperKind, RecordKind
from libs.schemas.envelope import Event, Fen, Instant
from libs.schemas.intake.kinds import ClosureKind
from libs.schemas.intake.parties import IdentityDocument
from libs.schemas.parts import PartyRef, PartyType, Sha256


class PersonRecorded(Event, name="person_recorded"):
    """A person's identity, from intake's party register or from a restriction order that covers them (private).

    The newest one holds whole. `sex` and `birth_date` follow from a resident identity number; for a person without one
    an officer states the birth date when a listing is drafted (R-CRB-04).
    """

    party_id: str
    party_type: PartyType
    name: str
    display_name: str
    documents: tuple[IdentityDocument, ...]
    sex: Literal["MALE", "FEMALE"] | None = None
    birth_date: date | None = None
    source: Literal["PARTY_REGISTER", "RESTRICTION_ORDER", "LISTING_DECISION"]
    source_seq: int = 0


class ListingWordingKept(Event, name="listing_wording_kept"):
    """What a listed person wrote about themselves; the public fact names only its SHA-256 (R-GEN-06)."""

    listing_id: str
    sha256: Sha256
    text: str
    recorded_by: str


class CasefileRecorded(Event, name="casefile_recorded"):
    """A case as listing and restriction need it: whose debtors they are, what is enforced, since when."""

    case_id: str
    case_number: str
    court: str
    court_name: str
    filed_on: date
    basis_number: str
    basis_authority: str
    duty: str
    last_day_of_performance: date
    principal_fen: Fen
    applicants: tuple[PartyRef, ...]
    debtors: tuple[PartyRef, ...]


class CasefileWarned(Event, name="casefile_warned"):
    """The enforcement notice, which carries the warning of R-CRB-06, was served on a party."""

    case_id: str
    party_id: str
    document_id: str
    served_at: Instant


class CasefileBreachRecorded(Event, name="casefile_breach_recorded"):
    """A debtor broke the duty to report property: what ground 4 rests on (R-CRB-01)."""

    case_id: str
    party_id: str
    reason: str
    breached_at: Instant


class CasefileDebtRecorded(Event, name="casefile_debt_recorded"):
    """What is owed in the case, as payments assessed it last."""

    case_id: str
    total_fen: Fen
    source_seq: int


class CasefileControlRecorded(Event, name="casefile_control_recorded"):
    """What one control measure of the case holds now; assets that suffice bar ground 1 (R-CRB-03)."""

    case_id: str
    measure_id: str
    controlled_fen: Fen
    source_seq: int


class CasefileSatisfied(Event, name="casefile_satisfied"):
    """What came in covers the debt (R-CRB-10)."""

    case_id: str
    as_of: date
    satisfied_at: Instant


class CasefileClosed(Event, name="casefile_closed"):
    """Intake closed the case, in one of six ways."""

    case_id: str
    kind: ClosureKind
    closed_on: date


class CasefileBarRecorded(Event, name="casefile_bar_recorded"):
    """Something speaks against listing a debtor for ground 1 (R-CRB-03), or the applicant asks to hold back."""

    case_id: str
    bar_id: str
    party_id: str
    bar: ListingBar
    reason: str
    document_id: str | None = None
    recorded_by: str


class CasefileBarEnded(Event, name="casefile_bar_ended"):
    """What spoke against listing has fallen away."""

    case_id: str
    bar_id: str
    reason: str
    ended_by: str


class CasefileRecordJoined(Event, name="casefile_record_joined"):
    """A listing or a restriction order belongs to the case: performance of the debt must reach it."""

    case_id: str
    kind: RecordKind
    stream: str


class CasefileNumberTaken(Event, name="casefile_number_taken"):
    """A decision of this room has its number, counted per kind of paper without gaps (之一, 之二)."""

    case_id: str
    kind: PaperKind
    purpose_id: str
    serial: int
    number: str


class RestrictionWordingKept(Event, name="restriction_wording_kept"):
    """What was said of a person's life in a request, proposal or decision: the public fact carries its SHA-256."""

    order_id: str
    part_id: str
    text: str
    said_by: str


class FeedEntryAppended(Event, name="feed_entry_appended"):
    """One entry of a view's sequence; the event's number in its stream is the entry's sequence."""

    case_id: str
    record_id: str
    record_version: int
    jws: str


class FeedSessionEnded(Event, name="feed_session_ended"):
    """A session takes no more entries: the last event of its stream, and no entry."""

    session_id: str
    sequence: int
    """The last entry."""
