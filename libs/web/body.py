"""The body at the door: bounded, of a known type, strict JSON; what is wrong is told after the token is checked.

A bad body is not answered here: the error waits in the scope until the route's guard has let the caller in (401 and 403
come before 400), and every route has a guard.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from libs.foundation.errors import ZhixingError
from libs.foundation.limits import BODY_BYTES_MAX
from libs.web.errors import BodyTooLarge, UnsupportedMediaType
from libs.web.strict_json import strict_json

BODY_ERROR: Final = "zhixing.body_error"
PARSED: Final = "zhixing.parsed"
STREAMED: Final = "zhixing.streamed"
NDJSON: Final = frozenset({"application/x-ndjson", "application/ndjson", "application/jsonl"})

UTF_8: Final = frozenset({"utf-8", "utf8", "us-ascii"})

_WITH_BODY: Final = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_JSON: Final = re.compile(r"application/(?:[a-z0-9!#$&^_.-]+\+)?json")


class StrictBody:
    """Pure ASGI: reads the body of a write within its bound, checks it, and hands it on in one piece."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap `app`."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http" or scope["method"] not in _WITH_BODY:
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        kind, charset = media_type(headers.get(b"content-type", b""))
        if kind in NDJSON:
            await self._app(scope, _bounded(scope, receive), send)
            return
        try:
            body = await _read(receive, headers.get(b"content-length", b""))
            if body is None:
                return  # the client is gone; there is nobody to answer
            if body:
                _check_type(kind, charset, headers.get(b"content-encoding", b""))
                scope[PARSED] = strict_json(body)
        except ZhixingError as error:
            scope[BODY_ERROR], body = error, b""
        await self._app(scope, _replayed(body, receive), send)


@lru_cache(maxsize=64)
def media_type(header: bytes) -> tuple[str, str]:
    """Return the media type and the charset of a Content-Type header, in lower case."""
    kind, _, parameters = header.decode("latin-1").lower().partition(";")
    named = dict(part.strip().partition("=")[::2] for part in parameters.split(";"))
    return kind.strip(), named.get("charset", "utf-8").strip('" ')


def is_json(kind: str) -> bool:
    """Return whether a media type is JSON."""
    return _JSON.fullmatch(kind) is not None


def _check_type(kind: str, charset: str, encoding: bytes) -> None:
    if not is_json(kind):
        raise UnsupportedMediaType("The body is not declared as JSON.", field="Content-Type")
    if charset not in UTF_8:
        raise UnsupportedMediaType("JSON is UTF-8 here.", field="Content-Type")
    if encoding not in (b"", b"identity"):
        raise UnsupportedMediaType("Bodies are not compressed here.", field="Content-Encoding")


async def _read(receive: Receive, declared: bytes) -> bytes | None:
    if declared.isdigit() and int(declared) > BODY_BYTES_MAX:
        raise BodyTooLarge
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > BODY_BYTES_MAX:
            raise BodyTooLarge
        chunks.append(chunk)
        if not message.get("more_body", False):
            return b"".join(chunks)


def _replayed(body: bytes, receive: Receive) -> Receive:
    pending: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replay() -> Message:
        return pending.pop() if pending else await receive()

    return replay


def _bounded(scope: Scope, receive: Receive) -> Receive:
    # A route that reads line by line says so in the scope and bounds each line; any other route reads the whole body.
    size = 0

    async def count() -> Message:
        nonlocal size
        message = await receive()
        size += len(message.get("body", b""))
        if size > BODY_BYTES_MAX and STREAMED not in scope:
            raise BodyTooLarge
        return message

    return count
