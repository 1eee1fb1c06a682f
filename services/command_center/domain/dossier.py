"""The dossier of a case: the set of what is known, and what the command centre has said about it so far."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TypeVar

from libs.schemas.command_center import (
    AlertAcknowledged,
    AlertEscalated,
    AlertLevel,
    AlertRaised,
    NodeDone,
    NodeDue,
    NodeNotApplicable,
    NodeOverdue,
    NotificationFailed,
    NotificationRequested,
    NotificationSent,
    Recipient,
    TimelineRecorded,
)
from libs.schemas.envelope import Event
from libs.schemas.parts import Due
from services.command_center.domain.node import Node
from services.command_center.domain.observation import Facts, Observation

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Alert:
    """An alert as it stands. `number` is its place among the dossier's alerts, from one."""

    alert_id: str
    number: int
    code: str
    level: AlertLevel
    node_id: str | None
    text: str
    recipients: tuple[str, ...]
    raised_at: datetime
    acknowledged_by: str | None = None


@dataclass(frozen=True, slots=True)
class Notification:
    """A message as it stands: REQUESTED, SENT or FAILED."""

    notification_id: str
    number: int
    channel: str
    recipient: Recipient
    text: str
    requested_at: datetime
    state: str = "REQUESTED"
    partner_reference: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Dossier:
    """The state of a `dossier/<case_id>` stream."""

    case_id: str = ""
    observations: Mapping[str, Observation] = field(default_factory=dict)
    nodes: Mapping[str, Node] = field(default_factory=dict)
    alerts: Mapping[str, Alert] = field(default_factory=dict)
    notifications: Mapping[str, Notification] = field(default_factory=dict)

    def facts(self) -> Facts:
        """Return what is known, in order."""
        return Facts(self.observations.values())


def evolve(state: Dossier, event: Event) -> Dossier:
    """Return the dossier after an event."""
    match event:
        case TimelineRecorded():
            known = _with(state.observations, event.source_event_id, _observation(event))
            return replace(state, case_id=event.case_id, observations=known)
        case NodeDue() | NodeDone() | NodeOverdue() | NodeNotApplicable():
            return replace(state, nodes=_with(state.nodes, event.node_id, _node(state, event)))
        case AlertRaised() | AlertEscalated() | AlertAcknowledged():
            return replace(state, alerts=_with(state.alerts, event.alert_id, _alert(state, event)))
        case NotificationRequested() | NotificationSent() | NotificationFailed():
            notifications = _with(state.notifications, event.notification_id, _notification(state, event))
            return replace(state, notifications=notifications)
        case _:
            return state


def _with(items: Mapping[str, T], key: str, item: T) -> dict[str, T]:
    return {**items, key: item}


def _observation(event: TimelineRecorded) -> Observation:
    return Observation(
        id=event.source_event_id,
        service=event.service,
        name=event.name,
        stream=event.stream,
        seq=event.seq,
        at=event.at,
        correlation_id=event.correlation_id,
        facts=event.facts,
    )


def _node(state: Dossier, event: NodeDue | NodeDone | NodeOverdue | NodeNotApplicable) -> Node:
    match event:
        case NodeDue():
            return Node(event.node_id, event.node_code, event.instance, event.subject, event.started_at, event.due)
        case NodeDone():
            done = state.nodes[event.node_id]
            return replace(done, done_at=event.done_at, evidence=event.evidence, void_reason=None, void_approver=None)
        case NodeOverdue():
            return replace(state.nodes[event.node_id], overdue=True)
        case NodeNotApplicable():
            return replace(state.nodes[event.node_id], void_reason=event.reason, void_approver=event.approver)


def _alert(state: Dossier, event: AlertRaised | AlertEscalated | AlertAcknowledged) -> Alert:
    match event:
        case AlertRaised():
            return Alert(
                alert_id=event.alert_id,
                number=len(state.alerts) + 1,
                code=event.code,
                level=event.level,
                node_id=event.node_id,
                text=event.text,
                recipients=tuple(event.recipients),
                raised_at=event.raised_at,
            )
        case AlertEscalated():
            alert = state.alerts[event.alert_id]
            return replace(alert, level=event.level, text=event.text, recipients=tuple(event.recipients))
        case AlertAcknowledged():
            return replace(state.alerts[event.alert_id], acknowledged_by=event.acknowledged_by)


def _notification(state: Dossier, event: NotificationRequested | NotificationSent | NotificationFailed) -> Notification:
    match event:
        case NotificationRequested():
            return Notification(
                notification_id=event.notification_id,
                number=len(state.notifications) + 1,
                channel=event.channel,
                recipient=event.recipient,
                text=event.text,
                requested_at=event.requested_at,
            )
        case NotificationSent():
            sent = state.notifications[event.notification_id]
            return replace(sent, state="SENT", partner_reference=event.partner_reference, reason=None)
        case NotificationFailed():
            return replace(state.notifications[event.notification_id], state="FAILED", reason=event.reason)


def due_event(case_id: str, node: Node) -> NodeDue:
    """Return the fact that a node runs."""
    return NodeDue(
        case_id=case_id,
        node_id=node.node_id,
        node_code=node.code,
        node_name=node.name,
        started_at=node.started_at,
        due=Due.model_validate(node.due.model_dump()),
        instance=node.instance,
        subject=node.subject,
    )
