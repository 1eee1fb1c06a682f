"""Facts of intake, payments and asset_inquiry about a case become our copy of it."""

from __future__ import annotations

from collections.abc import Iterable

from libs.bus import Dispatch, Message
from libs.schemas.asset_inquiry import ControlEffective, ControlPartlyEffective, ControlReleased
from libs.schemas.credit_blacklist import (
    CasefileBreachRecorded,
    CasefileClosed,
    CasefileControlRecorded,
    CasefileDebtRecorded,
    CasefileRecorded,
    CasefileSatisfied,
    CasefileWarned,
)
from libs.schemas.envelope import Event
from libs.schemas.intake import CaseClosed, CaseRegistered, DocumentServed, PropertyReportBreached
from libs.schemas.payments import DebtAssessed, DebtSatisfied
from services.credit_blacklist.domain.casefile import casefile_stream
from services.credit_blacklist.domain.casefile_law import Note


def noted(case_id: str, fact: Event, *, court: str | None = None) -> Dispatch:
    """Return the command that keeps a fact in our copy of its case."""
    return Dispatch(casefile_stream(case_id), Note(fact), court=court, key=case_id)


def on_case_registered(message: Message[CaseRegistered]) -> Iterable[Dispatch]:
    """A case is filed: its debtors may be listed and restricted from now on."""
    case = message.event
    record = CasefileRecorded(
        case_id=case.case_id,
        case_number=case.case_number,
        court=case.court,
        court_name=case.court_name,
        filed_on=case.filed_on,
        basis_number=case.basis.number,
        basis_authority=case.basis.issued_by,
        duty=case.basis.content,
        last_day_of_performance=case.basis.last_day_of_performance,
        principal_fen=case.claim_fen,
        applicants=case.applicants,
        debtors=case.debtors,
    )
    return [noted(case.case_id, record, court=case.court)]


def on_document_served(message: Message[DocumentServed]) -> Iterable[Dispatch]:
    """The enforcement notice carries the warning that whoever does not perform may be listed (R-CRB-06)."""
    served = message.event
    if served.kind != "ENFORCEMENT_NOTICE":
        return []
    warned = CasefileWarned(
        case_id=served.case_id,
        party_id=served.party.party_id,
        document_id=served.document_id,
        served_at=served.served_at,
    )
    return [noted(served.case_id, warned)]


def on_property_report_breached(message: Message[PropertyReportBreached]) -> Iterable[Dispatch]:
    """A debtor broke the duty to report property: what ground 4 rests on."""
    breach = message.event
    recorded = CasefileBreachRecorded(
        case_id=breach.case_id, party_id=breach.party_id, reason=breach.reason, breached_at=message.at
    )
    return [noted(breach.case_id, recorded)]


def on_debt_assessed(message: Message[DebtAssessed]) -> Iterable[Dispatch]:
    """What is owed now: assets that cover it bar ground 1 (R-CRB-03)."""
    debt = message.event
    recorded = CasefileDebtRecorded(case_id=debt.case_id, total_fen=debt.total_fen, source_seq=message.seq)
    return [noted(debt.case_id, recorded)]


def on_control_changed(
    message: Message[ControlEffective] | Message[ControlPartlyEffective] | Message[ControlReleased],
) -> Iterable[Dispatch]:
    """A measure holds an amount, or holds nothing any more."""
    control = message.event
    held = 0 if isinstance(control, ControlReleased) else control.controlled_fen
    recorded = CasefileControlRecorded(
        case_id=control.case_id,
        measure_id=control.measure_id,
        controlled_fen=held,
        source_seq=message.seq,
    )
    return [noted(control.case_id, recorded)]


def on_debt_satisfied(message: Message[DebtSatisfied]) -> Iterable[Dispatch]:
    """The debt is covered: the fact in our copy; what follows for the records is said by their own handlers."""
    paid = message.event
    return [noted(paid.case_id, CasefileSatisfied(case_id=paid.case_id, as_of=paid.as_of, satisfied_at=message.at))]


def on_case_closed(message: Message[CaseClosed]) -> Iterable[Dispatch]:
    """The case is closed in intake: the fact in our copy."""
    closed = message.event
    fact = CasefileClosed(case_id=closed.case_id, kind=closed.kind, closed_on=closed.closed_on)
    return [noted(closed.case_id, fact)]
