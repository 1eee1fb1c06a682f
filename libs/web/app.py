"""The application factory: the same doors, guards and signs in every service."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager

from fastapi import APIRouter, FastAPI

from libs.evidence import Signer
from libs.telemetry import configure_logging, get_logger
from libs.web import problems
from libs.web.admission import Admission, Gate
from libs.web.body import StrictBody
from libs.web.evidence import Evidence, evidence_routes
from libs.web.guards import api_routes, undeclared_routes
from libs.web.middleware import Doorway
from libs.web.openapi import install_openapi
from libs.web.quarantine import quarantine_of, quarantine_routes
from libs.web.settings import WebSettings
from libs.web.signs import Background, sign_routes
from libs.web.switchboard import Switchboard
from libs.web.tokens import TokenVerifier

API_PREFIX = "/v1"
VERSION = "0.1.0"

_log = get_logger(__name__)


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
    evidence: Evidence | None = None,
) -> FastAPI:
    """Return the application of a service.

    `routers` are reached below `/v1`, `pages` where they say themselves. `background` starts in this order before the
    first request and stops in the reverse order after the last; a part with a `quarantine` brings the operators'
    routes. `evidence` brings its routes and the keeper of hourly roots, which starts last. Raises `RouteUndeclared` for
    a route without a guard.
    """
    background = (*background, *([evidence.keeper] if evidence else []))
    configure_logging(service, settings.log_level)
    app = FastAPI(
        title=f"Zhixing {service}",
        version=VERSION,
        lifespan=_lifespan(background),
        redoc_url=None,
        redirect_slashes=False,
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    app.state.service = service
    app.state.verifier = TokenVerifier(settings.jwks, settings.issuer, settings.audience)
    app.state.signer = signer
    app.state.admission = Admission(settings.requests_at_once_max)
    problems.install(app)
    app.include_router(sign_routes(background, signer))
    for router in routers:
        app.include_router(router, prefix="" if _has_prefix(router) else API_PREFIX)
    if (find := quarantine_of(background)) is not None:
        app.include_router(quarantine_routes(find))
    if evidence is not None:
        app.include_router(evidence_routes(evidence))
    for router in pages:
        app.include_router(router)
    if undeclared := undeclared_routes(app):
        raise RouteUndeclared(", ".join(undeclared))
    install_openapi(app)
    app.router.middleware_stack = Switchboard(app.router.app, api_routes(app))
    app.add_middleware(StrictBody)
    app.add_middleware(Doorway, templates={route.endpoint: str(route.path_format) for route in api_routes(app)})
    app.add_middleware(Gate, admission=app.state.admission)
    return app


def _has_prefix(router: APIRouter) -> bool:
    paths = [str(getattr(route, "path", "")) for route in router.routes]
    return bool(paths) and all(path.startswith(API_PREFIX + "/") for path in paths)


def _lifespan(background: Sequence[Background]) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as running:
            for part in background:
                # Registered first: a part that failed half-way through its start has something to let go, too.
                running.push_async_callback(part.stop)
                await part.start()
            _log.info("service_started", service=app.state.service)
            yield
        _log.info("service_stopped", service=app.state.service)

    return lifespan
