"""The application factory: the same doors, guards and signs in every service."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Protocol

from fastapi import APIRouter, FastAPI

from libs.evidence import Signer
from libs.telemetry import configure_logging, get_logger
from libs.web import problems
from libs.web.guards import undeclared_routes
from libs.web.middleware import Doorway
from libs.web.settings import WebSettings
from libs.web.signs import sign_routes
from libs.web.tokens import TokenVerifier

API_PREFIX = "/v1"
_log = get_logger(__name__)


class Background(Protocol):
    """A part that runs beside the requests: journal, relay, consumer."""

    async def start(self) -> None:
        """Begin to work."""

    async def stop(self) -> None:
        """Finish what is in flight and let go."""

    def readiness(self) -> dict[str, str]:
        """Return the reasons why it is not ready, by name; empty when it is."""


class RouteUndeclared(RuntimeError):
    """A route declares neither a scope nor that it is public: the application does not start."""


def create_app(
    *,
    service: str,
    settings: WebSettings,
    routers: Sequence[APIRouter],
    background: Sequence[Background] = (),
    signer: Signer | None = None,
    pages: Sequence[APIRouter] = (),
    version: str = "0.1.0",
) -> FastAPI:
    """Return the application of a service.

    `routers` are reached below `/v1`, `pages` where they say themselves. `background` starts in this order before the
    first request and stops in the reverse order after the last. Raises `RouteUndeclared` for a route without a guard.
    """
    configure_logging(service, settings.log_level)
    app = FastAPI(title=f"Zhixing {service}", version=version, lifespan=_lifespan(background), redoc_url=None)
    app.state.service = service
    app.state.verifier = TokenVerifier(settings.jwks, settings.issuer, settings.audience)
    app.state.signer = signer
    problems.install(app)
    app.include_router(sign_routes(background, signer))
    for router in routers:
        app.include_router(router, prefix="" if _has_prefix(router) else API_PREFIX)
    for router in pages:
        app.include_router(router)
    if undeclared := undeclared_routes(app):
        raise RouteUndeclared(", ".join(undeclared))
    app.add_middleware(Doorway)
    return app


def _has_prefix(router: APIRouter) -> bool:
    paths = [str(getattr(route, "path", "")) for route in router.routes]
    return bool(paths) and all(path.startswith(API_PREFIX + "/") for path in paths)


def _lifespan(background: Sequence[Background]):  # type: ignore[no-untyped-def]
    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as running:
            for part in background:
                running.push_async_callback(part.stop)
                await part.start()
            yield

    return lifespan
