"""Lifting: full, temporary, or by change of the representative; proposed by officers, decided by the president."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request
from starlette.responses import Response

from libs.web import ApprovalBody, Caller, IdPath, if_match, meta_of, respond, scope
from services.credit_blacklist.api.request_bodies import ReasonBody
from services.credit_blacklist.api.restriction_bodies import LiftingBody, ReplacementBody
from services.credit_blacklist.api.restriction_desk import RestrictionDesk, said
from services.credit_blacklist.api.restriction_shape import render_lifting, render_order
from services.credit_blacklist.api.restrictions import WRITE
from services.credit_blacklist.domain.restriction import part_id_of
from services.credit_blacklist.domain.restriction_commands import DecideLifting, EndRelease, ProposeLifting
from services.credit_blacklist.domain.restriction_refusals import RestrictionUnknown
from services.credit_blacklist.rules.roles import OFFICERS, PRESIDENT


def lifting_routes(desk: RestrictionDesk) -> APIRouter:
    """Return the routes."""
    router = APIRouter(tags=["restriction-liftings"])
    _proposing(router, desk)
    _replacing(router, desk)
    _deciding(router, desk)
    return router


def _proposing(router: APIRouter, desk: RestrictionDesk) -> None:
    @router.post("/restriction-orders/{order_id}/liftings", status_code=201)
    async def propose(
        order_id: IdPath, body: LiftingBody, request: Request, caller: Annotated[Caller, scope(WRITE)]
    ) -> Response:
        """Propose to lift: FULL on a ground of R-CRB-24, TEMPORARY for urgent reasons, a month at most (R-CRB-23)."""
        role = caller.require_role(*OFFICERS)
        order = await desk.order(caller, order_id)
        meta = meta_of(request, caller, court=order.court, body=body, role=role)
        lifting_id = part_id_of("lifting", order_id, meta.command_id)
        wording, digest = said(caller, order_id, lifting_id, body.evidence)
        command = ProposeLifting(
            lifting_id=lifting_id,
            scope=body.scope,
            persons=body.persons,
            ground=body.ground,
            wording_sha256=digest,
            by=caller.subject,
            kinds=body.kinds,
            from_at=body.from_at,
            until_at=body.until_at,
        )
        outcome = await desk.carry_out(order, command, meta, wording=wording)
        return respond(outcome, render_lifting(outcome.state.liftings[lifting_id]), status=201)


def _replacing(router: APIRouter, desk: RestrictionDesk) -> None:
    @router.post("/restriction-orders/{order_id}/replacements", status_code=201)
    async def replace_representative(
        order_id: IdPath, body: ReplacementBody, request: Request, caller: Annotated[Caller, scope(WRITE)]
    ) -> Response:
        """Propose that the successor be restricted and the former representative be let go (R-CRB-23)."""
        role = caller.require_role(*OFFICERS)
        order = await desk.order(caller, order_id)
        meta = meta_of(request, caller, court=order.court, body=body, role=role)
        successor = await desk.person(order.court, body.successor, body.role)
        lifting_id = part_id_of("lifting", order_id, meta.command_id)
        wording, digest = said(caller, order_id, lifting_id, body.evidence)
        command = ProposeLifting(
            lifting_id=lifting_id,
            scope="REPLACEMENT",
            persons=(body.party_id,),
            ground="DEBTOR_REPLACED",
            wording_sha256=digest,
            by=caller.subject,
            successor=successor.person,
        )
        outcome = await desk.carry_out(order, command, meta, wording=wording, persons=[successor])
        return respond(outcome, render_lifting(outcome.state.liftings[lifting_id]), status=201)


def _deciding(router: APIRouter, desk: RestrictionDesk) -> None:
    @router.post("/restriction-liftings/{lifting_id}/approvals", status_code=201)
    async def decide(
        lifting_id: IdPath,
        body: ApprovalBody,
        request: Request,
        caller: Annotated[Caller, scope(WRITE)],
        expected: Annotated[int, if_match],
    ) -> Response:
        """Decide on a proposal to lift; If-Match is the order's ETag. Only the president may."""
        role = caller.require_role(PRESIDENT)
        order = await desk.part(caller, "lifting", lifting_id)
        drafted = order.state.require()
        meta = meta_of(request, caller, court=order.court, body=body, expected_seq=expected, role=role)
        around = await desk.around(drafted.case_id, drafted.order_id)
        wording, digest = said(caller, drafted.order_id, lifting_id, body.reason) if body.reason else (None, None)
        command = DecideLifting(lifting_id, body.decision == "APPROVE", digest, caller.subject, around)
        outcome = await desk.carry_out(order, command, meta, wording=wording)
        return respond(outcome, render_order(outcome.state), status=201)

    @router.post("/restriction-releases/{release_id}/endings", status_code=201)
    async def end(
        release_id: IdPath, body: ReasonBody, request: Request, caller: Annotated[Caller, scope(WRITE)]
    ) -> Response:
        """End a temporary release or an exemption before its time: the reason for it fell away."""
        role = caller.require_role(*OFFICERS, PRESIDENT)
        kind = "exemption" if release_id.startswith("exemption_") else "lifting"
        order = await desk.part(caller, kind, release_id)
        if release_id not in order.state.liftings and release_id not in order.state.exemptions:
            raise RestrictionUnknown
        meta = meta_of(request, caller, court=order.court, body=body, role=role)
        wording, digest = said(caller, order.state.require().order_id, release_id, body.reason)
        outcome = await desk.carry_out(order, EndRelease(release_id, digest, caller.subject), meta, wording=wording)
        return respond(outcome, render_order(outcome.state), status=201)
