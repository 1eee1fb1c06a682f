"""Closing a case: a proposal with its guards explained, an approval at the right level (R-INT-22, R-INT-27)."""

from __future__ import annotations

from typing import Annotated, cast

from fastapi import APIRouter, Request
from starlette.responses import Response

from libs.journal import Folded
from libs.schemas.intake import ClosureKind
from libs.schemas.parts import DocumentKind
from libs.web import ApprovalBody, Caller, Identifier, IdPath, RequestModel, if_match, meta_of, respond, scope
from services.intake.api.desk import Desk
from services.intake.api.document_decisions import SIGNERS
from services.intake.api.rendering import render_closure
from services.intake.domain.case import Case
from services.intake.domain.case.closing import ClosureUnknown, DecideClosure, PapersServed, ProposeClosure
from services.intake.domain.document import Document
from services.intake.domain.refusals import CaseUnknown
from services.intake.naming import case_of_closure, closure_id, document_stream

WRITE = "intake.closures.write"


class ClosureBody(RequestModel):
    """One of the six ways to close; a written waiver of the applicant is named by its paper."""

    kind: ClosureKind
    waiver_document_id: Identifier | None = None


def closure_routes(desk: Desk) -> APIRouter:
    """Return the routes."""
    router = APIRouter(tags=["closures"])
    _proposing(router, desk)
    _deciding(router, desk)
    return router


def _proposing(router: APIRouter, desk: Desk) -> None:
    """Add the proposal."""

    @router.post("/enforcement-cases/{case_id}/closures", status_code=201)
    async def propose(
        case_id: IdPath,
        body: ClosureBody,
        request: Request,
        caller: Annotated[Caller, scope(WRITE)],
        expected: Annotated[int, if_match],
    ) -> Response:
        """Propose to close the case; every guard is explained, whether it holds (201) or not (409)."""
        role = caller.require_role("duty_officer", "case_officer")
        case = await desk.case(caller, case_id)
        roster = await desk.roster(case.court)
        meta = meta_of(request, caller, court=case.court, body=body, expected_seq=expected, role=role)
        command = ProposeClosure(
            closure_id=closure_id(case_id, meta.command_id),
            kind=body.kind,
            proposed_by=caller.subject,
            holders=roster.holders(case.state.acting_leader.officer_id),
            papers=await _papers(desk, case),
            waiver_document_id=body.waiver_document_id,
        )
        outcome = await desk.journal.execute(case.stream, command, meta)
        closure = cast("Case", outcome.state).closure(command.closure_id)
        assert closure is not None, "what was just proposed is there"
        return respond(outcome, render_closure(closure), status=201)


def _deciding(router: APIRouter, desk: Desk) -> None:
    """Add the approval."""

    @router.post("/closures/{closure}/approvals", status_code=201)
    async def decide(
        closure: IdPath,
        body: ApprovalBody,
        request: Request,
        caller: Annotated[Caller, scope(WRITE)],
        expected: Annotated[int, if_match],
    ) -> Response:
        """Approve a proposal, which closes the case, or reject it. If-Match is the case's ETag."""
        role = caller.require_role(*SIGNERS)
        try:
            case = await desk.case(caller, case_of_closure(closure))
        except CaseUnknown as error:
            raise ClosureUnknown from error
        meta = meta_of(request, caller, court=case.court, body=body, expected_seq=expected, role=role)
        command = DecideClosure(
            closure_id=closure,
            approver=caller.subject,
            approve=body.decision == "APPROVE",
            papers=await _papers(desk, case),
            reason=body.reason or "",
        )
        outcome = await desk.journal.execute(case.stream, command, meta)
        decided = cast("Case", outcome.state).closure(closure)
        assert decided is not None, "what was just decided is there"
        return respond(outcome, render_closure(decided), status=201)


async def _papers(desk: Desk, case: Folded[Case]) -> PapersServed:
    """Return what the case's own documents show. Approval and service are never taken back."""
    notices = await _of_kind(desk, case, "ENFORCEMENT_NOTICE")
    closing = await _of_kind(desk, case, "CLOSING_NOTICE")
    return PapersServed(
        notice_served=any(document.services for document in notices),
        closing_notice_approved=any(document.approved is not None for document in closing),
    )


async def _of_kind(desk: Desk, case: Folded[Case], kind: DocumentKind) -> list[Document]:
    ids = [one.document_id for one in case.state.documents if one.kind == kind]
    folded = [await desk.journal.fold(document_stream(document_id), court=case.court) for document_id in ids]
    return [cast("Document", one.state) for one in folded]
