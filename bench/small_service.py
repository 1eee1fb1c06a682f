"""The product under letters (a) and (b): one command, one stream, one answer, built as every service is built."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, FastAPI, Request
from starlette.responses import Response

from bench.boxes import COURT, DEPOSITS, SCOPE, SERVICE, Box, BoxPath, Deposit, decide, evolve, render
from libs.journal import Decider, Journal, JournalSettings
from libs.web import Caller, ServiceSettings, create_app, meta_of, respond, scope


class BoxesSettings(ServiceSettings, env_prefix="BOXES_"):
    """Settings of both services that keep boxes."""


def routes(journal: Journal) -> APIRouter:
    """Return the route."""
    router = APIRouter(tags=["boxes"])

    @router.post(DEPOSITS, status_code=201)
    async def put_in(
        box: BoxPath, body: Deposit, request: Request, caller: Annotated[Caller, scope(SCOPE)]
    ) -> Response:
        """Put money into a box."""
        meta = meta_of(request, caller, court=COURT, body=body)
        outcome = await journal.execute(f"box/{box}", body, meta)
        return respond(outcome, render(box, outcome.state), status=201)

    return router


def build(settings: BoxesSettings) -> FastAPI:
    """Return the service; the relay to Kafka has a process of its own (letter c)."""
    journal = Journal(
        JournalSettings(mongo_uri=settings.mongo_uri, database=settings.mongo_database),
        service=SERVICE,
        clock=settings.clock(),
        deciders=[Decider(SERVICE, "box", Box, decide, evolve)],
    )
    return create_app(service=SERVICE, settings=settings, routers=[routes(journal)], background=[journal])
