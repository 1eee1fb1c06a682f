"""The final check of a control order: what the law asks before an agency is told to act. Nothing is sent twice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from libs.foundation.court_calendar import court_day
from libs.foundation.errors import Refused
from libs.foundation.ids import derived_id
from libs.schemas.asset_inquiry import (
    AssetRecorded,
    CaseRecorded,
    ControlOrderAccepted,
    ControlOrderDeferred,
    ControlOrderReceived,
    ControlOrderRefused,
    ControlRequested,
    DeductionRequested,
    OrderTerms,
    PlannedControl,
    RequestItem,
)
from libs.schemas.envelope import Event
from libs.schemas.intake import ControlOrderIssued
from libs.schemas.parts import CaseAccountRef
from services.asset_inquiry.domain.controls import ControlsState
from services.asset_inquiry.domain.copies import OfficersCopy, PaperCopy
from services.asset_inquiry.domain.enclosures import enclosed_papers, named_officers
from services.asset_inquiry.domain.inquiry import Capability, request_number
from services.asset_inquiry.domain.order_items import CheckedItem, checked_items
from services.asset_inquiry.domain.refusals import (
    CaseAccountMissing,
    CaseClosed,
    DebtNotAssessed,
    OfficersNotFiled,
    OverAttachment,
    PapersMissing,
    SamePersonApproved,
    SubjectNotDebtor,
    TermTooLong,
)
from services.asset_inquiry.rules.limits import Wanted, exceeds, free_fen
from services.asset_inquiry.rules.terms import latest_end, years_max


@dataclass(frozen=True, slots=True)
class DecideOrder:
    """Decide this order of intake with what we know: case, papers, roster, the agencies' capabilities, the assets."""

    order: ControlOrderIssued
    case: CaseRecorded
    papers: Mapping[str, PaperCopy]
    roster: OfficersCopy
    agencies: Mapping[str, Capability]
    assets: Mapping[str, AssetRecorded]


@dataclass(frozen=True, slots=True)
class ReceiveOrder:
    """Intake issued this order."""

    order: ControlOrderIssued


def receive_order(state: ControlsState, command: ReceiveOrder) -> Sequence[Event]:
    """Return that the order is here. The check follows from this fact, so that it can wait and hold nobody up."""
    order = command.order
    if order.control_order_id in state.orders:
        return ()
    return (
        ControlOrderReceived(
            case_id=order.case_id, control_order_id=order.control_order_id, kind=order.kind, order=order
        ),
    )


def decide_order(state: ControlsState, command: DecideOrder, now: datetime) -> Sequence[Event]:
    """Return the accepted (or deferred) order with what it asks for, or the refusal as a fact: it is an answer."""
    order = command.order
    known = state.orders.get(order.control_order_id)
    if known is not None and (known.state != "PENDING" or order.control_order_id in state.waiting):
        return ()
    try:
        return _accepted(state, command, now)
    except Refused as refusal:
        if refusal.retryable:
            raise
        return (
            ControlOrderRefused(
                case_id=order.case_id,
                control_order_id=order.control_order_id,
                kind=order.kind,
                code=refusal.code,
                reason=refusal.detail,
                rule=refusal.rule,
            ),
        )


def _accepted(state: ControlsState, command: DecideOrder, now: datetime) -> Sequence[Event]:
    order = command.order
    _check_people(command)
    papers = enclosed_papers(order.kind, command.papers, order.case_id)
    named = {paper.document_id: paper.sha256 for paper in order.papers}
    if any(named.get(paper.document_id) != paper.sha256 for paper in papers):
        raise PapersMissing("A paper is not the one that was approved: its hash differs.")
    officers = named_officers([officer.officer_id for officer in order.officers], command.roster)
    today = court_day(now)
    items = checked_items(state, order, command.agencies, command.assets, today)
    if order.kind == "FREEZE":
        _check_limit(state, items)
    term_from, term_to = _term(order, items, today)
    terms = OrderTerms(
        case_number=order.case_number,
        debtor=order.debtor,
        papers=papers,
        officers=officers,
        requested_by=order.requested_by,
        term_from=term_from,
        term_to=term_to,
        case_account=_account_of(order),
        remainder=order.remainder or ("KEEP" if order.kind == "DEDUCT" else None),
    )
    planned = _planned(order, items, now)
    measure_ids = tuple(item.measure_id for item in items)
    waits_for = tuple(deduction for item in items for deduction in item.waits_for)
    if order.kind == "RELEASE" and waits_for:
        return (
            ControlOrderDeferred(
                case_id=order.case_id,
                control_order_id=order.control_order_id,
                kind=order.kind,
                measure_ids=measure_ids,
                waits_for=waits_for,
                terms=terms,
                planned=planned,
            ),
        )
    accepted = ControlOrderAccepted(
        case_id=order.case_id,
        control_order_id=order.control_order_id,
        kind=order.kind,
        measure_ids=measure_ids,
        terms=terms,
        planned=planned,
    )
    return (accepted, *_asked(order, items, planned, terms))


def _account_of(order: ControlOrderIssued) -> CaseAccountRef | None:
    return order.case_account if order.kind == "DEDUCT" else None


def _check_people(command: DecideOrder) -> None:
    order, case = command.order, command.case
    if not case.is_open and order.kind != "RELEASE":
        raise CaseClosed
    if order.debtor.party_id not in {debtor.party_id for debtor in case.debtors}:
        raise SubjectNotDebtor
    if order.requested_by == order.approved_by:
        raise SamePersonApproved
    if order.requested_by not in command.roster.filed():
        raise OfficersNotFiled("Who asks is not filed with the agencies.")
    if order.kind == "DEDUCT" and order.case_account is None:
        raise CaseAccountMissing


def _check_limit(state: ControlsState, items: Sequence[CheckedItem]) -> None:
    if state.limit_fen is None:
        raise DebtNotAssessed
    wanted = tuple(Wanted(item.asset_class, item.amount_fen) for item in items)
    if exceeds(state.limit_fen, state.counted_fen, wanted):
        asked = sum(item.amount_fen for item in items)
        free = free_fen(state.limit_fen, state.counted_fen)
        raise OverAttachment(
            f"{asked} fen are asked for; {state.counted_fen} of {state.limit_fen} fen are attached, {free} are free.",
            free_fen=free,
        )


def _term(order: ControlOrderIssued, items: Sequence[CheckedItem], today: date) -> tuple[date | None, date | None]:
    """Return the term of a freeze or renewal: as ordered, or as long as the law allows (R-INQ-10)."""
    if order.kind not in {"FREEZE", "RENEW"}:
        return None, None
    ends = [item.ends_on for item in items if item.ends_on is not None]
    if order.kind == "RENEW" and ends and min(ends) < today:
        raise TermTooLong("The old term is over: what lapsed cannot be renewed (SZ Art 27).")
    begins = order.term_from or (min(ends) + timedelta(days=1) if order.kind == "RENEW" and ends else today)
    latest = min(latest_end(begins, years_max(item.asset_class, begins)) for item in items)
    ending = order.term_to or latest
    if not begins <= ending <= latest:
        raise TermTooLong(f"From {begins} the term ends on {latest} at the latest.", latest=latest.isoformat())
    return begins, ending


def _planned(order: ControlOrderIssued, items: Sequence[CheckedItem], now: datetime) -> tuple[PlannedControl, ...]:
    """Return one request per agency, each with all its items: an agency sees an order once."""
    by_agency: dict[str, list[RequestItem]] = {}
    for item in items:
        by_agency.setdefault(item.agency_id, []).append(item.request_item(order))
    planned = []
    for agency_id, own in by_agency.items():
        request_id = derived_id("req", order.control_order_id, agency_id)
        number = request_number("KZ", request_id, now)
        planned.append(
            PlannedControl(request_id=request_id, request_number=number, agency_id=agency_id, items=tuple(own))
        )
    return tuple(planned)


def _asked(
    order: ControlOrderIssued, items: Sequence[CheckedItem], planned: Sequence[PlannedControl], terms: OrderTerms
) -> Sequence[Event]:
    numbers = {request.agency_id: request.request_number for request in planned}
    if order.kind == "FREEZE":
        return [
            ControlRequested(
                case_id=order.case_id,
                measure_id=item.measure_id,
                control_order_id=order.control_order_id,
                agency_id=item.agency_id,
                asset_id=item.asset_id,
                request_number=numbers[item.agency_id],
                sequence=item.sequence,
                requested_limit_fen=item.amount_fen,
                asset_class=item.asset_class,
                term_from=terms.term_from,
                term_to=terms.term_to,
            )
            for item in items
        ]
    if order.kind == "DEDUCT" and terms.case_account is not None:
        return [
            DeductionRequested(
                case_id=order.case_id,
                measure_id=item.measure_id,
                deduction_id=item.deduction_id(order.control_order_id),
                control_order_id=order.control_order_id,
                agency_id=item.agency_id,
                request_number=numbers[item.agency_id],
                sequence=item.sequence,
                amount_fen=item.amount_fen,
                case_account=terms.case_account,
            )
            for item in items
        ]
    return []
