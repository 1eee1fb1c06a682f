"""A small world for the law's tests: parties, a basis, a registered case, and folding events without a journal."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

from libs.foundation.clock import SHANGHAI
from libs.schemas.envelope import Event
from libs.schemas.intake import ControlOrderItem, EnforcementBasis, Staff
from libs.schemas.parts import CaseAccountRef, DocumentKind, OfficerRef, PaperRef, PartyRef
from libs.schemas.timers import TimerCancelled, TimerScheduled
from services.intake.domain import case
from services.intake.domain.case import Case
from services.intake.domain.case.control import IssueControlOrder, PaperOnFile
from services.intake.domain.case.copies import RecordControl, RecordDebt
from services.intake.domain.case.opening import RegisterCase

COURT = "云0381"
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=SHANGHAI).astimezone(UTC)
APPLICANT = PartyRef(party_id="party_a", display_name="浦**", party_type="PERSON")
DEBTOR = PartyRef(party_id="party_d", display_name="李**", party_type="PERSON")
BASIS = EnforcementBasis(
    kind="MEDIATION_STATEMENT",
    number="(2026)云0381民初105号",
    issued_by="宣威市人民法院",
    effective_on=date(2026, 1, 28),
    last_day_of_performance=date(2026, 2, 12),
    content="支付劳动报酬5000元",
)
ACCOUNT = CaseAccountRef(account_name="专户", account_number="53039900010001", bank_name="农商行", bank_id="custodian")
OFFICERS = tuple(
    OfficerRef(officer_id=name, name=name, work_permit_number="w", duty_permit_number="d")
    for name in ("u-duty", "u-second")
)


def at(year: int, month: int, day: int, hour: int = 9) -> datetime:
    """Return an hour of a Shanghai day."""
    return datetime(year, month, day, hour, tzinfo=SHANGHAI).astimezone(UTC)


def after(state: Case, *commands: Any, now: datetime = NOW) -> Case:
    """Return the case after commands, folded as the journal would: timer facts are not the domain's."""
    for command in commands:
        state = folded(state, case.decide(state, command, now))
    return state


def folded(state: Case, events: Sequence[Event]) -> Case:
    """Return the case after facts."""
    for event in events:
        if not isinstance(event, TimerScheduled | TimerCancelled):
            state = case.evolve(state, event)
    return state


def registration(**changes: Any) -> RegisterCase:
    """Return the registration of story 1's case."""
    facts: dict[str, Any] = {
        "case_id": "case_1",
        "case_number": "(2026)云0381执1号",
        "court": COURT,
        "court_name": "宣威市人民法院",
        "application_id": "app_1",
        "applicants": (APPLICANT,),
        "debtors": (DEBTOR,),
        "basis": BASIS,
        "cause": "WAGES",
        "claim_fen": 500_000,
        "received_at": NOW,
        "acting_officer": Staff(officer_id="u-duty", name="周值班"),
        "acting_leader": Staff(officer_id="u-duty-lead", name="吴指挥"),
        "receipt": "jws",
    }
    return RegisterCase(**(facts | changes))


def registered(**changes: Any) -> Case:
    """Return a registered case."""
    return after(Case(), registration(**changes))


def owing(total: int = 506_575, **changes: Any) -> Case:
    """Return a case whose account is open and whose debt is assessed."""
    debt = RecordDebt(source_seq=1, account=ACCOUNT, debt_fen=total, as_of=NOW.date())
    return after(registered(**changes), debt)


def paper(kind: DocumentKind, *, approved_by: str | None = "u-duty-lead", case_id: str = "case_1") -> PaperOnFile:
    """Return a paper of the case."""
    ref = PaperRef(document_id=f"doc_{kind}", kind=kind, number="n", title="t", sha256="0" * 64)
    return PaperOnFile(ref, case_id, approved_by)


FREEZE_PAPERS = (paper("FREEZE_RULING"), paper("ASSISTANCE_FREEZE_NOTICE"))
DEDUCTION_PAPERS = (paper("DEDUCTION_RULING"), paper("ASSISTANCE_DEDUCTION_NOTICE"))
RELEASE_PAPERS = (paper("RELEASE_RULING"), paper("ASSISTANCE_RELEASE_NOTICE"))


def item(agency: str, amount: int, sequence: int = 1, *, on_freeze: bool = False) -> ControlOrderItem:
    """Return an item of an order; with `on_freeze` it names the agency's freeze."""
    return ControlOrderItem(
        sequence=sequence,
        agency_id=agency,
        asset_id=f"ast-{agency}",
        account_reference="",
        amount_fen=amount,
        original_request_number=f"DJ-{agency}" if on_freeze else None,
        original_sequence=1 if on_freeze else None,
    )


def freeze(*items: ControlOrderItem, **changes: Any) -> IssueControlOrder:
    """Return a freeze with everything that it needs; any part can be changed."""
    facts: dict[str, Any] = {
        "control_order_id": "ord_1",
        "kind": "FREEZE",
        "debtor_id": DEBTOR.party_id,
        "items": items,
        "papers": FREEZE_PAPERS,
        "officers": OFFICERS,
        "requested_by": "u-duty",
    }
    return IssueControlOrder(**(facts | changes))


def deduct(*items: ControlOrderItem, **changes: Any) -> IssueControlOrder:
    """Return a deduction with everything that it needs."""
    facts: dict[str, Any] = {"control_order_id": "ord_2", "kind": "DEDUCT", "papers": DEDUCTION_PAPERS}
    return freeze(*items, **(facts | changes))


def frozen(agency: str, amount: int, *, seq: int = 1, **changes: Any) -> RecordControl:
    """Return asset_inquiry's word that a freeze is in force."""
    facts: dict[str, Any] = {
        "source_seq": seq,
        "measure_id": f"mea-{agency}",
        "agency_id": agency,
        "state": "EFFECTIVE",
        "request_number": f"DJ-{agency}",
        "sequence": 1,
        "control_order_id": "ord_1",
        "requested_limit_fen": amount,
        "controlled_fen": amount,
    }
    return RecordControl(**(facts | changes))
