"""What a dossier decides: facts become a river, nodes and messages; time becomes alerts. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import reduce
from typing import Any

from libs.foundation.errors import NotFound, Refused, Rejected
from libs.foundation.ids import derived_id
from libs.schemas.command_center import (
    AlertAcknowledged,
    NodeDone,
    NodeNotApplicable,
    NotificationFailed,
    NotificationRequested,
    NotificationSent,
    TimelineRecorded,
)
from libs.schemas.envelope import Event
from libs.schemas.timers import TimerDue, TimerScheduled
from services.command_center.domain.commands import AcknowledgeAlert, NoteFailed, NoteSent, RecordFacts
from services.command_center.domain.dossier import Dossier, due_event, evolve
from services.command_center.domain.messages import completion_text
from services.command_center.domain.node import Node, following
from services.command_center.domain.nodes import assess
from services.command_center.domain.observation import Facts, Observation
from services.command_center.domain.people import people_of
from services.command_center.domain.sentences import told
from services.command_center.domain.watch import SETTLED, WATCH, Step, due_now, raised, rescheduled
from services.command_center.rules.alerts import ANNOUNCED_WITHIN, FUND_STAGES, LEVELS, SETTLE


class AlertTaken(Refused):
    """Somebody took the alert already."""

    code = "alert_taken"
    title = "The alert was acknowledged by somebody else"
    rule = "R-CMD-14"
    remedy = "Read the alert: it names who took it."


def decide(state: Dossier, command: Any, now: datetime) -> Sequence[Event]:
    """Return what follows from a command. Raises `AlertTaken`, and `NotFound` for an alert that is not there."""
    match command:
        case RecordFacts():
            return _record(state, command, now)
        case TimerDue():
            return _look(state, command, now)
        case AcknowledgeAlert():
            return _acknowledge(state, command, now)
        case NoteSent():
            if state.notifications[command.notification_id].state == "SENT":
                return []
            return [
                NotificationSent(
                    case_id=state.case_id,
                    notification_id=command.notification_id,
                    partner_reference=command.partner_reference,
                )
            ]
        case NoteFailed():
            if state.notifications[command.notification_id].state != "REQUESTED":
                return []
            return [
                NotificationFailed(
                    case_id=state.case_id, notification_id=command.notification_id, reason=command.reason
                )
            ]
        case _:
            raise Rejected(f"a dossier knows no {type(command).__name__}")


def after(state: Dossier, events: Iterable[Event]) -> Dossier:
    """Return the state after events; timers leave no trace in it."""
    return reduce(evolve, events, state)


def _record(state: Dossier, command: RecordFacts, now: datetime) -> list[Event]:
    fresh = {each.id: each for each in command.observations if each.id not in state.observations}
    if not fresh:
        return []
    events: list[Event] = [_entry(command.case_id, each) for each in sorted(fresh.values(), key=lambda one: one.order)]
    known = after(state, events)
    facts = known.facts()
    events += _node_events(known, assess(command.case_id, facts))
    assessed = after(known, events[len(fresh) :])
    events += _messages(state, assessed, facts, fresh, now)
    events += _fund_alerts(assessed, facts, fresh, now)
    return events + rescheduled(state, after(state, events), now)


def _entry(case_id: str, observation: Observation) -> TimelineRecorded:
    entry = told(observation, {})
    return TimelineRecorded(
        case_id=case_id,
        source_event_id=observation.id,
        service=observation.service,
        name=observation.name,
        stage=entry.stage,
        text=entry.text,
        at=observation.at,
        amount_fen=entry.amount_fen,
        correlation_id=observation.correlation_id,
        stream=observation.stream,
        seq=observation.seq,
        facts=dict(observation.facts),
    )


def _node_events(state: Dossier, assessed: dict[str, Node]) -> list[Event]:
    """Return what makes the nodes on record equal to the nodes as assessed."""
    events: list[Event] = []
    for node in sorted(assessed.values(), key=lambda each: (each.started_at, each.code, each.node_id)):
        old = state.nodes.get(node.node_id)
        if old is not None and old.plain() == node:
            continue
        began = old is None or (old.started_at, old.due) != (node.started_at, node.due)
        if began or (old is not None and not old.open and node.open):
            events.append(due_event(state.case_id, node))
        if node.done_at is not None:
            events.append(_done_event(state.case_id, node, assessed))
        elif node.void_reason is not None:
            events.append(
                NodeNotApplicable(
                    case_id=state.case_id,
                    node_id=node.node_id,
                    node_code=node.code,
                    node_name=node.name,
                    reason=node.void_reason,
                    approver=node.void_approver or "—",
                )
            )
    return events


def _done_event(case_id: str, node: Node, assessed: dict[str, Node]) -> NodeDone:
    assert node.done_at is not None
    ahead = following(assessed, [node])
    return NodeDone(
        case_id=case_id,
        node_id=node.node_id,
        node_code=node.code,
        node_name=node.name,
        done_at=node.done_at,
        evidence=node.evidence,
        in_time=node.in_time,
        next_node=ahead.kind.name if ahead else None,
        next_due_at=ahead.due.due_at if ahead else None,
    )


def _messages(
    before: Dossier, assessed: Dossier, facts: Facts, fresh: dict[str, Observation], now: datetime
) -> list[Event]:
    """Return one message per person for all kinds of node that these facts completed (R-CMD-12).

    A kind with several nodes is completed when none of them is open. What was completed long ago is announced to
    nobody: the deadline named as the next would be stale.
    """
    people = people_of(facts)
    completed = [
        node
        for node in assessed.nodes.values()
        if node.done_at is not None
        and now - node.done_at <= ANNOUNCED_WITHIN
        and (node.node_id not in before.nodes or before.nodes[node.node_id].open)
        and not any(other.open for other in assessed.nodes.values() if other.code == node.code)
    ]
    if not people.case_number or not completed:
        return []
    text = completion_text(people, completed, following(assessed.nodes, completed))
    cause = min(fresh)
    return [
        NotificationRequested(
            case_id=assessed.case_id,
            notification_id=derived_id("note", assessed.case_id, cause, one.recipient_id),
            channel="SMS_12368",
            recipient=one,
            text=text,
            requested_at=now,
        )
        for one in people.told
    ]


def _fund_alerts(assessed: Dossier, facts: Facts, fresh: dict[str, Observation], now: datetime) -> list[Event]:
    """Return the alerts for money that payments says is overdue, unless the news is old or the money is out."""
    events: list[Event] = []
    for overdue in fresh.values():
        if overdue.key != "payments.fund_overdue" or now - overdue.at > ANNOUNCED_WITHIN:
            continue
        level = FUND_STAGES[str(overdue.facts["stage"])]
        for node in assessed.nodes.values():
            if node.code == "35" and node.open and node.instance == overdue.facts["incoming_id"]:
                known = [alert.level for alert in assessed.alerts.values() if alert.node_id == node.node_id]
                if all(LEVELS.index(level) > LEVELS.index(one) for one in known):
                    events += raised(assessed, Step(now, node, "RAISE", level), people_of(facts), now)
    return events


def _look(state: Dossier, command: TimerDue, now: datetime) -> list[Event]:
    """Act on what is due; a timer that fires late is given time first, for we may have been away (see `SETTLE`)."""
    if command.timer == WATCH and now - command.due_at > SETTLE:
        return [TimerScheduled(timer=SETTLED, due_at=now + SETTLE)]
    events = due_now(state, now)
    return events + rescheduled(state, after(state, events), now)


def _acknowledge(state: Dossier, command: AcknowledgeAlert, now: datetime) -> list[Event]:
    alert = state.alerts.get(command.alert_id)
    if alert is None:
        raise NotFound
    if alert.acknowledged_by == command.acknowledged_by:
        return []
    if alert.acknowledged_by is not None:
        raise AlertTaken(field="alert_id")
    events: list[Event] = [
        AlertAcknowledged(case_id=state.case_id, alert_id=command.alert_id, acknowledged_by=command.acknowledged_by)
    ]
    return events + rescheduled(state, after(state, events), now)
