"""Denied by default: every route declares `scope(...)` or, aloud, `public()`, or the application does not start."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, Final

from fastapi import Depends, FastAPI, Request
from fastapi.dependencies.models import Dependant
from fastapi.openapi.models import OAuthFlowClientCredentials, OAuthFlows
from fastapi.routing import APIRoute, RouteContext, iter_route_contexts
from fastapi.security import OAuth2

from libs.web.body import BODY_ERROR
from libs.web.caller import Caller
from libs.web.errors import IdempotencyKeyInvalid, IdempotencyKeyMissing, ScopeMissing, Unauthenticated
from libs.web.middleware import CALLER

WRITES: Final = frozenset({"POST", "PUT", "PATCH", "DELETE"})
KEY_HEADER: Final = "Idempotency-Key"
KEY_CHARS_MAX: Final = 200
_KEY: Final = re.compile(rb"[!-~]+")
_KEY_NAME: Final = KEY_HEADER.lower().encode()


class _BearerToken(OAuth2):
    """The security scheme as OpenAPI shows it; it yields the token's text, or None."""

    def __init__(self) -> None:
        flows = OAuthFlows(clientCredentials=OAuthFlowClientCredentials(tokenUrl="/oauth2/token", scopes={}))
        super().__init__(
            flows=flows,
            scheme_name="bearer",
            description="OAuth2 client credentials; an ES256 JWT of the issuer that this service trusts.",
            auto_error=False,
        )

    async def __call__(self, request: Request) -> str | None:  # type: ignore[override]  # no WebSocket comes here
        kind, _, token = request.headers.get("authorization", "").partition(" ")
        return token.strip() or None if kind.lower() == "bearer" else None


_BEARER: Final = _BearerToken()


class ScopeGuard:
    """Lets a request through whose token carries the scope, and hands its `Caller` to the route."""

    def __init__(self, name: str, *, needs_key: bool) -> None:
        """`needs_key`: a write through this route needs an Idempotency-Key."""
        self.name = name
        self.needs_key = needs_key

    async def __call__(self, request: Request, token: str | None = Depends(_BEARER)) -> Caller:
        """Return the caller; raises 401, then 403, then what is wrong with body (400, 413, 415) or key (400)."""
        if token is None:
            raise Unauthenticated
        caller: Caller = await request.app.state.verifier.verify(token)
        request.scope[CALLER] = caller
        if not carries(caller.scopes, self.name):
            raise ScopeMissing(f"The scope {self.name} is needed.")
        _admit_body(request)
        if self.needs_key and request.method in WRITES:
            idempotency_key(request)
        return caller


class PublicGuard:
    """Says that a route is meant to be open to everybody."""

    async def __call__(self, request: Request) -> None:
        """Let everybody through whose body can be read."""
        _admit_body(request)


def _admit_body(request: Request) -> None:
    if (error := request.scope.get(BODY_ERROR)) is not None:
        raise error


def scope(name: str, *, needs_key: bool | None = None) -> Any:
    """Return the dependency of a route that needs a scope and gets its caller.

    Used as `caller: Annotated[Caller, scope("intake.cases.read")]`. Scopes are
    `<service>.<resource>.<read|write>`. A write with a `.write` scope also needs an Idempotency-Key;
    `needs_key=False` frees a route whose input carries natural keys of its own.
    """
    return Depends(ScopeGuard(name, needs_key=name.endswith(".write") if needs_key is None else needs_key))


def public() -> Any:
    """Return the dependency that declares a route open: `dependencies=[public()]`."""
    return Depends(PublicGuard())


def carries(held: frozenset[str], needed: str) -> bool:
    """Return whether one of the scopes held is `needed`, or covers it: `intake.*.read`, `intake.*.*`."""
    if needed in held:
        return True
    parts = needed.split(".")
    return any(
        len(pattern) == len(parts) and all(mine in ("*", part) for mine, part in zip(pattern, parts, strict=True))
        for pattern in (text.split(".") for text in held if "*" in text)
    )


def idempotency_key(request: Request) -> str:
    """Return the request's Idempotency-Key. Raises `IdempotencyKeyMissing` or `IdempotencyKeyInvalid` (both 400)."""
    keys = [value for name, value in request.scope["headers"] if name == _KEY_NAME]
    if not keys:
        raise IdempotencyKeyMissing(field=KEY_HEADER)
    if len(keys) > 1 or len(keys[0]) > KEY_CHARS_MAX or not _KEY.fullmatch(keys[0]):
        raise IdempotencyKeyInvalid(field=KEY_HEADER)
    return str(keys[0].decode())


def guards_of(dependant: Dependant) -> Iterator[ScopeGuard | PublicGuard]:
    """Yield the guards among a route's dependencies, however deep they stand."""
    for inner in dependant.dependencies:
        if isinstance(inner.call, ScopeGuard | PublicGuard):
            yield inner.call
        yield from guards_of(inner)


def api_routes(app: FastAPI) -> Sequence[RouteContext]:
    """Return the routes of an application as they are reached, with the prefixes of their routers."""
    return [context for context in iter_route_contexts(app.routes) if isinstance(context.original_route, APIRoute)]


def undeclared_routes(app: FastAPI) -> list[str]:
    """Return `METHOD /path` of every route that declares neither a scope nor that it is public."""
    return sorted(
        f"{method} {context.path}"
        for context in api_routes(app)
        if not any(guards_of(context.dependant))
        for method in (context.methods or ())
    )
