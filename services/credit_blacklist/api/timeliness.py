"""Time to punish and time to un-punish, by stage, for each subscriber."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from libs.web import Caller, JsonResponse, scope
from services.credit_blacklist.api.position_problems import POSITION_PROBLEMS
from services.credit_blacklist.feed.distribution.timetable import Timetable
from services.credit_blacklist.rules.views import view_of


def timeliness_routes(timetable: Timetable) -> APIRouter:
    """Return the route."""
    router = APIRouter(prefix="/joint-punishment-feed", tags=["feed"], responses=POSITION_PROBLEMS)

    @router.get("/timeliness")
    async def timeliness(
        caller: Annotated[Caller, scope("credit_blacklist.subscribers.read")],
        view: Annotated[str | None, Query(max_length=40)] = None,
    ) -> Response:
        """Show how long each stage takes to each subscriber: decided, appended, named, fetched, applied, ended.

        Durations are business milliseconds: p50, p95 and the longest, of the last 500 entries of the view (R-CRB-10,
        R-CRB-33). `late` says that a goal is missed; `waiting` counts what is named and not applied.
        """
        caller.require_role("operator")
        return JsonResponse({"items": await timetable.rows(view_of(view).view_id if view is not None else None)})

    return router
