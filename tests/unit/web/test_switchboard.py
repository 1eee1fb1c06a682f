"""Requests reach the routes that FastAPI would choose, and what its declarations say holds for them."""

from collections.abc import AsyncIterator
from typing import Annotated, Any

import httpx
import pytest
from fastapi import APIRouter, Depends, FastAPI, Header, Query
from pydantic import BaseModel
from starlette.responses import Response

from libs.web import JsonResponse, RequestModel, WebSettings, create_app, public
from libs.web.guards import api_routes
from libs.web.switchboard import runs_here

pytestmark = pytest.mark.asyncio


class Body(RequestModel):
    """A body."""

    amount: int


class Shown(BaseModel):
    """An answer that FastAPI renders."""

    amount: int


async def _counted(calls: Annotated[list[str] | None, Query()] = None) -> int:
    _calls.append("once")
    return len(calls or ())


async def _closed_after() -> AsyncIterator[str]:
    yield "open"
    _calls.append("closed")


_calls: list[str] = []


def _quick() -> APIRouter:
    router = APIRouter(dependencies=[public()])

    @router.get("/things/mine")
    async def mine() -> Response:
        return JsonResponse("mine")

    @router.get("/things/{thing}")
    async def thing(thing: str) -> Response:
        return JsonResponse(thing)

    @router.get("/things/last")
    async def never() -> Response:
        return JsonResponse("never")

    @router.post("/things/{number}/parts")
    async def add(
        number: int,
        body: Body,
        count: Annotated[int, Depends(_counted)],
        after: Annotated[int, Query()],
        tag: Annotated[str, Header(max_length=3)],
    ) -> Response:
        return JsonResponse([number, body.amount, count, after, tag])

    return router


def _slow() -> APIRouter:
    router = APIRouter(dependencies=[public()])

    @router.get("/slow/sync")
    def sync() -> Response:
        return JsonResponse("sync")

    @router.get("/slow/model")
    async def model() -> Shown:
        return Shown(amount=3)

    @router.get("/slow/closed")
    async def closed(state: Annotated[str, Depends(_closed_after)]) -> Response:
        return JsonResponse(state)

    @router.get("/slow/twice")
    async def twice(one: Annotated[int, Depends(_counted)], two: Annotated[int, Depends(_counted)]) -> Response:
        return JsonResponse(one + two)

    @router.get("/slow/{rest:path}")
    async def rest(rest: str) -> Response:
        return JsonResponse(rest)

    return router


@pytest.fixture
def app() -> FastAPI:
    _calls.clear()
    return create_app(service="t", settings=WebSettings(), routers=[_quick(), _slow()])


async def _ask(app: FastAPI, method: str, path: str, **more: Any) -> httpx.Response:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://t") as client:
        return await client.request(method, "/v1" + path, **more)


async def test_the_first_route_that_was_declared_for_a_path_answers(app: FastAPI) -> None:
    assert [(await _ask(app, "GET", f"/things/{name}")).json() for name in ("mine", "last")] == ["mine", "last"]


async def test_path_query_header_and_body_arrive_as_they_were_declared(app: FastAPI) -> None:
    path = "/things/7/parts?after=3&calls=a&calls=b"
    answer = await _ask(app, "POST", path, json={"amount": 5}, headers={"Tag": "x"})
    assert answer.json() == [7, 5, 2, 3, "x"]


async def test_everything_that_is_wrong_is_named_at_once(app: FastAPI) -> None:
    answer = await _ask(app, "POST", "/things/seven/parts", json={"amount": "5"}, headers={"Tag": "long"})
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == ["number", "after", "tag", "amount"]


async def test_another_method_and_another_path_are_told_as_ever(app: FastAPI) -> None:
    assert (await _ask(app, "DELETE", "/things/mine")).status_code == 405
    assert (await _ask(app, "GET", "/things/mine/")).status_code == 404
    assert (await _ask(app, "GET", "/nothing")).status_code == 404


@pytest.mark.parametrize(
    ("path", "found", "calls"),
    [
        ("sync", "sync", []),
        ("model", {"amount": 3}, []),
        ("closed", "open", ["closed"]),
        ("twice?calls=a", 2, ["once"]),
        ("far/away", "far/away", []),
    ],
)
async def test_what_is_not_plain_is_run_by_fastapi(app: FastAPI, path: str, found: object, calls: list[str]) -> None:
    assert (await _ask(app, "GET", f"/slow/{path}")).json() == found
    assert _calls == calls


async def test_the_routes_of_this_house_are_run_here(app: FastAPI) -> None:
    by_fastapi = {route.path for route in api_routes(app) if not runs_here(route)}
    assert by_fastapi == {f"/v1/slow/{name}" for name in ("sync", "model", "closed", "twice", "{rest:path}")}
