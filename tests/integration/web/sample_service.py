"""A service with one route of each kind: run by the tests in this process and as a process of its own."""

import asyncio
import os
import time
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, FastAPI, Request
from pydantic import Field
from starlette.responses import Response

from libs.foundation.errors import Refused, Transient
from libs.schemas.envelope import Instant
from libs.web import (
    NDJSON_BODY,
    Caller,
    JsonResponse,
    Line,
    Listing,
    PositiveFen,
    Purpose,
    RequestModel,
    ServiceSettings,
    Text,
    create_app,
    if_match,
    meta_of,
    ndjson_answer,
    page_params,
    poll,
    purpose,
    run,
    scope,
    show,
    wait_param,
)


class SampleSettings(ServiceSettings, env_prefix="SAMPLE_"):
    """Settings of the sample."""


class Party(RequestModel):
    """A part of a body."""

    name: Text
    born: date | None = None


class Filing(RequestModel):
    """A body with every kind of field."""

    court_code: Text
    claim_fen: PositiveFen
    urgent: bool = False
    due_at: Instant | None = None
    parties: list[Party] = Field(default_factory=list, max_length=100)
    rates: dict[str, int] = Field(default_factory=dict)


class ClaimTooSmall(Refused):
    """The claim is below what is collected at all."""

    code = "claim_too_small"
    title = "The claim is too small"
    rule = "R-SAMPLE-01"
    remedy = "Claim at least 1.00 yuan."


router = APIRouter()


@router.post("/filings", status_code=201)
async def file(body: Filing, request: Request, caller: Annotated[Caller, scope("sample.filings.write")]) -> Response:
    """Accept a filing."""
    meta = meta_of(request, caller, court=body.court_code, body=body)
    if body.claim_fen < 100:
        raise ClaimTooSmall(field="claim_fen")
    facts = {
        "command_id": meta.command_id,
        "fingerprint": meta.fingerprint,
        "role": meta.actor.role,
        "trace": meta.trace,
    }
    return JsonResponse({"claim_fen": body.claim_fen, **facts}, status_code=201)


@router.put("/filings/{filing_id}")
async def change(
    filing_id: str,
    body: Filing,
    request: Request,
    caller: Annotated[Caller, scope("sample.filings.write")],
    expected: Annotated[int, if_match],
) -> Response:
    """Change a filing."""
    meta = meta_of(request, caller, court=None, body=body, expected_seq=expected)
    return JsonResponse({"id": filing_id, "expected_seq": meta.expected_seq})


@router.get("/filings")
async def filings(
    listing: Annotated[Listing, page_params], caller: Annotated[Caller, scope("sample.filings.read")]
) -> Response:
    """List filings."""
    return JsonResponse({"limit": listing.limit, "cursor": listing.cursor, "courts": sorted(caller.courts)})


@router.get("/filings/{filing_id}")
async def filing(filing_id: str, request: Request, caller: Annotated[Caller, scope("sample.filings.read")]) -> Response:
    """Show a filing."""
    caller.require_sight("云0381")
    return show(request, {"id": filing_id}, seq=7)


@router.post("/statements", openapi_extra=NDJSON_BODY)
async def statements(
    request: Request, caller: Annotated[Caller, scope("sample.statements.write", needs_key=False)]
) -> Response:
    """Take lines in bulk."""

    async def book(line: Line) -> Mapping[str, Any]:
        body = line.read(Filing)
        if body.claim_fen == 666:
            msg = "a bug"
            raise RuntimeError(msg)
        if body.claim_fen < 100:
            raise ClaimTooSmall(field="claim_fen")
        return {"status": 201, "claim_fen": body.claim_fen, "organisation": caller.organisation}

    return await ndjson_answer(request, book, side_by_side=4)


@router.get("/parties/{party_id}")
async def party(
    party_id: str, why: Annotated[Purpose, purpose], _caller: Annotated[Caller, scope("sample.parties.read")]
) -> Response:
    """Show personal data."""
    why.what["entry"] = "entry-7"
    return JsonResponse({"id": party_id, "case_id": why.case_id})


@router.get("/crash")
async def crash(_caller: Annotated[Caller, scope("sample.crash.read")]) -> Response:
    """Fail as a bug does."""
    msg = "the identity number 532224199001011234 must not be seen"
    raise RuntimeError(msg)


@router.get("/busy")
async def busy(_caller: Annotated[Caller, scope("sample.busy.read")]) -> Response:
    """Fail as a database does that is away."""
    raise Transient


@router.get("/slow", include_in_schema=False)
async def slow(_caller: Annotated[Caller, scope("sample.slow.read")]) -> Response:
    """Take a while."""
    await asyncio.sleep(1.0)
    return JsonResponse({"slow": True})


@router.get("/news", include_in_schema=False)
async def news(
    request: Request, wait: Annotated[int, wait_param], _caller: Annotated[Caller, scope("sample.news.read")]
) -> Response:
    """Wait for something that comes after half a second or never."""
    began = time.monotonic()

    async def look() -> list[str]:
        return ["news"] if request.headers.get("x-news") and time.monotonic() - began > 0.5 else []

    return JsonResponse({"items": await poll(request, look, wait)})


class Part:
    """A background part that says when it is not ready."""

    def __init__(self) -> None:
        self.reasons: dict[str, str] = {"database": "not started"}

    async def start(self) -> None:
        """Become ready."""
        self.reasons = {}

    async def stop(self) -> None:
        """Leave a sign that the stop was orderly."""
        if folder := os.environ.get("SAMPLE_STOPPED"):
            await asyncio.to_thread(_touch, folder)

    def readiness(self) -> dict[str, str]:
        """Return the reasons."""
        return self.reasons


def _touch(path: str) -> None:
    Path(path).write_text("stopped")


def build(settings: SampleSettings) -> FastAPI:
    """Return the sample's application."""
    return create_app(service="sample", settings=settings, routers=[router], background=[Part()])


if __name__ == "__main__":
    run(build, SampleSettings())
