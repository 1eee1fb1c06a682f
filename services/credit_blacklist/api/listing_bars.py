"""Bars to listing: a guarantee, a lower rank, the applicant's wish to hold back … (R-CRB-03, R-CRB-05)."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from libs.foundation.ids import derived_id
from libs.schemas.credit_blacklist import CasefileBarRecorded
from libs.web import Caller, Identifier, IdPath, meta_of, respond, scope, show
from services.credit_blacklist.api.listing_bodies import BarBody
from services.credit_blacklist.api.listing_room import READ, WRITE, ListingRoom
from services.credit_blacklist.api.request_bodies import ReasonBody
from services.credit_blacklist.domain.casefile import CaseFile
from services.credit_blacklist.domain.casefile_law import EndBar, NoBarOfThisId, Note
from services.credit_blacklist.domain.listing_refusals import NotADebtorOfTheCase
from services.credit_blacklist.rules.roles import OFFICERS

SEPARATOR = "~"


def listing_bar_routes(room: ListingRoom) -> APIRouter:
    """Return the routes."""
    router = APIRouter(tags=["listings"])

    @router.post("/listing-bars", status_code=201)
    async def record(body: BarBody, request: Request, caller: Annotated[Caller, scope(WRITE)]) -> Response:
        """Record what speaks against listing a debtor; ground 1 is refused while it stands."""
        role = caller.require_role(*OFFICERS)
        folded = await room.casefile(caller, body.case_id)
        if folded.state.debtor(body.party_id) is None:
            raise NotADebtorOfTheCase(field="party_id")
        meta = meta_of(request, caller, court=folded.court, body=body, role=role)
        bar_id = SEPARATOR.join(("bar", body.case_id, derived_id("b", meta.command_id)))
        fact = CasefileBarRecorded(bar_id=bar_id, recorded_by=caller.subject, **body.model_dump())
        outcome = await room.journal.execute(folded.stream, Note(fact), meta)
        return respond(outcome, _bar(outcome.state, bar_id), status=201)

    @router.post("/listing-bars/{bar_id}/endings", status_code=201)
    async def end(
        bar_id: IdPath, body: ReasonBody, request: Request, caller: Annotated[Caller, scope(WRITE)]
    ) -> Response:
        """Say that a bar has fallen away."""
        role = caller.require_role(*OFFICERS)
        folded = await room.casefile(caller, _case_of(bar_id))
        meta = meta_of(request, caller, court=folded.court, body=body, role=role)
        outcome = await room.journal.execute(folded.stream, EndBar(bar_id, body.reason, caller.subject), meta)
        return respond(outcome, _bar(outcome.state, bar_id), status=201)

    @router.get("/listing-bars")
    async def bars(
        case_id: Annotated[Identifier, Query()], request: Request, caller: Annotated[Caller, scope(READ)]
    ) -> Response:
        """List what speaks or spoke against listing the debtors of a case."""
        folded = await room.casefile(caller, case_id)
        items = [_bar(folded.state, bar_id) for bar_id in folded.state.bars]
        return show(request, {"items": items, "next_cursor": None}, seq=folded.seq)

    return router


def _case_of(bar_id: str) -> str:
    parts = bar_id.split(SEPARATOR)
    if len(parts) != 3 or parts[0] != "bar":  # noqa: PLR2004 -- prefix, case, digest
        raise NoBarOfThisId
    return parts[1]


def _bar(casefile: CaseFile, bar_id: str) -> dict[str, Any]:
    bar = casefile.bars[bar_id]
    return {"id": bar_id, **bar.model_dump(exclude={"bar_id"}), "stands": bar_id not in casefile.ended_bars}
