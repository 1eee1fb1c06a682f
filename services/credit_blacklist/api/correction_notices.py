"""Notices of correction: an agency reads those it was given and answers; the court sees who answered (R-CRB-12)."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from libs.journal import Folded
from libs.schemas.credit_blacklist import NoticeEffect
from libs.web import Caller, Identifier, IdPath, Listing, RequestModel, meta_of, page_params, respond, scope
from services.credit_blacklist.api.reports import READ, WRITE
from services.credit_blacklist.desk import Desk
from services.credit_blacklist.domain.report import Reports, report_stream
from services.credit_blacklist.domain.report_notices import AnswerNotice, NoticeUnknown, record_of_notice
from services.credit_blacklist.views.reports import NOTICES, notice_row


class NoticeAnswerBody(RequestModel):
    """What the wrong version had led to."""

    effect: NoticeEffect


def correction_notice_routes(desk: Desk) -> APIRouter:
    """Return the routes."""
    router = APIRouter(tags=["correction-notices"])

    @router.get("/correction-notices")
    async def find(
        listing: Annotated[Listing, page_params],
        caller: Annotated[Caller, scope(READ)],
        record_id: Annotated[Identifier | None, Query()] = None,
        answered: Annotated[bool | None, Query()] = None,
    ) -> Response:
        """List notices: an agency its own, a court those on its records."""
        where = {"agency_id": caller.agency_id} if caller.agency_id else caller.fence()
        named = {"record_id": record_id, "answered": answered}
        where |= {name: value for name, value in named.items() if value is not None}
        return listing.answer(await listing.page(desk.journal.views, NOTICES.name, where=where))

    @router.post("/correction-notices/{notice_id}/answers", status_code=201)
    async def answer(
        notice_id: IdPath, body: NoticeAnswerBody, request: Request, caller: Annotated[Caller, scope(WRITE)]
    ) -> Response:
        """Answer a notice: what the wrong version had led to, and whether it is undone."""
        agency_id = caller.require_agency()
        stream = report_stream(record_of_notice(notice_id))
        known: Folded[Reports] = await desk.journal.fold(stream, court=None)
        if notice_id not in known.state.notices:
            raise NoticeUnknown
        meta = meta_of(request, caller, court=None, body=body, role="agency")
        outcome = await desk.journal.execute(stream, AnswerNotice(notice_id, agency_id, body.effect), meta)
        return respond(outcome, notice_row(outcome.state.notices[notice_id]), status=201)

    return router
