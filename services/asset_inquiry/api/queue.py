"""An agency's own queue, pulled by long poll. Reading leases and changes nothing; what is unanswered stays offered."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import time
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Header, Query, Request
from starlette.responses import Response

from libs.evidence import Signer
from libs.foundation.canonical import fingerprint
from libs.foundation.errors import NotFound, Transient
from libs.journal import Journal
from libs.schemas.asset_inquiry import RequestContentRecorded
from libs.web import Caller, IdPath, JsonResponse, Listing, page_params, scope, show
from libs.web.long_poll import is_stopping, wait_param
from services.asset_inquiry.api.fields import own_request
from services.asset_inquiry.deciders import content_stream, paper_stream
from services.asset_inquiry.domain.copies import ContentCopy, PaperCopy
from services.asset_inquiry.views import REQUESTS

READ: Final = "asset_inquiry.requests.read"
LOOK_SECONDS: Final = 0.5
"""How often a waiting poll looks at the view by itself: commits of another replica ring no bell here."""
AFTER_BELL_SECONDS: Final = 0.05
"""The view follows the commit that rang by a moment."""
SHOWN: Final = ("request_number", "kind", "urgency", "issued_at", "answer_due_at", "reminders", "attempt", "replaces")


class Doorbell:
    """Wakes the long polls of this process when something was committed."""

    def __init__(self) -> None:
        """Nobody waits yet."""
        self._rung = asyncio.Event()

    def ring(self) -> None:
        """Wake everybody who waits now."""
        self._rung.set()
        self._rung = asyncio.Event()

    async def wait(self, seconds: float) -> None:
        """Return when it rings, at the latest after `seconds` of real time."""
        rung = self._rung
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await rung.wait()
                await asyncio.sleep(AFTER_BELL_SECONDS)


def queue_routes(journal: Journal, signer: Signer, doorbell: Doorbell) -> APIRouter:
    """Return the routes."""
    router = APIRouter(tags=["assistance requests"])

    @router.get("/assistance-requests", responses={304: {"description": "The queue is as the caller knows it"}})
    async def pull(
        request: Request,
        listing: Annotated[Listing, page_params],
        wait: Annotated[int, wait_param],
        caller: Annotated[Caller, scope(READ)],
        status: Annotated[Literal["PENDING", "ALL"], Query()] = "PENDING",
        known: Annotated[str | None, Header(alias="If-None-Match", max_length=200)] = None,
    ) -> Response:
        """List what waits for the agency: controls before inquiries, urgent first.

        With `wait`, the answer comes as soon as the queue is not what the caller knows: not empty, or, with the ETag of
        the last answer in If-None-Match, different from it (a new request, a reminder, one less).
        """
        agency_id = caller.require_agency()
        await listing.ready(journal.views)
        until = time.monotonic() + wait
        while True:
            queue = await _queue(journal, agency_id, status, listing)
            tag = f'"{fingerprint(queue)[:32]}"'
            is_news = tag != known if known else bool(queue["items"])
            left = until - time.monotonic()
            if is_news or left <= 0 or is_stopping() or await request.is_disconnected():
                break
            await doorbell.wait(min(LOOK_SECONDS, left))
        if known == tag:
            return Response(status_code=304, headers={"ETag": tag})
        return JsonResponse(queue, headers={"ETag": tag})

    _paper_routes(router, journal, signer)
    return router


def _paper_routes(router: APIRouter, journal: Journal, signer: Signer) -> None:
    @router.get("/assistance-requests/{request_id}")
    async def read_request(request_id: IdPath, request: Request, caller: Annotated[Caller, scope(READ)]) -> Response:
        """Read a request with its content and the court's signature over the canonical content."""
        folded, issued = await own_request(journal, request_id, caller)
        record = await kept_content(journal, request_id)
        body = record.content | {
            "content_sha256": issued.content_sha256,
            "signature": record.signature,
            "state": folded.state.state,
            "reminders": folded.state.reminders,
        }
        return show(request, body, seq=folded.seq)

    @router.get("/assistance-requests/{request_id}/documents/{n}")
    async def read_paper(request_id: IdPath, n: int, caller: Annotated[Caller, scope(READ)]) -> Response:
        """Read the n-th paper of a request, counted from one, with the court's seal."""
        _, issued = await own_request(journal, request_id, caller)
        if not 1 <= n <= len(issued.papers):
            raise NotFound
        copy: PaperCopy = (await journal.fold(paper_stream(issued.papers[n - 1].document_id), court=None)).state
        if copy.record is None:
            raise Transient("the paper has not arrived yet")
        paper = copy.record
        body = {
            "n": n,
            "document_id": paper.document_id,
            "kind": paper.kind,
            "number": paper.number,
            "title": paper.title,
            "media_type": paper.media_type,
            "content": base64.b64encode(paper.content.encode()).decode(),
            "sha256": paper.sha256,
            "seal": copy.seal,
        }
        return JsonResponse(body)

    @router.get("/assistance-requests/{request_id}/officers")
    async def read_officers(request_id: IdPath, caller: Annotated[Caller, scope(READ)]) -> Response:
        """Read both officers' credentials in one signed document (双人双证, R-INQ-05)."""
        _, issued = await own_request(journal, request_id, caller)
        officers = [officer.model_dump() for officer in issued.officers]
        signature = await signer.sign(
            {"kind": "OFFICERS", "request_number": issued.request_number, "officers": officers}
        )
        return JsonResponse({"officers": officers, "signature": signature})


async def kept_content(journal: Journal, request_id: str) -> RequestContentRecorded:
    """Return the content of an issued request as it was signed."""
    copy: ContentCopy = (await journal.fold(content_stream(request_id), court=None)).state
    if copy.record is None:
        raise Transient("the content has not been kept yet")
    return copy.record


async def _queue(journal: Journal, agency_id: str, status: str, listing: Listing) -> dict[str, Any]:
    where: dict[str, Any] = {"agency_id": agency_id} | ({"pending": True} if status == "PENDING" else {})
    page = await journal.views.find(
        REQUESTS,
        court=None,
        where=where,
        order=(("rank", 1), ("answer_due_at", 1), ("request_number", 1)),
        cursor=listing.cursor,
        limit=listing.limit,
    )
    items = [
        {"id": row["request_id"], "state": row["state"]} | {name: row.get(name) for name in SHOWN} for row in page.rows
    ]
    return {"items": items, "next_cursor": page.next_cursor}
