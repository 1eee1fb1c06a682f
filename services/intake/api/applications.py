"""Applications: file, supplement, decide (R-INT-09, R-INT-10)."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, cast

from fastapi import APIRouter, Request
from starlette.responses import Response

from libs.foundation.court_calendar import court_day
from libs.foundation.errors import ZhixingError
from libs.journal import CommandMeta
from libs.schemas.parts import PartyRef
from libs.web import Caller, if_match, meta_of, respond, scope, show
from services.intake.api.application_bodies import ApplicationBody, DecisionBody, PartyBody, SupplementBody, filed
from services.intake.api.desk import Desk, step
from services.intake.api.fields import IdPath
from services.intake.api.rendering import render_application
from services.intake.domain import party
from services.intake.domain.filing import DecideApplication, FileApplication, Filing, SupplementApplication
from services.intake.domain.party import Register, RegisterParty
from services.intake.naming import filing_stream, party_stream
from services.intake.rules.acceptance import Findings

READ = "intake.applications.read"
WRITE = "intake.applications.write"


def application_routes(desk: Desk) -> APIRouter:
    """Return the routes."""
    router = APIRouter(tags=["enforcement applications"])

    @router.post("/enforcement-applications", status_code=201)
    async def file_application(
        body: ApplicationBody, request: Request, caller: Annotated[Caller, scope(WRITE)]
    ) -> Response:
        """File an application. The same application twice is answered with the first one (200, `duplicate_of`)."""
        role = caller.require_role("filing_portal", "filing_clerk")
        court = body.court_code
        meta = meta_of(request, caller, court=court, body=body, role=role)
        _ = (await desk.roster(court)).present
        everybody = await _registered(desk, court, (*body.applicants, *body.debtors), meta)
        applicants, debtors = everybody[: len(body.applicants)], everybody[len(body.applicants) :]
        basis = body.basis.basis()
        filing_id = desk.secrets.filing_id(
            court, basis, [one.party_id for one in applicants], [one.party_id for one in debtors]
        )
        command = FileApplication(
            filing_id=filing_id,
            court=court,
            applicants=applicants,
            debtors=debtors,
            basis=basis,
            cause=body.cause,
            claim_fen=body.claim_fen,
            requests=body.requests,
            clues=body.clues,
            papers=filed(body.papers),
            filed_by=caller.subject,
            special_authorisation=body.special_authorisation,
            collects_in_other_name=any(
                one.payee_account is not None and one.payee_account.account_name != one.name for one in body.applicants
            ),
            applicant_is_successor=body.applicant_is_successor,
        )
        outcome = await desk.journal.execute(filing_stream(filing_id), command, meta)
        attempt = cast("Filing", outcome.state).attempts[-1]
        is_new = bool(outcome.events) or outcome.replayed
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

    @router.post("/enforcement-applications/{application_id}/supplements", status_code=201)
    async def supplement_application(
        application_id: IdPath, body: SupplementBody, request: Request, caller: Annotated[Caller, scope(WRITE)]
    ) -> Response:
        """Hand in papers that were lacking; what is still missing is named again."""
        role = caller.require_role("filing_portal", "filing_clerk")
        folded = await desk.filing(caller, application_id)
        meta = meta_of(request, caller, court=folded.court, body=body, role=role)
        command = SupplementApplication(application_id, filed(body.papers), body.special_authorisation)
        outcome = await desk.journal.execute(folded.stream, command, meta)
        attempt = cast("Filing", outcome.state).attempt(application_id)
        return respond(outcome, render_application(attempt, today=court_day(desk.now())), status=201)

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

    return router


async def _registered(
    desk: Desk, court: str, parties: tuple[PartyBody, ...], meta: CommandMeta
) -> tuple[PartyRef, ...]:
    """Enter the parties into the register and return them as events name them.

    All are asked before the first is entered, so that one bad name leaves no half of an application behind.
    """
    commands = [
        RegisterParty(
            party_id=desk.secrets.party_id(court, body.identities()),
            party_type=body.party_type,
            name=body.name,
            documents=body.identities(),
            phone=body.phone,
            address=body.address,
            payee_account=body.account(),
        )
        for body in parties
    ]
    now = desk.now()
    for command in commands:
        known = cast("Register", (await desk.journal.fold(party_stream(command.party_id), court=court)).state)
        try:
            party.decide(known, command, now)
        except ZhixingError as error:
            error.field = error.field or "documents"
            raise
    for command in commands:
        own = replace(step(meta, "party", command.party_id), key=command.party_id)
        await desk.journal.execute(party_stream(command.party_id), command, own)
    return tuple(party.reference(one.party_id, one.name, one.party_type) for one in commands)
