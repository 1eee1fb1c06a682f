"""What a listed person asks for in writing, its examination, and the review by the next higher court (R-CRB-12)."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request
from starlette.responses import Response

from libs.foundation.canonical import sha256_hex
from libs.foundation.case_number import higher_court
from libs.journal import Folded, Outcome
from libs.schemas.credit_blacklist import PersonRecorded, Remedy
from libs.web import Caller, IdPath, if_match, meta_of, respond, scope, show
from services.credit_blacklist.api.corrections import changes_of, representative_of
from services.credit_blacklist.api.listing_bodies import (
    CorrectionRequestBody,
    FindingBody,
)
from services.credit_blacklist.api.listing_room import CORRECT, READ, ListingRoom
from services.credit_blacklist.api.listing_shape import render_request
from services.credit_blacklist.api.request_bodies import RefusalServiceBody, ReviewBody
from services.credit_blacklist.domain.correction_commands import (
    DecideRequest,
    DecideReview,
    RecordRequest,
    RecordReview,
    ServeRefusal,
)
from services.credit_blacklist.domain.correction_refusals import NotTheReviewingCourt
from services.credit_blacklist.domain.listing import Listing, ListingUnknown, stream_of_listing
from services.credit_blacklist.domain.listing_wording import Masker
from services.credit_blacklist.rules.roles import CLERKS, OFFICERS, REVIEWER


def correction_request_routes(room: ListingRoom) -> APIRouter:
    """Return the routes."""
    router = APIRouter(tags=["corrections"])
    _recording(router, room)
    _examining(router, room)
    _reviewing(router, room)
    return router


def _recording(router: APIRouter, room: ListingRoom) -> None:
    @router.post("/listings/{listing_id}/correction-requests", status_code=201)
    async def record(
        listing_id: IdPath,
        body: CorrectionRequestBody,
        request: Request,
        caller: Annotated[Caller, scope(CORRECT)],
    ) -> Response:
        """Record the listed person's request; the court examines it within fifteen days."""
        role = caller.require_role(*CLERKS)
        folded = await room.listing(caller, listing_id)
        if folded.state.listing_id != listing_id:
            raise ListingUnknown
        digest = sha256_hex(body.reason.encode())
        command = RecordRequest(body.claim, digest, body.received_on or room.today(), caller.subject)
        meta = meta_of(request, caller, court=folded.court, body=body, role=role)
        if await room.rehearse(folded, command, meta) is not None:
            await room.keep_words(folded, body.reason, meta)
        outcome = await room.execute(folded, command, meta)
        return _request(outcome, next(reversed(outcome.state.requests)), location=True)

    @router.get("/correction-requests/{request_id}")
    async def read(request_id: IdPath, request: Request, caller: Annotated[Caller, scope(READ)]) -> Response:
        """Read a request; the court that listed sees it, and the next higher one that reviews."""
        folded = await _for_both_courts(room, caller, request_id)
        return show(request, render_request(folded.state.request(request_id)), seq=folded.seq)


def _examining(router: APIRouter, room: ListingRoom) -> None:
    @router.post("/correction-requests/{request_id}/decisions", status_code=201)
    async def decide(
        request_id: IdPath,
        body: FindingBody,
        request: Request,
        caller: Annotated[Caller, scope(CORRECT)],
        expected: Annotated[int, if_match],
    ) -> Response:
        """Find a request justified, which prepares its correction or removal, or reject it."""
        role = caller.require_role(*OFFICERS)
        folded = await room.listing(caller, request_id)
        mask = await room.masker(folded.state.case_id)
        named = representative_of(room, folded, body.fields)
        remedy = _remedy(body, named, mask)
        command = DecideRequest(request_id, body.finding, mask(body.reason), remedy, caller.subject)
        meta = meta_of(request, caller, court=folded.court, body=body, expected_seq=expected, role=role)
        return _request(await room.execute(folded, command, meta, named=named), request_id)

    @router.post("/correction-requests/{request_id}/services", status_code=201)
    async def serve(
        request_id: IdPath,
        body: RefusalServiceBody,
        request: Request,
        caller: Annotated[Caller, scope(CORRECT)],
    ) -> Response:
        """Record the service of a refusal: ten days run for the review."""
        role = caller.require_role(*CLERKS)
        folded = await room.listing(caller, request_id)
        mask = await room.masker(folded.state.case_id)
        command = ServeRefusal(request_id, body.served_on, mask(body.evidence), caller.subject)
        meta = meta_of(request, caller, court=folded.court, body=body, role=role)
        return _request(await room.execute(folded, command, meta), request_id)

    @router.post("/correction-requests/{request_id}/reviews", status_code=201)
    async def ask_for_review(
        request_id: IdPath, body: ReviewBody, request: Request, caller: Annotated[Caller, scope(CORRECT)]
    ) -> Response:
        """Record the application for review; the listing goes on meanwhile."""
        role = caller.require_role(*CLERKS)
        folded = await room.listing(caller, request_id)
        digest = sha256_hex(body.reason.encode())
        command = RecordReview(request_id, digest, body.received_on or room.today(), caller.subject)
        meta = meta_of(request, caller, court=folded.court, body=body, role=role)
        if await room.rehearse(folded, command, meta) is not None:
            await room.keep_words(folded, body.reason, meta)
        return _request(await room.execute(folded, command, meta), request_id)


def _reviewing(router: APIRouter, room: ListingRoom) -> None:
    @router.post("/correction-requests/{request_id}/review-decisions", status_code=201)
    async def review(
        request_id: IdPath,
        body: FindingBody,
        request: Request,
        caller: Annotated[Caller, scope(CORRECT)],
        expected: Annotated[int, if_match],
    ) -> Response:
        """Decide a review, finally, at the next higher court; what is justified is prepared at the listing court."""
        caller.require_role(REVIEWER)
        folded = await _for_both_courts(room, caller, request_id)
        above = higher_court(folded.court)
        if not caller.may_act_in(above):
            raise NotTheReviewingCourt
        mask = await room.masker(folded.state.case_id)
        named = representative_of(room, folded, body.fields)
        remedy = _remedy(body, named, mask)
        command = DecideReview(request_id, body.finding, mask(body.reason), remedy, above, caller.subject)
        # The stream belongs to the court below: that the caller is of the one above was asked just now.
        meta = meta_of(request, caller, court=None, body=body, expected_seq=expected, role=REVIEWER)
        return _request(await room.execute(folded, command, meta, named=named), request_id)


async def _for_both_courts(room: ListingRoom, caller: Caller, request_id: str) -> Folded[Listing]:
    folded: Folded[Listing] = await room.journal.fold(stream_of_listing(request_id), court=None)
    if folded.seq == 0 or not (caller.may_act_in(folded.court) or caller.may_act_in(higher_court(folded.court))):
        raise ListingUnknown
    folded.state.request(request_id)
    return folded


def _remedy(body: FindingBody, named: PersonRecorded | None, mask: Masker) -> Remedy:
    return Remedy(
        nature=body.nature,
        changes=changes_of(body.fields, named, mask),
        removal_ground=body.removal_ground,
        document_id=body.document_id,
    )


def _request(outcome: Outcome[Listing], request_id: str, *, location: bool = False) -> Response:
    body = render_request(outcome.state.request(request_id))
    where = f"/v1/correction-requests/{request_id}" if location else None
    return respond(outcome, body, status=201, location=where)
