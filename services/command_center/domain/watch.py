"""What the passing of time does to a dossier: nodes become overdue, alerts rise (R-CMD-13, R-CMD-14).

One timer watches a dossier. It is always set to the next step of any open node, so a case has one timer, not one for
every node and level.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from libs.foundation.ids import derived_id
from libs.schemas.command_center import (
    AlertEscalated,
    AlertLevel,
    AlertRaised,
    NodeOverdue,
    NotificationRequested,
    Recipient,
)
from libs.schemas.envelope import Event
from libs.schemas.timers import TimerCancelled, TimerScheduled
from services.command_center.domain.dossier import Alert, Dossier
from services.command_center.domain.messages import alert_text
from services.command_center.domain.node import Node, open_nodes
from services.command_center.domain.people import People, people_of
from services.command_center.rules.alerts import LAGS, LEADS, LEVELS, RECIPIENTS, SETTLE, UNANSWERED_AFTER

WATCH: Final = "watch"
SETTLED: Final = "settled"
"""The timer that stands in for a late one: it acts when what was on its way has had time to arrive."""

_NOBODY: Final = Recipient(kind="CASE_OFFICER", recipient_id="", display_name="承办人")


@dataclass(frozen=True, slots=True)
class Step:
    """Something that happens to an open node at a moment unless it is completed before."""

    at: datetime
    node: Node
    act: Literal["OVERDUE", "RAISE", "ESCALATE"]
    level: AlertLevel = "BLUE"


def steps(state: Dossier) -> list[Step]:
    """Return what lies ahead of the open nodes, the next in front."""
    found = [step for node in open_nodes(state.nodes) for step in _steps_of(node, state)]
    return sorted(found, key=lambda step: (step.at, LEVELS.index(step.level), step.node.node_id))


def _steps_of(node: Node, state: Dossier) -> Iterator[Step]:
    raised = [alert for alert in state.alerts.values() if alert.node_id == node.node_id]
    reached = max((LEVELS.index(alert.level) for alert in raised), default=-1)
    if not node.overdue:
        yield Step(node.due.due_at, node, "OVERDUE")
    for level, at in _moments(node):
        if LEVELS.index(level) > reached and at > node.started_at:
            yield Step(at, node, "RAISE", level)
    for alert in raised:
        if alert.level == "BLUE" and alert.acknowledged_by is None and reached == 0:
            yield Step(alert.raised_at + UNANSWERED_AFTER, node, "ESCALATE", "YELLOW")


def _moments(node: Node) -> Iterator[tuple[AlertLevel, datetime]]:
    due = node.due.due_at
    for level, lead in LEADS.items():
        yield level, due - (lead.short if node.short else lead.long)
    if node.code == "35":
        # Money beyond its fifteen working days is red at once (R-CMD-14).
        yield "RED", due
        return
    for level, lag in LAGS.items():
        yield level, due + lag


def next_step(state: Dossier) -> datetime | None:
    """Return when the dossier must be looked at again, if ever."""
    ahead = steps(state)
    return ahead[0].at if ahead else None


def rescheduled(before: Dossier, after: Dossier, now: datetime) -> list[Event]:
    """Return the timer event that follows from a change. A step already past is given time to settle."""
    old, new = next_step(before), next_step(after)
    if old == new:
        return []
    if new is None:
        return [TimerCancelled(timer=WATCH)]
    return [TimerScheduled(timer=WATCH, due_at=new if new > now else now + SETTLE)]


def due_now(state: Dossier, now: datetime) -> list[Event]:
    """Return what the steps up to now do: nodes overdue, and of several levels of one node only the highest."""
    people = people_of(state.facts())
    past = [step for step in steps(state) if step.at <= now]
    events: list[Event] = []
    highest: dict[str, Step] = {}
    for step in past:
        if step.act == "OVERDUE":
            events.append(
                NodeOverdue(
                    case_id=state.case_id,
                    node_id=step.node.node_id,
                    node_code=step.node.code,
                    node_name=step.node.name,
                    due_at=step.node.due.due_at,
                )
            )
        else:
            best = highest.get(step.node.node_id)
            if best is None or LEVELS.index(step.level) > LEVELS.index(best.level):
                highest[step.node.node_id] = step
    for step in highest.values():
        events += _escalate(state, step, people, now) if step.act == "ESCALATE" else raised(state, step, people, now)
    return events


def raised(state: Dossier, step: Step, people: People, now: datetime) -> list[Event]:
    """Return an alert and the message to the work group that carries it."""
    node, level = step.node, step.level
    overdue = now > node.due.due_at or level in LAGS
    code: Literal["NEAR_DEADLINE", "FUND_OVERDUE", "OVERDUE"] = "NEAR_DEADLINE"
    if overdue:
        code = "FUND_OVERDUE" if node.code == "35" else "OVERDUE"
    text = alert_text(people, node, level, overdue=overdue)
    alert_id = derived_id("alert", node.node_id, level)
    return [
        AlertRaised(
            case_id=state.case_id,
            alert_id=alert_id,
            code=code,
            level=level,
            node_id=node.node_id,
            text=text,
            recipients=RECIPIENTS[level],
            raised_at=now,
        ),
        _to_the_group(state, alert_id, level, people, text, now),
    ]


def _escalate(state: Dossier, step: Step, people: People, now: datetime) -> list[Event]:
    alert = _unanswered(state, step.node)
    text = alert_text(people, step.node, step.level, overdue=False)
    return [
        AlertEscalated(
            case_id=state.case_id,
            alert_id=alert.alert_id,
            level=step.level,
            text=text,
            recipients=RECIPIENTS[step.level],
        ),
        _to_the_group(state, alert.alert_id, step.level, people, text, now),
    ]


def _unanswered(state: Dossier, node: Node) -> Alert:
    return next(alert for alert in state.alerts.values() if alert.node_id == node.node_id and alert.level == "BLUE")


def _to_the_group(
    state: Dossier, alert_id: str, level: AlertLevel, people: People, text: str, now: datetime
) -> NotificationRequested:
    return NotificationRequested(
        case_id=state.case_id,
        notification_id=derived_id("note", alert_id, level),
        channel="WORK_GROUP",
        recipient=people.officer or _NOBODY,
        text=text,
        requested_at=now,
        mentioned=RECIPIENTS[level],
    )
