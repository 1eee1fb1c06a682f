"""A long poll answers as soon as there is something, and with nothing when its time is over."""

import time

import httpx
import pytest

from libs.web import long_poll

pytestmark = pytest.mark.asyncio


async def test_a_poll_answers_as_soon_as_there_is_something(client: httpx.AsyncClient) -> None:
    began = time.monotonic()
    answer = await client.get("/v1/news?wait=20", headers={"X-News": "yes"})
    assert answer.json() == {"items": ["news"]}
    assert 0.4 < time.monotonic() - began < 3


async def test_a_poll_ends_with_nothing_when_its_time_is_over(client: httpx.AsyncClient) -> None:
    began = time.monotonic()
    assert (await client.get("/v1/news?wait=1")).json() == {"items": []}
    assert 0.9 < time.monotonic() - began < 3


async def test_without_a_wait_the_answer_is_immediate(client: httpx.AsyncClient) -> None:
    began = time.monotonic()
    assert (await client.get("/v1/news")).json() == {"items": []}
    assert time.monotonic() - began < 0.5


async def test_nobody_waits_longer_than_thirty_seconds(client: httpx.AsyncClient) -> None:
    answer = await client.get("/v1/news?wait=31")
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "wait")


async def test_who_waits_is_sent_home_when_the_process_stops(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(long_poll._stopping, "is_set", lambda: True)
    began = time.monotonic()
    assert (await client.get("/v1/news?wait=20")).json() == {"items": []}
    assert time.monotonic() - began < 1
