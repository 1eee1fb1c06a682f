"""The state of `case/<id>`: what was registered, what was decided, and copies of other services' facts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from libs.schemas.envelope import Event
from libs.schemas.intake import (
    CaseAssigned,
    CaseClosed,
    CaseRegistered,
    CaseTriaged,
    ClosureApproved,
    ClosureProposed,
    ClosureRejected,
    ControlOrderIssued,
    ControlOrderResultRecorded,
    ControlPositionRecorded,
    DebtPositionRecorded,
    DocumentNumberBound,
    FilingReceiptIssued,
    InquiryResultRecorded,
    PropertyReportBreached,
    PropertyReportOrdered,
    PropertyReportReceived,
    PunishmentPositionRecorded,
    Staff,
)
from libs.schemas.parts import PartyRef
from services.intake.domain.refusals import CaseIsClosed, CaseUnknown, NotTheActingOfficer, PartyNotInCase

CaseStatus = Literal["FILED", "TRIAGED", "ASSIGNED", "IN_PROGRESS", "CLOSED"]


@dataclass(frozen=True, slots=True)
class Report:
    """One debtor's duty to report property."""

    ordered: PropertyReportOrdered
    received: PropertyReportReceived | None = None
    breached: PropertyReportBreached | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """A control order and what the final check of asset_inquiry said."""

    issued: ControlOrderIssued
    result: ControlOrderResultRecorded | None = None

    @property
    def counts(self) -> bool:
        """Whether it may still take effect or did: everything but a refused order."""
        return self.result is None or self.result.accepted


@dataclass(frozen=True, slots=True)
class Closure:
    """A proposal to close and what the approver said."""

    proposed: ClosureProposed
    decided: ClosureApproved | ClosureRejected | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """A case as of its last event."""

    registration: CaseRegistered | None = None
    receipt: str | None = None
    triage: CaseTriaged | None = None
    assignment: CaseAssigned | None = None
    acted_since_assignment: bool = False
    inquiry: InquiryResultRecorded | None = None
    debt: DebtPositionRecorded | None = None
    measures: tuple[ControlPositionRecorded, ...] = ()
    punishments: tuple[PunishmentPositionRecorded, ...] = ()
    orders: tuple[Order, ...] = ()
    documents: tuple[DocumentNumberBound, ...] = ()
    reports: tuple[Report, ...] = ()
    closures: tuple[Closure, ...] = ()
    closed: CaseClosed | None = None

    @property
    def registered(self) -> CaseRegistered:
        """The registration. Raises `CaseUnknown`."""
        if self.registration is None:
            raise CaseUnknown
        return self.registration

    @property
    def status(self) -> CaseStatus:
        """Where the case stands in its life (R-INT-27)."""
        if self.closed is not None:
            return "CLOSED"
        if self.assignment is not None:
            return "IN_PROGRESS" if self.acted_since_assignment else "ASSIGNED"
        return "FILED" if self.triage is None else "TRIAGED"

    @property
    def acting_officer(self) -> Staff:
        """The case officer; until assignment the duty officer of the command centre."""
        return self.assignment.case_officer if self.assignment else self.registered.acting_officer

    @property
    def acting_leader(self) -> Staff:
        """The team leader; until assignment the duty leader of the command centre."""
        return self.assignment.team_leader if self.assignment else self.registered.acting_leader

    def require_open(self) -> CaseRegistered:
        """Return the registration of an open case. Raises `CaseUnknown`, `CaseIsClosed`."""
        registered = self.registered
        if self.closed is not None:
            raise CaseIsClosed
        return registered

    def require_acting(self, person: str) -> CaseRegistered:
        """Return the registration if `person` acts in this open case. Raises `NotTheActingOfficer`."""
        if person != self.acting_officer.officer_id:
            raise NotTheActingOfficer(acting_officer=self.acting_officer.officer_id)
        return self.require_open()

    def party(self, party_id: str) -> PartyRef:
        """Return a party of the case. Raises `PartyNotInCase` (R-GEN-06)."""
        for party in (*self.registered.applicants, *self.registered.debtors):
            if party.party_id == party_id:
                return party
        raise PartyNotInCase

    def debtor(self, party_id: str) -> PartyRef:
        """Return a debtor of the case. Raises `PartyNotInCase`: no measure against one who owes nothing here."""
        for party in self.registered.debtors:
            if party.party_id == party_id:
                return party
        raise PartyNotInCase

    def measure(self, request_number: str | None, sequence: int | None) -> ControlPositionRecorded | None:
        """Return the measure that an order names by original request and item."""
        return next((one for one in self.measures if is_named(one, request_number, sequence)), None)

    def report(self, party_id: str) -> Report | None:
        """Return a debtor's duty to report, if it was ordered."""
        return next((report for report in self.reports if report.ordered.party_id == party_id), None)

    def closure(self, closure_id: str) -> Closure | None:
        """Return a proposal to close."""
        return next((item for item in self.closures if item.proposed.closure_id == closure_id), None)

    @property
    def pending_closure(self) -> Closure | None:
        """The proposal that waits for its approver."""
        return next((closure for closure in self.closures if closure.decided is None), None)


def is_named(measure: ControlPositionRecorded, request_number: str | None, sequence: int | None) -> bool:
    """Return whether request and item name this measure: by the number it was asked under, or was asked again under."""
    numbers = {measure.request_number, measure.reissued_as} - {None}
    return request_number in numbers and sequence == measure.sequence


def evolve(state: Case, event: Event) -> Case:
    """Return the case after a fact."""
    match event:
        case CaseRegistered():
            return replace(state, registration=event)
        case FilingReceiptIssued():
            return replace(state, receipt=event.receipt)
        case CaseTriaged():
            return replace(state, triage=event)
        case CaseAssigned():
            return replace(state, assignment=event)
        case InquiryResultRecorded():
            return replace(state, inquiry=event)
        case DebtPositionRecorded():
            return replace(state, debt=event)
        case ControlPositionRecorded():
            others = tuple(measure for measure in state.measures if measure.measure_id != event.measure_id)
            return replace(state, measures=(*others, event))
        case PunishmentPositionRecorded():
            records = tuple(one for one in state.punishments if one.record_id != event.record_id)
            return replace(state, punishments=(*records, event))
        case DocumentNumberBound():
            return replace(state, documents=(*state.documents, event), acted_since_assignment=_acted(state))
        case ControlOrderIssued():
            return replace(state, orders=(*state.orders, Order(event)), acted_since_assignment=_acted(state))
        case ControlOrderResultRecorded():
            orders = tuple(
                replace(order, result=event) if order.issued.control_order_id == event.control_order_id else order
                for order in state.orders
            )
            return replace(state, orders=orders)
    return _evolve_reports_and_end(state, event)


def _acted(state: Case) -> bool:
    return state.assignment is not None


def _evolve_reports_and_end(state: Case, event: Event) -> Case:
    match event:
        case PropertyReportOrdered():
            return replace(state, reports=(*state.reports, Report(event)))
        case PropertyReportReceived():
            return replace(state, reports=_reported(state, event.party_id, received=event))
        case PropertyReportBreached():
            return replace(state, reports=_reported(state, event.party_id, breached=event))
        case ClosureProposed():
            return replace(state, closures=(*state.closures, Closure(event)))
        case ClosureApproved() | ClosureRejected():
            closures = tuple(
                replace(closure, decided=event) if closure.proposed.closure_id == event.closure_id else closure
                for closure in state.closures
            )
            return replace(state, closures=closures)
        case CaseClosed():
            return replace(state, closed=event)
    return state


def _reported(
    state: Case,
    party_id: str,
    *,
    received: PropertyReportReceived | None = None,
    breached: PropertyReportBreached | None = None,
) -> tuple[Report, ...]:
    return tuple(
        replace(report, received=received or report.received, breached=breached or report.breached)
        if report.ordered.party_id == party_id
        else report
        for report in state.reports
    )
