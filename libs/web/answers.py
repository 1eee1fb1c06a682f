"""What goes out: JSON with an ETag that is the stream's seq, replays marked, lists with an opaque cursor."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Annotated, Any, Final, Protocol
from urllib.parse import quote

import orjson
from fastapi import Depends, Query, Request
from pydantic import BaseModel
from starlette.responses import Response

from libs.foundation.clock import instant_text
from libs.foundation.limits import PAGE_ITEMS_MAX
from libs.journal import Outcome, token_of
from libs.journal.views import Order, ViewStore
from libs.web.errors import ListBehind

AFTER_SECONDS_MAX: Final = 5.0
"""How long a list waits for the write that the caller names in `?after=`, in real seconds."""


class Page(Protocol):
    """What a list needs of a page of a view."""

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The rows."""

    @property
    def next_cursor(self) -> str | None:
        """Where the next page starts."""


class JsonResponse(Response):
    """JSON by orjson; times in the one text form."""

    media_type = "application/json"

    def render(self, content: Any) -> bytes:
        """Return the bytes of `content`."""
        return dumps(content)


def dumps(content: Any) -> bytes:
    """Return JSON bytes of models, mappings, tuples and times."""
    return orjson.dumps(content, default=_plain, option=orjson.OPT_PASSTHROUGH_DATETIME)


def _plain(value: Any) -> object:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="python")
    if isinstance(value, tuple | set | frozenset):
        return list(value) if isinstance(value, tuple) else sorted(value)
    if isinstance(value, datetime):
        return instant_text(value)
    return value.isoformat() if isinstance(value, date | time) else str(value)


def etag(seq: int) -> str:
    """Return the ETag of a stream at `seq`."""
    return f'"{seq}"'


def respond(
    outcome: Outcome[Any],
    body: Any,
    *,
    status: int = 200,
    location: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Return the answer to a write: ETag, `Idempotency-Replayed` on a repeat, and a token for `?after=`."""
    answer = {"ETag": etag(outcome.seq), "X-Consistency-Token": token_of(outcome), **(headers or {})}
    if outcome.replayed:
        answer["Idempotency-Replayed"] = "true"
    if location is not None:
        answer["Location"] = quote(location, safe="/-_.~%?=&")
    return JsonResponse(body, status_code=status, headers=answer)


def show(
    request: Request,
    body: Any,
    *,
    seq: int | None = None,
    conditional: bool = True,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Return the answer to a read: with `seq` an ETag, and 304 if the caller's If-None-Match already names it.

    `conditional=False` where the body says more than the stream of the ETag: then nothing is spared.
    """
    answer = dict(headers or {})
    if seq is not None:
        answer["ETag"] = etag(seq)
    if seq is not None and conditional:
        known = [tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(",")]
        if etag(seq) in known:
            return Response(status_code=304, headers=answer)
    return JsonResponse(body, headers=answer)


@dataclass(frozen=True, slots=True)
class Listing:
    """How a list was asked for: at most `limit` rows, from `cursor` on, showing at least the write `after`."""

    limit: int
    cursor: str | None
    after: str | None

    async def ready(self, views: ViewStore) -> None:
        """Wait until the views show the write named by `?after=`; without one, do nothing.

        Raises `ListBehind` (503, retryable) after five seconds: a list without the caller's own write would mislead.
        """
        if self.after is not None and not await views.wait_for(self.after, AFTER_SECONDS_MAX):
            raise ListBehind(field="after")

    async def page(
        self,
        views: ViewStore,
        view: str,
        *,
        court: str | None = None,
        where: Mapping[str, Any] | None = None,
        order: Order = (),
    ) -> Page:
        """Return the page that was asked for, once the views are `ready`; `court` or `where` keeps it to the caller."""
        await self.ready(views)
        return await views.find(view, court=court, where=where, order=order, cursor=self.cursor, limit=self.limit)

    def answer(self, page: Page, render: Callable[[dict[str, Any]], Any] | None = None) -> Response:
        """Return `{"items": […], "next_cursor": …}` for a page, each row through `render`."""
        items = [render(row) for row in page.rows] if render else page.rows
        return JsonResponse({"items": items, "next_cursor": page.next_cursor})


async def _listing(
    limit: Annotated[int, Query(ge=1, le=PAGE_ITEMS_MAX, description="Rows per page")] = 50,
    cursor: Annotated[str | None, Query(max_length=1000, description="`next_cursor` of the page before")] = None,
    after: Annotated[str | None, Query(max_length=400, description="`X-Consistency-Token` of a write")] = None,
) -> Listing:
    return Listing(limit, cursor, after)


page_params: Final = Depends(_listing)
"""`listing: Annotated[Listing, page_params]`."""
