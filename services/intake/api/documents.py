"""Documents: drafted from templates, signed and sealed by authority level, served (R-INT-15, R-INT-16, R-GEN-07)."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any, cast

from fastapi import APIRouter, Request
from pydantic import Field
from starlette.responses import Response

from libs.foundation.errors import NotFound
from libs.foundation.ids import derived_id
from libs.journal import CommandMeta
from libs.schemas.envelope import Fen
from libs.schemas.intake import DocumentDrafted, PartyRegistered
from libs.schemas.parts import DocumentKind, PartyRef
from libs.web import (
    Caller,
    Identifier,
    IdPath,
    Name,
    Purpose,
    RequestModel,
    Text,
    meta_of,
    purpose,
    respond,
    scope,
    show,
)
from services.intake.api.desk import Desk
from services.intake.api.rendering import render_document
from services.intake.domain.case import Case
from services.intake.domain.case.papers import BindDocumentNumber
from services.intake.domain.document import Document, PutDraft
from services.intake.domain.paper import Paper, WritePaper
from services.intake.naming import document_stream, paper_stream, party_stream, wording_stream
from services.intake.paperwork import Matter, check, write
from services.intake.rules.authority import DOCUMENT_LEVELS, signer
from services.intake.rules.templates import edition, version_of

READ = "intake.documents.read"
WRITE = "intake.documents.write"
ACTING = ("duty_officer", "case_officer")


class ItemFacts(RequestModel):
    """One line of a paper's list."""

    agency_id: Identifier | None = None
    asset_id: Identifier | None = None
    description: Name | None = None
    amount_fen: Fen | None = None


class DocumentFacts(RequestModel):
    """What a template's text says beside the case: sums, the agency, a reason, a list."""

    amount_fen: Fen | None = None
    agency_id: Identifier | None = None
    agency_name: Name | None = None
    reason: Text | None = None
    items: Annotated[tuple[ItemFacts, ...], Field(max_length=100)] = ()

    def values_for_text(self) -> dict[str, Any]:
        """Return the facts by name; the list is called `entries`, as `items` is a word of the template language."""
        values = self.model_dump()
        return values | {"entries": values.pop("items")}


class DocumentBody(RequestModel):
    """Which document, for whom, with which facts."""

    kind: DocumentKind
    recipients: Annotated[tuple[Identifier, ...], Field(max_length=100)] = ()
    facts: DocumentFacts = DocumentFacts()


def document_routes(desk: Desk) -> APIRouter:
    """Return the routes."""
    router = APIRouter(tags=["documents"])

    @router.post("/enforcement-cases/{case_id}/documents", status_code=201)
    async def draft(
        case_id: IdPath, body: DocumentBody, request: Request, caller: Annotated[Caller, scope(WRITE)]
    ) -> Response:
        """Draft a document; it waits in the signing queue of the approver of its level."""
        role = caller.require_role(*ACTING)
        case = await desk.case(caller, case_id)
        recipients = _recipients(case.state, body)
        check(edition(body.kind, desk.today()).value, body.facts.values_for_text())
        meta = replace(meta_of(request, caller, court=case.court, body=body, role=role), key=case.key)
        document_id = derived_id("doc", meta.command_id)
        bound = await desk.journal.execute(
            case.stream, BindDocumentNumber(document_id, body.kind, caller.subject), replace(meta, key=None)
        )
        written = await _written(desk, cast("Case", bound.state), document_id, body, meta)
        put = await _put_draft(desk, cast("Case", bound.state), written, recipients, meta)
        location = f"/v1/documents/{document_id}"
        return respond(put, render_document(cast("Document", put.state)), status=201, location=location)

    @router.get("/documents/{document_id}")
    async def see_document(document_id: IdPath, request: Request, caller: Annotated[Caller, scope(READ)]) -> Response:
        """Read a document's metadata, seal and services."""
        folded = await desk.document(caller, document_id)
        return show(request, render_document(folded.state), seq=folded.seq)

    @router.get("/documents/{document_id}/content")
    async def see_content(
        document_id: IdPath,
        caller: Annotated[Caller, scope(READ)],
        why: Annotated[Purpose, purpose],
    ) -> Response:
        """Read a document's text. It holds personal data: case and purpose are named, the reading is logged."""
        folded = await desk.document(caller, document_id)
        if folded.state.draft.case_id != why.case_id:
            raise NotFound("The document does not belong to this case.")
        paper = cast("Paper", (await desk.journal.read(paper_stream(document_id), court=folded.court)).state).written
        if paper is None:
            raise NotFound
        why.what["document_id"] = document_id
        headers = {"Content-Security-Policy": "sandbox; default-src 'none'; style-src 'unsafe-inline'"}
        return Response(paper.content, media_type=paper.media_type, headers=headers)

    return router


def _recipients(case: Case, body: DocumentBody) -> tuple[PartyRef, ...]:
    if body.recipients:
        return tuple(case.party(party_id) for party_id in dict.fromkeys(body.recipients))
    to_debtors = body.kind in ("ENFORCEMENT_NOTICE", "PROPERTY_REPORT_ORDER")
    return case.registered.debtors if to_debtors else ()


async def _written(desk: Desk, case: Case, document_id: str, body: DocumentBody, meta: CommandMeta) -> Paper:
    """Write the paper once; a repeat after a crash finds the paper that stands, whatever has changed meanwhile."""
    registered = case.registered
    number = next(one.number for one in case.documents if one.document_id == document_id)
    template = edition(body.kind, desk.today()).value
    matter = Matter(
        case=registered,
        number=number,
        written_on=desk.today(),
        applicants=[await _entry(desk, registered.court, party) for party in registered.applicants],
        debtors=[await _entry(desk, registered.court, party) for party in registered.debtors],
        officer=case.acting_officer.name,
        owed_fen=case.debt.debt_fen if case.debt else 0,
        account=case.debt.account if case.debt else None,
        operative_part=await _operative_part(desk, case),
        facts=body.facts.values_for_text(),
    )
    command = WritePaper(
        document_id=document_id,
        case_id=registered.case_id,
        kind=body.kind,
        number=number,
        title=template.title,
        content=write(template, matter),
    )
    own = meta.step("paper", key=meta.key)
    return cast("Paper", (await desk.journal.execute(paper_stream(document_id), command, own)).state)


async def _put_draft(desk: Desk, case: Case, paper: Paper, recipients: tuple[PartyRef, ...], meta: CommandMeta) -> Any:
    written = paper.written
    assert written is not None, "a paper is written before its draft is put"
    roster = await desk.roster(case.registered.court)
    drafter = meta.actor.subject
    holders = roster.holders(case.acting_leader.officer_id)
    level, approver = signer(DOCUMENT_LEVELS[written.kind], holders, drafter)
    drafted = DocumentDrafted(
        document_id=written.document_id,
        case_id=written.case_id,
        kind=written.kind,
        number=written.number,
        title=written.title,
        sha256=written.sha256,
        template_version=version_of(edition(written.kind, desk.today())),
        drafted_by=drafter,
        approval_level=level,
        approver=approver,
        recipients=recipients,
    )
    own = meta.step("draft", key=meta.key)
    return await desk.journal.execute(document_stream(written.document_id), PutDraft(drafted), own)


async def _operative_part(desk: Desk, case: Case) -> str:
    registered = case.registered
    kept = (await desk.journal.fold(wording_stream(registered.application_id), court=registered.court)).state.kept
    return kept.basis_content if kept else registered.basis.content


async def _entry(desk: Desk, court: str, party: PartyRef) -> PartyRegistered:
    entry = (await desk.journal.read(party_stream(party.party_id), court=court)).state.party
    return cast("PartyRegistered", entry)
