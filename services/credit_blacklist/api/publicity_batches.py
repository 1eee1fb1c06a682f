"""Publicity batches: who is shown where and to whom, who allowed it, what proves it (R-CRB-09)."""

from __future__ import annotations

from datetime import UTC, date
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import AwareDatetime, Field, StringConstraints
from starlette.responses import Response

from libs.foundation.ids import derived_id
from libs.journal import CommandMeta, Folded, Outcome
from libs.schemas.credit_blacklist import Audience, AudienceKind, PublicityEvidence, PublicityItem
from libs.web import (
    ApprovalBody,
    Caller,
    CourtCode,
    FreeText,
    Identifier,
    IdPath,
    Listing,
    Name,
    RequestModel,
    Text,
    fold_for,
    if_match,
    meta_of,
    page_params,
    respond,
    scope,
    show,
)
from services.credit_blacklist.api.listing_room import READ, ListingRoom
from services.credit_blacklist.domain.casefile import casefile_stream
from services.credit_blacklist.domain.casefile_law import JoinRecord
from services.credit_blacklist.domain.listing_refusals import ListingNotInForce
from services.credit_blacklist.domain.publicity import (
    Batch,
    BatchState,
    DecideBatch,
    DraftBatch,
    PublicityBatchUnknown,
    RecordRelease,
    RecordTakedown,
    batch_stream,
)
from services.credit_blacklist.rules.roles import OFFICERS, PRESIDENT
from services.credit_blacklist.views.publicity import PUBLICITY_BATCHES

WRITE = "credit_blacklist.publicity.write"
APPROVERS = (PRESIDENT, "bureau_head")
ITEMS_MAX = 200


class AudienceBody(RequestModel):
    """Whom the batch is for."""

    kind: AudienceKind
    name: Name


class BatchBody(RequestModel):
    """A batch to be approved."""

    court: CourtCode
    title: Name
    platform: Name
    audience: Annotated[list[AudienceBody], Field(min_length=1, max_length=20)]
    listings: Annotated[list[Identifier], Field(min_length=1, max_length=ITEMS_MAX)]
    planned_on: date


class EvidenceBody(RequestModel):
    """What proves that something was shown or taken down."""

    address: Text
    at: AwareDatetime
    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
    note: FreeText = ""

    def evidence(self) -> PublicityEvidence:
        """Return the evidence as a fact."""
        return PublicityEvidence(address=self.address, at=self.at.astimezone(UTC), sha256=self.sha256, note=self.note)


class TakedownBody(EvidenceBody):
    """What proves that a person is shown no more."""

    listing_id: Identifier


def publicity_routes(room: ListingRoom) -> APIRouter:
    """Return the routes."""
    router = APIRouter(tags=["publicity"])
    _drafting(router, room)
    _reading(router, room)
    _deciding(router, room)
    _showing(router, room)
    return router


def _drafting(router: APIRouter, room: ListingRoom) -> None:
    @router.post("/publicity-batches", status_code=201)
    async def draft(body: BatchBody, request: Request, caller: Annotated[Caller, scope(WRITE)]) -> Response:
        """Put listed persons together for a platform; who is not on the list is refused."""
        role = caller.require_role(*OFFICERS)
        meta = meta_of(request, caller, court=body.court, body=body, role=role)
        batch_id = derived_id("pub", meta.command_id)
        stream = batch_stream(batch_id)
        items = [] if await room.journal.recall(meta) else await _joined_items(room, caller, body, stream, meta)
        command = DraftBatch(
            batch_id=batch_id,
            court=body.court,
            title=body.title,
            platform=body.platform,
            audience=tuple(Audience(**one.model_dump()) for one in body.audience),
            items=tuple(items),
            planned_on=body.planned_on,
            by=caller.subject,
        )
        outcome = await room.journal.execute(stream, command, meta)
        return _answer(outcome, location=f"/v1/publicity-batches/{batch_id}")


async def _joined_items(
    room: ListingRoom, caller: Caller, body: BatchBody, stream: str, meta: CommandMeta
) -> list[PublicityItem]:
    """Return the persons of a batch; each one's case hears of the batch, so that a removal reaches it."""
    items = []
    for listing_id in dict.fromkeys(body.listings):
        folded = await room.listing(caller, listing_id)
        current = folded.state.current
        if current is None or folded.court != body.court:
            raise ListingNotInForce(field="listings", listing_id=listing_id)
        items.append(
            PublicityItem(
                listing_id=listing_id,
                case_id=folded.state.case_id,
                party_id=current.record.party_id,
                display_name=folded.state.decisions[current.decisions[0]].draft.party.display_name,
                record_version=current.record.version,
            )
        )
    for case_id in {item.case_id for item in items}:
        join = JoinRecord(case_id, "PUBLICITY", stream)
        await room.journal.execute(casefile_stream(case_id), join, meta.step("join", case_id))
    return items


def _reading(router: APIRouter, room: ListingRoom) -> None:
    @router.get("/publicity-batches")
    async def batches(
        caller: Annotated[Caller, scope(READ)],
        listing: Annotated[Listing, page_params],
        state: Annotated[BatchState | None, Query()] = None,
    ) -> Response:
        """List the batches of the caller's courts."""
        where = caller.fence() | ({} if state is None else {"state": state})
        return listing.answer(await listing.page(room.journal.views, PUBLICITY_BATCHES.name, where=where))

    @router.get("/publicity-batches/{batch_id}")
    async def read(batch_id: IdPath, request: Request, caller: Annotated[Caller, scope(READ)]) -> Response:
        """Read a batch with its persons: shown, ended, taken down."""
        folded = await _batch(room, caller, batch_id)
        return show(request, _shape(folded.state), seq=folded.seq)


def _deciding(router: APIRouter, room: ListingRoom) -> None:
    @router.post("/publicity-batches/{batch_id}/approvals", status_code=201)
    async def approve(
        batch_id: IdPath,
        body: ApprovalBody,
        request: Request,
        caller: Annotated[Caller, scope(WRITE)],
        expected: Annotated[int, if_match],
    ) -> Response:
        """Allow a batch, or not; who drafted it may not."""
        role = caller.require_role(*APPROVERS)
        folded = await _batch(room, caller, batch_id)
        meta = meta_of(request, caller, court=folded.court, body=body, expected_seq=expected, role=role)
        command = DecideBatch(body.decision == "APPROVE", body.reason or "", caller.subject)
        return _answer(await room.journal.execute(folded.stream, command, meta))


def _showing(router: APIRouter, room: ListingRoom) -> None:
    @router.post("/publicity-batches/{batch_id}/releases", status_code=201)
    async def release(
        batch_id: IdPath, body: EvidenceBody, request: Request, caller: Annotated[Caller, scope(WRITE)]
    ) -> Response:
        """Record that the batch was shown, with the evidence."""
        role = caller.require_role(*OFFICERS)
        folded = await _batch(room, caller, batch_id)
        listed = set()
        for item in folded.state.require().items:
            if (await room.listing(caller, item.listing_id)).state.current is not None:
                listed.add(item.listing_id)
        command = RecordRelease(body.evidence(), frozenset(listed), room.today(), caller.subject)
        meta = meta_of(request, caller, court=folded.court, body=body, role=role)
        return _answer(await room.journal.execute(folded.stream, command, meta))

    @router.post("/publicity-batches/{batch_id}/takedowns", status_code=201)
    async def take_down(
        batch_id: IdPath, body: TakedownBody, request: Request, caller: Annotated[Caller, scope(WRITE)]
    ) -> Response:
        """Record that a person who is listed no more is shown no more."""
        role = caller.require_role(*OFFICERS)
        folded = await _batch(room, caller, batch_id)
        command = RecordTakedown(body.listing_id, body.evidence(), caller.subject)
        meta = meta_of(request, caller, court=folded.court, body=body, role=role)
        return _answer(await room.journal.execute(folded.stream, command, meta))


async def _batch(room: ListingRoom, caller: Caller, batch_id: str) -> Folded[Batch]:
    return await fold_for(caller, room.journal, batch_stream(batch_id), PublicityBatchUnknown)


def _answer(outcome: Outcome[Batch], *, location: str | None = None) -> Response:
    return respond(outcome, _shape(outcome.state), status=201, location=location)


def _shape(batch: Batch) -> dict[str, Any]:
    draft = batch.require()
    return {
        "id": draft.batch_id,
        "court": draft.court,
        "state": batch.state,
        "title": draft.title,
        "platform": draft.platform,
        "audience": draft.audience,
        "planned_on": draft.planned_on,
        "drafted_by": draft.drafted_by,
        "decided_by": batch.decided_by,
        "reason": batch.reason,
        "evidence": batch.released.evidence if batch.released else None,
        "items": [_item(batch, item) for item in draft.items],
    }


def _item(batch: Batch, item: PublicityItem) -> dict[str, Any]:
    ended, gone = batch.ended.get(item.listing_id), batch.taken_down.get(item.listing_id)
    return {
        **item.model_dump(),
        "listed": ended is None,
        "take_down_by": ended.due if ended else None,
        "overdue": item.listing_id in batch.overdue and gone is None,
        "taken_down": gone.evidence if gone else None,
    }
