"""How applications, cases, documents and proposals look on the wire: masked names, full ones stay in the register."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from libs.schemas.intake import CAUSE_NAMES, ControlPositionRecorded
from libs.schemas.parts import Due, PartyRef
from services.intake.domain.case import Case
from services.intake.domain.case.control import deductible_fen, held_fen, open_fen
from services.intake.domain.case.state import Closure, Order, Report
from services.intake.domain.document import Document
from services.intake.domain.filing import Attempt
from services.intake.rules.acceptance import limitation_end
from services.intake.rules.periods import assignment_due, closing_due, decision_due, notice_due

Json = dict[str, Any]


def _party(party: PartyRef) -> Json:
    return {"party_id": party.party_id, "display_name": party.display_name, "party_type": party.party_type}


def _due(name: str, due: Due) -> Json:
    return {"name": name, **due.model_dump()}


def render_application(attempt: Attempt, *, today: date) -> Json:
    """Return an application; a limitation that seems to have run out is a warning and nothing more (R-INT-12)."""
    received = attempt.received
    end = limitation_end(received.basis)
    warnings = [{"code": "LIMITATION_MAY_HAVE_EXPIRED", "rule": "R-INT-12", "last_day": end}] if today > end else []
    return {
        "id": attempt.application_id,
        "state": attempt.state,
        "court_code": received.court,
        "attempt": received.attempt,
        "defects": [defect.model_dump() for defect in attempt.defects],
        "applicants": [_party(party) for party in received.applicants],
        "debtors": [_party(party) for party in received.debtors],
        "basis": received.basis.model_dump(),
        "cause": received.cause,
        "claim_fen": received.claim_fen,
        "requests": received.requests,
        "clues": attempt.clues,
        "papers": [paper.model_dump() for paper in attempt.papers],
        "received_at": received.received_at,
        "decision_due": decision_due(received.received_at).model_dump() if received.received_at else None,
        "failed_conditions": list(attempt.failed_conditions),
        "reason": attempt.reason,
        "may_reapply_after": attempt.may_reapply_after,
        "case_id": attempt.case_id,
        "warnings": warnings,
    }


def render_case(state: Case, documents: Sequence[Json] = ()) -> Json:
    """Return a case with everything that intake knows of it."""
    registered = state.registered
    return {
        "id": registered.case_id,
        "case_number": registered.case_number,
        "court_code": registered.court,
        "court_name": registered.court_name,
        "status": state.status,
        "application_id": registered.application_id,
        "applicants": [_party(party) for party in registered.applicants],
        "debtors": [_party(party) for party in registered.debtors],
        "basis": registered.basis.model_dump(),
        "cause": registered.cause,
        "cause_name": CAUSE_NAMES.get(registered.cause, registered.cause),
        "claim_fen": registered.claim_fen,
        "green_channel": registered.green_channel,
        "received_at": registered.received_at,
        "filed_on": registered.filed_on,
        "filing_receipt": state.receipt,
        "acting_officer": state.acting_officer.model_dump(),
        "acting_leader": state.acting_leader.model_dump(),
        "triage": render_triage(state),
        "team": _team(state),
        "case_officer": state.assignment.case_officer.model_dump() if state.assignment else None,
        "inquiry": state.inquiry.model_dump(exclude={"case_id"}) if state.inquiry else None,
        "debt": state.debt.model_dump(exclude={"case_id", "source_seq"}) if state.debt else None,
        "open_fen": open_fen(state),
        "held_fen": held_fen(state),
        "controls": [_measure(state, measure) for measure in state.measures],
        "control_orders": [render_order(order) for order in state.orders],
        "property_reports": [_report(report) for report in state.reports],
        "documents": list(documents),
        "deadlines": [
            _due("ENFORCEMENT_NOTICE", notice_due(registered.received_at)),
            _due("ASSIGNMENT", assignment_due(registered.filed_on)),
            _due("CLOSING", closing_due(registered.filed_on)),
            *(_due("PROPERTY_REPORT", report.ordered.due) for report in state.reports),
        ],
        "closures": [render_closure(closure) for closure in state.closures],
        "closure": state.closed.model_dump(exclude={"case_id"}) if state.closed else None,
        "rule_version": registered.rule_version,
    }


def render_triage(state: Case) -> Json | None:
    """Return the triage with rules and facts (R-INT-31), or None."""
    return state.triage.model_dump(exclude={"case_id"}) if state.triage else None


def _team(state: Case) -> Json | None:
    given = state.assignment
    if given is None:
        return None
    leader = given.team_leader.model_dump()
    return {"team_id": given.team_id, "name": given.team_name, "kind": given.team_kind, "leader": leader}


def _measure(state: Case, measure: ControlPositionRecorded) -> Json:
    shown = measure.model_dump(exclude={"case_id", "source_seq"})
    return shown | {"deductible_fen": deductible_fen(state, measure)}


def render_order(order: Order) -> Json:
    """Return a control order and what became of it."""
    issued = order.issued
    state = "ISSUED" if order.result is None else ("ACCEPTED" if order.result.accepted else "REFUSED")
    return {
        "id": issued.control_order_id,
        "case_id": issued.case_id,
        "state": state,
        "reason": order.result.reason if order.result else None,
        **issued.model_dump(exclude={"case_id", "control_order_id"}),
    }


def _report(report: Report) -> Json:
    return {
        "party_id": report.ordered.party_id,
        "due": report.ordered.due.model_dump(),
        "received": report.received.model_dump(include={"report_id", "categories", "in_time"})
        if report.received
        else None,
        "breached": report.breached.reason if report.breached else None,
    }


def render_closure(closure: Closure) -> Json:
    """Return a proposal to close with its guards explained (R-INT-27)."""
    proposed = closure.proposed
    state = "PROPOSED" if closure.decided is None else closure.decided.NAME.removeprefix("closure_").upper()
    return {
        "id": proposed.closure_id,
        "case_id": proposed.case_id,
        "kind": proposed.kind,
        "state": state,
        "guards": [guard.model_dump() for guard in proposed.guards],
        "proposed_by": proposed.proposed_by,
        "approver": proposed.approver,
        "approval_level": proposed.approval_level,
        "waiver_document_id": proposed.waiver_document_id,
    }


def render_document(state: Document) -> Json:
    """Return a document's metadata; its text is read apart, with case and purpose."""
    draft = state.draft
    return {
        "id": draft.document_id,
        "case_id": draft.case_id,
        "kind": draft.kind,
        "number": draft.number,
        "title": draft.title,
        "sha256": draft.sha256,
        "state": state.state,
        "template_version": draft.template_version,
        "drafted_by": draft.drafted_by,
        "approver": draft.approver,
        "approval_level": draft.approval_level,
        "recipients": [_party(party) for party in draft.recipients],
        "approved_by": state.approved.approved_by if state.approved else None,
        "seal": state.approved.seal if state.approved else None,
        "rejection": state.rejected.reason if state.rejected else None,
        "services": [
            service.model_dump(include={"party", "method", "served_at", "evidence", "recorded_by"})
            for service in state.services
        ],
    }
