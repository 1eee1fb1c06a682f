"""The feed's sums and proofs: whether two hold the same list, where they differ, whether one history is the other's."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from functools import partial
from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Query
from starlette.responses import Response, StreamingResponse

from libs.web import Caller, JsonResponse, scope
from services.credit_blacklist.api.feed import FOR_EVER, READ, SEQUENCE_MAX, SequencePath, SessionPath
from services.credit_blacklist.api.position_problems import POSITION_PROBLEMS
from services.credit_blacklist.desk import Desk
from services.credit_blacklist.domain.feed_refusals import PageNotNamed, ProofRangeImpossible
from services.credit_blacklist.domain.position_refusals import PositionAhead
from services.credit_blacklist.feed.access import FeedAccess
from services.credit_blacklist.feed.register.model import BUCKETS
from services.credit_blacklist.feed.register.reading import Reading
from services.credit_blacklist.feed.snapshots import Snapshots, Stored

NDJSON: Final = "application/x-ndjson"
AN_HOUR: Final = "private, max-age=3600"
"""The path names no session: after a reset the same sequence is another list."""
A_MINUTE: Final = "private, max-age=60"


def proof_routes(desk: Desk) -> APIRouter:
    """Return the routes."""
    router = APIRouter(prefix="/joint-punishment-feed", tags=["feed"], responses=POSITION_PROBLEMS)
    access = FeedAccess(desk.journal, desk.register, closed=desk.settings.feed_closed_views)
    _sum_routes(router, access, desk)
    _snapshot_route(router, access, Snapshots(desk.journal, desk.register))

    @router.get("/consistency-proofs")
    async def consistency_proof(
        caller: Annotated[Caller, scope(READ)],
        old: Annotated[int, Query(alias="from", ge=0, le=SEQUENCE_MAX)],
        new: Annotated[int, Query(alias="to", ge=0, le=SEQUENCE_MAX)],
    ) -> Response:
        """Read the proof that the log at `to` begins with the log at `from` (RFC 6962, 2.1.2)."""
        sight = await access.sight(caller)
        if old > new:
            raise ProofRangeImpossible(field="from")
        if new > sight.head.sequence:
            raise PositionAhead(f"The newest head names {sight.head.sequence}.", field="to")
        feed = await access.feed(sight, new)
        hashes = await desk.register.read(partial(Reading.consistency, feed=feed.feed, old=old, new=new))
        body = {"session_id": feed.session_id, "from": old, "to": new, "hashes": [each.hex() for each in hashes]}
        return JsonResponse(body, headers={"Cache-Control": A_MINUTE})

    return router


def _sum_routes(router: APIRouter, access: FeedAccess, desk: Desk) -> None:
    register = desk.register
    # Buckets of an earlier sequence are today's with everything since taken back: work for one asker at a time.
    turns = asyncio.Semaphore(1)

    @router.get("/checksums/{sequence}")
    async def checksum(
        sequence: SequencePath,
        caller: Annotated[Caller, scope(READ)],
        buckets: Annotated[bool, Query(description="With the digests of the 256 buckets")] = False,  # noqa: FBT002 -- a query parameter
    ) -> Response:
        """Read what holds after an entry of the present session: set digest and log root, on demand by bucket."""
        sight = await access.sight(caller)
        access.served(sight, sight.head.oldest_sequence, sequence)
        feed = await access.feed(sight, sequence)
        held = await register.checksum(sight.view, feed.session_id, sequence)
        body: dict[str, Any] = {
            "view": sight.view,
            "session_id": feed.session_id,
            "sequence": sequence,
            "set": held.set,
            "log_root": held.log_root,
        }
        if buckets:
            async with turns:
                states = await register.read(partial(Reading.buckets, feed=feed.feed, sequence=sequence))
            body["buckets"] = [state.digest for state in states]
        return JsonResponse(body, headers={"Cache-Control": A_MINUTE})

    @router.get("/buckets/{session_id}/{sequence}/{bucket}")
    async def bucket(
        session_id: SessionPath,
        sequence: SequencePath,
        bucket: Annotated[int, Path(ge=0, lt=BUCKETS, description="First byte of SHA-256(record_id)")],
        caller: Annotated[Caller, scope(READ)],
    ) -> Response:
        """Read the entries in force of one bucket after an entry: what a subscriber repairs its copy with."""
        sight = await access.sight(caller)
        access.named(sight, session_id, sequence)
        feed = await access.feed(sight, sequence)
        rows = await register.read(partial(Reading.bucket, feed=feed.feed, bucket=bucket, sequence=sequence))
        body = {"entries": [{"sequence": row.sequence, "entry": row.jws} for row in rows]}
        return JsonResponse(body, headers={"Cache-Control": FOR_EVER})


def _snapshot_route(router: APIRouter, access: FeedAccess, snapshots: Snapshots) -> None:
    @router.get("/snapshots/{sequence}", response_class=Response, responses={200: {"content": {NDJSON: {}}}})
    async def snapshot(sequence: SequencePath, caller: Annotated[Caller, scope(READ)]) -> Response:
        """Read the whole list at a sequence that a head names as its snapshot: header, a line per record, trailer."""
        sight = await access.sight(caller)
        stored = await snapshots.at(sight.view, sight.head.session_id, sequence)
        if stored is None:
            raise PageNotNamed
        headers = {"Cache-Control": AN_HOUR, "Content-Length": str(stored.bytes), "ETag": f'"{stored.sha256}"'}
        return StreamingResponse(await _opened(snapshots, stored), media_type=NDJSON, headers=headers)


async def _opened(snapshots: Snapshots, stored: Stored) -> AsyncIterator[bytes]:
    """Return the parts, the first of which is there: a snapshot that is gone is told before the answer begins."""
    parts = snapshots.read(stored)
    try:
        first = await anext(parts)
    except LookupError as error:
        raise PageNotNamed from error

    async def all_parts() -> AsyncIterator[bytes]:
        yield first
        async for part in parts:
            yield part

    return all_parts()
