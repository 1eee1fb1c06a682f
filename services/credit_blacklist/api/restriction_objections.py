"""A covered person's written request for correction: examined in 15 days, reviewed by the higher court (R-CRB-12)."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request
from starlette.responses import Response

from libs.foundation.case_number import higher_court
from libs.foundation.court_calendar import court_day
from libs.journal import Folded, Outcome
from libs.web import Caller, IdPath, if_match, meta_of, respond, scope, show
from services.credit_blacklist.api.listing_room import CORRECT
from services.credit_blacklist.api.request_bodies import RefusalServiceBody, ReviewBody
from services.credit_blacklist.api.restriction_bodies import FindingBody, ObjectionBody
from services.credit_blacklist.api.restriction_desk import RestrictionDesk, said
from services.credit_blacklist.api.restriction_papers import READ
from services.credit_blacklist.api.restriction_shape import render_request
from services.credit_blacklist.domain.correction_refusals import NotTheReviewingCourt
from services.credit_blacklist.domain.restriction import (
    RestrictionOrder,
    order_of_part,
    part_id_of,
    restriction_stream,
)
from services.credit_blacklist.domain.restriction_refusals import RestrictionUnknown
from services.credit_blacklist.domain.restriction_request_law import (
    DecideOrderRequest,
    DecideOrderReview,
    RecordOrderRequest,
    RecordOrderReview,
    ServeOrderRefusal,
)
from services.credit_blacklist.rules.roles import CLERKS, OFFICERS, REVIEWER

PATH = "/restriction-correction-requests/{request_id}"


def objection_routes(desk: RestrictionDesk) -> APIRouter:
    """Return the routes."""
    router = APIRouter(tags=["restriction-corrections"])
    _recording(router, desk)
    _examining(router, desk)
    _refused(router, desk)
    _reviewing(router, desk)
    return router


def _recording(router: APIRouter, desk: RestrictionDesk) -> None:
    @router.post("/restriction-orders/{order_id}/correction-requests", status_code=201)
    async def record(
        order_id: IdPath, body: ObjectionBody, request: Request, caller: Annotated[Caller, scope(CORRECT)]
    ) -> Response:
        """Take down the request of a covered person; the court examines it within fifteen days."""
        role = caller.require_role(*CLERKS)
        order = await desk.order(caller, order_id)
        meta = meta_of(request, caller, court=order.court, body=body, role=role)
        request_id = part_id_of("objection", order_id, meta.command_id)
        wording, digest = said(caller, order_id, request_id, body.reason)
        received_on = body.received_on or court_day(desk.desk.clock.now())
        command = RecordOrderRequest(request_id, body.party_id, body.claim, digest, received_on, caller.subject)
        return _answer(await desk.carry_out(order, command, meta, wording=wording), request_id)

    @router.get(PATH)
    async def read(request_id: IdPath, request: Request, caller: Annotated[Caller, scope(READ)]) -> Response:
        """Read a request; the court of the order sees it, and the next higher one that reviews."""
        order = await _for_both_courts(desk, caller, request_id)
        return show(request, render_request(order.state.requests[request_id]), seq=order.seq)


def _examining(router: APIRouter, desk: RestrictionDesk) -> None:
    @router.post(PATH + "/decisions", status_code=201)
    async def decide(
        request_id: IdPath,
        body: FindingBody,
        request: Request,
        caller: Annotated[Caller, scope(CORRECT)],
        expected: Annotated[int, if_match],
    ) -> Response:
        """Find a request justified, which prepares its correction or lifting for the president, or reject it."""
        role = caller.require_role(*OFFICERS)
        order = await desk.part(caller, "objection", request_id)
        meta = meta_of(request, caller, court=order.court, body=body, expected_seq=expected, role=role)
        wording, digest = said(caller, order.state.require().order_id, request_id, body.reason)
        command = DecideOrderRequest(request_id, body.finding, digest, body.remedy(), caller.subject)
        return _answer(await desk.carry_out(order, command, meta, wording=wording), request_id)


def _refused(router: APIRouter, desk: RestrictionDesk) -> None:
    @router.post(PATH + "/services", status_code=201)
    async def serve(
        request_id: IdPath, body: RefusalServiceBody, request: Request, caller: Annotated[Caller, scope(CORRECT)]
    ) -> Response:
        """Record the service of a refusal: ten days run for the review."""
        role = caller.require_role(*CLERKS)
        order = await desk.part(caller, "objection", request_id)
        meta = meta_of(request, caller, court=order.court, body=body, role=role)
        wording, digest = said(caller, order.state.require().order_id, request_id, body.evidence)
        command = ServeOrderRefusal(request_id, body.served_on, digest, caller.subject)
        return _answer(await desk.carry_out(order, command, meta, wording=wording), request_id)

    @router.post(PATH + "/reviews", status_code=201)
    async def ask_for_review(
        request_id: IdPath, body: ReviewBody, request: Request, caller: Annotated[Caller, scope(CORRECT)]
    ) -> Response:
        """Record the application for review; the restriction stands meanwhile."""
        role = caller.require_role(*CLERKS)
        order = await desk.part(caller, "objection", request_id)
        meta = meta_of(request, caller, court=order.court, body=body, role=role)
        wording, digest = said(caller, order.state.require().order_id, request_id, body.reason)
        received_on = body.received_on or court_day(desk.desk.clock.now())
        command = RecordOrderReview(request_id, digest, received_on, caller.subject)
        return _answer(await desk.carry_out(order, command, meta, wording=wording), request_id)


def _reviewing(router: APIRouter, desk: RestrictionDesk) -> None:
    @router.post(PATH + "/review-decisions", status_code=201)
    async def review(
        request_id: IdPath,
        body: FindingBody,
        request: Request,
        caller: Annotated[Caller, scope(CORRECT)],
        expected: Annotated[int, if_match],
    ) -> Response:
        """Decide a review, finally, at the next higher court; what is justified is prepared at the court below."""
        caller.require_role(REVIEWER)
        order = await _for_both_courts(desk, caller, request_id)
        above = higher_court(order.court)
        if not caller.may_act_in(above):
            raise NotTheReviewingCourt
        wording, digest = said(caller, order.state.require().order_id, request_id, body.reason)
        command = DecideOrderReview(request_id, body.finding, digest, body.remedy(), above, caller.subject)
        # The stream belongs to the court below: that the caller is of the one above was asked just now.
        meta = meta_of(request, caller, court=None, body=body, expected_seq=expected, role=REVIEWER)
        return _answer(await desk.carry_out(order, command, meta, wording=wording), request_id)


async def _for_both_courts(desk: RestrictionDesk, caller: Caller, request_id: str) -> Folded[RestrictionOrder]:
    stream = restriction_stream(order_of_part("objection", request_id))
    order: Folded[RestrictionOrder] = await desk.journal.fold(stream, court=None)
    known = order.seq > 0 and request_id in order.state.requests
    if not known or not (caller.may_act_in(order.court) or caller.may_act_in(higher_court(order.court))):
        raise RestrictionUnknown
    return order


def _answer(outcome: Outcome[RestrictionOrder], request_id: str) -> Response:
    return respond(outcome, render_request(outcome.state.requests[request_id]), status=201)
