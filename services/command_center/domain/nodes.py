"""Which nodes a case has, and where each stands: computed from the set of facts, whatever their order (R-CMD-10)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

from libs.schemas.intake import CLOSURE_NAMES
from services.command_center.domain import clocks
from services.command_center.domain.begun import Done, begun, ended_by
from services.command_center.domain.node import Node
from services.command_center.domain.observation import Facts, Observation
from services.command_center.domain.punishment import punishment_nodes
from services.command_center.domain.words import DOCUMENTS
from services.command_center.rules.catalogue import CATALOGUE, SERVED_ON_PARTIES

CONTROLLED: Final = ("asset_inquiry.control_effective", "asset_inquiry.control_partly_effective")
AFTER_THE_END: Final = ("37", "R1", "R2")
"""Nodes that closing does not end: what only begins then, and letting go a debtor who has performed."""


def assess(case_id: str, facts: Facts) -> dict[str, Node]:
    """Return every node that has begun, by id."""
    found: dict[str, Node] = {}
    for make in (_filing, _papers, _inquiry, _controls, _money, _closing, punishment_nodes):
        found.update({node.node_id: node for node in make(case_id, facts)})
    closed = facts.first("intake.case_closed")
    return found if closed is None else {key: _unless_ended(node, closed, facts) for key, node in found.items()}


def _filing(case_id: str, facts: Facts) -> Iterator[Node]:
    """01 to 06: from the application to the team."""
    received = facts.first("intake.application_received")
    registered = facts.first("intake.case_registered")
    accepted = facts.first("intake.application_accepted")
    if received:
        answered = facts.first("intake.application_defects_notified", "intake.application_accepted")
        yield begun(case_id, "01", received.at, ended_by(answered))
        yield begun(case_id, "02", received.at, ended_by(registered))
    if accepted:
        yield begun(case_id, "03", accepted.at, ended_by(registered))
    if registered:
        yield begun(case_id, "04", registered.at, ended_by(facts.first("intake.case_assigned")))
        clues = facts.first("intake.application_received", has_clues=True)
        yield begun(case_id, "06", registered.at, ended_by(clues))
    first_answer = facts.first("asset_inquiry.reply_received", kind="INQUIRY", status="FINAL")
    if first_answer:
        yield begun(case_id, "05", first_answer.at, ended_by(facts.first("intake.case_triaged")))


def _papers(case_id: str, facts: Facts) -> Iterator[Node]:
    """07 to 09: notice and order are issued, then served on every party that they name."""
    registered = facts.first("intake.case_registered")
    if registered:
        received = registered.moment("received_at")
        for code, kind in (("07", "ENFORCEMENT_NOTICE"), ("08", "PROPERTY_REPORT_ORDER")):
            yield begun(case_id, code, received, ended_by(facts.first("intake.document_approved", kind=kind)))
    for approved in facts.every("intake.document_approved"):
        kind, document_id = approved.facts["kind"], str(approved.facts["document_id"])
        if kind in SERVED_ON_PARTIES:
            served = _served_on_all(facts, document_id)
            yield begun(case_id, "09", approved.at, served, instance=document_id, subject=DOCUMENTS[kind])


def _served_on_all(facts: Facts, document_id: str) -> Done:
    draft = facts.first("intake.document_drafted", document_id=document_id)
    parties = {one["party_id"] for one in draft.facts.get("recipients", ())} if draft else set()
    first: dict[str, Observation] = {}
    for served in facts.every("intake.document_served", document_id=document_id):
        first.setdefault(served.facts["party"]["party_id"], served)
    if not parties or not parties <= first.keys():
        return None
    services = sorted((first[party] for party in parties), key=lambda each: each.order)
    return services[-1].at, tuple(each.id for each in services)


def _inquiry(case_id: str, facts: Facts) -> Iterator[Node]:
    """11, 13 and 14: the inquiry is started, every agency answers, what was found is frozen."""
    registered = facts.first("intake.case_registered")
    if registered:
        yield begun(case_id, "11", registered.at, ended_by(facts.first("asset_inquiry.inquiry_opened")))
    for issued in facts.every("asset_inquiry.request_issued", kind="INQUIRY"):
        request = str(issued.facts["request_id"])
        due = clocks.answer_due(
            CATALOGUE["13"],
            issued.at,
            issued.moment("answer_due_at"),
            str(issued.facts.get("answer_rule", "")),
            urgent=issued.facts.get("urgency") == "URGENT",
        )
        ended = [
            facts.first("asset_inquiry.reply_received", request_id=request, status="FINAL"),
            facts.first("asset_inquiry.request_returned", "asset_inquiry.request_cancelled", request_id=request),
        ]
        agency = str(issued.facts["agency_id"])
        yield begun(case_id, "13", issued.at, ended_by(*ended), instance=request, subject=agency, due=due)
    answers = list(facts.every("asset_inquiry.reply_received", kind="INQUIRY", status="FINAL"))
    with_money = [answer for answer in answers if answer.facts.get("found_fen", 0) > 0]
    if with_money:
        yield begun(case_id, "14", with_money[0].at, _frozen(facts, with_money))


def _frozen(facts: Facts, answers: Iterable[Observation]) -> Done:
    """Return when what was found, or as much of it as the first order may freeze, was frozen (R-INQ-20)."""
    order = facts.first("intake.control_order_issued", kind="FREEZE")
    if order is None:
        return None
    latest = {answer.facts["request_id"]: int(answer.facts["found_fen"]) for answer in answers}
    wanted = min(int(order.facts["limit_fen"]), sum(latest.values()))
    frozen, evidence = 0, [order.id]
    for control in sorted(facts.every(*CONTROLLED), key=lambda each: each.order):
        frozen += int(control.facts["controlled_fen"])
        evidence.append(control.id)
        if frozen >= wanted:
            return control.at, tuple(evidence)
    return None


def _controls(case_id: str, facts: Facts) -> Iterator[Node]:
    """20 and 19: what is frozen is deducted; when the debt is satisfied, the freezes are released."""
    satisfied = facts.first("payments.debt_satisfied")
    for control in facts.every(*CONTROLLED):
        measure, agency = str(control.facts["measure_id"]), str(control.facts["agency_id"])
        released = facts.first("asset_inquiry.control_released", measure_id=measure)
        deducted = facts.first("asset_inquiry.deduction_confirmed", measure_id=measure)
        yield begun(case_id, "20", control.at, ended_by(deducted, released), instance=measure, subject=agency)
        if satisfied:
            known = max(satisfied.at, control.at)
            yield begun(case_id, "19", known, ended_by(released), instance=measure, subject=agency)


def _money(case_id: str, facts: Facts) -> Iterator[Node]:
    """33 and 35: money that arrives is claimed for the case and paid out, first come first served."""
    arrivals = sorted(facts.every("payments.account_credited"), key=lambda each: each.order)
    payouts = sorted(facts.every("payments.payout_confirmed"), key=lambda each: each.order)
    arrived = 0
    for credit in arrivals:
        incoming, came = str(credit.facts["incoming_id"]), credit.moment("value_at")
        arrived += int(credit.facts["amount_fen"])
        yield begun(case_id, "33", came, (credit.at, (credit.id,)), instance=incoming)
        due = clocks.payout_due(CATALOGUE["35"], came, credit.facts)
        yield begun(case_id, "35", came, _paid(payouts, arrived), instance=incoming, due=due)


def _paid(payouts: list[Observation], arrived: int) -> Done:
    paid, evidence = 0, []
    for payout in payouts:
        paid += int(payout.facts["amount_fen"])
        evidence.append(payout.id)
        if paid >= arrived:
            return payout.at, tuple(evidence)
    return None


def _closing(case_id: str, facts: Facts) -> Iterator[Node]:
    """36 and the term of the whole case (R-INT-18)."""
    for proposed in facts.every("intake.closure_proposed"):
        closure = str(proposed.facts["closure_id"])
        approved = facts.first("intake.closure_approved", closure_id=closure)
        yield begun(case_id, "36", proposed.at, ended_by(approved), instance=closure)
    registered = facts.first("intake.case_registered")
    if registered:
        yield begun(case_id, "T1", registered.at, ended_by(facts.first("intake.case_closed")))


def _unless_ended(node: Node, closed: Observation, facts: Facts) -> Node:
    """Return a node that closing has made pointless as not applicable, with the reason and who approved (R-CMD-11)."""
    if not node.open or node.code in AFTER_THE_END or node.started_at > closed.at:
        return node
    approved = facts.first("intake.closure_approved")
    approver = str(approved.facts["approved_by"]) if approved else "—"
    kind = CLOSURE_NAMES.get(str(closed.facts["kind"]), str(closed.facts["kind"]))
    return replace(node, void_reason=f"案件已以“{kind}”方式结案", void_approver=approver)
