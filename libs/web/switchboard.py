"""The short way from a request to its route: FastAPI declares and documents routes, this runs them.

FastAPI goes through the routes of every router twice for each request and works out anew what each dependency needs,
which costs more than everything else between the socket and the journal. Here both are worked out once, for routes as
this house writes them: coroutines that return a `Response`. Any other route, and whatever no route takes (404, 405),
stays with FastAPI.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from inspect import iscoroutinefunction, isfunction
from re import Pattern
from typing import Any, cast

from fastapi.dependencies.models import Dependant
from fastapi.dependencies.utils import request_params_to_args
from fastapi.exceptions import RequestValidationError
from fastapi.routing import RouteContext
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from libs.web.body import PARSED


@dataclass(frozen=True, slots=True)
class _Line:
    """A route: where it is reached, and what it needs. `root` None: FastAPI runs it."""

    path: Pattern[str]
    endpoint: Any
    root: Dependant | None


class Switchboard:
    """Pure ASGI: connects each request to its route, the first that was declared for its path and method."""

    def __init__(self, app: ASGIApp, routes: Iterable[RouteContext]) -> None:
        """Take the routes in their order; `app` gets what is not for them."""
        self._app = app
        self._lines: dict[tuple[str, int], list[_Line]] = {}
        for route in routes:
            line = _Line(route.path_regex, route.endpoint, route.dependant if runs_here(route) else None)
            for method in route.methods or ():
                self._lines.setdefault((method, str(route.path).count("/")), []).append(line)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        method, path = scope.get("method", ""), scope.get("path", "")
        for line in self._lines.get((method, path.count("/")), ()):
            if (match := line.path.match(path)) is not None:
                if line.root is None or (line.root.body_params and PARSED not in scope):
                    break
                scope["endpoint"], scope["path_params"] = line.endpoint, match.groupdict()
                request, errors = Request(scope, receive, send), list[Any]()
                values = await _arguments(line.root, request, errors)
                if errors:
                    raise RequestValidationError(errors)
                await (await line.endpoint(**values))(scope, receive, send)
                return
        await self._app(scope, receive, send)


async def _arguments(step: Dependant, request: Request, errors: list[Any]) -> dict[str, Any]:
    """Return what a step is called with: what it depends on, in the order of declaration, then its parameters."""
    values: dict[str, Any] = {}
    for inner in step.dependencies:
        known = len(errors)
        own = await _arguments(inner, request, errors)
        if len(errors) == known:
            found = await cast("Any", inner.call)(**own)
            if inner.name is not None:
                values[inner.name] = found
    for field in step.path_params:
        values[field.name], wrong = field.validate(request.path_params[field.alias], loc=("path", field.alias))
        errors += wrong
    if step.query_params:
        _take(request_params_to_args(step.query_params, request.query_params), values, errors)
    if step.header_params:
        _take(request_params_to_args(step.header_params, request.headers), values, errors)
    if step.body_params:
        (field,) = step.body_params
        values[field.name], wrong = field.validate(request.scope[PARSED], loc=("body",))
        errors += wrong
    if step.request_param_name is not None:
        values[step.request_param_name] = request
    return values


def _take(read: tuple[dict[str, Any], list[Any]], values: dict[str, Any], errors: list[Any]) -> None:
    values |= read[0]
    errors += read[1]


def runs_here(route: RouteContext) -> bool:
    """Return whether a route is of the kind that is run here: if not, FastAPI runs it, and takes twice as long."""
    steps = list(_steps(route.dependant))
    return (
        ":" not in str(route.path)  # a parameter that is no plain segment
        and route.response_field is None
        and len({id(step.call) for step in steps}) == len(steps)
        and all(_is_plain(step) for step in steps)
    )


def _steps(step: Dependant) -> Iterator[Dependant]:
    yield step
    for inner in step.dependencies:
        yield from _steps(inner)


def _is_plain(step: Dependant) -> bool:
    call = step.call if isfunction(step.call) else type(step.call).__call__
    embedded = [field for field in step.body_params if getattr(field.field_info, "embed", None)]
    injected = (step.response_param_name, step.background_tasks_param_name, step.http_connection_param_name)
    return iscoroutinefunction(call) and not (step.cookie_params or step.body_params[1:] or embedded or any(injected))
