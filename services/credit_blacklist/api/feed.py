"""The feed by pull: heads, entries and pages (R-CRB-33; the wire page docs/joint-punishment-feed.md says it all)."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Final

from fastapi import APIRouter, Path, Query
from starlette.responses import Response

from libs.web import Caller, JsonResponse, scope
from services.credit_blacklist.api.position_problems import POSITION_PROBLEMS
from services.credit_blacklist.desk import Desk
from services.credit_blacklist.domain.feed_refusals import PageNotNamed, PositionExpired
from services.credit_blacklist.feed.access import FeedAccess, Sight
from services.credit_blacklist.feed.register import Point, Register
from services.credit_blacklist.feed.register.model import PAGE_ENTRIES
from services.credit_blacklist.feed.register.pages import page_body
from services.credit_blacklist.feed.register.reading import Reading

READ: Final = "credit_blacklist.feed.read"
JOSE: Final = "application/jose"
JSON: Final = "application/json"

HEAD_CACHED: Final = "max-age=15, stale-if-error=86400"
"""A stale head is better than none, because its date shows."""
FOR_EVER: Final = "private, max-age=31536000, immutable"
NOT_KEPT: Final = "private, no-cache"

ENTRIES_MAX: Final = 1000
SEQUENCE_MAX: Final = 10**12

SessionPath = Annotated[str, Path(pattern=r"^[0-9A-Za-z-]{1,64}$", description="Session, as the head names it")]
PagePath = Annotated[int, Path(ge=0, le=SEQUENCE_MAX // PAGE_ENTRIES, description="Number of the page, from 0")]
SequencePath = Annotated[int, Path(ge=0, le=SEQUENCE_MAX, description="Sequence of an entry, from 1; 0: before all")]


def feed_routes(desk: Desk) -> APIRouter:
    """Return the routes."""
    router = APIRouter(prefix="/joint-punishment-feed", tags=["feed"], responses=POSITION_PROBLEMS)
    access = FeedAccess(desk.journal, desk.register, closed=desk.settings.feed_closed_views)
    _page_routes(router, access, desk.register)

    @router.get("/heads/latest", response_class=Response, responses={200: {"content": {JOSE: {}}}})
    async def latest_head(caller: Annotated[Caller, scope(READ)]) -> Response:
        """Read the newest signed head of the caller's view; the same sequence again says that nothing is new."""
        sight = await access.sight(caller)
        return Response(sight.head.jws, media_type=JOSE, headers={"Cache-Control": HEAD_CACHED})

    @router.get("/entries")
    async def entries(
        caller: Annotated[Caller, scope(READ)],
        after: Annotated[str | None, Query(max_length=100, description="`session:sequence`")] = None,
        limit: Annotated[int, Query(ge=1, le=ENTRIES_MAX, description="Entries per answer")] = PAGE_ENTRIES,
    ) -> Response:
        """Read the entries behind a position, with the head that names them; none is an answer, too."""
        sight = await access.sight(caller)
        sequence = access.cursor(sight, after)
        feed = await access.feed(sight, until := min(sight.head.sequence, sequence + limit))
        ask = partial(Reading.rows, feed=feed.feed, after=sequence, until=until, limit=limit)
        rows = await desk.register.read(ask)
        last = rows[-1].sequence if rows else sequence
        body = {
            "head": sight.head.jws,
            "entries": [{"sequence": row.sequence, "entry": row.jws} for row in rows],
            "next": str(Point(sight.head.session_id, last)),
        }
        return JsonResponse(body, headers={"Cache-Control": NOT_KEPT})

    return router


def _page_routes(router: APIRouter, access: FeedAccess, register: Register) -> None:
    @router.get("/pages/{session_id}/{page}", response_class=Response, responses={200: {"content": {JSON: {}}}})
    async def full_page(session_id: SessionPath, page: PagePath, caller: Annotated[Caller, scope(READ)]) -> Response:
        """Read a full page of 256 entries; it never changes."""
        return await _page(access, register, await access.sight(caller), (session_id, page, PAGE_ENTRIES))

    @router.get(
        "/pages/{session_id}/{page}.p/{width}", response_class=Response, responses={200: {"content": {JSON: {}}}}
    )
    async def partial_page(
        session_id: SessionPath,
        page: PagePath,
        width: Annotated[int, Path(ge=1, lt=PAGE_ENTRIES, description="How many entries of the page")],
        caller: Annotated[Caller, scope(READ)],
    ) -> Response:
        """Read the first entries of a page that is not full yet; what is in them never changes."""
        return await _page(access, register, await access.sight(caller), (session_id, page, width))


async def _page(access: FeedAccess, register: Register, sight: Sight, which: tuple[str, int, int]) -> Response:
    session_id, page, width = which
    first, last = page * PAGE_ENTRIES + 1, page * PAGE_ENTRIES + width
    access.named(sight, session_id, last)
    if last < sight.head.oldest_sequence:
        raise PositionExpired(oldest_sequence=sight.head.oldest_sequence)
    feed = await access.feed(sight, last)

    def body(reading: Reading) -> bytes:
        entries = [row.jws for row in reading.rows(feed.feed, first - 1, last, width)]
        after = reading.checksum(feed.feed, Point(session_id, last))
        return page_body(feed.view, page, reading.previous_page_sha256(feed.feed, page), after, entries)

    try:
        answer = await register.read(body)
    except LookupError as error:
        raise PageNotNamed from error
    return Response(answer, media_type=JSON, headers={"Cache-Control": FOR_EVER})
