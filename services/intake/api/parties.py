"""The party register: full names, numbers and accounts, for a named case and purpose (R-GEN-06)."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from starlette.responses import Response

from libs.web import Caller, IdPath, JsonResponse, Purpose, purpose, scope
from services.intake.api.desk import Desk
from services.intake.naming import party_stream

READ = "intake.parties.read"


def party_routes(desk: Desk) -> APIRouter:
    """Return the routes."""
    router = APIRouter(tags=["parties"])

    @router.get("/parties/{party_id}")
    async def see_party(
        party_id: IdPath, caller: Annotated[Caller, scope(READ)], why: Annotated[Purpose, purpose]
    ) -> Response:
        """Read a party of a case; 404 for anybody who is no party of it. The reading is logged."""
        case = await desk.case(caller, why.case_id)
        party = case.state.party(party_id)
        entry = (await desk.journal.read(party_stream(party.party_id), court=case.court)).state.party
        why.what["party_id"] = party_id
        return JsonResponse(entry, headers={"Cache-Control": "no-store"})

    return router
