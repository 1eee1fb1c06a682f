"""Applications: file, supplement, decide (R-INT-09, R-INT-10)."""

from __future__ import annotations

from typing import Annotated, cast

from fastapi import APIRouter, Request
from starlette.responses import Response

from libs.foundation.court_calendar import court_day
from libs.schemas.parts import PartyRef
from libs.web import Caller, IdPath, if_match, meta_of, respond, scope, show
from services.intake.api.application_bodies import ApplicationBody, DecisionBody, SupplementBody
from services.intake.api.desk import Desk
from services.intake.api.filing_people import keep_wording, known, people, registered, titled
from services.intake.api.rendering import render_application
from services.intake.domain.filing import DecideApplication, FileApplication, Filing, SupplementApplication
from services.intake.domain.party import RegisterParty
from services.intake.domain.wording import masked
from services.intake.naming import filing_id, filing_stream
from services.intake.rules.acceptance import Findings

READ = "intake.applications.read"
WRITE = "intake.applications.write"


def application_routes(desk: Desk) -> APIRouter:
    """Return the routes."""
    router = APIRouter(tags=["enforcement applications"])
    _filing(router, desk)
    _curing(router, desk)
    _deciding(router, desk)
    return router


def _filing(router: APIRouter, desk: Desk) -> None:
    """Add filing and reading."""

    @router.post("/enforcement-applications", status_code=201)
    async def file_application(
        body: ApplicationBody, request: Request, caller: Annotated[Caller, scope(WRITE)]
    ) -> Response:
        """File an application. The same application twice is answered with the first one (200, `duplicate_of`)."""
        role = caller.require_role("filing_portal", "filing_clerk")
        court = body.court_code
        meta = meta_of(request, caller, court=court, body=body, role=role)
        _ = (await desk.roster(court)).present
        filers = people(desk, court, (*body.applicants, *body.debtors))
        everybody = await registered(desk, court, filers, meta)
        command = _command(desk, body, filers, everybody, caller.subject)
        outcome = await desk.journal.execute(filing_stream(command.filing_id), command, meta)
        attempt = cast("Filing", outcome.state).attempts[-1]
        is_new = bool(outcome.events)
        if is_new:
            await keep_wording(desk, attempt.application_id, body, meta)
        rendered = render_application(attempt, today=court_day(desk.now()))
        if not is_new:
            rendered |= {"duplicate_of": attempt.case_id or attempt.application_id}
        location = f"/v1/enforcement-applications/{attempt.application_id}"
        return respond(outcome, rendered, status=201 if is_new else 200, location=location)

    @router.get("/enforcement-applications/{application_id}")
    async def see_application(
        application_id: IdPath, request: Request, caller: Annotated[Caller, scope(READ)]
    ) -> Response:
        """Read an application: state, defects, decision, the case that it became."""
        folded = await desk.filing(caller, application_id)
        attempt = folded.state.attempt(application_id)
        return show(request, render_application(attempt, today=court_day(desk.now())), seq=folded.seq)


def _curing(router: APIRouter, desk: Desk) -> None:
    """Add supplementing."""

    @router.post("/enforcement-applications/{application_id}/supplements", status_code=201)
    async def supplement_application(
        application_id: IdPath, body: SupplementBody, request: Request, caller: Annotated[Caller, scope(WRITE)]
    ) -> Response:
        """Hand in papers that were lacking; what is still missing is named again."""
        role = caller.require_role("filing_portal", "filing_clerk")
        folded = await desk.filing(caller, application_id)
        meta = meta_of(request, caller, court=folded.court, body=body, role=role)
        register = await known(desk, folded.court, folded.state.attempt(application_id))
        command = SupplementApplication(
            application_id,
            titled(body.papers, register),
            body.special_authorisation,
            masked(body.clues, register),
        )
        outcome = await desk.journal.execute(folded.stream, command, meta)
        attempt = cast("Filing", outcome.state).attempt(application_id)
        return respond(outcome, render_application(attempt, today=court_day(desk.now())), status=201)


def _deciding(router: APIRouter, desk: Desk) -> None:
    """Add the decision."""

    @router.post("/enforcement-applications/{application_id}/decisions", status_code=201)
    async def decide_application(
        application_id: IdPath,
        body: DecisionBody,
        request: Request,
        caller: Annotated[Caller, scope(WRITE)],
        expected: Annotated[int, if_match],
    ) -> Response:
        """Accept or refuse. Acceptance fixes the case id; the number follows within a moment."""
        role = caller.require_role("filing_clerk")
        folded = await desk.filing(caller, application_id)
        meta = meta_of(request, caller, court=folded.court, body=body, expected_seq=expected, role=role)
        command = DecideApplication(
            application_id=application_id,
            accept=body.decision == "ACCEPT",
            findings=Findings(**body.conditions.model_dump()),
            decided_by=caller.subject,
            reason=body.reason,
        )
        outcome = await desk.journal.execute(folded.stream, command, meta)
        attempt = cast("Filing", outcome.state).attempt(application_id)
        location = f"/v1/enforcement-cases/{attempt.case_id}" if attempt.case_id else None
        rendered = render_application(attempt, today=court_day(desk.now()))
        return respond(outcome, rendered, status=201, location=location)


def _command(
    desk: Desk,
    body: ApplicationBody,
    people: tuple[RegisterParty, ...],
    everybody: tuple[PartyRef, ...],
    filed_by: str,
) -> FileApplication:
    """Return the filing: its natural key from basis and parties, its texts with the parties masked."""
    count = len(body.applicants)
    applicants, debtors = everybody[:count], everybody[count:]
    basis = body.basis.basis()
    sides = [[party.party_id for party in side] for side in (applicants, debtors)]
    return FileApplication(
        filing_id=filing_id(desk.secrets, body.court_code, basis, *sides),
        court=body.court_code,
        applicants=applicants,
        debtors=debtors,
        basis=basis.model_copy(update={"content": masked(basis.content, people)}),
        cause=body.cause,
        claim_fen=body.claim_fen,
        requests=masked(body.requests, people),
        clues=masked(body.clues, people),
        papers=titled(body.papers, people),
        filed_by=filed_by,
        special_authorisation=body.special_authorisation,
        collects_in_other_name=any(
            one.payee_account is not None and one.payee_account.account_name != one.name for one in body.applicants
        ),
        applicant_is_successor=body.applicant_is_successor,
    )
