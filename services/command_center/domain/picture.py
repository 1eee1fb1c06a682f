"""A dossier as people look at it: the river, the money, every deadline with its reason, alerts, messages."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from libs.foundation.clock import instant_text
from libs.schemas.intake import CAUSE_NAMES, CLOSURE_NAMES
from services.command_center.domain.dossier import Dossier
from services.command_center.domain.money import Money, money_of
from services.command_center.domain.node import Node, open_nodes
from services.command_center.domain.observation import Facts
from services.command_center.domain.people import people_of
from services.command_center.domain.sentences import STAGES, Entry, river
from services.command_center.domain.words import MONEY_LINES, TEAMS
from services.command_center.rules.catalogue import ORDER


def summary(state: Dossier) -> dict[str, Any]:
    """Return what a list shows of a case; it does not depend on the time of day."""
    facts = state.facts()
    people, closed = people_of(facts), facts.first("intake.case_closed")
    triaged, reached = facts.last("intake.case_triaged"), {entry.stage for entry in river(facts, {})}
    waiting = open_nodes(state.nodes)
    following = next((node for node in waiting if node.code != "T1"), waiting[0] if waiting else None)
    return {
        "case_id": state.case_id,
        "case_number": people.case_number or None,
        "court_name": people.court_name or None,
        "stage": next((stage for stage in reversed(STAGES) if stage in reached), STAGES[0]),
        "closed": CLOSURE_NAMES.get(str(closed.facts["kind"])) if closed else None,
        "closed_at": instant_text(closed.at) if closed else None,
        "applicants": _names(facts, "applicants"),
        "debtors": _names(facts, "debtors"),
        "cause": _cause(facts),
        "green_channel": bool(
            (registered := facts.first("intake.case_registered")) and registered.facts["green_channel"]
        ),
        "team_kind": TEAMS.get(str(triaged.facts["team_kind"])) if triaged else None,
        "officer_id": people.officer.recipient_id if people.officer else None,
        "officer": people.officer.display_name if people.officer else None,
        "leader": people.leader.display_name if people.leader else None,
        "next_node": following.kind.name if following else None,
        "next_due_at": instant_text(following.due.due_at) if following else None,
        "open_nodes": len(waiting),
        "open_alerts": sum(1 for alert in state.alerts.values() if alert.acknowledged_by is None),
    }


def entry_line(entry: Entry) -> dict[str, Any]:
    """Return one line of the river."""
    seen = entry.observation
    return {
        "at": instant_text(seen.at),
        "stage": entry.stage,
        "text": entry.text,
        "service": seen.service,
        "name": seen.name,
        "amount_fen": entry.amount_fen,
        "event_id": seen.id,
        "stream": seen.stream,
        "seq": seen.seq,
        "correlation_id": seen.correlation_id,
    }


def node_line(state: Dossier, node: Node, names: Mapping[str, str], now: datetime) -> dict[str, Any]:
    """Return a node with its state at this moment, its deadline and the reason."""
    subject = names.get(node.subject, node.subject)
    people = people_of(state.facts())
    return {
        "node_id": node.node_id,
        "node_code": node.code,
        "name": f"{node.kind.name}（{subject}）" if subject else node.kind.name,
        "case_id": state.case_id,
        "case_number": people.case_number or None,
        "officer_id": people.officer.recipient_id if people.officer else None,
        "state": node.at(now),
        "started_at": instant_text(node.started_at),
        "due_at": instant_text(node.due.due_at),
        "last_day": node.due.last_day.isoformat(),
        "provisional": node.due.provisional,
        "done_at": instant_text(node.done_at) if node.done_at else None,
        "in_time": node.in_time if node.done_at else None,
        "evidence": list(node.evidence),
        "not_applicable": {"reason": node.void_reason, "approver": node.void_approver} if node.void_reason else None,
        "rule": node.due.rule,
        "explanation": node.due.explanation,
    }


def money_line(money: Money) -> dict[str, Any]:
    """Return the figures in fen, each debt line with its name, formula and article."""
    return {
        "as_of": money.as_of,
        "lines": [{**line, "name": MONEY_LINES.get(str(line["code"]), str(line["code"]))} for line in money.lines],
        "debt_fen": money.debt_fen,
        "found_fen": money.found_fen,
        "frozen_fen": money.frozen_fen,
        "still_frozen_fen": money.still_frozen_fen,
        "excess_fen": max(0, money.frozen_fen - money.debt_fen),
        "deducted_fen": money.deducted_fen,
        "arrived_fen": money.arrived_fen,
        "paid_to_applicant_fen": money.paid_to_applicant_fen,
        "fee_paid_fen": money.fee_paid_fen,
        "refunded_fen": money.refunded_fen,
        "paid_out_fen": money.paid_out_fen,
        "balance_fen": money.balance_fen,
        "outstanding_fen": money.outstanding_fen,
        "settled": money.settled,
    }


def alert_lines(state: Dossier) -> list[dict[str, Any]]:
    """Return the alerts, the first in front."""
    number = people_of(state.facts()).case_number or None
    return [
        {
            "alert_id": alert.alert_id,
            "case_id": state.case_id,
            "case_number": number,
            "code": alert.code,
            "level": alert.level,
            "node_id": alert.node_id,
            "node": node.kind.name if (node := state.nodes.get(alert.node_id or "")) else None,
            "due_at": instant_text(node.due.due_at) if node else None,
            "text": alert.text,
            "recipients": list(alert.recipients),
            "raised_at": instant_text(alert.raised_at),
            "status": "ACKNOWLEDGED" if alert.acknowledged_by else "OPEN",
            "acknowledged_by": alert.acknowledged_by,
        }
        for alert in sorted(state.alerts.values(), key=lambda each: each.number)
    ]


def notification_lines(state: Dossier) -> list[dict[str, Any]]:
    """Return the messages with their state of delivery, the first in front."""
    return [
        {
            "notification_id": note.notification_id,
            "case_id": state.case_id,
            "channel": note.channel,
            "recipient_kind": note.recipient.kind,
            "recipient_id": note.recipient.recipient_id,
            "recipient": note.recipient.display_name,
            "text": note.text,
            "requested_at": instant_text(note.requested_at),
            "state": note.state,
            "partner_reference": note.partner_reference,
            "reason": note.reason,
        }
        for note in sorted(state.notifications.values(), key=lambda each: each.number)
    ]


def picture(state: Dossier, names: Mapping[str, str], now: datetime) -> dict[str, Any]:
    """Return the whole dossier."""
    facts = state.facts()
    nodes = sorted(state.nodes.values(), key=lambda each: (ORDER[each.code], each.started_at, each.node_id))
    return {
        "case_id": state.case_id,
        "entries": [entry_line(entry) for entry in river(facts, names)],
        **summary(state),
        "money": money_line(money_of(facts)),
        "nodes": [node_line(state, node, names, now) for node in nodes],
        "alerts": alert_lines(state),
        "notifications": notification_lines(state),
    }


def agencies_of(state: Dossier) -> set[str]:
    """Return the agencies that a dossier mentions, so that their names can be looked up."""
    return {str(each.facts["agency_id"]) for each in state.observations.values() if "agency_id" in each.facts}


def _names(facts: Facts, side: str) -> list[str]:
    registered = facts.first("intake.case_registered")
    return [party["display_name"] for party in registered.facts[side]] if registered else []


def _cause(facts: Facts) -> str | None:
    registered = facts.first("intake.case_registered")
    return CAUSE_NAMES.get(str(registered.facts["cause"]), str(registered.facts["cause"])) if registered else None
