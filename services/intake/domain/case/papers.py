"""Documents get their number in the case; the property report order starts the debtor's clock (R-INT-04, R-INT-16)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from libs.foundation.case_number import chinese_numeral
from libs.foundation.errors import Refused
from libs.schemas.envelope import Event
from libs.schemas.intake import (
    DocumentNumberBound,
    PropertyReportBreached,
    PropertyReportOrdered,
    PropertyReportReceived,
)
from libs.schemas.parts import DocumentKind
from libs.schemas.timers import TimerCancelled, TimerDue, TimerScheduled
from services.intake.domain.case.state import Case
from services.intake.domain.refusals import CaseAccountPending, PropertyReportNotOrdered
from services.intake.rules.periods import report_due

RULINGS: frozenset[DocumentKind] = frozenset({"FREEZE_RULING", "DEDUCTION_RULING", "RELEASE_RULING"})
"""Rulings are counted within the case, 之一, 之二 …; notices carry the case's own number."""

RULINGS_MAX = 99

NAMES_THE_ACCOUNT: frozenset[DocumentKind] = frozenset({"ENFORCEMENT_NOTICE", "ASSISTANCE_DEDUCTION_NOTICE"})
"""Papers that tell where money goes: the case's own account and no other (R-PAY-01)."""

REPORT_TIMER = "property_report/"


class RulingsExhausted(Refused):
    """The pattern of document numbers ends at 九十九."""

    code = "rulings_exhausted"
    title = "The case has no further numbers for rulings"
    rule = "R-INT-04"


class AlreadyReported(Refused):
    """The debtor's report stands on record."""

    code = "property_report_on_record"
    title = "The debtor's property report is on record"
    rule = "R-INT-16"


@dataclass(frozen=True, slots=True)
class BindDocumentNumber:
    """Give a document that the acting officer drafts its number."""

    document_id: str
    kind: DocumentKind
    drafted_by: str


@dataclass(frozen=True, slots=True)
class OrderPropertyReport:
    """Start a debtor's clock: the property report order was served."""

    party_id: str
    document_id: str
    served_at: datetime


@dataclass(frozen=True, slots=True)
class ReceivePropertyReport:
    """Record a debtor's report: which categories it covers; its content stays in the paper."""

    party_id: str
    report_id: str
    categories: tuple[str, ...]
    recorded_by: str


def bind_number(state: Case, command: BindDocumentNumber, now: datetime) -> Sequence[Event]:  # noqa: ARG001 -- a decider's shape
    """Return the document's number. A paper that states the case account waits until there is one (R-INT-15)."""
    registered = state.require_acting(command.drafted_by)
    if command.kind in NAMES_THE_ACCOUNT and (state.debt is None or state.debt.account is None):
        raise CaseAccountPending
    number = registered.case_number
    if command.kind in RULINGS:
        count = 1 + sum(document.kind in RULINGS for document in state.documents)
        if count > RULINGS_MAX:
            raise RulingsExhausted
        number = f"{number}之{chinese_numeral(count)}"
    return [
        DocumentNumberBound(
            case_id=registered.case_id,
            document_id=command.document_id,
            kind=command.kind,
            number=number,
            drafted_by=command.drafted_by,
        )
    ]


def order_report(state: Case, command: OrderPropertyReport, now: datetime) -> Sequence[Event]:  # noqa: ARG001 -- as above
    """Return the order with its due date and the timer that watches it, or nothing if it runs already."""
    registered = state.registered
    if state.closed is not None or state.report(command.party_id) is not None:
        return []
    if all(party.party_id != command.party_id for party in registered.debtors):
        return []
    due = report_due(command.served_at)
    return [
        PropertyReportOrdered(
            case_id=registered.case_id, party_id=command.party_id, document_id=command.document_id, due=due
        ),
        TimerScheduled(timer=REPORT_TIMER + command.party_id, due_at=due.due_at),
    ]


def receive_report(state: Case, command: ReceivePropertyReport, now: datetime) -> Sequence[Event]:
    """Return the receipt; a late report is a breach of its own (R-INT-16), however late the timer fired."""
    registered = state.require_acting(command.recorded_by)
    report = state.report(state.debtor(command.party_id).party_id)
    if report is None:
        raise PropertyReportNotOrdered
    if report.received is not None:
        raise AlreadyReported
    in_time = now < report.ordered.due.due_at
    events: list[Event] = [
        PropertyReportReceived(
            case_id=registered.case_id,
            party_id=command.party_id,
            report_id=command.report_id,
            categories=command.categories,
            in_time=in_time,
        )
    ]
    if report.breached is None:
        if not in_time:
            breach = PropertyReportBreached(case_id=registered.case_id, party_id=command.party_id, reason="LATE")
            events.append(breach)
        events.append(TimerCancelled(timer=REPORT_TIMER + command.party_id))
    return events


def on_timer(state: Case, command: TimerDue, now: datetime) -> Sequence[Event]:
    """Return the breach if the report of the timer's debtor is still missing after the last day."""
    report = state.report(command.timer.removeprefix(REPORT_TIMER))
    if report is None or state.closed is not None or report.received is not None or report.breached is not None:
        return []
    if now < report.ordered.due.due_at:
        return []
    return [
        PropertyReportBreached(
            case_id=state.registered.case_id, party_id=report.ordered.party_id, reason="NOT_REPORTED"
        )
    ]
