"""The signs at the door, the same in every service: health, metrics, public keys."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from fastapi import APIRouter
from starlette.responses import Response

from libs.evidence import Signer
from libs.telemetry import metrics
from libs.web.answers import JsonResponse
from libs.web.guards import public

if TYPE_CHECKING:
    from libs.web.app import Background


def sign_routes(background: Sequence[Background], signer: Signer | None) -> APIRouter:
    """Return the router of the signs."""
    router = APIRouter(dependencies=[public()], tags=["operations"])

    @router.get("/livez")
    async def livez() -> Response:
        return JsonResponse({"status": "alive"})

    @router.get("/readyz")
    async def readyz() -> Response:
        reasons: dict[str, str] = {}
        for part in background:
            reasons.update(part.readiness())
        body = {"status": "not_ready" if reasons else "ready", "reasons": reasons}
        return JsonResponse(body, status_code=503 if reasons else 200)

    @router.get("/metrics")
    async def exposition() -> Response:
        return Response(metrics.exposition(), media_type=metrics.CONTENT_TYPE)

    @router.get("/.well-known/jwks.json")
    async def public_keys() -> Response:
        return JsonResponse(signer.jwks() if signer else {"keys": []})

    return router
