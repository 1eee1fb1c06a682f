"""One person checked online: what a local copy asks when it is in doubt, and what court staff look up."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter
from starlette.responses import Response

from libs.foundation.clock import Clock
from libs.journal import Journal
from libs.web import Caller, JsonResponse, Purpose, agency_purpose, scope
from libs.web.guards import carries
from services.credit_blacklist.api.check_bodies import CheckBody
from services.credit_blacklist.screening.persons import AsOf, Verdict
from services.credit_blacklist.screening.screening import Screening
from services.credit_blacklist.subscribers import view_for

CHECKS_READ: Final = "credit_blacklist.checks.read"
CANDIDATES_READ: Final = "credit_blacklist.candidates.read"


def check_routes(journal: Journal, clock: Clock, screening: Screening) -> APIRouter:
    """Return the route."""
    router = APIRouter(tags=["screening"])

    @router.post("/restriction-checks")
    async def check(
        body: CheckBody, caller: Annotated[Caller, scope(CHECKS_READ)], why: Annotated[Purpose, agency_purpose]
    ) -> Response:
        """Say whether a person is LISTED, NOT_LISTED or UNKNOWN, by document number and name, in the caller's view.

        Hits show court, order number, telephone and kinds, and not why. A name alone is UNKNOWN: court staff get
        candidates with an explained score, an agency gets none. `as_of` asks for the list of an earlier moment. Every
        check names its purpose, a court's also its case (R-GEN-06), and is on record.
        """
        view = (await view_for(journal, caller)).view_id
        person = body.person(view)
        as_of = await screening.as_of(view, clock.now(), body.moment)
        if person is None:
            answer = await _by_name(screening, as_of, body.name, caller)
        else:
            verdict = (await screening.screen(as_of, [person]))[0]
            answer = _shown(verdict, as_of)
        why.what.update(_recorded(answer, as_of))
        return JsonResponse(answer, headers={"Cache-Control": "no-store"})

    return router


async def _by_name(screening: Screening, as_of: AsOf, name: str, caller: Caller) -> dict[str, Any]:
    answer = _shown(screening.doubt(as_of) or Verdict("UNKNOWN", "NAME_ALONE"), as_of)
    staff = caller.agency_id is None and carries(caller.scopes, CANDIDATES_READ)
    if answer["reason"] != "NAME_ALONE" or not staff:
        return answer
    found, more = await screening.candidates(as_of, name)
    return {**answer, "candidates": found, "more": more}


def _shown(verdict: Verdict, as_of: AsOf) -> dict[str, Any]:
    return {**verdict.shown, "as_of": as_of.shown}


def _recorded(answer: dict[str, Any], as_of: AsOf) -> dict[str, str]:
    shown = [*answer.get("hits", ()), *answer.get("candidates", ())]
    return {
        "status": answer["status"],
        "records": " ".join(one["record_id"] for one in shown),
        "list": f"{as_of.view}:{as_of.session_id}:{as_of.sequence}",
    }
