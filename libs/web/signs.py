"""The signs at the door, the same in every service: health, metrics, public keys, what a problem means."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from fastapi import APIRouter, Request
from starlette.responses import Response

from libs.evidence import Signer
from libs.foundation.errors import NotFound, every_error
from libs.telemetry import metrics
from libs.web.answers import JsonResponse
from libs.web.guards import public
from libs.web.problem_pages import as_page, described


class Background(Protocol):
    """A part that runs beside the requests: journal, relay, consumer."""

    async def start(self) -> None:
        """Begin to work."""

    async def stop(self) -> None:
        """Finish what is in flight and let go."""

    def readiness(self) -> dict[str, str]:
        """Return the reasons why it is not ready, by name; empty when it is."""


@runtime_checkable
class Alarming(Protocol):
    """A part that goes on though a human must look: one bad stream does not stop the others."""

    def alarms(self) -> dict[str, str]:
        """Return what a human must look at, by name; empty when all is well."""


def sign_routes(background: Sequence[Background], signer: Signer | None) -> APIRouter:
    """Return the router of the signs."""
    router = APIRouter(dependencies=[public()], tags=["operations"])

    @router.get("/livez", summary="Whether the process lives")
    async def livez() -> Response:
        return JsonResponse({"status": "alive"})

    @router.get(
        "/readyz",
        summary="Whether it can work, if not why, and what a human must look at",
        responses={503: {"description": "Not ready"}},
    )
    async def readyz() -> Response:
        reasons: dict[str, str] = {}
        alarms: dict[str, str] = {}
        for part in background:
            reasons |= part.readiness()
            alarms |= part.alarms() if isinstance(part, Alarming) else {}
        body = {"status": "not_ready" if reasons else "ready", "reasons": reasons, "alarms": alarms}
        return JsonResponse(body, status_code=503 if reasons else 200)

    @router.get("/metrics", summary="Prometheus metrics", response_class=Response)
    async def exposition() -> Response:
        return Response(metrics.exposition(), media_type=metrics.CONTENT_TYPE)

    @router.get("/.well-known/jwks.json", summary="Public keys of this service's signatures")
    async def public_keys() -> Response:
        return JsonResponse(signer.jwks() if signer else {"keys": []})

    @router.get("/problems", summary="Every problem code with its cause and remedy")
    async def problems() -> Response:
        return JsonResponse({"items": [described(cls) for cls in every_error()]})

    @router.get("/problems/{code}", summary="Cause and remedy of a problem code")
    async def problem(code: str, request: Request) -> Response:
        for cls in every_error():
            if cls.code == code:
                wants_page = "text/html" in request.headers.get("accept", "")
                return as_page(cls) if wants_page else JsonResponse(described(cls))
        raise NotFound("No problem has this code.", field="code")

    return router
