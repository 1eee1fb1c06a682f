"""When one side leaves in the middle: nobody else is harmed, and nothing half-sent looks whole."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Annotated, Any

import httpx
import pytest
from fastapi import APIRouter, FastAPI
from starlette.responses import Response, StreamingResponse
from starlette.types import Message

from libs.foundation.errors import Transient
from libs.web import WebSettings, create_app, public

pytestmark = pytest.mark.asyncio


def _app() -> FastAPI:
    router = APIRouter(dependencies=[public()])

    @router.get("/half/{kind}")
    async def half(kind: str) -> Response:
        async def chunks() -> AsyncIterator[bytes]:
            yield b"half"
            raise Transient if kind == "transient" else RuntimeError

        return StreamingResponse(chunks(), media_type="text/plain")

    @router.post("/echo")
    async def echo(body: Annotated[dict[str, int], ...]) -> Response:
        return Response(json.dumps(body))

    return create_app(service="t", settings=WebSettings(), routers=[router])


@pytest.mark.parametrize("kind", ["transient", "bug"])
async def test_a_half_sent_answer_ends_in_a_broken_connection_and_is_on_record(
    kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    transport = httpx.ASGITransport(_app())
    async with httpx.AsyncClient(transport=transport, base_url="http://t") as client:
        with pytest.raises((Transient, RuntimeError)):
            await client.get(f"/v1/half/{kind}")
    await asyncio.sleep(0)
    events = [json.loads(line)["event"] for line in capsys.readouterr().out.splitlines()]
    assert "http_request" in events


async def _exchange(messages: list[Message], headers: dict[str, str]) -> list[Message]:
    sent: list[Message] = []

    async def receive() -> Message:
        return messages.pop(0)

    async def send(message: Message) -> None:
        sent.append(message)

    scope: dict[str, Any] = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": "/v1/echo",
        "raw_path": b"/v1/echo",
        "root_path": "",
        "query_string": b"",
        "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
        "client": ("127.0.0.1", 1),
        "server": ("t", 80),
    }
    await _app()(scope, receive, send)
    return sent


async def test_a_client_that_leaves_before_its_body_is_whole_gets_no_answer() -> None:
    part = {"type": "http.request", "body": b'{"a":', "more_body": True}
    sent = await _exchange([part, {"type": "http.disconnect"}], {"Content-Type": "application/json"})
    assert sent == []


async def test_a_body_in_pieces_is_read_whole() -> None:
    pieces: list[Message] = [
        {"type": "http.request", "body": b'{"a"', "more_body": True},
        {"type": "http.request", "body": b": 1}", "more_body": True},
        {"type": "http.request"},
    ]
    sent = await _exchange(pieces, {"Content-Type": "application/merge-patch+json; charset=utf-8"})
    assert (sent[0]["status"], sent[1]["body"]) == (200, b'{"a": 1}')
