"""Corrections: an entry that is wrong is revoked or corrected in three working days (R-CRB-12)."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Request
from starlette.responses import Response

from libs.foundation.ids import stream_parts
from libs.journal import Folded, Outcome
from libs.schemas.credit_blacklist import PersonRecorded, RecordChanges
from libs.web import ApprovalBody, Caller, IdPath, if_match, meta_of, respond, scope, show
from services.credit_blacklist.api.listing_bodies import CorrectionBody, FieldsBody
from services.credit_blacklist.api.listing_papers import end_paper
from services.credit_blacklist.api.listing_room import CORRECT, READ, ListingRoom
from services.credit_blacklist.api.listing_shape import render_correction
from services.credit_blacklist.domain.correction_commands import DecideCorrection, ProposeCorrection
from services.credit_blacklist.domain.listing import Listing, ListingUnknown
from services.credit_blacklist.domain.listing_wording import Masker
from services.credit_blacklist.domain.person import party_ref
from services.credit_blacklist.rules.roles import OFFICERS, PRESIDENT


def correction_routes(room: ListingRoom) -> APIRouter:
    """Return the routes."""
    router = APIRouter(tags=["corrections"])
    _proposing(router, room)
    _deciding(router, room)
    return router


def representative_of(room: ListingRoom, folded: Folded[Listing], fields: FieldsBody) -> PersonRecorded | None:
    """Return whom a body names as the debtor's legal representative, or None."""
    _, party_id, _ = stream_parts(folded.stream)
    return room.representative(folded.court, party_id, fields.legal_representative)


def changes_of(fields: FieldsBody, named: PersonRecorded | None, mask: Masker) -> RecordChanges:
    """Return the changes that a body names: the parties masked in the duty, the representative by id."""
    given = fields.model_dump(exclude_none=True) | ({"legal_representative": party_ref(named)} if named else {})
    if fields.duty is not None:
        given["duty"] = mask(fields.duty)
    return RecordChanges.model_validate(given)


def _proposing(router: APIRouter, room: ListingRoom) -> None:
    @router.post("/listings/{listing_id}/corrections", status_code=201)
    async def propose(
        listing_id: IdPath,
        body: CorrectionBody,
        request: Request,
        caller: Annotated[Caller, scope(CORRECT)],
        expected: Annotated[int, if_match],
    ) -> Response:
        """Propose to revoke a wrong listing or to correct an inaccurate one."""
        role = caller.require_role(*OFFICERS)
        folded = await room.listing(caller, listing_id)
        if folded.state.listing_id != listing_id:
            raise ListingUnknown
        mask = await room.masker(folded.state.case_id)
        found_on = body.found_on or room.today()
        named = representative_of(room, folded, body.fields)
        changes = changes_of(body.fields, named, mask)
        command = ProposeCorrection(body.nature, changes, mask(body.reason), found_on, caller.subject)
        meta = meta_of(request, caller, court=folded.court, body=body, expected_seq=expected, role=role)
        outcome = await room.execute(folded, command, meta, named=named)
        return _correction(outcome, next(reversed(outcome.state.corrections)), location=True)


def _deciding(router: APIRouter, room: ListingRoom) -> None:
    @router.get("/listing-corrections/{correction_id}")
    async def read(correction_id: IdPath, request: Request, caller: Annotated[Caller, scope(READ)]) -> Response:
        """Read a correction with its deadline; the ETag is what its approval names in If-Match."""
        folded = await room.listing(caller, correction_id)
        return show(request, render_correction(folded.state.correction(correction_id)), seq=folded.seq)

    @router.post("/listing-corrections/{correction_id}/approvals", status_code=201)
    async def approve(
        correction_id: IdPath,
        body: ApprovalBody,
        request: Request,
        caller: Annotated[Caller, scope(CORRECT)],
        expected: Annotated[int, if_match],
    ) -> Response:
        """Sign a correction, or leave the entry as it is; who proposed it may not."""
        caller.require_role(PRESIDENT)
        folded = await room.listing(caller, correction_id)
        folded.state.correction(correction_id)
        meta = meta_of(request, caller, court=folded.court, body=body, expected_seq=expected, role=PRESIDENT)
        reason = (await room.masker(folded.state.case_id))(body.reason or "")
        command = DecideCorrection(correction_id, body.decision == "APPROVE", reason, caller.subject, "")
        if command.approve and await room.rehearse(folded, command, meta) is not None:
            number = await room.numbered(folded, "CORRECTION_DECISION", correction_id, meta)
            paper = await end_paper(room, folded, correction_id, number, caller.subject, meta)
            command = replace(command, number=number, paper=paper)
        return _correction(await room.execute(folded, command, meta), correction_id)


def _correction(outcome: Outcome[Listing], correction_id: str, *, location: bool = False) -> Response:
    body = render_correction(outcome.state.correction(correction_id))
    where = f"/v1/listing-corrections/{correction_id}" if location else None
    return respond(outcome, body, status=201, location=where)
