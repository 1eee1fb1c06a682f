"""Above what a process works on at once one is told at the door to come back, before anything is read or begun."""

import asyncio
import contextlib
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from starlette.requests import Request
from starlette.types import Message, Receive, Scope, Send

from libs.foundation.errors import Overloaded
from libs.web import long_poll
from libs.web.admission import PLACE, Admission, Gate

HEADERS = {"Content-Type": "application/json", "Idempotency-Key": "k"}


class Room:
    """An application in which requests stay until the door is opened."""

    def __init__(self, admission: Admission) -> None:
        self.gate = Gate(self._stay, admission=admission)
        self.opened = asyncio.Event()
        self.entered = 0
        self.answers: list[int] = []

    async def _stay(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.entered += 1
        while (await receive()).get("more_body"):
            pass
        if scope["path"] != "/livez":
            await self.opened.wait()
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def ask(self, path: str = "/v1/things", parts: asyncio.Queue[Message] | None = None) -> None:
        async def receive() -> Message:
            return await parts.get() if parts else {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: Message) -> None:
            if message["type"] == "http.response.start":
                self.answers.append(message["status"])

        await self.gate({"type": "http", "path": path, "headers": []}, receive, send)


async def _begin(room: Room, count: int) -> list[asyncio.Task[None]]:
    tasks = [asyncio.create_task(room.ask()) for _ in range(count)]
    await asyncio.sleep(0.01)
    return tasks


@pytest.mark.asyncio
async def test_above_the_bound_requests_are_turned_away_at_once_and_the_others_are_not_harmed() -> None:
    room = Room(Admission(at_once_max=3))
    tasks = await _begin(room, 10)
    assert (room.answers, room.entered) == ([429] * 7, 3)
    room.opened.set()
    await asyncio.gather(*tasks)
    assert sorted(room.answers) == [200] * 3 + [429] * 7


@pytest.mark.asyncio
async def test_a_place_is_free_again_when_its_request_ends_however_it_ends() -> None:
    room = Room(Admission(at_once_max=2))
    tasks = await _begin(room, 2)
    for task in tasks:
        task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await asyncio.gather(*tasks)
    room.opened.set()
    await asyncio.gather(*(await _begin(room, 2)))
    assert room.answers == [200, 200]


@pytest.mark.asyncio
async def test_the_signs_are_always_open() -> None:
    room = Room(Admission(at_once_max=1))
    tasks = await _begin(room, 1)
    await room.ask("/livez")
    assert room.answers == [200]
    room.opened.set()
    await asyncio.gather(*tasks)


@pytest.mark.asyncio
async def test_clients_whose_bodies_are_on_their_way_hold_no_place() -> None:
    room = Room(Admission(at_once_max=1))
    parts: asyncio.Queue[Message] = asyncio.Queue()
    slow = [asyncio.create_task(room.ask(parts=parts)) for _ in range(5)]
    await asyncio.sleep(0.01)
    room.opened.set()
    await room.ask()
    assert room.answers == [200]
    for _ in slow:
        parts.put_nowait({"type": "http.request", "body": b"{}", "more_body": False})
    await asyncio.gather(*slow)
    assert room.answers == [200] * 6


@pytest.mark.asyncio
async def test_bodies_together_are_bounded_and_what_they_held_is_given_back() -> None:
    admission = Admission(at_once_max=10, bodies_bytes_max=250_000)
    refused: list[str] = []

    async def keep(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await receive()
        except Overloaded as error:
            refused.append(error.code)
        await asyncio.sleep(0.02)

    async def ask(size: int = 100_000) -> None:
        async def receive() -> Message:
            return {"type": "http.request", "body": b"x" * size, "more_body": False}

        async def send(message: Message) -> None:
            raise AssertionError(message)

        await Gate(keep, admission=admission)({"type": "http", "path": "/v1/x", "headers": []}, receive, send)

    await asyncio.gather(ask(), ask(), ask())
    assert refused == ["overloaded"]
    await asyncio.gather(ask(), ask())
    assert refused == ["overloaded"]
    await asyncio.gather(ask(), ask(), *(ask(30_000) for _ in range(7)))
    assert refused == ["overloaded"], "small bodies are kept however many large ones do not end"


@pytest.mark.asyncio
async def test_the_answer_is_a_problem_that_says_when_to_come_back(app: FastAPI, client: httpx.AsyncClient) -> None:
    app.state.admission._at_once_max = 0
    answers = [await client.post("/v1/filings", json={}, headers=HEADERS) for _ in range(40)]
    assert {answer.status_code for answer in answers} == {429}
    assert {answer.headers["content-type"] for answer in answers} == {"application/problem+json"}
    assert {answer.json()["code"] for answer in answers} == {"overloaded"}
    assert all(answer.json()["retryable"] for answer in answers)
    assert {answer.headers["retry-after"] for answer in answers} == {"1", "2", "3"}, "all would come back at once"


@pytest.mark.asyncio
async def test_who_waits_for_news_holds_no_place_and_not_too_many_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(long_poll, "LONG_POLLS_MAX", 2)
    admission = Admission(at_once_max=1)
    news: list[str] = []
    told: list[Any] = []

    async def waiting(scope: Scope, receive: Receive, send: Send) -> None:
        async def look() -> list[str]:
            return news

        request = Request(scope, receive)
        monkeypatch.setattr(request, "is_disconnected", _never)
        try:
            told.append(await long_poll.poll(request, look, 5))
        except Overloaded as error:
            told.append(error.code)

    async def ask() -> None:
        scope = {"type": "http", "method": "GET", "path": "/v1/news", "headers": []}
        await Gate(waiting, admission=admission)(scope, _nothing, _unheard)
        assert PLACE in scope

    tasks = [asyncio.create_task(ask()) for _ in range(2)]
    await asyncio.sleep(0.02)
    assert not admission.full
    await ask()
    assert told == ["overloaded"]
    news.append("a reply")
    await asyncio.gather(*tasks)
    assert told == ["overloaded", ["a reply"], ["a reply"]]


async def _never() -> bool:
    return False


async def _nothing() -> Message:
    return {"type": "http.request", "body": b"", "more_body": False}


async def _unheard(message: Message) -> None:
    return None
