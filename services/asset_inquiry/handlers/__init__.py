"""What the bus tells this room: one function per event; the table at the bottom is the map."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from libs.bus import Dispatch, Message
from libs.journal import Journal
from libs.schemas.asset_inquiry import (
    ControlOrderAccepted,
    ControlOrderReceived,
    InquiryOpened,
    ReplyReceived,
    RequestCancelled,
    RequestReissueOrdered,
    RequestReturned,
)
from libs.schemas.envelope import Event
from libs.schemas.intake import (
    CaseAssigned,
    CaseClosed,
    CaseRegistered,
    ControlOrderIssued,
    DocumentApproved,
    PaperWritten,
    PartyRegistered,
    RosterSet,
)
from libs.schemas.payments import AccountCredited, DebtAssessed
from services.asset_inquiry.handlers import copies
from services.asset_inquiry.handlers.controls import (
    ControlHandlers,
    on_account_credited,
    on_control_order_issued,
    on_debt_assessed,
)
from services.asset_inquiry.handlers.requests import RequestHandlers
from services.asset_inquiry.issuing import Issuing


class Answers:
    """What agencies say goes where it belongs: an inquiry's result, or the controls of the case."""

    def __init__(self, requests: RequestHandlers, controls: ControlHandlers) -> None:
        """Requests know what was asked."""
        self._requests = requests
        self._controls = controls

    async def on_reply_received(self, message: Message[ReplyReceived]) -> Iterable[Dispatch]:
        """An agency answered."""
        request = await self._requests.issued(message.event.request_id)
        if request.kind == "INQUIRY":
            return await self._requests.on_inquiry_reply(message, request)
        return self._controls.on_control_reply(message, request)

    async def on_request_returned(self, message: Message[RequestReturned]) -> Iterable[Dispatch]:
        """A request came back: it is sent again if that can help, else the answer is no."""
        request = await self._requests.issued(message.event.request_id)
        if message.event.reissued_as is not None:
            return await self._requests.reissue(message, request, message.event.reissued_as)
        return self._controls.on_control_returned(message, request)

    async def on_request_cancelled(self, message: Message[RequestCancelled]) -> Iterable[Dispatch]:
        """An officer gave a returned control up: its items are refused."""
        request = await self._requests.issued(message.event.request_id)
        return self._controls.on_control_given_up(message, request)


def handlers(journal: Journal, issuing: Issuing) -> dict[type[Event], Any]:
    """Return the map from events to handlers."""
    requests = RequestHandlers(journal, issuing)
    controls = ControlHandlers(journal, issuing)
    answers = Answers(requests, controls)
    return {
        CaseRegistered: copies.on_case_registered,
        CaseAssigned: copies.on_case_assigned,
        CaseClosed: copies.on_case_closed,
        PartyRegistered: copies.on_party_registered,
        PaperWritten: copies.on_paper_written,
        DocumentApproved: copies.on_document_approved,
        RosterSet: copies.on_roster_set,
        InquiryOpened: requests.on_inquiry_opened,
        ReplyReceived: answers.on_reply_received,
        RequestReturned: answers.on_request_returned,
        RequestReissueOrdered: requests.on_reissue_ordered,
        RequestCancelled: answers.on_request_cancelled,
        ControlOrderIssued: on_control_order_issued,
        ControlOrderReceived: controls.on_control_order_received,
        ControlOrderAccepted: controls.on_control_order_accepted,
        DebtAssessed: on_debt_assessed,
        AccountCredited: on_account_credited,
    }
