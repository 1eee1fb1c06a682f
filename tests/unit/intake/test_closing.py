from dataclasses import replace
from datetime import datetime
from typing import Any, get_args

import pytest

from libs.schemas.intake import (
    CLOSURE_NAMES,
    CaseClosed,
    ClosureApproved,
    ClosureKind,
    ClosureProposed,
    ClosureRejected,
)
from libs.schemas.timers import TimerDue
from services.intake.domain import case
from services.intake.domain.case import Case
from services.intake.domain.case.closing import (
    ClosingGuardsUnmet,
    ClosureAlreadyDecided,
    ClosurePending,
    ClosureUnknown,
    DecideClosure,
    PapersServed,
    ProposeClosure,
)
from services.intake.domain.case.copies import RecordControl, RecordDebt, RecordPunishment
from services.intake.domain.case.opening import RecordInquiryResult, TriageCase
from services.intake.domain.case.papers import OrderPropertyReport
from services.intake.domain.document import NotTheApprover
from services.intake.domain.refusals import CaseIsClosed, NotTheActingOfficer
from services.intake.rules.closing import current_procedure_may_end
from tests.unit.intake.law import DEBTOR, NOW, after, at, frozen, owing, registered

HOLDERS: dict[Any, str] = {"TEAM_LEADER": "u-duty-lead", "BUREAU_HEAD": "u-head", "PRESIDENT": "u-president"}


def proposal(kind: ClosureKind = "FULLY_PERFORMED", **changes: Any) -> ProposeClosure:
    facts: dict[str, Any] = {
        "closure_id": "clo_1",
        "kind": kind,
        "proposed_by": "u-duty",
        "holders": HOLDERS,
        "papers": PapersServed(),
    }
    return ProposeClosure(**(facts | changes))


def approval(*, approve: bool = True, approver: str = "u-duty-lead") -> DecideClosure:
    return DecideClosure("clo_1", approver, approve, PapersServed(), reason="" if approve else "余款未清")


def settled() -> Case:
    paid = RecordDebt(
        source_seq=9, recovered_fen=506_575, paid_out_fen=506_575, balance_fen=0, satisfied=True, settled=True
    )
    return after(owing(), paid)


def unmet(state: Case, command: ProposeClosure, now: datetime = NOW) -> list[str]:
    with pytest.raises(ClosingGuardsUnmet) as refused:
        case.decide(state, command, now)
    guards: Any = refused.value.extra["guards"]
    assert all(guard["explanation"] and guard["rule"] for guard in guards)
    return [guard["code"] for guard in guards if not guard["holds"]]


@pytest.mark.rule("R-INT-22")
def test_there_are_exactly_six_ways_to_close() -> None:
    assert list(CLOSURE_NAMES.values()) == ["执行完毕", "终结本次执行程序", "终结执行", "销案", "不予执行", "驳回申请"]
    assert set(CLOSURE_NAMES) == set(get_args(ClosureKind))


@pytest.mark.rule("R-INT-27")
def test_full_performance_needs_all_the_money_none_left_and_nothing_held() -> None:
    assert unmet(registered(), proposal()) == ["RECOVERED_IN_FULL"]
    short = after(owing(), RecordDebt(2, recovered_fen=506_574, balance_fen=0))
    assert unmet(short, proposal()) == ["RECOVERED_IN_FULL"]
    unpaid = after(owing(), RecordDebt(2, recovered_fen=506_575, balance_fen=506_575, satisfied=True))
    assert unmet(unpaid, proposal()) == ["FUNDS_PAID_OUT"]
    assert unmet(after(settled(), frozen("bank-a", 1)), proposal()) == ["CONTROLS_RELEASED"]


@pytest.mark.rule("R-INT-27")
def test_every_guard_is_explained_when_it_holds() -> None:
    state = after(settled(), frozen("bank-a", 1), frozen("bank-a", 1, seq=2, state="RELEASED"))
    (proposed,) = case.decide(state, proposal(), NOW)
    assert isinstance(proposed, ClosureProposed)
    assert [guard.explanation for guard in proposed.guards] == [
        "执行到位 5,065.75 元, 应执行本金、利息、费用合计 5,065.75 元",
        "案款账户余额 0.00 元",
        "已解除控制措施 1 项",
    ]
    assert (proposed.approver, proposed.approval_level) == ("u-duty-lead", "TEAM_LEADER")


@pytest.mark.rule("R-INT-27")
def test_a_written_waiver_stands_for_the_rest() -> None:
    short = after(owing(), RecordDebt(2, recovered_fen=1, balance_fen=0))
    (proposed,) = case.decide(short, proposal(waiver_document_id="doc_waiver"), NOW)
    assert isinstance(proposed, ClosureProposed)
    assert "doc_waiver" in proposed.guards[0].explanation


@pytest.mark.rule("R-INT-27", "R-PAY-05")
def test_money_that_comes_after_settlement_must_go_out_before_the_case_is_closed() -> None:
    late = after(settled(), RecordDebt(10, recovered_fen=506_675, balance_fen=100))
    assert unmet(late, proposal()) == ["FUNDS_PAID_OUT"]


@pytest.mark.rule("R-INT-23")
def test_the_current_procedure_ends_only_after_strictly_more_than_three_months() -> None:
    filed_on = at(2025, 3, 10).date()
    assert not current_procedure_may_end(filed_on, at(2025, 6, 10).date())
    assert current_procedure_may_end(filed_on, at(2025, 6, 11).date())


@pytest.mark.rule("R-INT-23")
def test_the_current_procedure_ends_not_without_notice_restriction_and_inquiry() -> None:
    bare = unmet(registered(), proposal("CURRENT_PROCEDURE_TERMINATED"))
    assert bare == ["NOTICE_AND_REPORT_ORDER", "CONSUMPTION_RESTRICTED", "PROPERTY_EXHAUSTED", "THREE_MONTHS"]
    searched = after(
        registered(),
        RecordInquiryResult("inq", 0, needs_disposal=False),
        OrderPropertyReport(DEBTOR.party_id, "doc_1", NOW),
    )
    served = proposal("CURRENT_PROCEDURE_TERMINATED", papers=PapersServed(notice_served=True))
    assert unmet(searched, served, at(2026, 6, 3)) == ["CONSUMPTION_RESTRICTED"]
    restricted = after(searched, RecordPunishment("rst_1.p", "RESTRICTION", DEBTOR.party_id, in_force=True, version=1))
    (proposed,) = case.decide(restricted, served, at(2026, 6, 3))
    assert isinstance(proposed, ClosureProposed)


@pytest.mark.rule("R-INT-23", "R-CRB-01")
def test_who_broke_the_reporting_duty_is_listed_before_the_current_procedure_ends() -> None:
    order = OrderPropertyReport(DEBTOR.party_id, "doc_1", NOW)
    state = after(
        registered(),
        RecordInquiryResult("inq", 0, needs_disposal=False),
        order,
        RecordPunishment("rst_1.p", "RESTRICTION", DEBTOR.party_id, in_force=True, version=1),
    )
    ordered = next(report.ordered for report in state.reports)
    due = TimerDue(f"property_report/{DEBTOR.party_id}", 1, ordered.due.due_at)
    late = at(2026, 6, 3)
    breached = state
    for event in case.decide(state, due, late):
        breached = case.evolve(breached, event)
    served = proposal("CURRENT_PROCEDURE_TERMINATED", papers=PapersServed(notice_served=True))
    assert unmet(breached, served, late) == ["LISTED_IF_DISHONEST"]
    listed = after(breached, RecordPunishment("lst_1", "LISTING", DEBTOR.party_id, in_force=True, version=1))
    assert case.decide(listed, served, late)


def test_an_older_version_of_a_record_says_nothing_new() -> None:
    record = RecordPunishment("lst_1", "LISTING", DEBTOR.party_id, in_force=False, version=2)
    state = after(registered(), record)
    assert case.decide(state, record, NOW) == []
    assert case.decide(state, replace(record, version=1, in_force=True), NOW) == []


@pytest.mark.rule("R-INT-22", "R-CMD-34")
@pytest.mark.parametrize(
    ("kind", "level", "approver"),
    [
        ("ENFORCEMENT_TERMINATED", "PRESIDENT", "u-president"),
        ("CANCELLED", "BUREAU_HEAD", "u-head"),
        ("NOT_ENFORCED", "PRESIDENT", "u-president"),
        ("APPLICATION_DISMISSED", "PRESIDENT", "u-president"),
    ],
)
def test_the_other_ways_need_a_signed_paper_and_a_higher_signature(
    kind: ClosureKind, level: str, approver: str
) -> None:
    assert unmet(registered(), proposal(kind)) == ["DECISION_ON_FILE"]
    (proposed,) = case.decide(registered(), proposal(kind, papers=PapersServed(closing_notice_approved=True)), NOW)
    assert isinstance(proposed, ClosureProposed)
    assert (proposed.approval_level, proposed.approver) == (level, approver)


@pytest.mark.rule("R-INT-27")
def test_approval_closes_the_case_and_nothing_is_ordered_in_it_any_more() -> None:
    proposed = after(settled(), proposal())
    approved, closed = case.decide(proposed, approval(), NOW)
    assert isinstance(approved, ClosureApproved)
    assert isinstance(closed, CaseClosed)
    assert (closed.kind, closed.recovered_fen) == ("FULLY_PERFORMED", 506_575)
    ended = after(proposed, approval())
    assert ended.status == "CLOSED"
    with pytest.raises(CaseIsClosed):
        case.decide(ended, TriageCase("u-duty"), NOW)
    with pytest.raises(ClosureAlreadyDecided):
        case.decide(ended, approval(), NOW)


@pytest.mark.rule("R-INT-27")
def test_the_guards_are_evaluated_again_before_approval() -> None:
    proposed = after(settled(), proposal(), RecordControl(1, "mea-x", "bank-x", state="EFFECTIVE", controlled_fen=5))
    with pytest.raises(ClosingGuardsUnmet):
        case.decide(proposed, approval(), NOW)


@pytest.mark.rule("R-INQ-05")
def test_only_the_named_approver_decides_and_one_proposal_waits_at_a_time() -> None:
    proposed = after(settled(), proposal())
    for person in ("u-duty", "u-head"):
        with pytest.raises(NotTheApprover):
            case.decide(proposed, approval(approver=person), NOW)
    with pytest.raises(ClosurePending):
        case.decide(proposed, proposal(closure_id="clo_2"), NOW)
    with pytest.raises(NotTheActingOfficer):
        case.decide(settled(), proposal(proposed_by="u-officer"), NOW)
    with pytest.raises(ClosureUnknown):
        case.decide(settled(), approval(), NOW)


def test_a_rejected_proposal_lets_the_case_go_on() -> None:
    proposed = after(settled(), proposal())
    (rejected,) = case.decide(proposed, approval(approve=False), NOW)
    assert isinstance(rejected, ClosureRejected)
    on = after(proposed, approval(approve=False))
    assert on.status == "FILED"
    assert len(case.decide(on, proposal(closure_id="clo_2"), NOW)) == 1
