"""What agencies send: acknowledgements, replies, returns. Each is signed; a repeat is answered with what is stored."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from libs.journal import NATIONAL, CommandMeta, Folded, Journal, Outcome
from libs.schemas.asset_inquiry import ReplyRecorded, RequestIssued
from libs.web import Caller, IdPath, RequestModel, meta_of, respond, scope
from services.asset_inquiry.api.fields import own_request, raw_body
from services.asset_inquiry.api.reply_body import AcknowledgementBody, ReplyBody, ReturnBody, item_answers
from services.asset_inquiry.content import detached
from services.asset_inquiry.deciders import agency_stream, replies_stream
from services.asset_inquiry.domain.agency import AgencyState
from services.asset_inquiry.domain.copies import Keep
from services.asset_inquiry.domain.request import RequestState, decide_request
from services.asset_inquiry.domain.request_commands import Acknowledge, ReceiveReply, ReturnRequest
from services.asset_inquiry.messages import MessageKind, SignedBody, verified
from services.asset_inquiry.meters import ISSUE_TO_RECEIPT, MESSAGES

WRITE = "asset_inquiry.requests.write"
REPEATED: dict[int | str, dict[str, Any]] = {200: {"description": "The same message again: the stored result"}}


class Mail:
    """Opens what agencies send and puts it into the journal."""

    def __init__(self, journal: Journal, secret: bytes) -> None:
        """`secret` names assets without showing their numbers."""
        self._journal = journal
        self.secret = secret

    async def opened(
        self, kind: MessageKind, request_id: str, request: Request, caller: Caller
    ) -> tuple[Folded[RequestState], RequestIssued, SignedBody]:
        """Return the request it is about, and the verified message. Another agency's request is not found."""
        folded, issued = await own_request(self._journal, request_id, caller)
        agency: AgencyState = (await self._journal.read(agency_stream(issued.agency_id), court=NATIONAL)).state
        return folded, issued, await verified(kind, issued, agency, await raw_body(request))

    async def keep_reply(self, folded: Folded[RequestState], record: ReplyRecorded, meta: CommandMeta) -> None:
        """Keep the reply as it came, before the published fact that names its hash."""
        own = replace(meta.step("copy", key=folded.key), court=folded.court)
        await self._journal.execute(replies_stream(record.request_id), Keep(record), own)

    async def answer(
        self, folded: Folded[RequestState], command: Any, meta: CommandMeta
    ) -> tuple[Outcome[RequestState], int]:
        """Execute on the request; 201 if something changed (or had changed, on a repeat of the key), else 200."""
        outcome: Outcome[RequestState] = await self._journal.execute(folded.stream, command, meta)
        issued = outcome.state.issued
        if outcome.events and not outcome.replayed and issued is not None:
            MESSAGES.labels(issued.agency_id, type(command).__name__).inc()
            if isinstance(command, Acknowledge) and issued.issued_at is not None:
                ISSUE_TO_RECEIPT.observe((outcome.at - issued.issued_at).total_seconds())
        return outcome, 201 if outcome.events else 200


def answer_routes(journal: Journal, secret: bytes) -> APIRouter:
    """Return the routes."""
    router = APIRouter(tags=["assistance requests"])
    mail = Mail(journal, secret)
    _short_routes(router, mail)

    @router.post("/assistance-requests/{request_id}/replies", status_code=201, responses=REPEATED)
    async def reply(
        request_id: IdPath, body: ReplyBody, request: Request, caller: Annotated[Caller, scope(WRITE)]
    ) -> Response:
        """Answer items as soon as they are known; FINAL answers all of them.

        The same reply again: 200 with the stored result. Another content under its reply_id: 409 `reply_conflict`.
        """
        folded, issued, message = await mail.opened("REPLY", request_id, request, caller)
        command = ReceiveReply(
            reply_id=body.reply_id,
            status=body.status,
            answers=item_answers(body, issued, secret),
            content_sha256=message.content_sha256,
            signature=detached(message.token),
            corrects=body.corrects,
        )
        meta = _meta(request, caller, body)
        # Decided once without writing, so that a reply which is refused leaves no copy behind.
        decide_request(folded.state, command, journal.clock.now())
        record = ReplyRecorded(
            request_id=request_id,
            reply_id=body.reply_id,
            content_sha256=message.content_sha256,
            signature=message.token,
        )
        await mail.keep_reply(folded, record, meta)
        outcome, status = await mail.answer(folded, command, meta)
        return respond(outcome, render_result(outcome.state, reply_id=body.reply_id), status=status)

    return router


def _short_routes(router: APIRouter, mail: Mail) -> None:
    @router.post("/assistance-requests/{request_id}/acknowledgements", status_code=201, responses=REPEATED)
    async def acknowledge(
        request_id: IdPath, body: AcknowledgementBody, request: Request, caller: Annotated[Caller, scope(WRITE)]
    ) -> Response:
        """Say within minutes whether the request can be read and its papers are there."""
        folded, _, _ = await mail.opened("ACKNOWLEDGEMENT", request_id, request, caller)
        outcome, status = await mail.answer(folded, Acknowledge(body.code), _meta(request, caller, body))
        return respond(outcome, render_result(outcome.state), status=status)

    @router.post("/assistance-requests/{request_id}/returns", status_code=201, responses=REPEATED)
    async def give_back(
        request_id: IdPath, body: ReturnBody, request: Request, caller: Annotated[Caller, scope(WRITE)]
    ) -> Response:
        """Give the request back with a reason (退回). What the court can cure is reissued under a new number."""
        folded, _, _ = await mail.opened("RETURN", request_id, request, caller)
        command = ReturnRequest(body.code, body.text, body.contact_name, body.contact_phone)
        outcome, status = await mail.answer(folded, command, _meta(request, caller, body))
        return respond(outcome, render_result(outcome.state), status=status)


def _meta(request: Request, caller: Caller, body: RequestModel) -> CommandMeta:
    return meta_of(request, caller, court=None, body=body, role="agency")


def render_result(state: RequestState, reply_id: str | None = None) -> dict[str, Any]:
    """Return what the court made of the message: the real protocol's `result`, without sentences to compare."""
    issued = state.issued
    assert issued is not None
    return {
        "request_id": issued.request_id,
        "request_number": issued.request_number,
        "state": state.state,
        "late": state.late,
        "reply_id": reply_id,
        "content_sha256": state.replies.get(reply_id) if reply_id else None,
        "reissued_as": state.reissued_as,
    }
