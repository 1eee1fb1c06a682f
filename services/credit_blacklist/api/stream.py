"""The doorbell: heads as server-sent events."""

from __future__ import annotations

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Header
from starlette.responses import Response

from libs.journal import Journal
from libs.web import Caller, scope
from services.credit_blacklist.api.position_problems import POSITION_PROBLEMS
from services.credit_blacklist.feed.distribution.doorbell import Doorbell
from services.credit_blacklist.feed.distribution.event_stream import MEDIA_TYPE, EventStream
from services.credit_blacklist.subscribers import view_for


def stream_routes(journal: Journal, doorbell: Doorbell) -> APIRouter:
    """Return the route."""
    router = APIRouter(prefix="/joint-punishment-feed", tags=["feed"], responses=POSITION_PROBLEMS | {429: {}})

    @router.get("/stream", response_class=Response, responses={200: {"content": {MEDIA_TYPE: {}}}})
    async def stream(
        caller: Annotated[Caller, scope("credit_blacklist.feed.read")],
        last_event_id: Annotated[str | None, Header(alias="Last-Event-ID", max_length=200)] = None,
    ) -> Response:
        """Listen for new heads of the caller's view; the newest is sent at once. 429 with too many streams open."""
        view = await view_for(journal, caller)
        who = caller.agency_id or f"{caller.organisation} {caller.client}"
        return EventStream(partial(doorbell.listening, view.view_id, who), last_event_id)

    return router
