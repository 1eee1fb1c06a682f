"""Fields that several bodies share, and who the caller must be."""

from __future__ import annotations

from typing import Annotated, Any

import orjson
from fastapi import Request
from pydantic import StringConstraints

from libs.foundation.errors import NotFound
from libs.journal import Folded, Journal
from libs.schemas.asset_inquiry import RequestIssued
from libs.web import Caller
from services.asset_inquiry.deciders import request_stream
from services.asset_inquiry.domain.request import RequestState

Jws = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]*\.[A-Za-z0-9_-]*\.[A-Za-z0-9_-]*$", max_length=900_000)]
"""A compact JWS. Its payload repeats the body, so it is longer than any other text."""
Label = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Reference = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f]{1,100}$")]


async def own_request(journal: Journal, request_id: str, caller: Caller) -> tuple[Folded[RequestState], RequestIssued]:
    """Return a request of the caller's agency. Raises `NotFound`: also for another agency's, which it may not know."""
    agency_id = caller.require_agency()
    folded: Folded[RequestState] = await journal.fold(request_stream(request_id), court=None)
    issued = folded.state.issued
    if issued is None or issued.agency_id != agency_id:
        raise NotFound
    return folded, issued


async def raw_body(request: Request) -> dict[str, Any]:
    """Return the body's JSON exactly as it was sent: what a signature covers. It was read strictly before."""
    return dict(orjson.loads(await request.body()))
