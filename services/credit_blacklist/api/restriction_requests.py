"""What covered persons ask for, and what is found wrong: exemptions and corrections of restriction records."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Request
from starlette.responses import Response

from libs.web import ApprovalBody, Caller, IdPath, RequestModel, Text, if_match, meta_of, respond, scope
from services.credit_blacklist.api.restriction_bodies import CorrectionBody, ExemptionBody
from services.credit_blacklist.api.restriction_desk import RestrictionDesk, said
from services.credit_blacklist.api.restriction_shape import render_correction, render_exemption, render_order
from services.credit_blacklist.api.restrictions import WRITE
from services.credit_blacklist.domain.restriction import part_id_of
from services.credit_blacklist.domain.restriction_commands import (
    DecideCorrection,
    DecideExemption,
    ProposeCorrection,
    RequestExemption,
)
from services.credit_blacklist.rules.roles import OFFICERS, PRESIDENT


class ExemptionDecisionBody(RequestModel):
    """Yes or no, and why."""

    decision: Literal["GRANT", "REFUSE"]
    reason: Text


def request_routes(desk: RestrictionDesk) -> APIRouter:
    """Return the routes."""
    router = APIRouter(tags=["restriction-requests"])
    _exemptions(router, desk)
    _corrections(router, desk)
    return router


def _exemptions(router: APIRouter, desk: RestrictionDesk) -> None:
    @router.post("/restriction-orders/{order_id}/exemption-requests", status_code=201)
    async def ask(
        order_id: IdPath, body: ExemptionBody, request: Request, caller: Annotated[Caller, scope(WRITE)]
    ) -> Response:
        """Take down the request of a covered person to be allowed an act of consumption (R-CRB-22)."""
        role = caller.require_role(*OFFICERS)
        order = await desk.order(caller, order_id)
        meta = meta_of(request, caller, court=order.court, body=body, role=role)
        exemption_id = part_id_of("exemption", order_id, meta.command_id)
        wording, digest = said(caller, order_id, exemption_id, body.reason)
        command = RequestExemption(exemption_id, wording_sha256=digest, **body.model_dump(exclude={"reason"}))
        outcome = await desk.carry_out(order, command, meta, wording=wording)
        return respond(outcome, render_exemption(outcome.state.exemptions[exemption_id]), status=201)

    @router.post("/restriction-exemption-requests/{exemption_id}/decisions", status_code=201)
    async def decide(
        exemption_id: IdPath,
        body: ExemptionDecisionBody,
        request: Request,
        caller: Annotated[Caller, scope(WRITE)],
        expected: Annotated[int, if_match],
    ) -> Response:
        """Grant the request, which opens a window in the record, or refuse it. Only the president may."""
        role = caller.require_role(PRESIDENT)
        order = await desk.part(caller, "exemption", exemption_id)
        meta = meta_of(request, caller, court=order.court, body=body, expected_seq=expected, role=role)
        wording, digest = said(caller, order.state.require().order_id, exemption_id, body.reason)
        command = DecideExemption(exemption_id, body.decision == "GRANT", digest, caller.subject)
        outcome = await desk.carry_out(order, command, meta, wording=wording)
        return respond(outcome, render_order(outcome.state), status=201)


def _corrections(router: APIRouter, desk: RestrictionDesk) -> None:
    @router.post("/restriction-orders/{order_id}/corrections", status_code=201)
    async def propose(
        order_id: IdPath, body: CorrectionBody, request: Request, caller: Annotated[Caller, scope(WRITE)]
    ) -> Response:
        """Say what is wrong in a record; it must be right within three working days (R-CRB-12)."""
        role = caller.require_role(*OFFICERS)
        order = await desk.order(caller, order_id)
        meta = meta_of(request, caller, court=order.court, body=body, role=role)
        correction_id = part_id_of("correction", order_id, meta.command_id)
        wording, digest = said(caller, order_id, correction_id, body.reason)
        command = ProposeCorrection(
            correction_id, wording_sha256=digest, by=caller.subject, **body.model_dump(exclude={"reason"})
        )
        outcome = await desk.carry_out(order, command, meta, wording=wording)
        return respond(outcome, render_correction(outcome.state.corrections[correction_id]), status=201)

    @router.post("/restriction-corrections/{correction_id}/approvals", status_code=201)
    async def decide(
        correction_id: IdPath,
        body: ApprovalBody,
        request: Request,
        caller: Annotated[Caller, scope(WRITE)],
        expected: Annotated[int, if_match],
    ) -> Response:
        """Approve a correction: everyone who holds the wrong version gets the right one. Only the president may."""
        role = caller.require_role(PRESIDENT)
        order = await desk.part(caller, "correction", correction_id)
        meta = meta_of(request, caller, court=order.court, body=body, expected_seq=expected, role=role)
        order_id = order.state.require().order_id
        wording, digest = said(caller, order_id, correction_id, body.reason) if body.reason else (None, None)
        command = DecideCorrection(correction_id, body.decision == "APPROVE", digest, caller.subject)
        outcome = await desk.carry_out(order, command, meta, wording=wording)
        return respond(outcome, render_order(outcome.state), status=201)
