"""RFC 9457 problem details: how every error leaves an application."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import iter_route_contexts
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import compile_path

from libs.foundation import errors as tree
from libs.telemetry import correlation_id, get_logger
from libs.web import errors as own
from libs.web.answers import dumps
from libs.web.body import NDJSON, media_type
from libs.web.problem_pages import as_page
from libs.web.statuses import status_of

MEDIA_TYPE: Final = "application/problem+json"
RETRY_AFTER_SECONDS: Final = 1
RETRY_AFTER_SPREAD: Final = 3
"""Whoever was turned away because too many came at once comes back after 1 to 3 seconds, not all in the same one."""
ERRORS_MAX: Final = 100

_log = get_logger(__name__)


def problem(error: tree.ZhixingError, *, instance: str = "") -> Response:
    """Return the problem response of an error."""
    status = status_of(type(error))
    body: dict[str, Any] = {
        "type": f"/problems/{error.code}",
        "title": error.title,
        "status": status,
        "code": error.code,
        "detail": error.detail,
        "instance": instance,
        "rule": error.rule,
        "field": error.field,
        "retryable": error.retryable,
        "correlation_id": correlation_id(),
    }
    extra = {key: value for key, value in error.extra.items() if key not in body}
    present = {key: value for key, value in body.items() if value is not None and value != ""}
    headers = {"Cache-Control": "no-store"}
    if error.retryable:
        spread = RETRY_AFTER_SPREAD if isinstance(error, tree.Overloaded) else RETRY_AFTER_SECONDS
        headers["Retry-After"] = str(random.randint(RETRY_AFTER_SECONDS, spread))  # noqa: S311 -- jitter, no secret
    if isinstance(error, own.BodyTooLarge):
        # The rest of the body is not read; on a connection that stayed open it would be taken for the next request.
        headers["Connection"] = "close"
    if isinstance(error, own.Unauthenticated):
        headers["WWW-Authenticate"] = _challenge(error)
    return Response(dumps({**present, **extra}), status_code=status, media_type=MEDIA_TYPE, headers=headers)


def _challenge(error: own.Unauthenticated) -> str:
    if isinstance(error, own.TokenInvalid | own.TokenExpired):
        return f'Bearer realm="zhixing", error="invalid_token", error_description="{error.code}"'
    return 'Bearer realm="zhixing"'


def invalid_fields(errors: Sequence[Any]) -> own.RequestInvalid:
    """Return one error that names every invalid field; what the caller sent is not repeated: it may be personal."""
    items = [
        {"field": _path(error["loc"]), "code": str(error["type"]), "text": str(error["msg"])[:300]}
        for error in errors[:ERRORS_MAX]
    ]
    count = len(errors)
    sentence = f"{count} field{'' if count == 1 else 's'} of the request {'is' if count == 1 else 'are'} invalid."
    return own.RequestInvalid(sentence, errors=items)


def _path(location: Sequence[object]) -> str:
    parts = [str(part) for part in location]
    if parts and parts[0] in ("body", "query", "path", "header"):
        where, parts = parts[0], parts[1:]
        return ".".join(parts) or where
    return ".".join(parts)


def install(app: FastAPI) -> None:
    """Let every error of an application leave as a problem."""
    app.add_exception_handler(tree.ZhixingError, _on_error)
    app.add_exception_handler(RequestValidationError, _on_invalid)
    app.add_exception_handler(HTTPException, _on_http)


def _answer(request: Request, error: tree.ZhixingError) -> Response:
    answer = problem(error, instance=request.url.path)
    if request.headers.get("accept", "").startswith("text/html"):
        # Only browsers ask for a page before all else; a person reads this one.
        page = as_page(type(error), error.detail)
        page.status_code = answer.status_code
        page.headers["Cache-Control"] = "no-store"
        return page
    return answer


async def _on_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, tree.ZhixingError)
    if status_of(type(error)) >= 500:  # noqa: PLR2004 -- HTTP's own border between their fault and ours
        _log.warning("request_failed", code=error.code, detail=error.detail)
    return _answer(request, error)


async def _on_invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    kind, _ = media_type(request.headers.get("content-type", "").encode("latin-1"))
    if kind in NDJSON and any(each["loc"][:1] == ("body",) for each in error.errors()):
        return problem(
            own.UnsupportedMediaType("This route takes JSON.", field="Content-Type"), instance=request.url.path
        )
    return _answer(request, invalid_fields(error.errors()))


async def _on_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    named: dict[int, type[tree.ZhixingError]] = {
        400: own.MalformedRequest,
        404: tree.NotFound,
        405: own.MethodNotAllowed,
        413: own.BodyTooLarge,
        415: own.UnsupportedMediaType,
    }
    # FastAPI wraps what reading the body raised; what we raised there is more exact than its 400.
    cause = error.__cause__
    found = cause if isinstance(cause, tree.ZhixingError) else named.get(error.status_code, tree.ZhixingError)()
    answer = _answer(request, found)
    for name, value in (error.headers or {}).items():
        answer.headers[name] = value
    if isinstance(found, own.MethodNotAllowed):
        # The router names the methods of the first route with this path only; a resource may have several.
        answer.headers["Allow"] = ", ".join(_methods(request))
    return answer


def _methods(request: Request) -> list[str]:
    path = request.scope["path"]
    found: set[str] = set()
    for context in iter_route_contexts(request.app.routes):
        if context.path is not None and compile_path(context.path)[0].match(path):
            found |= set(context.methods or ())
    return sorted(found)
