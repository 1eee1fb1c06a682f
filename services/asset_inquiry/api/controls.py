"""What became of control orders, and the measures of a case. Orders themselves are issued at intake."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from libs.foundation.errors import NotFound
from libs.foundation.limits import PAGE_ITEMS_MAX
from libs.journal import Folded, Journal
from libs.web import Caller, Identifier, IdPath, JsonResponse, Listing, page_params, scope, show
from services.asset_inquiry.deciders import case_stream, controls_stream
from services.asset_inquiry.domain.controls import ControlsState
from services.asset_inquiry.domain.copies import CaseCopy
from services.asset_inquiry.rules.limits import free_fen
from services.asset_inquiry.views import MEASURES, ORDERS, REQUEST_SHOWN, REQUESTS, measure_rows, order_rows

READ = "asset_inquiry.controls.read"


def control_routes(journal: Journal) -> APIRouter:
    """Return the routes."""
    router = APIRouter(tags=["controls"])

    @router.get("/control-orders/{control_order_id}")
    async def read_order(
        control_order_id: IdPath, request: Request, caller: Annotated[Caller, scope(READ)]
    ) -> Response:
        """Read what became of an order: PENDING (a deduction is open), ACCEPTED, or REFUSED with code, reason, rule.

        404 until intake's order has arrived here.
        """
        folded = await _controls(journal, ORDERS, control_order_id, caller)
        order = order_rows(folded.state)[control_order_id]
        rows = measure_rows(folded.state)
        items = [rows[measure_id] for measure_id in order["measure_ids"] if measure_id in rows]
        page = await journal.views.find(
            REQUESTS, court=folded.court, where={"control_order_id": control_order_id}, limit=PAGE_ITEMS_MAX
        )
        sent = [{"version": row["seq"]} | {name: row.get(name) for name in REQUEST_SHOWN} for row in page.rows]
        return show(request, {"id": control_order_id, **order, "items": items, "requests": sent})

    @router.get("/control-measures/{measure_id}")
    async def read_measure(measure_id: IdPath, request: Request, caller: Annotated[Caller, scope(READ)]) -> Response:
        """Read one freeze: amounts, term, rank, the agency's answer, its newest deduction."""
        folded = await _controls(journal, MEASURES, measure_id, caller)
        return show(request, measure_rows(folded.state)[measure_id], seq=folded.seq)

    _listing(router, journal)
    return router


def _listing(router: APIRouter, journal: Journal) -> None:
    @router.get("/control-measures")
    async def list_measures(
        case_id: Annotated[Identifier, Query()],
        listing: Annotated[Listing, page_params],
        caller: Annotated[Caller, scope(READ)],
    ) -> Response:
        """List the freezes of a case; beside them what may still be frozen, and any excess (R-INQ-20)."""
        case: CaseCopy = (await journal.fold(case_stream(case_id), court=None)).state
        if case.record is None:
            raise NotFound
        court = caller.require_sight(case.record.court)
        page = await listing.page(
            journal.views,
            MEASURES,
            court=court,
            where={"case_id": case_id},
            order=(("agency_id", 1), ("measure_id", 1)),
        )
        state: ControlsState = (await journal.fold(controls_stream(case_id), court=None)).state
        limit, counted = state.limit_fen, state.counted_fen
        body = {
            "items": page.rows,
            "next_cursor": page.next_cursor,
            "limit_fen": limit,
            "counted_fen": counted,
            "free_fen": free_fen(limit or 0, counted),
            "excess_fen": max(0, counted - (limit or 0)),
        }
        return JsonResponse(body)


async def _controls(journal: Journal, view: str, row_id: str, caller: Caller) -> Folded[ControlsState]:
    """Return the controls of the case that a row belongs to, folded from the journal."""
    row = await journal.views.get(view, row_id, court=None)
    if row is None:
        raise NotFound
    caller.require_sight(str(row["court"]))
    folded: Folded[ControlsState] = await journal.read(controls_stream(str(row["case_id"])), court=None)
    return folded
