"""Facts of `command_center`: every deadline, alert and notification. A pure subscriber: nobody waits for it."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from libs.schemas.envelope import Event, Fact, Fen, Instant
from libs.schemas.parts import Due

AlertLevel = Literal["BLUE", "YELLOW", "ORANGE", "RED"]
"""蓝、黄、橙、红 (R-CMD-14)."""

RecipientKind = Literal["CASE_OFFICER", "APPLICANT", "LEADER", "NODE_SUPERVISOR", "BUREAU_HEAD", "PRESIDENT"]


class TimelineRecorded(Event, name="timeline_recorded"):
    """One fact of another service, put into the river of the case with a sentence that people read.

    `stream` and `seq` say where the fact stands in its service's journal; `facts` are those of its fields that nodes
    and figures are counted from, so that the dossier can be folded again from its own journal alone.
    """

    case_id: str
    source_event_id: str
    service: str
    name: str
    stage: str
    text: str
    at: Instant
    amount_fen: Fen | None = None
    correlation_id: str
    stream: str = ""
    seq: int = 0
    facts: dict[str, Any] = Field(default_factory=dict)


class NodeDue(Event, name="node_due"):
    """A process node (流程节点) began to run; its deadline and why it is that date (R-CMD-10, R-CMD-11).

    `instance` tells several of a kind apart, `subject` says what each is about. Said again, it replaces what was said.
    """

    case_id: str
    node_id: str
    node_code: str
    node_name: str
    started_at: Instant
    due: Due
    instance: str = ""
    subject: str = ""


class NodeDone(Event, name="node_done"):
    """The node was completed; what proves it is named (R-CMD-11)."""

    case_id: str
    node_id: str
    node_code: str
    node_name: str
    done_at: Instant
    evidence: tuple[str, ...]
    in_time: bool
    next_node: str | None = None
    next_due_at: Instant | None = None


class NodeOverdue(Event, name="node_overdue"):
    """The node's deadline passed without completion."""

    case_id: str
    node_id: str
    node_code: str
    node_name: str
    due_at: Instant


class NodeNotApplicable(Event, name="node_not_applicable"):
    """The node will not be passed any more; why, and who decided what makes it so (R-CMD-11)."""

    case_id: str
    node_id: str
    node_code: str
    node_name: str
    reason: str
    approver: str


class AlertRaised(Event, name="alert_raised"):
    """Somebody must look: the rule's code, the level, the text as it is sent (R-CMD-13, R-CMD-14)."""

    case_id: str
    alert_id: str
    code: Literal["NEAR_DEADLINE", "FUND_OVERDUE", "OVERDUE"]
    level: AlertLevel
    node_id: str | None = None
    text: str
    recipients: tuple[RecipientKind, ...]
    raised_at: Instant


class AlertEscalated(Event, name="alert_escalated"):
    """An alert that nobody took was raised to the next level (R-CMD-14)."""

    case_id: str
    alert_id: str
    level: AlertLevel
    text: str
    recipients: tuple[RecipientKind, ...]


class AlertAcknowledged(Event, name="alert_acknowledged"):
    """A person took the alert."""

    case_id: str
    alert_id: str
    acknowledged_by: str


class Recipient(Fact):
    """Who is told: an officer or a party by id; numbers are looked up when the message is sent."""

    kind: RecipientKind
    recipient_id: str
    display_name: str


class NotificationRequested(Event, name="notification_requested"):
    """A message is to be sent through a channel; this event's id is the partner's idempotency reference."""

    case_id: str
    notification_id: str
    channel: Literal["SMS_12368", "WORK_GROUP"]
    recipient: Recipient
    text: str
    requested_at: Instant
    mentioned: tuple[RecipientKind, ...] = ()


class NotificationSent(Event, name="notification_sent"):
    """The partner took the message."""

    case_id: str
    notification_id: str
    partner_reference: str


class NotificationFailed(Event, name="notification_failed"):
    """The partner refused the message, or nobody can say whether it was sent."""

    case_id: str
    notification_id: str
    reason: str


# --- copies for our own decisions, never published -------------------------------------------------------------------


class FilingNoted(Event, name="filing_noted"):
    """A fact about an application that has no case yet; it joins the dossier when the case is known."""

    application_id: str
    source_event_id: str
    service: str
    name: str
    stream: str
    seq: int
    at: Instant
    correlation_id: str
    facts: dict[str, Any] = Field(default_factory=dict)


class FilingBound(Event, name="filing_bound"):
    """The application became this case: its facts belong to that dossier."""

    application_id: str
    case_id: str


class ContactRecorded(Event, name="contact_recorded"):
    """Our copy of where an officer or a party can be reached."""

    contact_id: str
    name: str
    phone: str | None = None
    source_seq: int
