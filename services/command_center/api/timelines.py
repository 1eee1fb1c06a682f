"""The river of a case, with its money and its nodes."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request
from starlette.responses import Response

from libs.web import Caller, scope, show
from services.command_center.domain.picture import picture
from services.command_center.reading import Reading


def timeline_routes(reading: Reading) -> APIRouter:
    """Return the router."""
    router = APIRouter(tags=["case timelines"])

    @router.get("/case-timelines/{case_id}", summary="The river of a case: entries, money, nodes, alerts, messages")
    async def timeline(
        case_id: str, request: Request, caller: Annotated[Caller, scope("command_center.timelines.read")]
    ) -> Response:
        folded = await reading.dossier(case_id, caller)
        body = picture(folded.state, await reading.names(folded.state), reading.now())
        # No ETag: states of nodes change with the clock, not only with the journal.
        return show(request, {**body, "court_code": folded.court})

    return router
