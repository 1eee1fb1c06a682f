"""What a client may keep a connection waiting for: its request, its body, the taking of its answer."""

import asyncio
from typing import Any

import pytest
from uvicorn import Config
from uvicorn.server import ServerState

from libs.web import bounded_http
from libs.web.admission import Admission
from libs.web.bounded_http import BoundedHttp

HEAD = b"POST /v1/x HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\n"


class Transport(asyncio.Transport):
    """A connection without a socket."""

    def __init__(self) -> None:
        super().__init__()
        self.written = b""
        self.aborted = False
        self.closing = False

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return {"peername": None}.get(name, default)

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written += bytes(data)

    def close(self) -> None:
        self.closing = True

    def abort(self) -> None:
        self.aborted = self.closing = True

    def is_closing(self) -> bool:
        return self.closing

    def pause_reading(self) -> None:
        pass

    def resume_reading(self) -> None:
        pass


async def _echo(scope: Any, receive: Any, send: Any) -> None:
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        size += len(message["body"])
        if not message["more_body"]:
            break
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"1")]})
    await send({"type": "http.response.body", "body": b"%d" % size})


@pytest.fixture(autouse=True)
def _short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounded_http, "REQUEST_SECONDS", 0.05)
    monkeypatch.setattr(bounded_http, "ANSWER_SECONDS", 0.05)


def _connect(admission: Admission | None = None) -> tuple[BoundedHttp, Transport]:
    config = Config(_echo, ws="none", lifespan="off", log_config=None)
    config.load()
    protocol, transport = BoundedHttp(config, ServerState(), {}, admission or Admission(10)), Transport()
    protocol.connection_made(transport)
    return protocol, transport


@pytest.mark.asyncio
async def test_a_request_in_time_is_answered_and_its_connection_kept() -> None:
    protocol, transport = _connect()
    for _ in range(2):
        protocol.data_received(HEAD + b"1234")
        await asyncio.sleep(0.08)
    assert transport.written.count(b"HTTP/1.1 200") == 2
    assert not transport.closing
    protocol.connection_lost(None)


@pytest.mark.asyncio
async def test_a_connection_that_never_asks_is_closed_without_a_word() -> None:
    _, transport = _connect()
    await asyncio.sleep(0.1)
    assert (transport.closing, transport.written) == (True, b"")


@pytest.mark.parametrize("part", [HEAD[:20], HEAD, HEAD + b"12"], ids=["head", "no body", "half a body"])
@pytest.mark.asyncio
async def test_a_request_that_does_not_arrive_is_told_408(part: bytes) -> None:
    protocol, transport = _connect()
    # The second request of a connection is bounded like the first.
    protocol.data_received(HEAD + b"1234")
    await asyncio.sleep(0.02)
    for byte in part:
        protocol.data_received(bytes([byte]))
    await asyncio.sleep(0.15)
    assert transport.closing
    assert transport.written.count(b"HTTP/1.1 200") == 1
    assert transport.written.count(b"HTTP/1.1 408") == 1
    protocol.connection_lost(None)
    await asyncio.sleep(0.01)


@pytest.mark.asyncio
async def test_a_first_request_that_does_not_arrive_is_told_408_too() -> None:
    protocol, transport = _connect()
    protocol.data_received(HEAD[:20])
    await asyncio.sleep(0.1)
    assert transport.written.startswith(b"HTTP/1.1 408")
    assert transport.closing
    protocol.connection_lost(None)


@pytest.mark.asyncio
async def test_a_large_body_has_the_time_that_it_takes() -> None:
    protocol, transport = _connect()
    protocol.data_received(b"POST /v1/x HTTP/1.1\r\nHost: x\r\nContent-Length: 9000\r\n\r\n" + b"x" * 2000)
    for _ in range(10):
        await asyncio.sleep(0.03)
        protocol.data_received(b"x" * 100)
    assert not transport.closing, "it comes"
    await asyncio.sleep(0.2)
    assert transport.written.startswith(b"HTTP/1.1 408"), "it comes no more, however much has come"
    protocol.connection_lost(None)
    await asyncio.sleep(0.01)


@pytest.mark.asyncio
async def test_a_client_that_does_not_take_its_answer_is_cut_off() -> None:
    protocol, transport = _connect()
    protocol.pause_writing()
    protocol.resume_writing()
    await asyncio.sleep(0.08)
    assert not transport.aborted
    protocol.pause_writing()
    await asyncio.sleep(0.08)
    assert transport.aborted


@pytest.mark.asyncio
async def test_in_a_full_house_one_is_turned_away_before_there_is_a_request() -> None:
    protocol, transport = _connect(Admission(at_once_max=0))
    for _ in range(2):
        protocol.data_received(HEAD)
        protocol.data_received(b"1234")
    assert transport.written.count(b"HTTP/1.1 429 Too Many Requests\r\n") == 2
    assert b'"code":"overloaded"' in transport.written
    assert b"retry-after: " in transport.written
    assert not transport.closing
    assert not protocol.tasks
    protocol.data_received(b"GET /livez?x=1 HTTP/1.1\r\nHost: x\r\n\r\n")
    await asyncio.sleep(0.01)
    assert transport.written.count(b"HTTP/1.1 200") == 1
    protocol.connection_lost(None)


@pytest.mark.asyncio
async def test_who_asks_before_sending_is_turned_away_without_the_body() -> None:
    protocol, transport = _connect(Admission(at_once_max=0))
    protocol.data_received(HEAD[:-2] + b"Expect: 100-continue\r\n\r\n")
    assert transport.written.startswith(b"HTTP/1.1 429")
    assert transport.closing
    protocol.connection_lost(None)


@pytest.mark.asyncio
async def test_requests_that_came_in_one_turn_of_the_loop_count_before_they_begin() -> None:
    admission = Admission(at_once_max=2)
    made = [_connect(admission) for _ in range(5)]
    for protocol, _ in made:
        protocol.data_received(HEAD + b"1234")
    refused = [transport for _, transport in made if transport.written.startswith(b"HTTP/1.1 429")]
    assert len(refused) == 3
    for protocol, _ in made:
        protocol.connection_lost(None)
    await asyncio.sleep(0.01)


@pytest.mark.asyncio
async def test_the_connection_that_was_silent_for_longest_makes_room() -> None:
    BoundedHttp.silent.clear()
    (speaking, first), (_, second), (_, third) = _connect(), _connect(), _connect()
    speaking.data_received(HEAD + b"1234")
    assert BoundedHttp.end_the_oldest_silent()
    assert (first.closing, second.closing, third.closing) == (False, True, False)
    assert BoundedHttp.end_the_oldest_silent()
    assert not BoundedHttp.end_the_oldest_silent(), "who has asked for something is not ended"
    speaking.connection_lost(None)
