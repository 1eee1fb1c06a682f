"""Control orders: the final check, requests for what was accepted, and what answers and money make of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from libs.bus import Dispatch, Message
from libs.foundation.errors import Transient
from libs.journal import NATIONAL, Journal
from libs.schemas.asset_inquiry import (
    AssetRecorded,
    CaseRecorded,
    ControlOrderAccepted,
    ControlOrderReceived,
    OrderTerms,
    PlannedControl,
    ReplyReceived,
    RequestCancelled,
    RequestIssued,
    RequestReturned,
)
from libs.schemas.intake import ControlOrderIssued
from libs.schemas.payments import AccountCredited, DebtAssessed
from services.asset_inquiry.deciders import (
    agency_stream,
    asset_stream,
    case_stream,
    controls_stream,
    officers_stream,
    paper_stream,
)
from services.asset_inquiry.domain.agency import AgencyState
from services.asset_inquiry.domain.control_answers import ConfirmDeduction, RecordLimit, TakeAnswers, TakeReturn
from services.asset_inquiry.domain.controls import ControlsState
from services.asset_inquiry.domain.copies import AssetCopy, CaseCopy, OfficersCopy, PaperCopy
from services.asset_inquiry.domain.inquiry import Capability
from services.asset_inquiry.domain.orders import DecideOrder, ReceiveOrder
from services.asset_inquiry.issuing import Issuing
from services.asset_inquiry.rules.deadlines import reply_due
from services.asset_inquiry.rules.measures import AGENCY_PAPERS


def on_control_order_issued(message: Message[ControlOrderIssued]) -> Iterable[Dispatch]:
    """Intake's order is here; its check comes next."""
    order = message.event
    return [Dispatch(controls_stream(order.case_id), ReceiveOrder(order), key=order.case_id)]


def on_debt_assessed(message: Message[DebtAssessed]) -> Iterable[Dispatch]:
    """So much may be frozen in the case (R-INQ-20)."""
    debt = message.event
    command = RecordLimit(debt.case_id, debt.total_fen, debt.as_of, message.seq)
    return [Dispatch(controls_stream(debt.case_id), command, key=debt.case_id)]


def on_account_credited(message: Message[AccountCredited]) -> Iterable[Dispatch]:
    """Money arrived. If it carries a deduction's payment reference, that deduction is confirmed, and only so."""
    credit = message.event
    if credit.payment_reference is None:
        return []
    command = ConfirmDeduction(credit.payment_reference, credit.amount_fen)
    return [Dispatch(controls_stream(credit.case_id), command, key=credit.case_id)]


class ControlHandlers:
    """The process manager of controls."""

    def __init__(self, journal: Journal, issuing: Issuing) -> None:
        """Read from this journal; requests are signed by `issuing`."""
        self._journal = journal
        self._issuing = issuing

    async def on_control_order_received(self, message: Message[ControlOrderReceived]) -> Iterable[Dispatch]:
        """The final check. Copies that are still on the way are waited for, never taken as missing.

        It follows our own fact, on our own topic: waiting on intake's topic would wait for facts behind the order.
        """
        order = message.event.order
        controls: ControlsState = (await self._journal.fold(controls_stream(order.case_id), court=None)).state
        if order.kind == "FREEZE" and controls.limit_fen is None:
            raise Transient(f"the debt of {order.case_id} has not been assessed yet")
        asset_ids = {item.asset_id for item in order.items} | {
            measure.asset_id for measure in controls.measures.values()
        }
        command = DecideOrder(
            order=order,
            case=await self._case(order.case_id),
            papers=await self._papers(order),
            roster=await self._roster(message.court),
            agencies=await self._agencies({item.agency_id for item in order.items}),
            assets=await self._assets(asset_ids),
        )
        return [Dispatch(controls_stream(order.case_id), command, key=order.case_id)]

    async def on_control_order_accepted(self, message: Message[ControlOrderAccepted]) -> Iterable[Dispatch]:
        """Every agency concerned gets one signed request with all its items."""
        order = message.event
        dispatches: list[Dispatch] = []
        for planned in order.planned:
            if order.terms is not None:
                draft = await self._control_request(message, order.terms, planned)
                dispatches += await self._issuing.dispatches(draft, message.court)
        return dispatches

    async def _control_request(
        self, message: Message[ControlOrderAccepted], terms: OrderTerms, planned: PlannedControl
    ) -> RequestIssued:
        order = message.event
        agency = await self._issuing.agency(planned.agency_id)
        due = reply_due(agency.kind, "NORMAL", message.at)
        return RequestIssued(
            request_id=planned.request_id,
            request_number=planned.request_number,
            batch_number=order.control_order_id,
            kind=order.kind,
            agency_id=planned.agency_id,
            case_id=order.case_id,
            case_number=terms.case_number,
            control_order_id=order.control_order_id,
            subject=terms.debtor,
            items=planned.items,
            papers=terms.papers,
            officers=terms.officers,
            urgency="NORMAL",
            answer_due_at=due.due_at,
            answer_rule=due.rule,
            term_from=terms.term_from,
            term_to=terms.term_to,
            case_account=terms.case_account,
            remainder=terms.remainder,
            root_request_id=planned.request_id,
            issued_at=message.at,
            content_sha256="",
            signature="",
        )

    def on_control_reply(self, message: Message[ReplyReceived], request: RequestIssued) -> Iterable[Dispatch]:
        """What an agency booked, refused, lifted or deducted settles the measures, item by item."""
        return [
            Dispatch(controls_stream(request.case_id), TakeAnswers(request, message.event.answers), key=request.case_id)
        ]

    def on_control_returned(self, message: Message[RequestReturned], request: RequestIssued) -> Iterable[Dispatch]:
        """A control came back for good. What sending again might still cure waits for an officer instead."""
        if request.kind == "INQUIRY" or message.event.retryable:
            return []
        command = TakeReturn(request, message.event.code, message.event.text)
        return [Dispatch(controls_stream(request.case_id), command, key=request.case_id)]

    def on_control_given_up(self, message: Message[RequestCancelled], request: RequestIssued) -> Iterable[Dispatch]:
        """The officer's decision settles the items as the agency's refusal would."""
        command = TakeReturn(request, "GIVEN_UP", message.event.reason)
        return [Dispatch(controls_stream(request.case_id), command, key=request.case_id)]

    async def _case(self, case_id: str) -> CaseRecorded:
        copy: CaseCopy = (await self._journal.fold(case_stream(case_id), court=None)).state
        if copy.record is None:
            raise Transient(f"the case {case_id} has not arrived yet")
        return copy.record

    async def _papers(self, order: ControlOrderIssued) -> Mapping[str, PaperCopy]:
        copies = {}
        for paper in order.papers:
            if paper.kind in AGENCY_PAPERS:
                copy: PaperCopy = (await self._journal.fold(paper_stream(paper.document_id), court=None)).state
                if copy.record is None or not copy.seal:
                    raise Transient(f"the paper {paper.document_id} has not arrived yet")
                copies[paper.document_id] = copy
        return copies

    async def _roster(self, court: str) -> OfficersCopy:
        copy: OfficersCopy = (await self._journal.fold(officers_stream(court), court=None)).state
        if copy.record is None:
            raise Transient("the roster has not arrived yet")
        return copy

    async def _agencies(self, agency_ids: Iterable[str]) -> Mapping[str, Capability]:
        found = {}
        for agency_id in agency_ids:
            agency: AgencyState = (await self._journal.fold(agency_stream(agency_id), court=NATIONAL)).state
            if agency.exists:
                found[agency_id] = Capability(agency_id, agency.kind, agency.asset_classes, agency.measure_codes)
        return found

    async def _assets(self, asset_ids: Iterable[str]) -> Mapping[str, AssetRecorded]:
        found = {}
        for asset_id in asset_ids:
            copy: AssetCopy = (await self._journal.fold(asset_stream(asset_id), court=None)).state
            if copy.record is not None:
                found[asset_id] = copy.record
        return found
