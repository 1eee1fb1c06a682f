"""The simulated custodian bank keeps its own books: idempotent in both directions, whole after a restart."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from libs.foundation.clock import RealClock
from libs.testing.simulators.custodian import Custodian
from libs.testing.simulators.world import World
from libs.web import DevIssuer

pytestmark = pytest.mark.asyncio

NOWHERE = "http://127.0.0.1:9"
ARRIVAL: dict[str, Any] = {
    "from_bank": "bank-a",
    "payment_reference": "DED-1",
    "account_number": "5303990001000001",
    "amount_fen": 320_000,
    "payer_name": "李建业",
    "remark": "扣划",
}
ORDER: dict[str, Any] = {
    "reference": "evt-1",
    "from_account": "5303990001000001",
    "to_account": "6217003860009999",
    "to_name": "浦明远",
    "to_bank_id": "bank-a",
    "amount_fen": 300_000,
    "remark": "案款",
}


@pytest.fixture
def world(tmp_path: Path) -> World:
    issuer = DevIssuer(tmp_path / "issuer.json")
    return World(1, {"payments": NOWHERE}, issuer, RealClock(), tmp_path)


@pytest_asyncio.fixture
async def bank(world: World) -> AsyncIterator[Custodian]:
    found = Custodian({"bank_id": "custodian", "stray_line_fen": 8_800}, world)
    await found.start()
    yield found
    await found.stop()


@pytest_asyncio.fixture
async def client(bank: Custodian) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=bank.url) as found:
        yield found


async def test_a_payment_that_arrives_twice_is_booked_once_and_the_stray_line_comes_once(
    client: httpx.AsyncClient,
) -> None:
    first = (await client.post("/incoming", json=ARRIVAL)).json()
    assert (await client.post("/incoming", json=ARRIVAL)).json() == first
    books = (await client.get("/books")).json()
    assert [line["amount_fen"] for line in books["incoming"]] == [320_000, 8_800]
    assert books["incoming"][1]["payment_reference"] is None
    assert (await client.get("/accounts")).json()["items"][-1] == {
        "account_number": "5303990001000001",
        "balance_fen": 320_000,
    }


async def test_an_order_is_carried_out_once(client: httpx.AsyncClient) -> None:
    await client.post("/incoming", json=ARRIVAL)
    first = (await client.post("/transfers", json=ORDER)).json()
    assert (first["state"], first["reference"]) == ("DONE", "evt-1")
    assert (await client.post("/transfers", json=ORDER)).json() == first
    assert (await client.get("/transfers/evt-1")).json() == first
    assert len((await client.get("/books")).json()["transfers"]) == 1


async def test_nothing_leaves_an_account_that_does_not_hold_it(client: httpx.AsyncClient) -> None:
    refused = (await client.post("/transfers", json=ORDER)).json()
    assert refused["state"] == "REFUSED"
    assert refused["reason"]


async def test_a_reference_that_never_came_is_unknown(client: httpx.AsyncClient) -> None:
    assert (await client.get("/transfers/evt-9")).status_code == 404


async def test_the_books_are_whole_after_a_restart(bank: Custodian, client: httpx.AsyncClient, world: World) -> None:
    await client.post("/incoming", json=ARRIVAL)
    await client.post("/transfers", json=ORDER)
    again = Custodian({"bank_id": "custodian"}, world)
    try:
        assert (again.books.incoming(), again.books.transfers()) == (bank.books.incoming(), bank.books.transfers())
        assert again.books.balance("5303990001000001") == 20_000
    finally:
        again.books.close()
