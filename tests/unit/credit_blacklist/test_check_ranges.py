"""Ranges of keyed digests: every answer has the same size, a key is an agency's and a month's, a day has a quota."""

import hashlib
import hmac
from base64 import urlsafe_b64decode
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from itertools import count, islice
from pathlib import Path
from typing import Any, cast

import httpx
import pytest
import pytest_asyncio

from libs.journal import Folded, Journal
from libs.web import DevIssuer, WebSettings, create_app
from services.credit_blacklist.api.check_ranges import range_routes
from services.credit_blacklist.domain.subscriber import Subscriber
from services.credit_blacklist.screening.index import ScreeningIndex
from services.credit_blacklist.screening.ranges import Ranges, agency_key, document_mac
from services.credit_blacklist.screening.screening import Screening
from tests.unit.credit_blacklist.held_list import CARD, NOW, NUMBER, HeldList, payload

pytestmark = [pytest.mark.asyncio, pytest.mark.rule("R-GEN-06")]

OTHER = "11010519491231002X"
PER_DAY = 5
ROWS = 2


class Day:
    """A clock that the test sets."""

    at = NOW

    def now(self) -> datetime:
        return self.at


class Profiles:
    """Every agency is a subscriber of the airlines' view."""

    async def fold(self, stream: str, court: str) -> Folded[Subscriber]:
        return Folded(Subscriber(stream.rsplit("/", maxsplit=1)[-1], "air", "航空公司"), 1, stream, court, "", None)


@pytest.fixture
def held() -> HeldList:
    found = HeldList(view="air")
    found.put(payload("r-1"))
    return found


@pytest.fixture
def day() -> Day:
    return Day()


@pytest.fixture
def issuer(tmp_path: Path) -> DevIssuer:
    return DevIssuer(tmp_path / "issuer.json")


@pytest_asyncio.fixture
async def client(held: HeldList, issuer: DevIssuer, day: Day, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    screening = Screening(held, ScreeningIndex(held, views=("air",)), head_valid=timedelta(minutes=15))
    parts = (cast("Journal", Profiles()), day, screening, Ranges(held))
    app = create_app(
        service="credit_blacklist",
        settings=WebSettings(jwks=str(issuer.write_jwks(tmp_path / "jwks.json"))),
        routers=[range_routes(parts, secret=b"court", per_day=PER_DAY)],
    )
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://list") as found:
        found.headers["Authorization"] = _bearer(issuer, "agency-air")
        yield found


def _bearer(issuer: DevIssuer, agency: str | None) -> str:
    scopes, courts = ["credit_blacklist.checks.read"], [] if agency else ["云0381"]
    token = issuer.token(subject="u", organisation="o", scopes=scopes, courts=courts, agency_id=agency)
    return f"Bearer {token}"


async def _key(client: httpx.AsyncClient) -> bytes:
    answer = await client.get("/v1/restriction-check-ranges/key")
    assert answer.status_code == 200, answer.text
    assert (answer.json()["month"], answer.json()["mac"]) == ("2024-06", "HMAC-SHA-256")
    return urlsafe_b64decode(answer.json()["key"] + "=")


def _digest(key: bytes, number: str) -> str:
    # As an agency would write it from the page alone.
    return hmac.new(key, f"{CARD}\0{number}".encode(), hashlib.sha256).hexdigest()[:32]


async def _ranges(client: httpx.AsyncClient, *prefixes: str) -> httpx.Response:
    return await client.post("/v1/restriction-check-ranges?purpose=ticket", json={"prefixes": list(prefixes)})


def _digests(answer: httpx.Response) -> list[list[str]]:
    assert answer.status_code == 200, answer.text
    return [one["digests"] for one in answer.json()["ranges"]]


async def test_who_is_listed_is_in_the_range_of_the_number_and_nobody_learns_which(client: httpx.AsyncClient) -> None:
    key = await _key(client)
    listed, other = _digest(key, NUMBER), _digest(key, OTHER)
    found, missing = _digests(await _ranges(client, listed[:4], other[:4]))
    assert listed in found
    assert other not in missing
    assert len(found) == len(missing) == 64
    assert all(digest[:4] == listed[:4] for digest in found)
    assert (found, missing) == (sorted(found), sorted(missing))


async def test_the_same_question_has_the_same_answer(client: httpx.AsyncClient) -> None:
    assert _digests(await _ranges(client, "0a0a")) == _digests(await _ranges(client, "0a0a"))


async def test_who_is_listed_later_is_in_the_next_answer(client: httpx.AsyncClient, held: HeldList) -> None:
    digest = _digest(await _key(client), OTHER)
    assert digest not in _digests(await _ranges(client, digest[:4]))[0]
    held.put(payload("r-2", documents=[{"type": CARD, "number": "110105491231002"}]))
    assert digest in _digests(await _ranges(client, digest[:4]))[0]


async def test_who_was_removed_before_the_month_is_not_in_it(client: httpx.AsyncClient, held: HeldList) -> None:
    held.put(payload("r-1", status="REMOVED", change="REMOVED", record_version=2))
    digest = _digest(await _key(client), NUMBER)
    assert digest not in _digests(await _ranges(client, digest[:4]))[0]


async def test_all_answers_grow_together(held: HeldList, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.credit_blacklist.screening.ranges.ROWS_STEP", ROWS)
    key = agency_key(b"court", "agency-air", "2024-06")
    prefix = document_mac(key, CARD, NUMBER)[:2]
    numbers = (f"E{n}" for n in count())
    alike = list(islice((n for n in numbers if document_mac(key, "PASSPORT", n)[:2] == prefix), ROWS))
    held.put(*(payload(f"p-{n}", documents=[{"type": "PASSPORT", "number": n}]) for n in alike))
    screening = Screening(held, ScreeningIndex(held, views=("air",)), head_valid=timedelta(minutes=15))
    index = await Ranges(held).of(await screening.as_of("air", NOW), key)
    assert {len(index.range(prefix)), len(index.range(b"\0\0")), len(index.range(b"\xff\xff"))} == {2 * ROWS}


async def test_keys_are_an_agencys_and_a_months(client: httpx.AsyncClient, issuer: DevIssuer, day: Day) -> None:
    june = await _key(client)
    client.headers["Authorization"] = _bearer(issuer, "agency-other")
    assert await _key(client) != june
    client.headers["Authorization"] = _bearer(issuer, "agency-air")
    day.at = datetime.fromisoformat("2024-06-30T16:00:00+00:00")
    answer = (await client.get("/v1/restriction-check-ranges/key")).json()
    assert answer["month"] == "2024-07"
    assert urlsafe_b64decode(answer["key"] + "=") != june


async def test_a_day_has_a_quota_and_the_next_day_a_new_one(client: httpx.AsyncClient, day: Day) -> None:
    assert (await _ranges(client, *(f"000{n}" for n in range(PER_DAY)))).status_code == 200
    refused = await _ranges(client, "0000")
    assert (refused.status_code, refused.json()["code"]) == (429, "range_quota_used")
    day.at = NOW + timedelta(days=1)
    assert (await _ranges(client, "0000")).status_code == 200


async def test_a_list_that_nobody_vouches_for_gives_no_range(client: httpx.AsyncClient, held: HeldList) -> None:
    held.issued_at = None
    answer = (await _ranges(client, "0000")).json()
    assert (answer["status"], answer["reason"], "ranges" in answer) == ("UNKNOWN", "LIST_NOT_READY", False)


async def test_a_court_asks_by_number_and_not_in_ranges(client: httpx.AsyncClient, issuer: DevIssuer) -> None:
    client.headers["Authorization"] = _bearer(issuer, None)
    answer = await client.get("/v1/restriction-check-ranges/key")
    assert (answer.status_code, answer.json()["code"]) == (403, "role_missing")


async def test_a_purpose_is_named(client: httpx.AsyncClient) -> None:
    answer = await client.post("/v1/restriction-check-ranges", json={"prefixes": ["0000"]})
    assert (answer.status_code, answer.json()["code"]) == (400, "purpose_missing")


@pytest.mark.parametrize("prefixes", [[], ["0"], ["00000"], ["00AB"], ["zzzz"], ["0000"] * 65, "0000"])
async def test_a_prefix_is_four_hexadecimal_digits(client: httpx.AsyncClient, prefixes: Any) -> None:
    answer = await client.post("/v1/restriction-check-ranges?purpose=x", json={"prefixes": prefixes})
    assert (answer.status_code, answer.json()["code"]) == (422, "request_invalid")
