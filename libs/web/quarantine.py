"""The operator's view of quarantined messages: list them, ask for a release, or give one up with a reason.

The quarantine itself is the bus's; this layer knows only its shape. A release is a request: the owner of the message's
partition carries it out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from inspect import getattr_static
from typing import Annotated, Any, Final, Protocol

from fastapi import APIRouter, Query
from starlette.responses import Response

from libs.web.answers import JsonResponse, Listing, Page, page_params
from libs.web.caller import Caller
from libs.web.fields import Text
from libs.web.guards import scope
from libs.web.strict_model import RequestModel

SCOPE_READ: Final = "operator.quarantine.read"
SCOPE_WRITE: Final = "operator.quarantine.write"


class Quarantine(Protocol):
    """What the bus's quarantine offers to operators."""

    async def list(self, *, status: str | None, group: str | None, cursor: str | None, limit: int) -> Page:
        """Return a page of entries; unresolved ones if no status is named."""

    async def release(self, entry_id: str, by: str) -> dict[str, Any]:
        """Ask for an entry to be processed again."""

    async def discard(self, entry_id: str, by: str, reason: str) -> dict[str, Any]:
        """Ask for an entry to be given up."""


class Discard(RequestModel):
    """Why a message may be given up for good."""

    reason: Text


def quarantine_routes(find: Callable[[], Quarantine]) -> APIRouter:
    """Return the router; `find` is asked at each request, for the quarantine exists once the consumer has started."""
    router = APIRouter(prefix="/v1/quarantine", tags=["operations"])

    @router.get("", summary="Quarantined messages, unresolved ones first")
    async def entries(
        _caller: Annotated[Caller, scope(SCOPE_READ)],
        listing: Annotated[Listing, page_params],
        status: Annotated[str | None, Query(max_length=40)] = None,
        group: Annotated[str | None, Query(max_length=100)] = None,
    ) -> Response:
        return listing.answer(await find().list(status=status, group=group, cursor=listing.cursor, limit=listing.limit))

    @router.post("/{entry_id}/releases", status_code=202, summary="Ask for a message to be processed again")
    async def release(entry_id: str, caller: Annotated[Caller, scope(SCOPE_WRITE)]) -> Response:
        caller.require_role("operator")
        return JsonResponse(await find().release(entry_id, caller.subject), status_code=202)

    @router.post("/{entry_id}/discards", status_code=202, summary="Give a message up for good, with a reason")
    async def discard(entry_id: str, body: Discard, caller: Annotated[Caller, scope(SCOPE_WRITE)]) -> Response:
        caller.require_role("operator")
        return JsonResponse(await find().discard(entry_id, caller.subject, body.reason), status_code=202)

    return router


def quarantine_of(background: Sequence[object]) -> Callable[[], Quarantine] | None:
    """Return how to find the quarantine among an application's background parts, or None if no part has one."""
    # Looked for without asking: before the part has started, its quarantine may not be there to be had.
    owner = next((part for part in background if getattr_static(part, "quarantine", None) is not None), None)
    return None if owner is None else lambda: owner.quarantine  # type: ignore[attr-defined]  # that it has one was just seen
