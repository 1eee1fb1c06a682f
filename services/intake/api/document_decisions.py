"""What happens to a draft: signed and sealed or sent back, then served (R-GEN-07, R-INT-15, R-INT-16)."""

from __future__ import annotations

from typing import Annotated, cast

from fastapi import APIRouter, Request
from starlette.responses import Response

from libs.journal import Folded
from libs.schemas.envelope import Instant
from libs.schemas.intake import ServiceMethod
from libs.web import ApprovalBody, Caller, Identifier, IdPath, RequestModel, Text, if_match, meta_of, respond, scope
from services.intake.api.desk import Desk
from services.intake.api.documents import ACTING, WRITE
from services.intake.api.rendering import render_document
from services.intake.domain.document import ApproveDocument, Document, RecordService, RejectDocument
from services.intake.receipts import document_seal

SIGNERS = ("team_leader", "duty_leader", "bureau_head", "president")


class ServiceBody(RequestModel):
    """Whom a document was served on, how, when (now, if not given), and what proves it."""

    party_id: Identifier
    method: ServiceMethod
    served_at: Instant | None = None
    evidence: Text


def document_decision_routes(desk: Desk) -> APIRouter:
    """Return the routes."""
    router = APIRouter(tags=["documents"])

    @router.post("/documents/{document_id}/approvals", status_code=201)
    async def approve(
        document_id: IdPath,
        body: ApprovalBody,
        request: Request,
        caller: Annotated[Caller, scope(WRITE)],
        expected: Annotated[int, if_match],
    ) -> Response:
        """Sign and seal a draft, or send it back. Only the approver named in it may."""
        role = caller.require_role(*SIGNERS)
        folded = await desk.document(caller, document_id)
        meta = meta_of(request, caller, court=folded.court, body=body, expected_seq=expected, role=role)
        command: ApproveDocument | RejectDocument
        if body.decision == "APPROVE":
            command = ApproveDocument(caller.subject, await _seal(desk, folded, caller.subject))
        else:
            command = RejectDocument(caller.subject, body.reason or "")
        outcome = await desk.journal.execute(folded.stream, command, meta)
        return respond(outcome, render_document(cast("Document", outcome.state)), status=201)

    @router.post("/documents/{document_id}/services", status_code=201)
    async def serve(
        document_id: IdPath, body: ServiceBody, request: Request, caller: Annotated[Caller, scope(WRITE)]
    ) -> Response:
        """Put service on a party on record; serving the property report order starts the debtor's clock."""
        role = caller.require_role(*ACTING)
        folded = await desk.document(caller, document_id)
        case = await desk.case(caller, folded.state.draft.case_id)
        case.state.require_acting(caller.subject)
        party = case.state.party(body.party_id)
        meta = meta_of(request, caller, court=folded.court, body=body, role=role)
        served_at = body.served_at or desk.now()
        command = RecordService(party, body.method, served_at, body.evidence, caller.subject)
        outcome = await desk.journal.execute(folded.stream, command, meta)
        return respond(outcome, render_document(cast("Document", outcome.state)), status=201)

    return router


async def _seal(desk: Desk, folded: Folded[Document], approver: str) -> str:
    """Sign the seal of a draft that waits for this person; for any other the decision itself refuses."""
    draft = folded.state.draft
    if folded.state.state != "DRAFTED" or draft.approver != approver:
        return ""
    return await desk.signing().sign(document_seal(draft, folded.court, approver, desk.now()), "document-seal")
