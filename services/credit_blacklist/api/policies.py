"""Policies: the measures of the caller's view, and what doubt means for each."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Path
from starlette.responses import Response

from libs.journal import Journal
from libs.web import Caller, scope
from services.credit_blacklist.api.position_problems import POSITION_PROBLEMS
from services.credit_blacklist.feed.distribution.policies import Policies
from services.credit_blacklist.subscribers import view_for

JOSE: Final = "application/jose"
CACHED: Final = "private, max-age=3600"


def policy_routes(journal: Journal, policies: Policies) -> APIRouter:
    """Return the route."""
    router = APIRouter(prefix="/joint-punishment-feed/policies", tags=["feed"], responses=POSITION_PROBLEMS)

    @router.get("/{version}", response_class=Response)
    async def policy(
        version: Annotated[int, Path(ge=1, le=10**6)], caller: Annotated[Caller, scope("credit_blacklist.feed.read")]
    ) -> Response:
        """Read the policy of the caller's view (JWS), as its heads name it (R-CRB-30, R-CRB-32)."""
        view = await view_for(journal, caller)
        return Response(
            await policies.signed(view.view_id, version), media_type=JOSE, headers={"Cache-Control": CACHED}
        )

    return router
