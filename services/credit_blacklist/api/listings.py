"""Listings: what stands on the list, what stood there, how far the duty is performed, certificates of repair."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from libs.journal import Folded
from libs.web import (
    Caller,
    Identifier,
    IdPath,
    Listing,
    Purpose,
    if_match,
    meta_of,
    page_params,
    purpose,
    respond,
    scope,
    show,
)
from services.credit_blacklist.api.listing_bodies import CertificateBody, PerformanceBody
from services.credit_blacklist.api.listing_room import READ, WRITE, ListingRoom
from services.credit_blacklist.api.listing_shape import render_listing
from services.credit_blacklist.api.present import require_present
from services.credit_blacklist.certificates import repair_certificate, signed_certificate
from services.credit_blacklist.domain.listing import Listing as ListingState
from services.credit_blacklist.domain.listing import ListingUnknown
from services.credit_blacklist.domain.listing_commands import CertifyRepair, UpdatePerformance
from services.credit_blacklist.domain.listing_exchange import public_record
from services.credit_blacklist.domain.listing_refusals import ListingNotInForce
from services.credit_blacklist.domain.listing_repair import check_repair
from services.credit_blacklist.rules.roles import OFFICERS
from services.credit_blacklist.views.listings import LISTING_PROPOSALS, LISTINGS

Status = Literal["LISTED", "REMOVED"]


def listing_routes(room: ListingRoom) -> APIRouter:
    """Return the routes."""
    router = APIRouter(tags=["listings"])
    _lists(router, room)
    _reading(router, room)
    _writing(router, room)
    return router


def _lists(router: APIRouter, room: ListingRoom) -> None:
    @router.get("/listings")
    async def listings(
        caller: Annotated[Caller, scope(READ)],
        listing: Annotated[Listing, page_params],
        case_id: Annotated[Identifier | None, Query()] = None,
        party_id: Annotated[Identifier | None, Query()] = None,
        status: Annotated[Status | None, Query()] = None,
    ) -> Response:
        """List what stands on the list, or (REMOVED) the archive of what stood there, of the caller's courts."""
        where = _where(caller, case_id=case_id, party_id=party_id, status=status)
        return listing.answer(await listing.page(room.journal.views, LISTINGS.name, where=where))

    @router.get("/listing-proposals")
    async def proposals(
        caller: Annotated[Caller, scope(READ)],
        listing: Annotated[Listing, page_params],
        case_id: Annotated[Identifier | None, Query()] = None,
        state: Annotated[Literal["PROPOSED", "APPROVED", "REJECTED", "WITHDRAWN"] | None, Query()] = None,
        overdue: Annotated[bool | None, Query()] = None,
    ) -> Response:
        """List removals and corrections with their deadlines: what waits for the president, and what was late."""
        where = _where(caller, case_id=case_id, state=state, overdue=overdue)
        return listing.answer(await listing.page(room.journal.views, LISTING_PROPOSALS.name, where=where))


def _where(caller: Caller, **wanted: object) -> dict[str, Any]:
    return caller.fence() | {name: value for name, value in wanted.items() if value is not None}


def _reading(router: APIRouter, room: ListingRoom) -> None:
    @router.get("/listings/{listing_id}")
    async def read(listing_id: IdPath, request: Request, caller: Annotated[Caller, scope(READ)]) -> Response:
        """Read a listing with its decisions, proposals and requests; the ETag is what its writes name in If-Match."""
        folded = await _whole(room, caller, listing_id)
        return show(request, render_listing(folded.state), seq=folded.seq)

    @router.get("/listings/{listing_id}/publication")
    async def publication(
        listing_id: IdPath,
        request: Request,
        caller: Annotated[Caller, scope(READ)],
        why: Annotated[Purpose, purpose],
    ) -> Response:
        """Read the record in the field names of the public list (R-CRB-08), with the masked number and the age."""
        folded = await _whole(room, caller, listing_id)
        if folded.state.current is None:
            raise ListingNotInForce
        record = folded.state.current.record
        why.what["party_id"] = record.party_id
        person = (await room.person(record.party_id)).require()
        named = record.legal_representative
        representative = (await room.person(named)).require() if named else None
        body = public_record(folded.state.current, person, representative, room.today())
        return show(request, body, seq=folded.seq, conditional=False)

    @router.get("/listings/{listing_id}/wordings")
    async def wordings(
        listing_id: IdPath,
        request: Request,
        caller: Annotated[Caller, scope(READ)],
        why: Annotated[Purpose, purpose],
    ) -> Response:
        """Read what the listed person wrote; the requests name each text by its SHA-256."""
        folded = await _whole(room, caller, listing_id)
        why.what["listing_id"] = listing_id
        words = await room.words(folded.state.listing_id)
        return show(request, {"items": words.texts, "next_cursor": None}, seq=folded.seq, conditional=False)


def _writing(router: APIRouter, room: ListingRoom) -> None:
    @router.post("/listings/{listing_id}/performances", status_code=201)
    async def perform(
        listing_id: IdPath,
        body: PerformanceBody,
        request: Request,
        caller: Annotated[Caller, scope(WRITE)],
        expected: Annotated[int, if_match],
    ) -> Response:
        """Say how far the duty is performed; what is wholly performed is removed, not updated (R-CRB-08)."""
        role = caller.require_role(*OFFICERS)
        folded = await _whole(room, caller, listing_id)
        if folded.state.current is None:
            raise ListingNotInForce
        standing = await room.standing(caller, folded.state.case_id, folded.state.current.record.party_id)
        command = UpdatePerformance(body.performance, body.performed_fen, standing.owed_fen)
        meta = meta_of(request, caller, court=folded.court, body=body, expected_seq=expected, role=role)
        outcome = await room.execute(folded, command, meta)
        return respond(outcome, render_listing(outcome.state), status=201)

    @router.post("/listings/{listing_id}/credit-repair-certificates", status_code=201)
    async def certify(
        listing_id: IdPath,
        body: CertificateBody,
        request: Request,
        caller: Annotated[Caller, scope(WRITE)],
        expected: Annotated[int, if_match],
    ) -> Response:
        """Certify under the court's seal that the debtor performed and was removed (R-CRB-34)."""
        role = caller.require_role(*OFFICERS)
        folded = await _whole(room, caller, listing_id)
        meta = meta_of(request, caller, court=folded.court, body=body, expected_seq=expected, role=role)
        outcome = await room.journal.recall(meta)
        if outcome is None:
            require_present(folded, meta)
            ended = check_repair(folded.state)
            payload = repair_certificate(folded.state, ended, body.addressee, room.today())
            command = CertifyRepair(body.addressee, await signed_certificate(room.signer, payload), caller.subject)
            outcome = await room.execute(folded, command, meta)
        return respond(outcome, outcome.state.certificates[-1], status=201)


async def _whole(room: ListingRoom, caller: Caller, listing_id: str) -> Folded[ListingState]:
    folded = await room.listing(caller, listing_id)
    if folded.state.listing_id != listing_id:
        raise ListingUnknown
    return folded
