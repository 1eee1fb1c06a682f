"""A court with one case and one debtor: commands in, facts out, timers that fire when the day comes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Any

from libs.foundation.clock import SHANGHAI
from libs.foundation.court_calendar import court_day
from libs.schemas.credit_blacklist import Basis, CaseFacts, FeedRecord, RecordChanges, Remedy
from libs.schemas.envelope import Event
from libs.schemas.parts import PartyRef
from libs.schemas.timers import TimerCancelled, TimerDue, TimerScheduled
from services.credit_blacklist.domain.correction_commands import (
    DecideCorrection,
    DecideRequest,
    ProposeCorrection,
    RecordRequest,
)
from services.credit_blacklist.domain.listing import Listing, listing_id_of
from services.credit_blacklist.domain.listing_commands import (
    DecideListing,
    DecideRemoval,
    DraftListing,
    ProposeRemoval,
    ServeListing,
    Standing,
)
from services.credit_blacklist.domain.listing_evolution import evolve_listing
from services.credit_blacklist.domain.listing_law import ListingCommand, decide_listing

PARTY, CASE = "party_d", "case_1"
LISTING = listing_id_of(PARTY, CASE)
OFFICER, PRESIDENT = "officer_1", "president_1"
DEBTOR = PartyRef(party_id=PARTY, display_name="李**", party_type="PERSON")
FACTS = CaseFacts(
    case_id=CASE,
    case_number="(2024)云0381执1号",
    case_filed_on=date(2024, 3, 20),
    court="云0381",
    court_name="云南省宣威市人民法院",
    basis=Basis(number="(2023)云0381民初1号", authority="云南省宣威市人民法院"),
)
STANDING = Standing(
    party=DEBTOR,
    warned=True,
    satisfied_on=None,
    closed=None,
    closed_on=None,
    assets_suffice=False,
    bars=frozenset(),
    birth_date=date(1980, 1, 1),
    owed_fen=10_000_000,
)


def noon(day: date) -> datetime:
    """Return noon in Shanghai."""
    return datetime(day.year, day.month, day.day, 12, tzinfo=SHANGHAI).astimezone(UTC)


@dataclass
class Court:
    """One listing's stream in memory, with the journal's book of timers."""

    now: datetime = field(default_factory=lambda: noon(date(2025, 3, 10)))
    standing: Standing = STANDING
    state: Listing = field(default_factory=Listing)
    facts: list[Event] = field(default_factory=list)
    timers: dict[str, datetime] = field(default_factory=dict)

    def do(self, command: ListingCommand) -> Sequence[Event]:
        """Decide a command now and take in its facts."""
        events = decide_listing(self.state, command, self.now)
        self._take(events)
        return events

    def today(self) -> date:
        """Return the court's day."""
        return court_day(self.now)

    def on(self, day: date) -> Court:
        """Let time pass until noon of a day; what is due on the way fires."""
        self.pass_until(noon(day))
        return self

    def pass_until(self, moment: datetime) -> None:
        """Let time pass; timers fire in the order in which they are due."""
        while due := [(at, name) for name, at in self.timers.items() if at <= moment]:
            at, name = min(due)
            del self.timers[name]
            self.now = max(self.now, at)
            self._take(decide_listing(self.state, TimerDue(name, 1, at), self.now))
        self.now = max(self.now, moment)

    def draft(self, *grounds: str, **changes: Any) -> str:
        """Draft a decision and return its id."""
        fields: dict[str, Any] = {
            "listing_id": LISTING,
            "case": FACTS,
            "standing": self.standing,
            "grounds": grounds,
            "acts": (),
            "facts": "未在期限内报告财产",
            "duty": "偿还借款本金100000元",
            "performance": "NONE",
            "performed_fen": None,
            "legal_representative": None,
            "extension_years": 0,
            "extension_reason": None,
            "grace_months": 0,
            "initiated": "EX_OFFICIO",
            "applied_on": None,
            "drafted_by": OFFICER,
        }
        self.do(DraftListing(**{**fields, **changes}))
        return list(self.state.decisions)[-1]

    def sign(self, decision_id: str, *, approve: bool = True, by: str = PRESIDENT) -> Sequence[Event]:
        """Have the president decide a draft."""
        return self.do(DecideListing(decision_id, approve, "不同意", by, f"{FACTS.case_number}之一", self.standing))

    def serve(self, decision_id: str) -> Sequence[Event]:
        """Record the service of a decision."""
        return self.do(ServeListing(decision_id, "DIRECT", self.now, "送达回证", OFFICER, self.standing))

    def listed(self, *grounds: str, **changes: Any) -> Court:
        """Draft, sign and serve."""
        decision_id = self.draft(*grounds, **changes)
        self.sign(decision_id)
        self.serve(decision_id)
        return self

    def propose_removal(self, ground: Any, **changes: Any) -> str:
        """Propose a removal and return its id."""
        fields: dict[str, Any] = {
            "ground": ground,
            "reason": "事由",
            "document_id": "doc_1",
            "queries_on": (),
            "occurred_on": self.today(),
            "by": OFFICER,
            "standing": self.standing,
        }
        self.do(ProposeRemoval(**{**fields, **changes}))
        return list(self.state.removals)[-1]

    def decide_removal(self, removal_id: str, *, approve: bool = True, by: str = PRESIDENT) -> Sequence[Event]:
        """Have the president decide a removal."""
        return self.do(DecideRemoval(removal_id, approve, "不同意", by, f"{FACTS.case_number}之一"))

    def remove(self, ground: Any, **changes: Any) -> Court:
        """Propose and decide a removal."""
        self.decide_removal(self.propose_removal(ground, **changes))
        return self

    def propose_correction(self, nature: Any, by: str = OFFICER, **fields: Any) -> str:
        """Propose a correction and return its id."""
        changes = RecordChanges.model_validate(fields)
        self.do(ProposeCorrection(nature, changes, "查明", self.today(), by))
        return list(self.state.corrections)[-1]

    def decide_correction(self, correction_id: str, *, approve: bool = True, by: str = PRESIDENT) -> Sequence[Event]:
        """Have the president decide a correction."""
        return self.do(DecideCorrection(correction_id, approve, "不同意", by, f"{FACTS.case_number}之一"))

    def ask(self, claim: Any) -> str:
        """Record the listed person's request and return its id."""
        self.do(RecordRequest(claim, "ab" * 32, self.today(), "clerk_1"))
        return list(self.state.requests)[-1]

    def find(self, request_id: str, finding: Any, **remedy: Any) -> Sequence[Event]:
        """Decide a request."""
        return self.do(DecideRequest(request_id, finding, "审查意见", Remedy.model_validate(remedy), OFFICER))

    def stand(self, **changes: Any) -> None:
        """Change what the copies of case and person say."""
        self.standing = replace(self.standing, **changes)

    def records(self) -> list[FeedRecord]:
        """Return every record that was ever published, in order."""
        return [record for fact in self.facts if (record := getattr(fact, "record", None)) is not None]

    def of(self, kind: type[Event]) -> list[Any]:
        """Return the facts of a kind."""
        return [fact for fact in self.facts if isinstance(fact, kind)]

    def _take(self, events: Sequence[Event]) -> None:
        for event in events:
            if isinstance(event, TimerScheduled):
                self.timers[event.timer] = event.due_at
            elif isinstance(event, TimerCancelled):
                self.timers.pop(event.timer, None)
            else:
                self.state = evolve_listing(self.state, event)
                self.facts.append(event)
