"""A browser's token: once in the address, then in a cookie, and never for the API."""

from typing import Any

import pytest

from services.command_center.visitor import Visitor


async def visit(path: str, *, query: str = "", cookie: str = "", scheme: str = "http") -> tuple[str, dict[str, str]]:
    """What the application behind the door is given as authorization, and the headers that go out."""
    seen: dict[str, str] = {}
    sent: list[Any] = []

    async def app(scope: Any, _receive: Any, send: Any) -> None:
        seen.update({name.decode(): value.decode() for name, value in scope["headers"]})
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def receive() -> Any:
        return {"type": "http.request"}

    async def send(message: Any) -> None:
        sent.append(message)

    headers = [(b"cookie", cookie.encode())] if cookie else []
    scope = {"type": "http", "path": path, "query_string": query.encode(), "headers": headers, "scheme": scheme}
    await Visitor(app)(scope, receive, send)
    return seen.get("authorization", ""), {name.decode(): value.decode() for name, value in sent[0]["headers"]}


@pytest.mark.asyncio
async def test_a_token_in_the_address_of_a_page_is_used_and_kept_where_scripts_cannot_read_it() -> None:
    authorization, headers = await visit("/cases/c1", query="access_token=a.b-c_d")
    assert authorization == "Bearer a.b-c_d"
    assert headers["set-cookie"].startswith("zhixing_token=a.b-c_d; HttpOnly; SameSite=Strict; Path=/;")
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == "no-store"


@pytest.mark.asyncio
async def test_over_tls_the_cookie_is_for_tls_only() -> None:
    _, headers = await visit("/", query="access_token=a.b.c", scheme="https")
    assert headers["set-cookie"].endswith("; Secure")


@pytest.mark.asyncio
async def test_the_cookie_opens_pages_and_nothing_else() -> None:
    assert (await visit("/cases/c1", cookie="zhixing_token=a.b.c"))[0] == "Bearer a.b.c"
    assert (await visit("/v1/alerts", cookie="zhixing_token=a.b.c"))[0] == ""
    assert (await visit("/v1/alerts", query="access_token=a.b.c"))[0] == ""


@pytest.mark.asyncio
@pytest.mark.parametrize("token", ["a%0d%0aSet-Cookie:x=1", "a;b", "x" * 5000, ""])
async def test_what_cannot_be_a_token_goes_no_further(token: str) -> None:
    authorization, headers = await visit("/cases/c1", query=f"access_token={token}")
    assert authorization == ""
    assert "set-cookie" not in headers
