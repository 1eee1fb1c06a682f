"""Inside the room: an opened inquiry becomes requests, a reply becomes assets and a result, a return a new request."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from typing import Any

import orjson

from libs.bus import Dispatch, Message
from libs.foundation.errors import Transient
from libs.foundation.ids import derived_id
from libs.journal import Journal
from libs.schemas.asset_inquiry import (
    AssetRecorded,
    InquiryOpened,
    PlannedRequest,
    ReplyReceived,
    RequestIssued,
    RequestItem,
    RequestReissueOrdered,
)
from services.asset_inquiry.content import payload_of
from services.asset_inquiry.deciders import asset_stream, inquiry_stream, replies_stream, request_stream
from services.asset_inquiry.domain.copies import Keep, ReplyCopies
from services.asset_inquiry.domain.inquiry import RecordAnswer
from services.asset_inquiry.domain.request import RequestState
from services.asset_inquiry.issuing import Issuing
from services.asset_inquiry.rules.deadlines import reply_due


class RequestHandlers:
    """The process manager of requests."""

    def __init__(self, journal: Journal, issuing: Issuing) -> None:
        """Read from this journal; new requests are signed by `issuing`."""
        self._journal = journal
        self._issuing = issuing

    async def on_inquiry_opened(self, message: Message[InquiryOpened]) -> Iterable[Dispatch]:
        """Every planned request is signed and waits in its agency's queue; the term runs from the opening."""
        planned = message.event.planned
        issued = await asyncio.gather(*(self._issued(message, one) for one in planned))
        return [dispatch for dispatches in issued for dispatch in dispatches]

    async def _issued(self, message: Message[InquiryOpened], planned: PlannedRequest) -> list[Dispatch]:
        return await self._issuing.dispatches(await self._inquiry_request(message, planned), message.court)

    async def _inquiry_request(self, message: Message[InquiryOpened], planned: PlannedRequest) -> RequestIssued:
        inquiry = message.event
        agency = await self._issuing.agency(planned.agency_id)
        due = reply_due(agency.kind, inquiry.urgency, message.at)
        return RequestIssued(
            request_id=planned.request_id,
            request_number=planned.request_number,
            batch_number=inquiry.inquiry_id,
            kind="INQUIRY",
            agency_id=planned.agency_id,
            case_id=inquiry.case_id,
            case_number=inquiry.case_number,
            inquiry_id=inquiry.inquiry_id,
            subject=next(one for one in inquiry.subjects if one.party_id == planned.party_id),
            items=tuple(
                RequestItem(sequence=sequence, asset_class=asset_class)
                for sequence, asset_class in enumerate(planned.asset_classes, start=1)
            ),
            papers=inquiry.papers,
            officers=inquiry.officers,
            urgency=inquiry.urgency,
            answer_due_at=due.due_at,
            answer_rule=due.rule,
            root_request_id=planned.request_id,
            issued_at=message.at,
            content_sha256="",
            signature="",
        )

    async def on_inquiry_reply(self, message: Message[ReplyReceived], request: RequestIssued) -> Iterable[Dispatch]:
        """Assets are kept with their full references; a final reply counts for the inquiry's completeness."""
        reply = message.event
        bodies = await self._reported(reply)
        dispatches = [
            Dispatch(asset_stream(asset.asset_id), Keep(record), key=reply.case_id)
            for answer in reply.answers
            for asset, body in zip(answer.assets, bodies[answer.sequence], strict=True)
            for record in (
                AssetRecorded(
                    asset=asset,
                    case_id=reply.case_id,
                    party_id=request.subject.party_id,
                    request_id=reply.request_id,
                    agency_asset_id=body["asset_id"],
                    account_reference=body["account_reference"],
                    source_seq=message.seq,
                ),
            )
        ]
        if reply.status == "FINAL" and request.inquiry_id is not None:
            assets = tuple(asset for answer in reply.answers for asset in answer.assets)
            answer = RecordAnswer(request.root_request_id or request.request_id, reply.agency_id, assets)
            dispatches.append(Dispatch(inquiry_stream(request.inquiry_id), answer, key=reply.case_id))
        return dispatches

    async def _reported(self, reply: ReplyReceived) -> Mapping[int, list[dict[str, Any]]]:
        copies: ReplyCopies = (await self._journal.fold(replies_stream(reply.request_id), court=None)).state
        record = copies.records.get(reply.content_sha256)
        if record is None:
            raise Transient(f"the reply {reply.reply_id} is not kept yet")
        body = orjson.loads(payload_of(record.signature))["body"]
        return {answer["sequence"]: answer.get("assets") or [] for answer in body["answers"]}

    async def issued(self, request_id: str) -> RequestIssued:
        """Return a request that an event of ours speaks of."""
        state: RequestState = (await self._journal.fold(request_stream(request_id), court=None)).state
        if state.issued is None:
            raise Transient(f"the request {request_id} is not there yet")
        return state.issued

    async def reissue(self, message: Message[Any], request: RequestIssued, number: str) -> Iterable[Dispatch]:
        """The court cures what was wrong: papers and credentials go out again under a new number, with a new term."""
        return await self._issuing.dispatches(await self._again(request, number, message), message.court)

    async def on_reissue_ordered(self, message: Message[RequestReissueOrdered]) -> Iterable[Dispatch]:
        """An officer sends it once more."""
        request = await self.issued(message.event.request_id)
        return await self.reissue(message, request, message.event.reissued_as)

    async def _again(self, request: RequestIssued, number: str, message: Message[Any]) -> RequestIssued:
        agency = await self._issuing.agency(request.agency_id)
        due = reply_due(agency.kind, request.urgency, message.at)
        root = request.root_request_id or request.request_id
        return request.model_copy(
            update={
                "request_id": derived_id("req", root, str(request.attempt + 1)),
                "request_number": number,
                "replaces": request.request_number,
                "root_request_id": root,
                "attempt": request.attempt + 1,
                "issued_at": message.at,
                "answer_due_at": due.due_at,
                "answer_rule": due.rule,
            }
        )
