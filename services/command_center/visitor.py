"""A browser's token: it comes once as `?access_token=`, then in a cookie that scripts and other sites cannot use.

Only pages are reached this way, and pages only read; the API takes a bearer token and nothing else.
"""

from __future__ import annotations

from http.cookies import CookieError, SimpleCookie
from typing import Final
from urllib.parse import parse_qs

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

COOKIE: Final = "zhixing_token"
COOKIE_SECONDS_MAX: Final = 4 * 3600
TOKEN_CHARS_MAX: Final = 4000

_HEADERS: Final = {
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


class Visitor:
    """ASGI middleware: gives page requests of a browser the bearer token that they carry in their own way."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, with a token if it is for a page and has one."""
        if scope["type"] != "http" or not _is_page(scope["path"]):
            await self._app(scope, receive, send)
            return
        headers = list(scope["headers"])
        offered = _from_query(scope["query_string"])
        token = offered or _from_cookie(headers)
        if token and not any(name == b"authorization" for name, _ in headers):
            scope = {**scope, "headers": [*headers, (b"authorization", b"Bearer " + token.encode())]}
        secure = "; Secure" if scope.get("scheme") == "https" else ""

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                answer = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    answer[name] = value
                if offered and message["status"] == 200:  # noqa: PLR2004 -- HTTP's own number
                    cookie = f"{COOKIE}={offered}; HttpOnly; SameSite=Strict; Path=/; Max-Age={COOKIE_SECONDS_MAX}"
                    answer.append("Set-Cookie", cookie + secure)
            await send(message)

        await self._app(scope, receive, with_headers)


def _is_page(path: str) -> bool:
    return path == "/" or path.startswith("/cases/")


def _from_query(query: bytes) -> str | None:
    values = parse_qs(query.decode("latin-1")).get("access_token", [])
    return _plain(values[-1]) if values else None


def _from_cookie(headers: list[tuple[bytes, bytes]]) -> str | None:
    for name, value in headers:
        if name == b"cookie":
            try:
                found = SimpleCookie(value.decode("latin-1")).get(COOKIE)
            except CookieError:
                return None
            return _plain(found.value) if found else None
    return None


def _plain(token: str) -> str | None:
    """Return a token that can stand in a header and a cookie, or None: a JWS has nothing but these characters."""
    usable = all(character.isascii() and (character.isalnum() or character in "-_.") for character in token)
    return token if usable and 0 < len(token) <= TOKEN_CHARS_MAX else None
