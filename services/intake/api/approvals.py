"""The signing queue: what waits for my signature, documents first, then proposals to close."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from starlette.responses import Response

from libs.foundation.case_number import parse_case_number
from libs.journal import CursorMalformed, Page
from libs.schemas.intake import CLOSURE_NAMES
from libs.web import Caller, Listing, page_params, scope
from services.intake.api.desk import Desk
from services.intake.views import CLOSURES, DOCUMENTS

READ = "intake.approvals.read"
ORDER = (("updated_at", 1),)
PARTS = {"d": (DOCUMENTS.name, "DRAFTED"), "c": (CLOSURES.name, "PROPOSED")}
"""The queue's two parts, by the letter that its cursor begins with."""


def approval_routes(desk: Desk) -> APIRouter:
    """Return the routes."""
    router = APIRouter(tags=["approvals"])

    @router.get("/approvals")
    async def queue(
        caller: Annotated[Caller, scope(READ)],
        listing: Annotated[Listing, page_params],
        assignee: Annotated[Literal["me"], Query()] = "me",  # noqa: ARG001 -- the contract's word for the only queue there is
    ) -> Response:
        """List what waits for the caller's signature, the oldest first."""
        await listing.ready(desk.journal.views)
        part, _, cursor = (listing.cursor or "d:").partition(":")
        if part not in PARTS:
            raise CursorMalformed(field="cursor")
        rows: list[dict[str, Any]] = []
        following: str | None = None
        while part and len(rows) < listing.limit:
            page = await _waiting(desk, caller, part, cursor or None, listing.limit - len(rows))
            rows += [_entry(part, row) for row in page.rows]
            if page.next_cursor is not None:
                following = f"{part}:{page.next_cursor}"
                break
            part, cursor = ("c", "") if part == "d" else ("", "")
            following = f"{part}:" if part and len(rows) == listing.limit else None
        return listing.answer(Page(rows, following))

    return router


async def _waiting(desk: Desk, caller: Caller, part: str, cursor: str | None, limit: int) -> Page:
    view, state = PARTS[part]
    where = {"approver": caller.subject, "state": state} | caller.fence()
    return await desk.journal.views.find(view, court=None, where=where, order=ORDER, cursor=cursor, limit=limit)


def _entry(part: str, row: dict[str, Any]) -> dict[str, Any]:
    if part == "d":
        what = {"kind": "DOCUMENT", "id": row["document_id"], "document_kind": row["kind"]}
        what |= {"case_number": parse_case_number(row["number"]).key, "title": f"{row['title']} {row['number']}"}
    else:
        title = f"结案审批: {CLOSURE_NAMES[row['kind']]}"
        what = {"kind": "CLOSURE", "id": row["closure_id"], "case_number": row["case_number"], "title": title}
    return what | {"case_id": row["case_id"], "waiting_since": row["updated_at"]}
