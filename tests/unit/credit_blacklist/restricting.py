"""An order for tests: a case with a natural debtor and a firm, an officer, a president, and what followed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from types import MappingProxyType
from typing import Any, TypeVar

from libs.schemas.credit_blacklist import (
    CasefileClosed,
    CasefileRecorded,
    CasefileSatisfied,
    CasefileWarned,
    FeedRecord,
    Role,
)
from libs.schemas.credit_blacklist.restriction import CoveredPerson
from libs.schemas.envelope import Event
from libs.schemas.parts import PartyRef, PartyType
from libs.schemas.timers import TimerCancelled, TimerDue, TimerScheduled
from services.credit_blacklist.domain.casefile import CaseFile
from services.credit_blacklist.domain.restriction import RestrictionOrder, evolve_restriction
from services.credit_blacklist.domain.restriction_commands import (
    DecideLifting,
    DecideRestriction,
    DraftRestriction,
    ProposeLifting,
    RestrictionCommand,
    ServeRestriction,
    Surroundings,
)
from services.credit_blacklist.domain.restriction_law import decide_restriction
from services.credit_blacklist.domain.restriction_request_law import RequestCommand

T = TypeVar("T")

NOW = datetime(2024, 4, 10, 2, 0, tzinfo=UTC)
CASE, COURT, ORDER = "case_1", "京0107", "order_" + "0" * 20
OFFICER, PRESIDENT = "u-officer", "u-president"
DIGEST = "0" * 64

LI = PartyRef(party_id="party_li", display_name="李**", party_type="PERSON")
FIRM = PartyRef(party_id="party_firm", display_name="甲公司", party_type="ORGANISATION")
APPLICANT = PartyRef(party_id="party_applicant", display_name="张**", party_type="PERSON")


def made(cls: type[T], changed: dict[str, Any], plain: dict[str, Any]) -> T:
    """Return a thing as it usually is, with what is changed."""
    return cls(**(plain | changed))


def covered(party_id: str, *roles: Role, party_type: PartyType = "PERSON") -> CoveredPerson:
    return CoveredPerson(party_id=party_id, display_name="某*", party_type=party_type, roles=roles)


DEBTOR = covered("party_li", "DEBTOR")
ENTITY = (
    covered("party_firm", "DEBTOR", party_type="ORGANISATION"),
    covered("party_head", "LEGAL_REPRESENTATIVE"),
    covered("party_owner", "ACTUAL_CONTROLLER"),
)


def casefile(**changed: Any) -> CaseFile:
    record = CasefileRecorded(
        case_id=CASE,
        case_number="(2024)京0107执100号",
        court=COURT,
        court_name="北京市石景山区人民法院",
        filed_on=date(2024, 3, 20),
        basis_number="(2023)京0107民初1号",
        basis_authority="北京市石景山区人民法院",
        duty="支付100000元",
        last_day_of_performance=date(2024, 3, 11),
        principal_fen=10_000_000,
        applicants=(APPLICANT,),
        debtors=(LI, FIRM),
    )
    warnings = {
        party: CasefileWarned(case_id=CASE, party_id=party, document_id="doc_1", served_at=NOW)
        for party in ("party_li", "party_firm")
    }
    return made(CaseFile, changed, {"record": record, "warnings": MappingProxyType(warnings)})


PAID = CasefileSatisfied(case_id=CASE, as_of=date(2024, 6, 30), satisfied_at=NOW)


def closed(kind: Any) -> CasefileClosed:
    return CasefileClosed(case_id=CASE, kind=kind, closed_on=date(2024, 5, 1))


def around(**changed: Any) -> Surroundings:
    return made(Surroundings, changed, {"casefile": casefile()})


def drafting(*persons: CoveredPerson, **changed: Any) -> DraftRestriction:
    return made(
        DraftRestriction,
        changed,
        {
            "order_id": ORDER,
            "around": around(),
            "reason": "UNPAID",
            "initiated": "EX_OFFICIO",
            "applied_on": None,
            "kinds": tuple(range(1, 10)),
            "persons": persons or (DEBTOR,),
            "grace_months": 0,
            "court_phone": "010-68899000",
            "drafted_by": OFFICER,
        },
    )


@dataclass
class Order:
    """Decides, evolves, and keeps all events; timers are taken out as the journal does."""

    state: RestrictionOrder = field(default_factory=RestrictionOrder)
    events: list[Event] = field(default_factory=list)
    timers: dict[str, datetime] = field(default_factory=dict)

    def do(self, command: RestrictionCommand | RequestCommand, now: datetime = NOW) -> Sequence[Event]:
        events = decide_restriction(self.state, command, now)
        for event in events:
            self.events.append(event)
            match event:
                case TimerScheduled():
                    self.timers[event.timer] = event.due_at
                case TimerCancelled():
                    self.timers.pop(event.timer, None)
                case _:
                    self.state = evolve_restriction(self.state, event)
        return events

    def fire(self, now: datetime) -> Sequence[Event]:
        timer, due_at = self.timers.popitem()
        return self.do(TimerDue(timer, 1, due_at), now)

    def published(self, *persons: CoveredPerson, now: datetime = NOW, **changed: Any) -> Order:
        self.do(drafting(*persons, **changed), now)
        self.do(signing(), now)
        self.do(serving(), now)
        return self

    def propose(self, now: datetime = NOW, **changed: Any) -> Sequence[Event]:
        return self.do(proposing(**changed), now)

    def decide(self, now: datetime = NOW, lifting_id: str = "lifting_1", **changed: Any) -> Sequence[Event]:
        return self.do(
            made(
                DecideLifting,
                changed,
                {
                    "lifting_id": lifting_id,
                    "approve": True,
                    "wording_sha256": None,
                    "by": PRESIDENT,
                    "around": around(),
                },
            ),
            now,
        )

    def record(self, party_id: str) -> FeedRecord:
        return self.state.records[party_id]

    def versions(self, party_id: str) -> list[FeedRecord]:
        records = (getattr(event, "record", None) for event in self.events)
        return [record for record in records if record is not None and record.party_id == party_id]


def signing(**changed: Any) -> DecideRestriction:
    return made(
        DecideRestriction,
        changed,
        {
            "approve": True,
            "wording_sha256": None,
            "by": PRESIDENT,
            "order_number": "(2024)京0107执100号之一",
            "around": around(),
        },
    )


def serving(**changed: Any) -> ServeRestriction:
    return made(ServeRestriction, changed, {"method": "DIRECT", "wording_sha256": DIGEST, "around": around()})


def proposing(**changed: Any) -> ProposeLifting:
    return made(
        ProposeLifting,
        changed,
        {
            "lifting_id": "lifting_1",
            "scope": "FULL",
            "persons": (),
            "ground": "GUARANTEE",
            "wording_sha256": DIGEST,
            "by": OFFICER,
        },
    )
