"""Restriction orders: drafted by an officer, signed by the president, served (R-CRB-20…22)."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from libs.schemas.credit_blacklist.restriction import RestrictionOrdered
from libs.web import (
    ApprovalBody,
    Caller,
    Identifier,
    IdPath,
    JsonResponse,
    Listing,
    Purpose,
    if_match,
    meta_of,
    page_params,
    purpose,
    respond,
    scope,
    show,
)
from services.credit_blacklist.api.present import require_present
from services.credit_blacklist.api.restriction_bodies import OrderBody, ServiceBody
from services.credit_blacklist.api.restriction_desk import RestrictionDesk, said
from services.credit_blacklist.api.restriction_papers import READ, order_paper, paper_routes
from services.credit_blacklist.api.restriction_shape import render_order
from services.credit_blacklist.domain.casefile import casefile_stream
from services.credit_blacklist.domain.casefile_law import JoinRecord
from services.credit_blacklist.domain.restriction import (
    OrderState,
    RestrictionOrder,
    order_id_of,
    restriction_stream,
)
from services.credit_blacklist.domain.restriction_commands import (
    DecideRestriction,
    DraftRestriction,
    ServeRestriction,
)
from services.credit_blacklist.domain.restriction_law import decide_restriction
from services.credit_blacklist.domain.restriction_refusals import RestrictionUnknown
from services.credit_blacklist.domain.restriction_wording import Wordings, wording_stream
from services.credit_blacklist.rules.roles import OFFICERS, PRESIDENT
from services.credit_blacklist.views.restrictions import RESTRICTION_DUTIES, RESTRICTIONS

WRITE = "credit_blacklist.restrictions.write"


def restriction_routes(desk: RestrictionDesk) -> APIRouter:
    """Return the routes."""
    router = APIRouter(tags=["restriction-orders"])
    _drafting(router, desk)
    _reading(router, desk)
    _signing(router, desk)
    paper_routes(router, desk)
    return router


def _drafting(router: APIRouter, desk: RestrictionDesk) -> None:
    @router.post("/restriction-orders", status_code=201)
    async def draft(body: OrderBody, request: Request, caller: Annotated[Caller, scope(WRITE)]) -> Response:
        """Draft an order. It may cover debtors and, beside an entity, those who lead, control or answer for it."""
        role = caller.require_role(*OFFICERS)
        casefile = await desk.casefile(caller, body.case_id)
        meta = meta_of(request, caller, court=casefile.court, body=body, role=role, key=body.case_id)
        order_id = order_id_of(meta.command_id)
        named = [await desk.person(casefile.court, one, one.role) for one in body.persons]
        command = DraftRestriction(
            order_id=order_id,
            around=await desk.around(body.case_id, order_id),
            reason=body.reason,
            initiated=body.initiated,
            applied_on=body.applied_on,
            kinds=body.kinds,
            persons=tuple(new.person for new in named),
            grace_months=body.grace_months,
            court_phone=body.court_phone,
            drafted_by=caller.subject,
        )
        if await desk.journal.recall(meta) is None:
            # Decided once without writing, so that a refused draft leaves no person and no order in the case behind.
            decide_restriction(RestrictionOrder(), command, desk.desk.clock.now())
        await desk.record(named, meta)
        stream = restriction_stream(order_id)
        join = JoinRecord(body.case_id, "RESTRICTION", stream)
        await desk.journal.execute(casefile_stream(body.case_id), join, meta.step("join"))
        # Looked at again: money that came in before the order had joined its case would never have reached it.
        command = replace(command, around=await desk.around(body.case_id, order_id))
        outcome = await desk.journal.execute(stream, command, meta)
        location = f"/v1/restriction-orders/{order_id}"
        return respond(outcome, render_order(outcome.state), status=201, location=location)


def _reading(router: APIRouter, desk: RestrictionDesk) -> None:
    @router.get("/restriction-orders")
    async def find(
        caller: Annotated[Caller, scope(READ)],
        listing: Annotated[Listing, page_params],
        case_id: Annotated[Identifier | None, Query()] = None,
        state: Annotated[OrderState | None, Query()] = None,
    ) -> Response:
        """List the orders of the caller's courts, by case or by state."""
        named = {"case_id": case_id, "state": state}
        where = caller.fence() | {name: value for name, value in named.items() if value is not None}
        return listing.answer(await listing.page(desk.journal.views, RESTRICTIONS.name, where=where))

    @router.get("/restriction-orders/{order_id}")
    async def read(order_id: IdPath, request: Request, caller: Annotated[Caller, scope(READ)]) -> Response:
        """Read an order with the record of every person it covers; the ETag is what decisions name in If-Match."""
        order = await desk.order(caller, order_id)
        return show(request, render_order(order.state), seq=order.seq)

    @router.get("/restriction-orders/{order_id}/wordings")
    async def wordings(
        order_id: IdPath, caller: Annotated[Caller, scope(READ)], why: Annotated[Purpose, purpose]
    ) -> Response:
        """Read what was said in requests, proposals and decisions about an order: names case and purpose, is logged."""
        order = await desk.order(caller, order_id)
        if why.case_id != order.state.require().case_id:
            raise RestrictionUnknown
        why.what["order_id"] = order_id
        texts: Wordings = (await desk.journal.fold(wording_stream(order_id), court=None)).state
        return JsonResponse(
            {"items": [{"part_id": one.part_id, "said_by": one.said_by, "text": one.text} for one in texts.texts]}
        )

    @router.get("/restriction-duties")
    async def duties(
        caller: Annotated[Caller, scope(READ)],
        listing: Annotated[Listing, page_params],
        case_id: Annotated[Identifier | None, Query()] = None,
    ) -> Response:
        """List the listed debtors who must be restricted and are not, each with the day by which (R-CRB-20)."""
        where = caller.fence() | ({} if case_id is None else {"case_id": case_id})
        page = await listing.page(desk.journal.views, RESTRICTION_DUTIES.name, where=where, order=(("due_at", 1),))
        return listing.answer(page)


def _signing(router: APIRouter, desk: RestrictionDesk) -> None:
    @router.post("/restriction-orders/{order_id}/approvals", status_code=201)
    async def sign(
        order_id: IdPath,
        body: ApprovalBody,
        request: Request,
        caller: Annotated[Caller, scope(WRITE)],
        expected: Annotated[int, if_match],
    ) -> Response:
        """Sign the order, or send it back; only the president may."""
        role = caller.require_role(PRESIDENT)
        order = await desk.order(caller, order_id)
        meta = meta_of(request, caller, court=order.court, body=body, expected_seq=expected, role=role)
        around = await desk.around(order.state.require().case_id, order_id)
        wording, digest = said(caller, order_id, order_id, body.reason) if body.reason else (None, None)
        command = DecideRestriction(body.decision == "APPROVE", digest, caller.subject, "", around)
        if command.approve and await desk.journal.recall(meta) is None:
            require_present(order, meta)
            # Decided once without writing, so that a refused signature uses up no number of the case.
            (ordered,) = decide_restriction(order.state, command, desk.desk.clock.now())
            assert isinstance(ordered, RestrictionOrdered), "what is signed is an order"
            number = await desk.number(order, meta)
            paper = await order_paper(desk, order, ordered.model_copy(update={"order_number": number}), meta)
            command = replace(command, order_number=number, paper=paper)
        outcome = await desk.carry_out(order, command, meta, wording=wording)
        return respond(outcome, render_order(outcome.state), status=201)

    @router.post("/restriction-orders/{order_id}/services", status_code=201)
    async def serve(
        order_id: IdPath, body: ServiceBody, request: Request, caller: Annotated[Caller, scope(WRITE)]
    ) -> Response:
        """Record the service of the signed order: it is published at once, or when its grace period has passed."""
        role = caller.require_role(*OFFICERS)
        order = await desk.order(caller, order_id)
        meta = meta_of(request, caller, court=order.court, body=body, role=role)
        around = await desk.around(order.state.require().case_id, order_id)
        wording, digest = said(caller, order_id, order_id, body.evidence)
        outcome = await desk.carry_out(order, ServeRestriction(body.method, digest, around), meta, wording=wording)
        return respond(outcome, render_order(outcome.state), status=201)
