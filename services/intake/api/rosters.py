"""The court's roster: who serves, who is on duty, who signs."""

from __future__ import annotations

from typing import Annotated, cast

from fastapi import APIRouter, Request
from pydantic import Field
from starlette.responses import Response

from libs.foundation.errors import NotFound
from libs.schemas.intake import Officer, RosterSet, Team, TeamKind
from libs.web import Caller, CourtPath, Identifier, Name, RequestModel, meta_of, respond, scope, show
from services.intake.api.desk import Desk
from services.intake.api.fields import PhoneNumber
from services.intake.domain.roster import Roster, SetRoster
from services.intake.naming import roster_stream

READ = "intake.rosters.read"
WRITE = "intake.rosters.write"
OFFICERS_MAX = 1000


class OfficerBody(RequestModel):
    """A member of staff with both credentials."""

    officer_id: Identifier
    name: Name
    work_permit_number: Name
    duty_permit_number: Name
    roles: Annotated[tuple[Identifier, ...], Field(min_length=1, max_length=20)]
    phone: PhoneNumber


class TeamBody(RequestModel):
    """An enforcement team."""

    team_id: Identifier
    name: Name
    kind: TeamKind
    leader: Identifier
    members: Annotated[tuple[Identifier, ...], Field(min_length=1, max_length=100)]


class RosterBody(RequestModel):
    """The whole roster; it replaces the one before."""

    court_name: Name
    officers: Annotated[tuple[OfficerBody, ...], Field(min_length=1, max_length=OFFICERS_MAX)]
    teams: Annotated[tuple[TeamBody, ...], Field(max_length=100)]
    duty_officer: Identifier
    duty_leader: Identifier
    bureau_head: Identifier
    president: Identifier
    node_supervisor: Identifier


def roster_routes(desk: Desk) -> APIRouter:
    """Return the routes."""
    router = APIRouter(tags=["rosters"])

    @router.put("/courts/{court}/roster")
    async def put_roster(
        court: CourtPath, body: RosterBody, request: Request, caller: Annotated[Caller, scope(WRITE)]
    ) -> Response:
        """Replace the roster of a court; the same roster again changes nothing."""
        role = caller.require_role("operator")
        meta = meta_of(request, caller, court=court, body=body, role=role)
        roster = RosterSet(
            court=court,
            officers=tuple(Officer(**officer.model_dump()) for officer in body.officers),
            teams=tuple(Team(**team.model_dump()) for team in body.teams),
            **body.model_dump(exclude={"officers", "teams"}),
        )
        outcome = await desk.journal.execute(roster_stream(court), SetRoster(roster), meta)
        return respond(outcome, cast("Roster", outcome.state).present)

    @router.get("/courts/{court}/roster")
    async def see_roster(court: CourtPath, request: Request, caller: Annotated[Caller, scope(READ)]) -> Response:
        """Read the roster of one of the caller's courts."""
        caller.require_sight(court)
        folded = await desk.journal.fold(roster_stream(court), court=court)
        if folded.seq == 0:
            raise NotFound("The court's roster is not set.")
        return show(request, folded.state.present, seq=folded.seq)

    return router
