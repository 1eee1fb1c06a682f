"""Story 1 as the other services tell it: every public fact of the case with its stream, its seq and its time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import reduce

from libs.foundation.court_calendar import after_days, after_working_days, court_day
from libs.schemas import asset_inquiry as ask
from libs.schemas import intake, payments
from libs.schemas.envelope import Event
from libs.schemas.parts import CaseAccountRef, Due, MoneyLine, PartyRef
from services.command_center.domain.commands import RecordFacts
from services.command_center.domain.dossier import Dossier, evolve
from services.command_center.domain.law import decide
from services.command_center.domain.observation import Observation, facts_of

CASE = "case_wages0001"
APPLICATION = "app_wages0001"
COURT = "云0381"
NUMBER = "(2026)云0381执1号"
MORNING = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
"""Monday 2026-03-02, 09:00 in Xuanwei."""

APPLICANT = PartyRef(party_id="party_pu", display_name="浦**", party_type="PERSON")
DEBTOR = PartyRef(party_id="party_li", display_name="李**", party_type="PERSON")
ACCOUNT = CaseAccountRef(
    account_name="宣威市人民法院执行款专户",
    account_number="53039900010001",
    bank_name="宣威农村商业银行",
    bank_id="custodian",
)
SHA = "a" * 64
AGENCIES = {"bank-a": 320_000, "bank-b": 260_000, "pay-firm": 0, "land": 0, "vehicle": 0}
MONEY = {"bank-a": 320_000, "bank-b": 186_575}
LINES = (
    MoneyLine(
        code="PRINCIPAL", amount_fen=500_000, formula="5,000.00", rule="R-PAY-20", article="执行依据", rule_version="1"
    ),
    MoneyLine(
        code="DOUBLED_PART",
        amount_fen=1_575,
        formula="5,000.00 × 0.0175% × 18 天",
        rule="R-PAY-20",
        article="法释〔2014〕8号 第1条",
        rule_version="1",
    ),
    MoneyLine(
        code="ENFORCEMENT_FEE",
        amount_fen=5_000,
        formula="不超过 10,000.00：每件 50.00",
        rule="R-PAY-08",
        article="诉讼费用交纳办法 第14条",
        rule_version="1",
    ),
)


@dataclass(frozen=True, slots=True)
class Told:
    """One fact as it stands on the wire."""

    event: Event
    stream: str
    seq: int
    at: datetime

    @property
    def id(self) -> str:
        return f"evt_{self.stream}_{self.seq}".replace("/", "-")

    def observed(self) -> Observation:
        event = self.event
        return Observation(
            self.id, event.SERVICE, event.NAME, self.stream, self.seq, self.at, "corr_story", facts_of(event)
        )


class Teller:
    """Numbers facts within their streams."""

    def __init__(self) -> None:
        self._seqs: dict[str, int] = {}

    def told(self, minute: float, stream: str, *events: Event) -> Iterator[Told]:
        for event in events:
            self._seqs[stream] = self._seqs.get(stream, 0) + 1
            yield Told(event, stream, self._seqs[stream], MORNING + timedelta(minutes=minute))


def story() -> list[Told]:
    """The whole story, in the order in which it happens."""
    teller = Teller()
    chapters = (_filing, _notices, _inquiry, _controls, _money, _end)
    return in_order(one for chapter in chapters for one in chapter(teller))


def until(stage: str) -> list[Told]:
    """The story up to and with one of its chapters: filing, notices, inquiry, controls, money."""
    teller = Teller()
    chapters: dict[str, Callable[[Teller], Iterator[Told]]] = {
        "filing": _filing,
        "notices": _notices,
        "inquiry": _inquiry,
        "controls": _controls,
        "money": _money,
    }
    found: list[Told] = []
    for name, chapter in chapters.items():
        found += chapter(teller)
        if name == stage:
            return in_order(found)
    raise ValueError(stage)


def in_order(told: Iterable[Told]) -> list[Told]:
    return sorted(told, key=lambda one: one.at)


def _filing(teller: Teller) -> Iterator[Told]:
    filing, case, account = "filing/yun0381/abc", f"case/{CASE}", f"account/{CASE}"
    basis = intake.EnforcementBasis(
        kind="MEDIATION_STATEMENT",
        number="(2026)云0381民初105号",
        issued_by="宣威市人民法院",
        effective_on=date(2026, 1, 28),
        last_day_of_performance=date(2026, 2, 12),
        content="支付劳动报酬5000元",
    )
    yield from teller.told(
        0,
        filing,
        intake.ApplicationReceived(
            application_id=APPLICATION,
            attempt=1,
            court=COURT,
            applicants=(APPLICANT,),
            debtors=(DEBTOR,),
            basis=basis,
            cause="WAGES",
            claim_fen=500_000,
            requests="请求执行",
            clues="被执行人李建业在甲银行有存款",
            papers=(),
            filed_by="portal",
        ),
        intake.ApplicationDefectsNotified(
            application_id=APPLICATION,
            defects=(
                intake.Defect(code="BASIS_COPY", text="执行依据副本", rule="R-INT-10"),
                intake.Defect(code="APPLICANT_IDENTITY", text="申请人身份证明", rule="R-INT-10"),
            ),
        ),
    )
    yield from teller.told(1, filing, intake.ApplicationSupplemented(application_id=APPLICATION, papers=()))
    yield from teller.told(
        2,
        filing,
        intake.ApplicationAccepted(
            application_id=APPLICATION, case_id=CASE, decided_by="u-clerk", decided_on=date(2026, 3, 2)
        ),
    )
    yield from teller.told(
        2.1,
        case,
        intake.CaseRegistered(
            case_id=CASE,
            case_number=NUMBER,
            court=COURT,
            court_name="宣威市人民法院",
            application_id=APPLICATION,
            applicants=(APPLICANT,),
            debtors=(DEBTOR,),
            basis=basis,
            cause="WAGES",
            claim_fen=500_000,
            green_channel=True,
            received_at=MORNING,
            filed_on=date(2026, 3, 2),
            acting_officer=intake.Staff(officer_id="u-duty", name="周值班"),
            acting_leader=intake.Staff(officer_id="u-duty-lead", name="吴指挥"),
            rule_version="1",
        ),
        intake.FilingReceiptIssued(case_id=CASE, application_id=APPLICATION, receipt="jws"),
    )
    yield from teller.told(
        2.3,
        account,
        payments.CaseAccountOpened(case_id=CASE, case_number=NUMBER, account=ACCOUNT),
        payments.DebtAssessed(
            case_id=CASE,
            as_of=date(2026, 3, 2),
            lines=LINES,
            principal_fen=500_000,
            interest_fen=1_575,
            fee_fen=5_000,
            total_fen=506_575,
        ),
    )


def _document(
    teller: Teller, minute: float, kind: str, recipients: Sequence[PartyRef] = (), *, serve: bool = False
) -> Iterator[Told]:
    document_id = f"doc_{kind.lower()}"
    stream = f"document/{document_id}"
    named = {"document_id": document_id, "case_id": CASE, "kind": kind}
    paper = named | {"number": f"{NUMBER}之一", "title": kind, "sha256": SHA, "approval_level": "TEAM_LEADER"}
    yield from teller.told(
        minute,
        stream,
        intake.DocumentDrafted.model_validate(
            paper | {"template_version": "1", "drafted_by": "u-duty", "approver": "u-lead", "recipients": recipients}
        ),
    )
    yield from teller.told(
        minute + 1, stream, intake.DocumentApproved.model_validate(paper | {"approved_by": "u-lead", "seal": "jws"})
    )
    if serve:
        moment = MORNING + timedelta(minutes=minute + 2)
        served = named | {"party": DEBTOR, "method": "DIRECT", "served_at": moment, "evidence": "送达回证"}
        yield from teller.told(
            minute + 2, stream, intake.DocumentServed.model_validate(served | {"recorded_by": "u-duty"})
        )


def _notices(teller: Teller) -> Iterator[Told]:
    yield from _document(teller, 4, "ENFORCEMENT_NOTICE", [DEBTOR], serve=True)
    yield from _document(teller, 5, "PROPERTY_REPORT_ORDER", [DEBTOR], serve=True)
    end = after_days(date(2026, 3, 2), 10)
    due = Due(due_at=end.ends_at, nominal_day=end.nominal, last_day=end.day, rule="R-INT-16", explanation="十日")
    yield from teller.told(
        7,
        f"case/{CASE}",
        intake.PropertyReportOrdered(
            case_id=CASE, party_id="party_li", document_id="doc_property_report_order", due=due
        ),
    )


def request(agency: str, kind: str, minute: float, attempt: int = 1) -> ask.RequestIssued:
    number = f"REQ-{kind}-{agency}-{attempt}"
    return ask.RequestIssued.model_validate(
        {
            "request_id": f"req_{kind.lower()}_{agency}_{attempt}",
            "request_number": number,
            "batch_number": "B1",
            "kind": kind,
            "agency_id": agency,
            "case_id": CASE,
            "case_number": NUMBER,
            "subject": DEBTOR,
            "items": (),
            "papers": (),
            "officers": (),
            "urgency": "URGENT",
            "answer_due_at": MORNING + timedelta(minutes=minute + 10),
            "answer_rule": "R-INQ-06",
            "replaces": f"REQ-{kind}-{agency}-{attempt - 1}" if attempt > 1 else None,
            "content_sha256": SHA,
            "signature": "jws",
        }
    )


def reply(agency: str, kind: str, found_fen: int, attempt: int = 1, *, late: bool = False) -> ask.ReplyReceived:
    assets: tuple[ask.FoundAsset, ...] = ()
    if found_fen:
        assets = (
            ask.FoundAsset(
                asset_id=f"asset_{agency}",
                asset_class="DEPOSIT",
                agency_id=agency,
                kind="DEPOSIT",
                masked_reference="****1234",
                balance_fen=found_fen,
                available_fen=found_fen,
            ),
        )
    return ask.ReplyReceived.model_validate(
        {
            "request_id": f"req_{kind.lower()}_{agency}_{attempt}",
            "request_number": f"REQ-{kind}-{agency}-{attempt}",
            "reply_id": f"reply_{kind.lower()}_{agency}_{attempt}",
            "agency_id": agency,
            "case_id": CASE,
            "kind": kind,
            "status": "FINAL",
            "answers": (ask.ItemAnswer(sequence=1, status="ANSWERED", assets=assets),),
            "content_sha256": SHA,
            "signature": "jws",
            "late": late,
        }
    )


def _request(teller: Teller, agency: str, kind: str, attempt: int, steps: Sequence[tuple[float, Event]]) -> list[Told]:
    stream = f"request/req_{kind.lower()}_{agency}_{attempt}"
    return [one for minute, event in steps for one in teller.told(minute, stream, event)]


def _inquiry(teller: Teller) -> Iterator[Told]:
    yield from _document(teller, 7, "ASSISTANCE_QUERY_NOTICE")
    yield from teller.told(
        9,
        "inquiry/inq_1",
        ask.InquiryOpened(
            inquiry_id="inq_1",
            case_id=CASE,
            case_number=NUMBER,
            subjects=(DEBTOR,),
            asset_classes=("DEPOSIT", "NET_FUND", "REAL_ESTATE", "VEHICLE"),
            planned=tuple(
                ask.PlannedRequest(
                    request_id=f"req_inquiry_{agency}_1",
                    request_number=f"REQ-INQUIRY-{agency}-1",
                    agency_id=agency,
                    asset_classes=("DEPOSIT",),
                )
                for agency in AGENCIES
            ),
            papers=(),
            officers=(),
            urgency="URGENT",
            requested_by="u-duty",
        ),
    )
    returned = ask.RequestReturned(
        request_id="req_inquiry_vehicle_1",
        request_number="REQ-INQUIRY-vehicle-1",
        agency_id="vehicle",
        case_id=CASE,
        code="PAPER_EMPTY",
        text="文书为空",
        contact_name="值班员",
        contact_phone="0874-7120000",
        retryable=True,
        reissued_as="REQ-INQUIRY-vehicle-2",
    )
    overdue = ask.RequestOverdue(
        request_id="req_inquiry_bank-b_1",
        request_number="REQ-INQUIRY-bank-b-1",
        agency_id="bank-b",
        case_id=CASE,
        answer_due_at=MORNING + timedelta(minutes=19),
        reminder=1,
    )
    answers: dict[str, list[tuple[float, Event]]] = {
        "bank-a": [(12, reply("bank-a", "INQUIRY", 320_000))],
        "bank-b": [(19.1, overdue), (23, reply("bank-b", "INQUIRY", 260_000, late=True))],
        "pay-firm": [(11, reply("pay-firm", "INQUIRY", 0))],
        "land": [(14, reply("land", "INQUIRY", 0))],
        "vehicle": [(11, returned)],
    }
    for agency, steps in answers.items():
        yield from _request(teller, agency, "INQUIRY", 1, [(9, request(agency, "INQUIRY", 9)), *steps])
    yield from _request(
        teller,
        "vehicle",
        "INQUIRY",
        2,
        [(11.1, request("vehicle", "INQUIRY", 11.1, 2)), (13, reply("vehicle", "INQUIRY", 0, 2))],
    )
    yield from teller.told(
        23.1,
        "inquiry/inq_1",
        ask.InquiryCompleted(inquiry_id="inq_1", case_id=CASE, found_fen=580_000, assets_found=2, needs_disposal=False),
    )
    triaged = intake.CaseTriaged(
        case_id=CASE,
        team_kind="FAST",
        rules=("R-INT-31 b",),
        facts=intake.TriageFacts(
            claim_fen=500_000,
            preserved_fen=0,
            found_fen=580_000,
            needs_disposal=False,
            removal_of_obstruction=False,
            debtor_willing=False,
            deductible_income=False,
            simple_act=False,
            inquiry_complete=True,
        ),
        green_channel=True,
        plan_required=False,
        rule_version="1",
    )
    assigned = intake.CaseAssigned(
        case_id=CASE,
        team_id="fast-1",
        team_name="速执团队一",
        team_kind="FAST",
        team_leader=intake.Staff(officer_id="u-leader", name="孙执行长"),
        case_officer=intake.Staff(officer_id="u-officer", name="赵承办"),
    )
    yield from teller.told(24, f"case/{CASE}", triaged)
    yield from teller.told(26, f"case/{CASE}", assigned)


def _order(teller: Teller, minute: float, kind: str, amounts: dict[str, int]) -> Iterator[Told]:
    items = tuple(
        intake.ControlOrderItem(
            sequence=place,
            agency_id=agency,
            asset_id=f"asset_{agency}",
            account_reference="****1234",
            amount_fen=amount,
        )
        for place, (agency, amount) in enumerate(amounts.items(), 1)
    )
    issued = {"case_id": CASE, "case_number": NUMBER, "control_order_id": f"order_{kind.lower()}", "kind": kind}
    rest = {"debtor": DEBTOR, "items": items, "papers": (), "officers": (), "requested_by": "u-officer"}
    event = intake.ControlOrderIssued.model_validate(issued | rest | {"approved_by": "u-leader", "limit_fen": 506_575})
    yield from teller.told(minute, f"case/{CASE}", event)


def _controls(teller: Teller) -> Iterator[Told]:
    yield from _document(teller, 30, "FREEZE_RULING", [DEBTOR])
    yield from _document(teller, 30.5, "ASSISTANCE_FREEZE_NOTICE", [DEBTOR])
    yield from _order(teller, 33, "FREEZE", MONEY)
    for minute, (agency, amount) in zip((36, 38), MONEY.items(), strict=True):
        issued, answered = request(agency, "FREEZE", 33.1), reply(agency, "FREEZE", 0)
        yield from _request(teller, agency, "FREEZE", 1, [(33.1, issued), (minute, answered)])
        control = ask.ControlEffective(
            case_id=CASE,
            measure_id=f"measure_{agency}",
            agency_id=agency,
            request_number=issued.request_number,
            sequence=1,
            controlled_fen=amount,
            effective_from=MORNING + timedelta(minutes=minute),
            effective_to=date(2027, 3, 1),
            agency_reference=f"F-{agency}",
        )
        yield from teller.told(minute + 0.1, f"controls/{CASE}", control)
    yield from _document(teller, 40, "DEDUCTION_RULING", [DEBTOR])
    yield from _document(teller, 40.5, "ASSISTANCE_DEDUCTION_NOTICE", [DEBTOR])
    yield from _order(teller, 43, "DEDUCT", MONEY)
    for minute, (agency, amount) in zip((46, 48), MONEY.items(), strict=True):
        issued, answered = request(agency, "DEDUCT", 43.1), reply(agency, "DEDUCT", 0)
        yield from _request(teller, agency, "DEDUCT", 1, [(43.1, issued), (minute, answered)])
        named = {"case_id": CASE, "measure_id": f"measure_{agency}", "deduction_id": f"ded_{agency}"}
        answer = ask.DeductionAnswered.model_validate(
            named
            | {
                "agency_id": agency,
                "request_number": issued.request_number,
                "sequence": 1,
                "deducted_fen": amount,
                "remaining_frozen_fen": 0,
                "settlement": "SENT",
                "payment_reference": f"PAY-{agency}",
            }
        )
        confirmed = ask.DeductionConfirmed.model_validate(
            named | {"agency_id": agency, "amount_fen": amount, "payment_reference": f"PAY-{agency}"}
        )
        yield from teller.told(minute + 0.1, f"controls/{CASE}", answer)
        yield from teller.told(minute + 2, f"controls/{CASE}", confirmed)


def _due(end_day: date) -> Due:
    end = after_days(end_day, 0)
    return Due(due_at=end.ends_at, nominal_day=end.nominal, last_day=end.day, rule="R-PAY-04", explanation="")


def _money(teller: Teller) -> Iterator[Told]:
    account, balance = f"account/{CASE}", 0
    for minute, (agency, amount) in zip((47, 49), MONEY.items(), strict=True):
        balance += amount
        came = MORNING + timedelta(minutes=minute)
        day = court_day(came)
        credited = payments.AccountCredited(
            case_id=CASE,
            incoming_id=f"in_{agency}",
            amount_fen=amount,
            legs=(),
            bank_id="custodian",
            reference=f"IN{agency}",
            payment_reference=f"PAY-{agency}",
            payer_display="甲银行",
            value_at=came,
            balance_fen=balance,
            recovered_fen=balance,
            payment_notice_due=_due(after_working_days(day, 10).day),
            payout_due=_due(after_working_days(day, 15).day),
            outer_limit=_due(after_days(day, 30).day),
        )
        yield from teller.told(minute + 0.5, account, credited)
    yield from teller.told(
        49.6,
        account,
        payments.DebtSatisfied(case_id=CASE, as_of=date(2026, 3, 2), total_fen=506_575, recovered_fen=506_575),
    )
    for start, purpose, amount in ((60, "TO_APPLICANT", 501_575), (70, "ENFORCEMENT_FEE", 5_000)):
        named = {"case_id": CASE, "payout_id": f"pay_{purpose.lower()}"}
        payee = {"payee_display": "浦**" if purpose == "TO_APPLICANT" else "财政专户"}
        full = named | {"purpose": purpose, "amount_fen": amount}
        balance -= amount
        yield from teller.told(
            start,
            account,
            payments.PayoutDrafted.model_validate(
                full | payee | {"payee_account_masked": "****9999", "maker": "u-maker", "available_fen": balance}
            ),
        )
        checked = payments.PayoutChecked.model_validate(named | {"checker": "u-checker"})
        approved = payments.PayoutApproved.model_validate(full | {"approver": "u-approver"})
        yield from teller.told(start + 3, account, checked)
        yield from teller.told(start + 6, account, approved)
        confirmed = payments.PayoutConfirmed.model_validate(
            full
            | payee
            | {"bank_reference": "BK1", "legs": (), "balance_fen": balance, "paid_out_fen": 506_575 - balance}
        )
        yield from teller.told(start + 8, account, confirmed)
    yield from teller.told(
        78.1, account, payments.AccountSettled(case_id=CASE, recovered_fen=506_575, paid_out_fen=506_575)
    )


def _end(teller: Teller) -> Iterator[Told]:
    yield from _document(teller, 80, "RELEASE_RULING", [DEBTOR])
    yield from _document(teller, 80.5, "ASSISTANCE_RELEASE_NOTICE", [DEBTOR])
    yield from _order(teller, 83, "RELEASE", dict.fromkeys(MONEY, 0))
    for minute, agency in zip((86, 88), MONEY, strict=True):
        issued, answered = request(agency, "RELEASE", 83.1), reply(agency, "RELEASE", 0)
        yield from _request(teller, agency, "RELEASE", 1, [(83.1, issued), (minute, answered)])
        released = ask.ControlReleased(
            case_id=CASE,
            measure_id=f"measure_{agency}",
            agency_id=agency,
            request_number=issued.request_number,
            sequence=1,
            released_at=MORNING + timedelta(minutes=minute),
        )
        yield from teller.told(minute + 0.1, f"controls/{CASE}", released)
    case = f"case/{CASE}"
    proposed = intake.ClosureProposed(
        case_id=CASE,
        closure_id="clo_1",
        kind="FULLY_PERFORMED",
        guards=(),
        proposed_by="u-officer",
        approver="u-leader",
    )
    approved = intake.ClosureApproved(case_id=CASE, closure_id="clo_1", approved_by="u-leader")
    closed = intake.CaseClosed(
        case_id=CASE, case_number=NUMBER, kind="FULLY_PERFORMED", closed_on=date(2026, 3, 2), recovered_fen=506_575
    )
    yield from teller.told(95, case, proposed)
    yield from teller.told(98, case, approved, closed)


def recorded(state: Dossier, told: Sequence[Told], now: datetime | None = None) -> tuple[Dossier, list[Event]]:
    """The dossier after facts that arrive one by one, each when it happens (or all at `now`), and what it said."""
    said: list[Event] = []
    for one in told:
        events = decide(state, RecordFacts(CASE, (one.observed(),)), now or one.at)
        state = reduce(evolve, events, state)
        said += events
    return state, said
