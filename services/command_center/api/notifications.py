"""Messages and what became of them."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from libs.web import Caller, Listing, page_params, scope
from services.command_center.reading import Reading
from services.command_center.views import NOTIFICATIONS


def notification_routes(reading: Reading) -> APIRouter:
    """Return the router."""
    router = APIRouter(tags=["notifications"])

    @router.get("/notifications", summary="Messages of a case with their state of delivery")
    async def notifications(
        caller: Annotated[Caller, scope("command_center.notifications.read")],
        listing: Annotated[Listing, page_params],
        case_id: Annotated[str | None, Query(max_length=80)] = None,
    ) -> Response:
        where = caller.fence()
        where |= {"case_id": case_id} if case_id is not None else {}
        page = await listing.page(reading.journal.views, NOTIFICATIONS.name, where=where, order=(("requested_at", 1),))
        return listing.answer(page)

    return router
