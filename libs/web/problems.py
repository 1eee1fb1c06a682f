"""RFC 9457 problem details: one table from the error tree to HTTP."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from libs.foundation import errors as tree
from libs.telemetry import correlation_id, get_logger
from libs.web import errors as own
from libs.web.answers import dumps
from libs.web.body import NDJSON, media_type

MEDIA_TYPE: Final = "application/problem+json"
RETRY_AFTER_SECONDS: Final = 1
ERRORS_MAX: Final = 100

STATUS: Final[dict[type[tree.ZhixingError], int]] = {
    own.RequestInvalid: 422,
    own.MalformedRequest: 400,
    own.BodyTooLarge: 413,
    own.UnsupportedMediaType: 415,
    own.MethodNotAllowed: 405,
    own.IdempotencyKeyMissing: 400,
    own.IdempotencyKeyInvalid: 400,
    own.PreconditionRequired: 428,
    own.PreconditionMalformed: 400,
    own.PurposeMissing: 400,
    own.Unauthenticated: 401,
    tree.Forbidden: 403,
    tree.Refused: 409,
    tree.NotFound: 404,
    tree.Conflict: 412,
    tree.KeyReused: 422,
    tree.Rejected: 422,
    tree.Overloaded: 429,
    tree.Transient: 503,
    tree.ZhixingError: 500,
}
"""The nearest ancestor decides."""

_log = get_logger(__name__)


def status_of(cls: type[tree.ZhixingError]) -> int:
    """Return the HTTP status of an error class."""
    return next(STATUS[ancestor] for ancestor in cls.__mro__ if ancestor in STATUS)


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
        headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
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


async def _on_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, tree.ZhixingError)
    if status_of(type(error)) >= 500:  # noqa: PLR2004 -- HTTP's own border between their fault and ours
        _log.warning("request_failed", code=error.code, detail=error.detail)
    return problem(error, instance=request.url.path)


async def _on_invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    kind, _ = media_type(request.headers.get("content-type", "").encode("latin-1"))
    if kind in NDJSON:
        return problem(
            own.UnsupportedMediaType("This route takes JSON.", field="Content-Type"), instance=request.url.path
        )
    return problem(invalid_fields(error.errors()), instance=request.url.path)


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
    answer = problem(found, instance=request.url.path)
    for name, value in (error.headers or {}).items():
        answer.headers[name] = value
    return answer
