"""Key sets: which keys sign heads and entries, signed by an offline root."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Path
from starlette.responses import Response

from libs.web import Caller, scope
from services.credit_blacklist.api.position_problems import POSITION_PROBLEMS
from services.credit_blacklist.feed.distribution.key_sets import SETS_MAX, KeySets

JOSE: Final = "application/jose"
FOR_EVER: Final = "private, max-age=31536000, immutable"
SHORTLY: Final = "private, max-age=60"

Number = Annotated[int, Path(ge=1, le=SETS_MAX)]


def key_set_routes(key_sets: KeySets) -> APIRouter:
    """Return the routes."""
    router = APIRouter(prefix="/joint-punishment-feed/key-sets", tags=["feed"], responses=POSITION_PROBLEMS)

    @router.get("/latest", response_class=Response)
    async def latest_key_set(_caller: Annotated[Caller, scope("credit_blacklist.feed.read")]) -> Response:
        """Read the newest key set, as the root signed it (JWS)."""
        return Response((await key_sets.latest()).jws, media_type=JOSE, headers={"Cache-Control": SHORTLY})

    @router.get("/{version}", response_class=Response)
    async def key_set(version: Number, _caller: Annotated[Caller, scope("credit_blacklist.feed.read")]) -> Response:
        """Read one key set: whoever slept through rotations walks them one by one."""
        return Response((await key_sets.numbered(version)).jws, media_type=JOSE, headers={"Cache-Control": FOR_EVER})

    return router
