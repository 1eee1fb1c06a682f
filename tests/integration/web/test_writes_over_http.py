"""A write through the web layer and the real journal: repeats, reused keys, stale versions, lists that show it."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import httpx
import pytest
import pytest_asyncio
from fastapi import APIRouter, FastAPI, Request
from starlette.responses import Response

from libs.bus.quarantine import COLLECTION, OPEN, Held, Place, Quarantine
from libs.foundation.clock import RealClock
from libs.foundation.errors import Refused
from libs.journal import Decider, Journal, JournalSettings, View
from libs.schemas.envelope import Event
from libs.web import (
    Caller,
    DevIssuer,
    Listing,
    RequestModel,
    WebSettings,
    create_app,
    if_match,
    meta_of,
    page_params,
    respond,
    scope,
    show,
)

SERVICE = "test_writes_over_http"
COURT = "云0381"

pytestmark = pytest.mark.asyncio


class Deposited(Event, name="deposited"):
    """Something was put in."""

    amount_fen: int


class Deposit(RequestModel):
    """Put something in."""

    amount_fen: int


class BoxFull(Refused):
    """The box holds no more."""

    code = "box_full"


@dataclass(frozen=True)
class Box:
    total_fen: int = 0


def decide(state: Box, command: Any, now: datetime) -> Sequence[Event]:
    if state.total_fen + command.amount_fen > 1000:
        raise BoxFull
    return [Deposited(amount_fen=command.amount_fen)]


def evolve(state: Box, event: Event) -> Box:
    assert isinstance(event, Deposited)
    return replace(state, total_fen=state.total_fen + event.amount_fen)


def routes(journal: Journal) -> APIRouter:
    router = APIRouter()

    @router.post("/boxes/{name}/deposits", status_code=201)
    async def deposit(
        name: str, body: Deposit, request: Request, caller: Annotated[Caller, scope("box.deposits.write")]
    ) -> Response:
        meta = meta_of(request, caller, court=COURT, body=body)
        outcome = await journal.execute(f"box/{name}", body, meta)
        return respond(outcome, {"total_fen": outcome.state.total_fen}, status=201, location=f"/v1/boxes/{name}")

    @router.put("/boxes/{name}")
    async def change(
        name: str,
        body: Deposit,
        request: Request,
        caller: Annotated[Caller, scope("box.deposits.write")],
        expected: Annotated[int, if_match],
    ) -> Response:
        meta = meta_of(request, caller, court=None, body=body, expected_seq=expected)
        outcome = await journal.execute(f"box/{name}", body, meta)
        return respond(outcome, {"total_fen": outcome.state.total_fen})

    @router.get("/boxes/{name}")
    async def box(name: str, request: Request, caller: Annotated[Caller, scope("box.boxes.read")]) -> Response:
        folded = await journal.read(f"box/{name}", court=min(caller.courts))
        return show(request, {"total_fen": folded.state.total_fen}, seq=folded.seq)

    @router.get("/boxes")
    async def boxes(
        listing: Annotated[Listing, page_params], caller: Annotated[Caller, scope("box.boxes.read")]
    ) -> Response:
        await listing.ready(journal.views)
        page = await journal.views.find(
            "boxes", court=min(caller.courts), limit=listing.limit, cursor=listing.cursor, order=(("total_fen", 1),)
        )
        return listing.answer(page, lambda row: {"name": row["row_id"], "total_fen": row["total_fen"]})

    return router


class QuarantineKeeper:
    """Brings the operators' routes, as the bus's consumer does."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    @property
    def quarantine(self) -> Quarantine:
        return Quarantine(self._journal.store.collection(COLLECTION))

    async def start(self) -> None:
        await self.quarantine.prepare()

    async def stop(self) -> None:
        pass

    def readiness(self) -> dict[str, str]:
        return {}


@dataclass
class House:
    journal: Journal
    client: httpx.AsyncClient
    issuer: DevIssuer
    quarantine: Quarantine

    async def put_in(self, box: str, amount_fen: int, key: str) -> httpx.Response:
        return await self.client.post(
            f"/v1/boxes/{box}/deposits", json={"amount_fen": amount_fen}, headers={"Idempotency-Key": key}
        )


def _app(journal: Journal, issuer: DevIssuer, folder: Path) -> tuple[FastAPI, QuarantineKeeper]:
    held = QuarantineKeeper(journal)
    settings = WebSettings(jwks=str(issuer.write_jwks(folder / "jwks.json")))
    app = create_app(service=SERVICE, settings=settings, routers=[routes(journal)], background=[journal, held])
    return app, held


@pytest_asyncio.fixture
async def house(mongo_uri: str, unique: str, tmp_path: Path) -> AsyncIterator[House]:
    issuer = DevIssuer(tmp_path / "issuer.json")
    journal = Journal(
        JournalSettings(mongo_uri=mongo_uri, database=unique),
        service=SERVICE,
        clock=RealClock(),
        deciders=[Decider(SERVICE, "box", Box, decide, evolve)],
        views=[View("boxes", "box", lambda state: {f"box-{state.total_fen}": {"total_fen": state.total_fen}})],
    )
    app, held = _app(journal, issuer, tmp_path)
    token = issuer.token(
        subject="u", organisation=COURT, roles=["operator"], scopes=["box.*.*", "operator.*.*"], courts=[COURT]
    )
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app)
        headers = {"Authorization": f"Bearer {token}"}
        async with httpx.AsyncClient(transport=transport, base_url="http://box", headers=headers) as client:
            yield House(journal, client, issuer, held.quarantine)


async def test_a_repeat_is_answered_as_the_first_time_and_says_so(house: House) -> None:
    first = await house.put_in("a", 100, "k-1")
    await house.put_in("a", 50, "k-2")
    again = await house.put_in("a", 100, "k-1")
    assert (first.status_code, first.headers["etag"], first.json()) == (201, '"1"', {"total_fen": 100})
    assert "idempotency-replayed" not in first.headers
    assert first.headers["location"] == "/v1/boxes/a"
    assert (again.status_code, again.headers["etag"], again.json()) == (201, '"1"', {"total_fen": 100})
    assert again.headers["idempotency-replayed"] == "true"
    assert (await house.client.get("/v1/boxes/a")).json() == {"total_fen": 150}


async def test_ten_repeats_at_once_put_in_once(house: House) -> None:
    answers = await asyncio.gather(*(house.put_in("a", 100, "k-1") for _ in range(10)))
    assert {answer.status_code for answer in answers} == {201}
    assert (await house.client.get("/v1/boxes/a")).json() == {"total_fen": 100}


async def test_the_same_key_with_another_body_is_refused(house: House) -> None:
    await house.put_in("a", 100, "k-1")
    answer = await house.put_in("a", 101, "k-1")
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")


async def test_another_organisation_may_use_the_same_key(house: House) -> None:
    await house.put_in("a", 100, "k-1")
    token = house.issuer.token(subject="v", organisation="other", scopes=["box.*.*"], courts=[COURT])
    answer = await house.client.post(
        "/v1/boxes/a/deposits",
        json={"amount_fen": 7},
        headers={"Idempotency-Key": "k-1", "Authorization": f"Bearer {token}"},
    )
    assert (answer.status_code, answer.json()) == (201, {"total_fen": 107})


async def test_a_refusal_is_told_again_and_again_and_nothing_is_written(house: House) -> None:
    for _ in range(2):
        answer = await house.put_in("a", 1001, "k-1")
        assert (answer.status_code, answer.json()["code"]) == (409, "box_full")
    assert (await house.client.get("/v1/boxes/a")).status_code == 404


async def test_a_stale_version_is_refused_and_the_present_one_accepted(house: House) -> None:
    await house.put_in("a", 100, "k-1")
    await house.put_in("a", 100, "k-2")
    stale = await house.client.put(
        "/v1/boxes/a", json={"amount_fen": 1}, headers={"Idempotency-Key": "k-3", "If-Match": '"1"'}
    )
    fresh = await house.client.put(
        "/v1/boxes/a", json={"amount_fen": 1}, headers={"Idempotency-Key": "k-4", "If-Match": '"2"'}
    )
    assert (stale.status_code, stale.json()["code"]) == (412, "stale_version")
    assert (fresh.status_code, fresh.json()) == (200, {"total_fen": 201})


async def test_a_list_shows_the_write_whose_token_it_is_given(house: House) -> None:
    for number in range(5):
        answer = await house.put_in(f"b-{number}", 10 + number, "k-1")
        token = answer.headers["x-consistency-token"]
        page = await house.client.get("/v1/boxes", params={"after": token, "limit": 200})
        assert {"name": f"box-{10 + number}", "total_fen": 10 + number} in page.json()["items"]


async def test_pages_follow_each_other_to_the_end(house: House) -> None:
    token = ""
    for number in range(7):
        token = (await house.put_in(f"b-{number}", 10 + number, "k-1")).headers["x-consistency-token"]
    seen: list[int] = []
    query: dict[str, Any] = {"limit": 3, "after": token}
    while True:
        page = (await house.client.get("/v1/boxes", params=query)).json()
        seen += [item["total_fen"] for item in page["items"]]
        if page["next_cursor"] is None:
            break
        query = {"limit": 3, "cursor": page["next_cursor"]}
    assert seen == list(range(10, 17))


@pytest.mark.parametrize(
    "query", [{"after": "!"}, {"after": "执"}, {"cursor": "x"}, {"cursor": "e30"}, {"cursor": "执"}]
)
async def test_tokens_and_cursors_of_nobody_are_refused(house: House, query: dict[str, str]) -> None:
    answer = await house.client.get("/v1/boxes", params=query)
    assert answer.status_code == 422
    assert answer.json()["code"] in ("cursor_malformed", "consistency_token_malformed")


async def test_a_list_that_cannot_show_the_write_in_time_says_so(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = await house.put_in("a", 1, "k-1")
    monkeypatch.setattr("libs.web.answers.AFTER_SECONDS_MAX", 0.0)
    monkeypatch.setattr(house.journal.views, "_reached", _never)
    late = await house.client.get("/v1/boxes", params={"after": answer.headers["x-consistency-token"]})
    assert (late.status_code, late.json()["code"], late.headers["retry-after"]) == (503, "list_behind", "1")


async def _never(_stream: str, _version: int, _seconds: float) -> bool:
    return False


async def test_a_reader_of_another_court_finds_nothing(house: House) -> None:
    await house.put_in("a", 100, "k-1")
    token = house.issuer.token(subject="v", organisation="other", scopes=["box.*.*"], courts=["京0105"])
    headers = {"Authorization": f"Bearer {token}"}
    assert (await house.client.get("/v1/boxes/a", headers=headers)).status_code == 404
    assert (await house.client.get("/v1/boxes", headers=headers)).json()["items"] == []


async def test_an_operator_lists_releases_and_discards_quarantined_messages(house: House) -> None:
    for offset in (7, 8):
        place = Place("payments", "zhixing.cases.v1", 0, offset)
        held = Held(place, f"lane-{offset}", b"secret-key", b'{"name": "secret"}', [])
        await house.quarantine.keep(held, status=OPEN, cause={"code": "undecodable_message"})
    listed = await house.client.get("/v1/quarantine")
    first, second = (item["id"] for item in listed.json()["items"])
    released = await house.client.post(f"/v1/quarantine/{first}/releases", headers={"Idempotency-Key": "k"})
    unreasoned = await house.client.post(
        f"/v1/quarantine/{second}/discards", json={"reason": " "}, headers={"Idempotency-Key": "k"}
    )
    discarded = await house.client.post(
        f"/v1/quarantine/{second}/discards", json={"reason": "written by a test"}, headers={"Idempotency-Key": "k"}
    )
    assert "secret" not in listed.text + released.text + discarded.text
    assert (released.status_code, released.json()["status"]) == (202, "RELEASE_REQUESTED")
    assert unreasoned.status_code == 422
    assert (discarded.status_code, discarded.json()["status"]) == (202, "DISCARD_REQUESTED")
    assert (await house.client.get("/v1/quarantine?status=NONSENSE")).status_code == 422
    assert (
        await house.client.post("/v1/quarantine/nothing/releases", headers={"Idempotency-Key": "k"})
    ).status_code == 404


async def test_who_is_no_operator_sees_no_quarantine(house: House) -> None:
    token = house.issuer.token(subject="v", organisation=COURT, roles=["case_officer"], scopes=["box.*.*"])
    answer = await house.client.get("/v1/quarantine", headers={"Authorization": f"Bearer {token}"})
    assert (answer.status_code, answer.json()["code"]) == (403, "scope_missing")
