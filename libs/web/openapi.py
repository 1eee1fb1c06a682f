"""The OpenAPI document says what is true of every route: its problems, its headers, its token."""

from __future__ import annotations

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import RouteContext

from libs.web.guards import KEY_CHARS_MAX, KEY_HEADER, WRITES, ScopeGuard, api_routes, guards_of
from libs.web.problems import MEDIA_TYPE

PROBLEM: Final[dict[str, Any]] = {
    "type": "object",
    "title": "Problem",
    "description": "RFC 9457 problem details.",
    "required": ["type", "title", "status", "code", "detail", "retryable"],
    "properties": {
        "type": {"type": "string", "description": "Resolves to the problem's cause and remedy."},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string", "description": "Stable name of the problem."},
        "detail": {"type": "string"},
        "instance": {"type": "string"},
        "rule": {"type": "string", "description": "The rule (and so the article) that refused."},
        "field": {"type": "string", "description": "The field that is meant."},
        "errors": {
            "type": "array",
            "description": "All invalid fields at once.",
            "items": {
                "type": "object",
                "required": ["field", "code", "text"],
                "properties": {name: {"type": "string"} for name in ("field", "code", "text")},
            },
        },
        "retryable": {"type": "boolean", "description": "Whether the same request may succeed later."},
        "current_version": {"type": "integer"},
        "correlation_id": {"type": "string"},
    },
}

KEY_PARAMETER: Final[dict[str, Any]] = {
    "name": KEY_HEADER,
    "in": "header",
    "required": True,
    "description": "New for each new request, the same for each repeat of it.",
    "schema": {"type": "string", "minLength": 1, "maxLength": KEY_CHARS_MAX, "pattern": "^[!-~]+$"},
}

_TEXT: Final = {
    400: "The request cannot be read, or a header is missing",
    401: "No valid token",
    403: "Scope, role or court is missing",
    404: "There is no such thing",
    409: "A rule refuses this",
    410: "It was there, and is not served any more",
    412: "The thing has changed since it was read",
    413: "The body is too large",
    415: "The content type is not read here",
    422: "Fields are invalid, or the idempotency key was used with another body",
    428: "If-Match is missing",
    429: "Too many requests are waiting",
    503: "Temporarily unavailable, or the outcome is not known yet",
}
_READ_PROBLEMS: Final = (400, 404, 422, 503)
_WRITE_PROBLEMS: Final = (400, 404, 409, 413, 415, 422, 429, 503)


def install_openapi(app: FastAPI) -> None:
    """Let `/openapi.json` be FastAPI's document with what the web layer adds to every route."""

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            schema = get_openapi(title=app.title, version=app.version, routes=app.routes)
            for context, method, operation in _operations(app, schema):
                _complete(context, method, operation)
            components = schema.setdefault("components", {}).setdefault("schemas", {})
            components["Problem"] = PROBLEM
            for unused in ("HTTPValidationError", "ValidationError"):
                components.pop(unused, None)
            app.openapi_schema = schema
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]


def _operations(app: FastAPI, schema: dict[str, Any]) -> Iterator[tuple[RouteContext, str, dict[str, Any]]]:
    for context in api_routes(app):
        for method in context.methods or ():
            operation = schema["paths"].get(context.path_format, {}).get(method.lower())
            if operation is not None:
                yield context, method, operation


def _complete(context: RouteContext, method: str, operation: dict[str, Any]) -> None:
    guards = [guard for guard in guards_of(context.dependant) if isinstance(guard, ScopeGuard)]
    parameters = operation.setdefault("parameters", [])
    conditional = False
    for parameter in parameters:
        if parameter["name"] == "If-Match":
            parameter.update(required=True, schema={"type": "string", "pattern": '^"[0-9]{1,12}"$'})
            conditional = True
    if method in WRITES and any(guard.needs_key for guard in guards):
        parameters.append(KEY_PARAMETER)
    if not parameters:
        del operation["parameters"]
    statuses = set(_WRITE_PROBLEMS if method in WRITES else _READ_PROBLEMS)
    if guards:
        statuses |= {401, 403}
        operation["description"] = (
            operation.get("description", "") + "\n\nScope: " + ", ".join(f"`{guard.name}`" for guard in guards)
        ).strip()
    if conditional:
        statuses |= {412, 428}
    responses = operation["responses"]
    responses.pop("422", None)
    # A route may declare further problems, by their status alone or with words of its own.
    statuses |= {int(status) for status in responses if status.isdigit() and int(status) in _TEXT}
    for status in sorted(statuses):
        own = responses.get(str(status), {}).get("description", "")
        plain = own in ("", HTTPStatus(status).phrase)
        responses[str(status)] = _response(_TEXT[status] if plain else own)


def _response(text: str) -> dict[str, Any]:
    return {
        "description": text,
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
