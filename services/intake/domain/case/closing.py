"""The end of a case: guards explained, a proposal, an approval (R-INT-22, R-INT-23, R-INT-27)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from libs.foundation.court_calendar import court_day
from libs.foundation.errors import NotFound, Refused
from libs.foundation.fen import yuan
from libs.schemas.envelope import Event
from libs.schemas.intake import CaseClosed, ClosureApproved, ClosureKind, ClosureProposed, ClosureRejected, Guard
from services.intake.domain.case.control import IN_FORCE
from services.intake.domain.case.state import Case
from services.intake.domain.document import NotTheApprover
from services.intake.rules.authority import CLOSURE_LEVELS, Level, signer
from services.intake.rules.closing import CLOSING, current_procedure_may_end


class ClosingGuardsUnmet(Refused):
    """The case may not be closed this way yet; `guards` says what each one asks and what it found."""

    code = "closing_guards_unmet"
    title = "The case may not be closed this way"
    rule = "R-INT-27"
    remedy = "Read the guards that do not hold; do what they ask."


class ClosurePending(Refused):
    """A proposal to close waits for its approver."""

    code = "closure_pending"
    title = "A proposal to close is waiting"
    rule = "R-INT-27"
    remedy = "Have the waiting proposal decided first."


class ClosureUnknown(NotFound):
    """There is no such proposal in this case."""

    code = "closure_not_found"
    title = "There is no such proposal to close"


class ClosureAlreadyDecided(Refused):
    """The proposal was decided before."""

    code = "closure_already_decided"
    title = "The proposal has been decided"


@dataclass(frozen=True, slots=True)
class PapersServed:
    """What the case's documents show: which were served, which are approved."""

    notice_served: bool = False
    closing_notice_approved: bool = False


@dataclass(frozen=True, slots=True)
class ProposeClosure:
    """Propose to close the case; `holders` says who signs at which level."""

    closure_id: str
    kind: ClosureKind
    proposed_by: str
    holders: dict[Level, str]
    papers: PapersServed
    waiver_document_id: str | None = None


@dataclass(frozen=True, slots=True)
class DecideClosure:
    """Agree to a proposal, or not."""

    closure_id: str
    approver: str
    approve: bool
    papers: PapersServed
    reason: str = ""


def propose(state: Case, command: ProposeClosure, now: datetime) -> Sequence[Event]:
    """Return the proposal. Raises `ClosingGuardsUnmet` with every guard explained."""
    registered = state.require_acting(command.proposed_by)
    if state.pending_closure is not None:
        raise ClosurePending(closure_id=state.pending_closure.proposed.closure_id)
    found = _held(state, command.kind, command.papers, command.waiver_document_id, court_day(now))
    level, approver = signer(CLOSURE_LEVELS[command.kind], command.holders, command.proposed_by)
    return [
        ClosureProposed(
            case_id=registered.case_id,
            closure_id=command.closure_id,
            kind=command.kind,
            guards=found,
            proposed_by=command.proposed_by,
            approver=approver,
            approval_level=level,
            waiver_document_id=command.waiver_document_id,
            rule_version=CLOSING.version,
        )
    ]


def decide_closure(state: Case, command: DecideClosure, now: datetime) -> Sequence[Event]:
    """Return the approval and the closing, or the rejection. The guards are evaluated again before approval."""
    registered = state.registered
    closure = state.closure(command.closure_id)
    if closure is None:
        raise ClosureUnknown
    proposed = closure.proposed
    if command.approver != proposed.approver or command.approver == proposed.proposed_by:
        raise NotTheApprover
    if closure.decided is not None:
        raise ClosureAlreadyDecided
    if not command.approve:
        return [
            ClosureRejected(
                case_id=registered.case_id,
                closure_id=command.closure_id,
                rejected_by=command.approver,
                reason=command.reason,
            )
        ]
    _held(state, proposed.kind, command.papers, proposed.waiver_document_id, court_day(now))
    return [
        ClosureApproved(case_id=registered.case_id, closure_id=command.closure_id, approved_by=command.approver),
        CaseClosed(
            case_id=registered.case_id,
            case_number=registered.case_number,
            kind=proposed.kind,
            closed_on=court_day(now),
            recovered_fen=state.debt.recovered_fen if state.debt else 0,
        ),
    ]


def _held(state: Case, kind: ClosureKind, papers: PapersServed, waiver: str | None, today: date) -> tuple[Guard, ...]:
    found = guards(state, kind, papers, waiver, today)
    if not all(guard.holds for guard in found):
        raise ClosingGuardsUnmet(
            "; ".join(guard.explanation for guard in found if not guard.holds),
            guards=[guard.model_dump() for guard in found],
        )
    return found


def guards(state: Case, kind: ClosureKind, papers: PapersServed, waiver: str | None, today: date) -> tuple[Guard, ...]:
    """Return the guards of this way of closing, each with what it asks and what it found."""
    match kind:
        case "FULLY_PERFORMED":
            return (_recovered(state, waiver), _funds(state), _controls(state))
        case "CURRENT_PROCEDURE_TERMINATED":
            return (*_current_procedure(state, papers, today), _funds(state))
    paper = Guard(
        code="DECISION_ON_FILE",
        rule="R-INT-22",
        holds=papers.closing_notice_approved,
        explanation="结案文书已签发" if papers.closing_notice_approved else "结案文书尚未签发",
    )
    return (paper, _funds(state), _controls(state))


def _recovered(state: Case, waiver: str | None) -> Guard:
    debt = state.debt
    holds, text = False, "债务数额尚未核算"
    if waiver is not None:
        holds, text = True, f"申请执行人书面放弃余额 (文书 {waiver})"
    elif debt is not None and debt.debt_fen:
        holds = debt.satisfied or debt.recovered_fen >= debt.debt_fen
        text = f"执行到位 {yuan(debt.recovered_fen)} 元, 应执行本金、利息、费用合计 {yuan(debt.debt_fen)} 元"
    return Guard(code="RECOVERED_IN_FULL", rule="R-INT-27", holds=holds, explanation=text)


def _funds(state: Case) -> Guard:
    debt = state.debt
    holds = debt is None or debt.settled or debt.balance_fen == 0
    balance = debt.balance_fen if debt else 0
    text = f"案款账户余额 {yuan(balance)} 元" + ("" if holds else ", 须先发放、提存或经批准延缓发放")
    return Guard(code="FUNDS_PAID_OUT", rule="R-PAY-05", holds=holds, explanation=text)


def _controls(state: Case) -> Guard:
    known = {measure.control_order_id for measure in state.measures}
    standing = sum(measure.state in (*IN_FORCE, "REQUESTED") for measure in state.measures)
    waiting = sum(
        order.issued.kind == "FREEZE" and order.counts and order.issued.control_order_id not in known
        for order in state.orders
    )
    released = sum(measure.state == "RELEASED" for measure in state.measures)
    holds = standing + waiting == 0
    text = f"已解除控制措施 {released} 项" if holds else f"尚有 {standing + waiting} 项控制措施未解除"
    return Guard(code="CONTROLS_RELEASED", rule="R-INT-27", holds=holds, explanation=text)


def _reached(state: Case, list_type: str) -> set[str]:
    return {one.party_id for one in state.punishments if one.list_type == list_type}


def _current_procedure(state: Case, papers: PapersServed, today: date) -> tuple[Guard, ...]:
    ordered = bool(state.reports) and papers.notice_served
    searched = state.inquiry is not None
    debtors = {party.party_id for party in state.registered.debtors}
    dishonest = {report.ordered.party_id for report in state.reports if report.breached is not None}
    # What was lifted or removed since was done all the same: the condition asks whether the step was taken.
    restricted = debtors <= _reached(state, "RESTRICTION")
    listed = dishonest <= _reached(state, "LISTING")
    late_enough = current_procedure_may_end(state.registered.filed_on, today)
    rows = (
        ("NOTICE_AND_REPORT_ORDER", ordered, "已发出执行通知书并责令报告财产", "执行通知书、报告财产令尚未全部送达"),
        (
            "CONSUMPTION_RESTRICTED",
            restricted,
            "已对全体被执行人采取限制消费措施",
            "尚未对全体被执行人采取限制消费措施",
        ),
        (
            "LISTED_IF_DISHONEST",
            listed,
            "符合条件的被执行人已纳入失信名单",
            "违反财产报告制度的被执行人尚未纳入失信名单",
        ),
        ("PROPERTY_EXHAUSTED", searched, "已完成网络查控", "财产调查措施尚未穷尽"),
        ("THREE_MONTHS", late_enough, "自立案之日起已超过三个月", "自立案之日起未超过三个月"),
    )
    return tuple(
        Guard(code=code, rule="R-INT-23", holds=holds, explanation=yes if holds else no)
        for code, holds, yes, no in rows
    )
