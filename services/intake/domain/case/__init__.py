"""`case/<id>`: the case's life from registration to closing (R-INT-27). The table below is its law."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from libs.schemas.envelope import Event
from libs.schemas.timers import TimerDue
from services.intake.domain.case import closing, control, copies, opening, papers
from services.intake.domain.case.state import Case, evolve

__all__ = ["Case", "decide", "evolve"]

LAW: Mapping[type, Callable[[Case, Any, datetime], Sequence[Event]]] = {
    opening.RegisterCase: opening.register,
    opening.TriageCase: opening.triage_case,
    opening.RecordInquiryResult: opening.record_inquiry,
    opening.AssignCase: opening.assign,
    copies.RecordDebt: copies.record_debt,
    copies.RecordControl: copies.record_control,
    copies.RecordPunishment: copies.record_punishment,
    copies.RecordOrderResult: copies.record_order_result,
    papers.BindDocumentNumber: papers.bind_number,
    papers.OrderPropertyReport: papers.order_report,
    papers.ReceivePropertyReport: papers.receive_report,
    TimerDue: papers.on_timer,
    control.IssueControlOrder: control.issue,
    closing.ProposeClosure: closing.propose,
    closing.DecideClosure: closing.decide_closure,
}
"""What each command does. Every one but the registration raises `CaseUnknown` on a case that is not registered."""


def decide(state: Case, command: Any, now: datetime) -> Sequence[Event]:
    """Return what follows from a command."""
    return LAW[type(command)](state, command, now)
