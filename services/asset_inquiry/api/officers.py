"""What officers decide about requests that came back and that the court does not send again by itself."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Request
from starlette.responses import Response

from libs.journal import Folded, Journal
from libs.web import Caller, IdPath, RequestModel, Text, fold_for, if_match, meta_of, respond, scope
from services.asset_inquiry.api.answers import render_result
from services.asset_inquiry.deciders import request_stream
from services.asset_inquiry.domain.request import RequestState
from services.asset_inquiry.domain.request_commands import GiveUp, OrderReissue

ROLES = ("case_officer", "team_leader", "duty_officer", "duty_leader")


class DecisionBody(RequestModel):
    """Send it once more under a new number, or give the control up."""

    decision: Literal["REISSUE", "GIVE_UP"]
    reason: Text


def officer_routes(journal: Journal) -> APIRouter:
    """Return the route."""
    router = APIRouter(tags=["inquiries"])

    @router.post("/assistance-requests/{request_id}/decisions", status_code=201)
    async def decide(
        request_id: IdPath,
        body: DecisionBody,
        request: Request,
        caller: Annotated[Caller, scope("asset_inquiry.inquiries.write")],
        expected: Annotated[int, if_match],
    ) -> Response:
        """Decide about a returned request. `If-Match` names the `version` that the inquiry or the order shows."""
        role = caller.require_role(*ROLES)
        folded: Folded[RequestState] = await fold_for(caller, journal, request_stream(request_id))
        meta = meta_of(request, caller, court=folded.court, body=body, expected_seq=expected, role=role)
        command = OrderReissue(caller.subject) if body.decision == "REISSUE" else GiveUp(body.reason)
        outcome = await journal.execute(folded.stream, command, meta)
        return respond(outcome, render_result(outcome.state), status=201)

    return router
