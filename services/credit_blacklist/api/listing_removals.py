"""Removals: proposed by an officer or prepared by the service, decided by the president (R-CRB-10)."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Request
from starlette.responses import Response

from libs.journal import Outcome
from libs.web import ApprovalBody, Caller, IdPath, if_match, meta_of, respond, scope, show
from services.credit_blacklist.api.listing_bodies import RemovalBody
from services.credit_blacklist.api.listing_papers import end_paper
from services.credit_blacklist.api.listing_room import READ, WRITE, ListingRoom
from services.credit_blacklist.api.listing_shape import render_removal
from services.credit_blacklist.domain.listing import Listing, ListingUnknown
from services.credit_blacklist.domain.listing_commands import DecideRemoval, ProposeRemoval
from services.credit_blacklist.domain.listing_refusals import ListingNotInForce
from services.credit_blacklist.domain.listing_removal import proposal_of
from services.credit_blacklist.rules.roles import OFFICERS, PRESIDENT


def listing_removal_routes(room: ListingRoom) -> APIRouter:
    """Return the routes."""
    router = APIRouter(tags=["listings"])
    _proposing(router, room)
    _deciding(router, room)
    return router


def _proposing(router: APIRouter, room: ListingRoom) -> None:
    @router.post("/listings/{listing_id}/removals", status_code=201)
    async def propose(
        listing_id: IdPath,
        body: RemovalBody,
        request: Request,
        caller: Annotated[Caller, scope(WRITE)],
        expected: Annotated[int, if_match],
    ) -> Response:
        """Propose to remove a listing; one that the service prepared is taken over. What is not listed is refused."""
        role = caller.require_role(*OFFICERS)
        folded = await room.listing(caller, listing_id)
        if folded.state.listing_id != listing_id:
            raise ListingUnknown
        meta = meta_of(request, caller, court=folded.court, body=body, expected_seq=expected, role=role)
        latest = folded.state.latest
        if latest is None:
            raise ListingNotInForce
        standing = await room.standing(caller, folded.state.case_id, latest.record.party_id)
        performed = body.ground in ("PERFORMED", "ACTIVE_PERFORMANCE")
        known = standing.satisfied_on if performed else None
        command = ProposeRemoval(
            ground=body.ground,
            reason=(await room.masker(folded.state.case_id))(body.reason),
            document_id=body.document_id,
            queries_on=body.queries_on,
            occurred_on=body.occurred_on or known or room.today(),
            by=caller.subject,
            standing=standing,
        )
        outcome = await room.execute(folded, command, meta)
        return _removal(outcome, proposal_of(outcome.events, outcome.state), location=True)


def _deciding(router: APIRouter, room: ListingRoom) -> None:
    @router.get("/listing-removals/{removal_id}")
    async def read(removal_id: IdPath, request: Request, caller: Annotated[Caller, scope(READ)]) -> Response:
        """Read a removal with its deadline; the ETag is what its approval names in If-Match."""
        folded = await room.listing(caller, removal_id)
        return show(request, render_removal(folded.state.removal(removal_id)), seq=folded.seq)

    @router.post("/listing-removals/{removal_id}/approvals", status_code=201)
    async def approve(
        removal_id: IdPath,
        body: ApprovalBody,
        request: Request,
        caller: Annotated[Caller, scope(WRITE)],
        expected: Annotated[int, if_match],
    ) -> Response:
        """Agree to a removal, which takes effect at once, or refuse it; who proposed it may not."""
        caller.require_role(PRESIDENT)
        folded = await room.listing(caller, removal_id)
        folded.state.removal(removal_id)
        meta = meta_of(request, caller, court=folded.court, body=body, expected_seq=expected, role=PRESIDENT)
        reason = (await room.masker(folded.state.case_id))(body.reason or "")
        command = DecideRemoval(removal_id, body.decision == "APPROVE", reason, caller.subject, "")
        if command.approve and await room.rehearse(folded, command, meta) is not None:
            number = await room.numbered(folded, "REMOVAL_DECISION", removal_id, meta)
            paper = await end_paper(room, folded, removal_id, number, caller.subject, meta)
            command = replace(command, number=number, paper=paper)
        return _removal(await room.execute(folded, command, meta), removal_id)


def _removal(outcome: Outcome[Listing], removal_id: str, *, location: bool = False) -> Response:
    body = render_removal(outcome.state.removal(removal_id))
    where = f"/v1/listing-removals/{removal_id}" if location else None
    return respond(outcome, body, status=201, location=where)
