"""Alerts, and the persons who take them."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from libs.schemas.command_center import AlertLevel
from libs.web import Caller, Listing, meta_of, page_params, respond, scope
from services.command_center.domain.commands import AcknowledgeAlert
from services.command_center.domain.picture import alert_lines
from services.command_center.reading import Reading
from services.command_center.streams import dossier_stream
from services.command_center.views import ALERTS

ROLES = ("case_officer", "duty_officer", "team_leader", "duty_leader", "node_supervisor", "bureau_head", "president")


def alert_routes(reading: Reading) -> APIRouter:
    """Return the router."""
    router = APIRouter(tags=["alerts"])

    @router.get("/alerts", summary="Alerts by level or case, the latest first")
    async def alerts(
        caller: Annotated[Caller, scope("command_center.alerts.read")],
        listing: Annotated[Listing, page_params],
        level: Annotated[AlertLevel | None, Query()] = None,
        case_id: Annotated[str | None, Query(max_length=80)] = None,
    ) -> Response:
        where = caller.fence()
        where |= {"level": level} if level is not None else {}
        where |= {"case_id": case_id} if case_id is not None else {}
        page = await listing.page(reading.journal.views, ALERTS.name, where=where, order=(("raised_at", -1),))
        return listing.answer(page)

    @router.post("/alerts/{alert_id}/acknowledgements", status_code=201, summary="Take an alert")
    async def acknowledge(
        alert_id: str, request: Request, caller: Annotated[Caller, scope("command_center.alerts.write")]
    ) -> Response:
        role = caller.require_role(*ROLES)
        row = await reading.row(ALERTS.name, alert_id, caller)
        meta = meta_of(request, caller, court=row["court"], body={}, role=role)
        stream = dossier_stream(row["case_id"])
        outcome = await reading.journal.execute(stream, AcknowledgeAlert(alert_id, caller.subject), meta)
        [line] = [each for each in alert_lines(outcome.state) if each["alert_id"] == alert_id]
        return respond(outcome, line, status=201)

    return router
