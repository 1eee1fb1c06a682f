"""What is due, and why at that date."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from libs.foundation.clock import instant_text
from libs.schemas.envelope import Instant
from libs.web import Caller, Listing, page_params, scope, show
from services.command_center.domain.picture import node_line
from services.command_center.reading import Reading
from services.command_center.views import NODES

OPEN_STATES = ("PENDING", "OVERDUE")


def process_node_routes(reading: Reading) -> APIRouter:
    """Return the router."""
    router = APIRouter(tags=["process nodes"])

    @router.get("/process-nodes", summary="Process nodes by case, officer or what is due before an instant")
    async def nodes(
        caller: Annotated[Caller, scope("command_center.nodes.read")],
        listing: Annotated[Listing, page_params],
        due_before: Annotated[Instant | None, Query(description="Only open nodes that are due by then")] = None,
        officer_id: Annotated[str | None, Query(max_length=80)] = None,
        case_id: Annotated[str | None, Query(max_length=80)] = None,
    ) -> Response:
        where: dict[str, Any] = caller.fence()
        if due_before is not None:
            where |= {"due_at": {"$lte": instant_text(due_before)}, "recorded_state": list(OPEN_STATES)}
        if officer_id is not None:
            where["officer_id"] = officer_id
        if case_id is not None:
            where["case_id"] = case_id
        page = await listing.page(reading.journal.views, NODES.name, where=where, order=(("due_at", 1),))
        return listing.answer(page)

    @router.get("/process-nodes/{node_id}/explanation", summary="Why this date: how the deadline was counted")
    async def explanation(
        node_id: str, request: Request, caller: Annotated[Caller, scope("command_center.nodes.read")]
    ) -> Response:
        row = await reading.row(NODES.name, node_id, caller)
        folded = await reading.dossier(row["case_id"], caller)
        names = await reading.names(folded.state)
        line = node_line(folded.state, folded.state.nodes[node_id], names, reading.now())
        kind = folded.state.nodes[node_id].kind
        basis = {"start": kind.start, "article": kind.article, "source": kind.source, "method": kind.method}
        return show(request, {**line, "basis": basis})

    return router
