"""Lists that people ask for; each is a function of one dossier and can be rebuilt from the journal.

The time of day is no part of a row: a list shows what is recorded, and what is due is asked by `due_at`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from libs.foundation.clock import instant_text
from libs.journal import View
from services.command_center.domain.dossier import Dossier
from services.command_center.domain.people import people_of
from services.command_center.domain.picture import alert_lines, notification_lines, summary

Rows = Mapping[str, Mapping[str, Any]]


def case_rows(state: Dossier) -> Rows:
    """Return the case as a line of the list of cases."""
    return {state.case_id: summary(state)} if state.case_id else {}


def node_rows(state: Dossier) -> Rows:
    """Return every node with who answers for it."""
    people = people_of(state.facts())
    return {
        node.node_id: {
            "node_id": node.node_id,
            "node_code": node.code,
            "name": node.name,
            "case_id": state.case_id,
            "case_number": people.case_number or None,
            "officer_id": people.officer.recipient_id if people.officer else None,
            "recorded_state": _recorded_state(node.open, done=node.done_at is not None, overdue=node.overdue),
            "started_at": instant_text(node.started_at),
            "due_at": instant_text(node.due.due_at),
            "done_at": instant_text(node.done_at) if node.done_at else None,
            "rule": node.due.rule,
            "explanation": node.due.explanation,
        }
        for node in state.nodes.values()
    }


def _recorded_state(open_: bool, *, done: bool, overdue: bool) -> str:  # noqa: FBT001 -- one truth table, read at one place
    if open_:
        return "OVERDUE" if overdue else "PENDING"
    return "DONE" if done else "NOT_APPLICABLE"


def alert_rows(state: Dossier) -> Rows:
    """Return the alerts."""
    return {line["alert_id"]: line for line in alert_lines(state)}


def notification_rows(state: Dossier) -> Rows:
    """Return the messages."""
    return {line["notification_id"]: line for line in notification_lines(state)}


CASES: Final = View("cases", "dossier", case_rows, indexes=(("court", "next_due_at"),))
NODES: Final = View("process_nodes", "dossier", node_rows, indexes=(("court", "due_at"), ("case_id",)))
ALERTS: Final = View("alerts", "dossier", alert_rows, indexes=(("court", "raised_at"), ("case_id",)))
NOTIFICATIONS: Final = View("notifications", "dossier", notification_rows, indexes=(("case_id", "requested_at"),))
VIEWS: Final = (CASES, NODES, ALERTS, NOTIFICATIONS)
