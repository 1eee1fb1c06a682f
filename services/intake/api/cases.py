"""Cases: search, read, triage, assign, record a debtor's property report (R-INT-14, R-INT-16, R-INT-31)."""

from __future__ import annotations

from typing import Annotated, Any, Literal, cast

from fastapi import APIRouter, Query, Request
from pydantic import Field
from starlette.responses import Response

from libs.foundation.case_number import parse_case_number
from libs.foundation.ids import derived_id
from libs.schemas.envelope import Fen
from libs.schemas.parts import Sha256
from libs.web import (
    Caller,
    CourtCode,
    Identifier,
    IdPath,
    Listing,
    RequestModel,
    if_match,
    meta_of,
    page_params,
    respond,
    scope,
    show,
)
from services.intake.api.desk import Desk
from services.intake.api.rendering import render_case, render_triage
from services.intake.domain.case import Case
from services.intake.domain.case.opening import AssignCase, TriageCase
from services.intake.domain.case.papers import ReceivePropertyReport
from services.intake.domain.case.state import CaseStatus
from services.intake.views import CASES, DOCUMENTS

READ = "intake.cases.read"
WRITE = "intake.cases.write"
DOCUMENTS_SHOWN_MAX = 200

ReportCategory = Literal["INCOME_AND_DEPOSITS", "REAL_ESTATE", "MOVABLES", "RIGHTS", "OTHER"]
"""The five categories of a property report (R-INT-16, CPL Art 252)."""


class TriageBody(RequestModel):
    """What a person knows beside the inquiry's result."""

    preserved_fen: Fen = 0
    needs_disposal: bool | None = None
    removal_of_obstruction: bool = False
    debtor_willing: bool = False
    deductible_income: bool = False
    simple_act: bool = False


class AssignmentBody(RequestModel):
    """Which team, and which of its officers."""

    team_id: Identifier
    case_officer_id: Identifier


class PropertyReportBody(RequestModel):
    """A debtor's report: what it covers and the hash of the paper."""

    party_id: Identifier
    categories: Annotated[tuple[ReportCategory, ...], Field(min_length=1, max_length=5)]
    report_sha256: Sha256


def case_routes(desk: Desk) -> APIRouter:
    """Return the routes."""
    router = APIRouter(tags=["enforcement cases"])
    _reading(router, desk)
    _leading(router, desk)
    _reporting(router, desk)
    return router


def _reading(router: APIRouter, desk: Desk) -> None:
    """Add search and reading."""

    @router.get("/enforcement-cases")
    async def search_cases(
        caller: Annotated[Caller, scope(READ)],
        listing: Annotated[Listing, page_params],
        case_number: Annotated[str | None, Query(max_length=40)] = None,
        status: Annotated[CaseStatus | None, Query()] = None,
        court: Annotated[CourtCode | None, Query()] = None,
    ) -> Response:
        """Search the cases of the caller's courts by number, status, court."""
        where = caller.fence() if court is None else {"court": caller.require_sight(court)}
        if status is not None:
            where["status"] = status
        if case_number is not None:
            where["case_number"] = parse_case_number(case_number).key
        page = await listing.page(desk.journal.views, CASES.name, where=where, order=(("filed_on", -1),))
        return listing.answer(page, _case_row)

    @router.get("/enforcement-cases/{case_id}")
    async def see_case(case_id: IdPath, request: Request, caller: Annotated[Caller, scope(READ)]) -> Response:
        """Read a case; 404 until it is registered, which follows its acceptance within a moment."""
        folded = await desk.case(caller, case_id)
        documents = await case_documents(desk, case_id, folded.court)
        # Documents have streams of their own: the ETag is for If-Match, and no 304 may hide a new signature.
        return show(request, render_case(folded.state, documents), seq=folded.seq, conditional=False)


def _leading(router: APIRouter, desk: Desk) -> None:
    """Add triage and assignment."""

    @router.post("/enforcement-cases/{case_id}/triage-decisions", status_code=201)
    async def triage(
        case_id: IdPath, body: TriageBody, request: Request, caller: Annotated[Caller, scope(WRITE)]
    ) -> Response:
        """Classify a case; the rules and facts that decided are answered (R-INT-31)."""
        role = caller.require_role("duty_officer", "case_officer")
        folded = await desk.case(caller, case_id)
        meta = meta_of(request, caller, court=folded.court, body=body, role=role)
        command = TriageCase(decided_by=caller.subject, **body.model_dump())
        outcome = await desk.journal.execute(folded.stream, command, meta)
        return respond(outcome, render_triage(cast("Case", outcome.state)), status=201)

    @router.post("/enforcement-cases/{case_id}/assignments", status_code=201)
    async def assign(
        case_id: IdPath,
        body: AssignmentBody,
        request: Request,
        caller: Annotated[Caller, scope(WRITE)],
        expected: Annotated[int, if_match],
    ) -> Response:
        """Give the case to a team of the kind that triage found, and to one of its officers."""
        role = caller.require_role("duty_leader", "team_leader", "bureau_head")
        folded = await desk.case(caller, case_id)
        roster = await desk.roster(folded.court)
        team = roster.team(body.team_id)
        meta = meta_of(request, caller, court=folded.court, body=body, expected_seq=expected, role=role)
        command = AssignCase(
            assigned_by=caller.subject,
            bureau_head=roster.present.bureau_head,
            team=team,
            team_leader=roster.staff(team.leader),
            case_officer=roster.staff(body.case_officer_id),
        )
        outcome = await desk.journal.execute(folded.stream, command, meta)
        return respond(outcome, render_case(outcome.state), status=201)


def _reporting(router: APIRouter, desk: Desk) -> None:
    """Add the debtor's property report."""

    @router.post("/enforcement-cases/{case_id}/property-reports", status_code=201)
    async def receive_report(
        case_id: IdPath, body: PropertyReportBody, request: Request, caller: Annotated[Caller, scope(WRITE)]
    ) -> Response:
        """Record a debtor's property report; whether it came in time is computed (R-INT-16)."""
        role = caller.require_role("duty_officer", "case_officer")
        folded = await desk.case(caller, case_id)
        meta = meta_of(request, caller, court=folded.court, body=body, role=role)
        command = ReceivePropertyReport(
            party_id=body.party_id,
            report_id=derived_id("rep", meta.command_id),
            categories=tuple(dict.fromkeys(body.categories)),
            recorded_by=caller.subject,
        )
        outcome = await desk.journal.execute(folded.stream, command, meta)
        state = cast("Case", outcome.state)
        rendered = next(one for one in render_case(state)["property_reports"] if one["party_id"] == body.party_id)
        return respond(outcome, rendered, status=201)


async def case_documents(desk: Desk, case_id: str, court: str) -> list[dict[str, Any]]:
    """Return the case's documents as its list shows them."""
    page = await desk.journal.views.find(
        DOCUMENTS.name, court=court, where={"case_id": case_id}, limit=DOCUMENTS_SHOWN_MAX
    )
    shown = ("kind", "number", "title", "state", "approver", "served_on")
    return [{"id": row["document_id"]} | {name: row[name] for name in shown} for row in page.rows]


def _case_row(row: dict[str, Any]) -> dict[str, Any]:
    hidden = ("row_id", "court", "stream", "seq", "case_id")
    return {"id": row["case_id"]} | {name: value for name, value in row.items() if name not in hidden}
