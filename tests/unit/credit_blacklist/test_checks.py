"""The check over HTTP: who may ask, what stands on record, what a counter is told; batches line by line."""

import json
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import httpx
import pytest
import pytest_asyncio

from libs.journal import Folded, Journal
from libs.web import DevIssuer, WebSettings, create_app
from services.credit_blacklist.api.check_batches import check_batch_routes
from services.credit_blacklist.api.checks import check_routes
from services.credit_blacklist.domain.subscriber import Subscriber
from services.credit_blacklist.screening.index import ScreeningIndex
from services.credit_blacklist.screening.screening import Screening
from tests.unit.credit_blacklist.held_list import CARD, NOW, NUMBER, SESSION, HeldList, payload, restriction

pytestmark = [pytest.mark.asyncio, pytest.mark.rule("R-CRB-33")]

COURT = "云0381"
DOCUMENT = {"type": CARD, "number": NUMBER}
NDJSON = {"Content-Type": "application/x-ndjson"}
AsWhom = Callable[..., dict[str, str]]


class Noon:
    """A clock that stands still."""

    def now(self) -> datetime:
        return NOW


class Profiles:
    """Where profiles are kept: one airline is a subscriber."""

    async def fold(self, stream: str, court: str) -> Folded[Subscriber]:
        known = Subscriber("agency-air", "air", "航空公司") if stream.endswith("agency-air") else Subscriber()
        return Folded(known, 1, stream, court, "", None)


@pytest.fixture
def held() -> HeldList:
    found = HeldList()
    found.put(payload("r-1"), restriction("o-1.p-1"))
    return found


@pytest.fixture
def issuer(tmp_path: Path) -> DevIssuer:
    return DevIssuer(tmp_path / "issuer.json")


@pytest.fixture
def as_whom(issuer: DevIssuer) -> AsWhom:
    def headers(agency: str | None = None, scopes: str = "credit_blacklist.*.read") -> dict[str, str]:
        token = issuer.token(
            subject="u-1",
            organisation=agency or COURT,
            scopes=scopes.split(),
            courts=[] if agency else [COURT],
            agency_id=agency,
        )
        return {"Authorization": f"Bearer {token}"}

    return headers


@pytest_asyncio.fixture
async def index(held: HeldList) -> ScreeningIndex:
    found = ScreeningIndex(held, views=("court",))
    await found.catch_up("court")
    return found


@pytest_asyncio.fixture
async def client(
    held: HeldList, index: ScreeningIndex, issuer: DevIssuer, tmp_path: Path
) -> AsyncIterator[httpx.AsyncClient]:
    screening = Screening(held, index, head_valid=timedelta(minutes=15))
    journal = cast("Journal", Profiles())
    app = create_app(
        service="credit_blacklist",
        settings=WebSettings(jwks=str(issuer.write_jwks(tmp_path / "jwks.json"))),
        routers=[check_routes(journal, Noon(), screening), check_batch_routes(journal, Noon(), screening)],
    )
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://list") as found:
        yield found


@pytest.fixture
def check(client: httpx.AsyncClient, as_whom: AsWhom) -> Callable[..., Any]:
    async def ask(body: dict[str, Any], query: str = "?case_id=case_1&purpose=check", **whom: Any) -> httpx.Response:
        return await client.post(f"/v1/restriction-checks{query}", json=body, headers=as_whom(**whom))

    return ask


@pytest.fixture
def batch(client: httpx.AsyncClient, as_whom: AsWhom) -> Callable[..., Any]:
    async def ask(lines: list[bytes], query: str = "", **whom: Any) -> httpx.Response:
        return await client.post(
            f"/v1/restriction-check-batches?case_id=case_1&purpose=check{query}",
            content=b"\n".join(lines),
            headers={**as_whom(**whom), **NDJSON},
        )

    return ask


def _line(number: str = NUMBER, name: str = "张三", **more: Any) -> bytes:
    return json.dumps({"document": {"type": CARD, "number": number}, "name": name, **more}, ensure_ascii=False).encode()


def _results(answer: httpx.Response) -> list[dict[str, Any]]:
    assert answer.status_code == 200, answer.text
    return [json.loads(line) for line in answer.text.splitlines()]


async def test_a_hit_says_court_order_telephone_and_kinds_and_nothing_of_the_reason(check: Any) -> None:
    answer = await check({"document": DOCUMENT, "name": "张三"})
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    found = answer.json()
    assert (found["status"], len(found["hits"])) == ("LISTED", 2)
    assert found["as_of"] == {
        "view": "court",
        "session_id": SESSION,
        "sequence": 2,
        "issued_at": "2024-06-03T01:59:30.000000Z",
    }
    for hit in found["hits"]:
        assert set(hit) - {"kinds"} == {
            *("record_id", "record_version", "sequence", "list_type", "court", "order_number"),
        }


@pytest.mark.rule("R-GEN-06")
@pytest.mark.parametrize("query", ["", "?purpose=check", "?case_id=case_1"])
async def test_court_staff_name_case_and_purpose(check: Any, query: str) -> None:
    answer = await check({"document": DOCUMENT, "name": "张三"}, query)
    assert (answer.status_code, answer.json()["code"]) == (400, "purpose_missing")


@pytest.mark.rule("R-GEN-06")
async def test_an_agency_names_a_purpose_and_no_case(check: Any, held: HeldList) -> None:
    held.view = "air"
    answer = await check({"document": DOCUMENT, "name": "张三"}, "?purpose=ticket", agency="agency-air")
    assert (answer.status_code, answer.json()["status"], answer.json()["as_of"]["view"]) == (200, "LISTED", "air")
    refused = await check({"document": DOCUMENT, "name": "张三"}, "?case_id=case_1", agency="agency-air")
    assert (refused.status_code, refused.json()["field"]) == (400, "purpose")


@pytest.mark.rule("R-GEN-06")
async def test_a_check_is_on_record_without_the_person(check: Any, capsys: pytest.CaptureFixture[str]) -> None:
    await check({"document": DOCUMENT, "name": "张三"})
    records = [line for line in capsys.readouterr().out.splitlines() if "personal_data_read" in line]
    assert len(records) == 1
    for fact in ("case_1", "check", "u-1", COURT, "r-1 o-1.p-1", f"court:{SESSION}:2", "LISTED"):
        assert fact in records[0]
    for secret in (NUMBER, "张三"):
        assert secret not in records[0]


async def test_who_is_no_subscriber_is_told_nothing(check: Any) -> None:
    answer = await check({"document": DOCUMENT, "name": "张三"}, agency="agency-other")
    assert (answer.status_code, answer.json()["code"]) == (403, "not_a_subscriber")


async def test_the_scope_is_needed(check: Any) -> None:
    answer = await check({"document": DOCUMENT, "name": "张三"}, scopes="credit_blacklist.feed.read")
    assert (answer.status_code, answer.json()["code"]) == (403, "scope_missing")


@pytest.mark.rule("R-INT-05")
async def test_a_number_that_cannot_be_is_an_error_and_no_miss(check: Any) -> None:
    answer = await check({"document": {"type": CARD, "number": NUMBER[:-1] + "4"}, "name": "张三"})
    assert (answer.status_code, answer.json()["code"]) == (422, "identity_number_invalid")


@pytest.mark.rule("R-CRB-32")
async def test_a_measure_not_in_view_is_refused(check: Any) -> None:
    query = "?purpose=ticket"
    answer = await check({"document": DOCUMENT, "name": "张三", "measure_code": "1.1"}, query, agency="agency-air")
    assert (answer.status_code, answer.json()["code"]) == (422, "measure_not_in_view")


async def test_the_past_is_asked_by_a_moment(check: Any, held: HeldList) -> None:
    held.put(payload("r-1", status="REMOVED", change="REMOVED", record_version=2))
    asked = {"document": DOCUMENT, "name": "张三", "as_of": (held.began + timedelta(days=1)).isoformat()}
    found = (await check(asked)).json()
    assert [hit["record_id"] for hit in found["hits"]] == ["r-1"]
    assert (found["as_of"]["sequence"], found["as_of"]["moment"]) == (1, "2024-05-05T02:00:00.000000Z")
    ahead = await check({**asked, "as_of": (NOW + timedelta(days=1)).isoformat()})
    assert (ahead.status_code, ahead.json()["code"]) == (422, "moment_ahead")


@pytest.mark.rule("R-INT-07")
async def test_a_name_alone_gives_court_staff_masked_candidates_and_no_verdict(
    check: Any, held: HeldList, index: ScreeningIndex
) -> None:
    held.put(payload("r-3", name="張三", documents=[{"type": CARD, "number": "11010519491231002X"}]))
    held.put(payload("r-4", name="李四", documents=[{"type": "PASSPORT", "number": "E12345678"}]))
    held.put(payload("r-5", documents=[{"type": "PASSPORT", "number": "E2"}], expires_at="2024-05-05T00:00:00.000000Z"))
    answer = await check({"name": "张三"})
    assert (answer.status_code, answer.json()["code"]) == (503, "names_not_ready")
    await index.catch_up("court")
    found = (await check({"name": "张三"})).json()
    assert (found["status"], found["reason"], found["more"]) == ("UNKNOWN", "NAME_ALONE", False)
    assert [(one["record_id"], one["score"]) for one in found["candidates"]] == [
        ("r-1", 100),
        ("o-1.p-1", 100),
        ("r-3", 98),
    ]
    last = found["candidates"][-1]
    assert (last["name"], last["identity_documents"]) == ("張*", [{"type": CARD, "number": "1101051949****002X"}])
    assert last["explanation"] == [
        {"kind": "OTHER_SCRIPT", "points": -2, "text": "traditional and simplified characters"}
    ]


@pytest.mark.parametrize("whom", [{"agency": "agency-air"}, {"scopes": "credit_blacklist.checks.read"}])
async def test_a_name_alone_tells_everybody_else_nothing(check: Any, held: HeldList, whom: dict[str, str]) -> None:
    held.view = "air" if "agency" in whom else "court"
    found = (await check({"name": "张三"}, **whom)).json()
    assert (found["status"], found["reason"]) == ("UNKNOWN", "NAME_ALONE")
    assert "candidates" not in found
    assert "hits" not in found


async def test_a_broken_line_in_the_middle_fails_alone(batch: Any) -> None:
    lines = [
        _line(),
        _line("11010519491231002X"),
        b'{"document": {"type": "PASSPORT"',
        _line(NUMBER[:-1] + "4"),
        b"",
        _line(name="李四"),
        _line(surplus=1),
        b'{"document":{"type":"PASSPORT","number":"E1"},"name":"a","name":"b"}',
        _line(measure_code="1.1"),
        _line(measure_code="0.0"),
        b"[]",
        _line("110105491231002"),
    ]
    results = _results(await batch(lines))
    assert [
        (one["line"], one["status"], one.get("reason") or one.get("problem", {}).get("code")) for one in results
    ] == [
        (1, "LISTED", None),
        (2, "NOT_LISTED", None),
        (3, "REJECTED", "malformed_request"),
        (4, "REJECTED", "identity_number_invalid"),
        (6, "UNKNOWN", "NAME_DIFFERS"),
        (7, "REJECTED", "request_invalid"),
        (8, "REJECTED", "malformed_request"),
        (9, "LISTED", None),
        (10, "REJECTED", "measure_not_in_view"),
        (11, "REJECTED", "request_invalid"),
        (12, "NOT_LISTED", None),
    ]
    assert all(one["as_of"]["sequence"] == 2 for one in results if "problem" not in one)


@pytest.mark.parametrize(
    "odd",
    [
        {"name": "\\u5f20三"},
        {"name": "张三 "},
        {"name": ""},
        {"name": "x" * 101},
        {"name": 5},
        {"document": {"type": "DRIVING_LICENCE", "number": "1"}},
        {"document": {"type": CARD, "number": "1" * 81}},
        {"document": [CARD, NUMBER]},
        {"name": "张\u202e三"},
    ],
)
async def test_the_short_way_and_the_long_way_of_a_line_say_the_same(
    batch: Any, check: Any, odd: dict[str, Any]
) -> None:
    body = {"document": DOCUMENT, "name": "张三", **odd}
    text = json.dumps(body, ensure_ascii=False).replace("\\\\u", "\\u").encode()
    one = await check(json.loads(text))
    line = _results(await batch([text]))[0]
    if one.status_code == 200:
        assert {key: line[key] for key in ("status", "as_of")} == {key: one.json()[key] for key in ("status", "as_of")}
    else:
        assert (line["status"], line["problem"]["code"]) == ("REJECTED", one.json()["code"])


async def test_an_answer_that_broke_off_goes_on_at_the_same_state(batch: Any, held: HeldList) -> None:
    lines = [_line(), _line("11010519491231002X"), _line(), b"{", _line()]
    whole = await batch(lines)
    held.put(*(payload(one, status="REMOVED", change="REMOVED", record_version=2) for one in ("r-1", "o-1.p-1")))
    rest = await batch(lines, f"&after_line=2&at={whole.headers['x-list-state']}")
    assert _results(rest) == _results(whole)[2:]
    assert [one["status"] for one in _results(await batch(lines[:1]))] == ["NOT_LISTED"]


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        (f"&at={SESSION}:3", 409, "position_ahead"),
        ("&at=another:1", 410, "session_replaced"),
        ("&at=x", 422, "feed_cursor_unreadable"),
        (f"&at={SESSION}:1&as_of=2024-05-05T00:00:00Z", 422, "request_invalid"),
        ("&as_of=2025-01-01T00:00:00Z", 422, "moment_ahead"),
        ("&as_of=1714521600", 422, "request_invalid"),
        ("&after_line=-1", 422, "request_invalid"),
        ("&measure_code=0.0", 422, "measure_not_in_view"),
    ],
)
async def test_a_batch_that_cannot_be_asked_is_refused_whole(batch: Any, query: str, status: int, code: str) -> None:
    answer = await batch([_line()], query)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_a_batch_stands_on_record_with_its_counts(batch: Any, capsys: pytest.CaptureFixture[str]) -> None:
    await batch([_line(), _line("11010519491231002X"), b"{"])
    records = [line for line in capsys.readouterr().out.splitlines() if "personal_data_read" in line]
    assert len(records) == 1
    assert "LISTED=1 NOT_LISTED=1 REJECTED=1" in records[0]


async def test_a_batch_of_the_past_is_about_the_past(batch: Any, held: HeldList) -> None:
    moment = (held.began + timedelta(hours=1)).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert [one["status"] for one in _results(await batch([_line()], f"&as_of={moment}"))] == ["NOT_LISTED"]


async def test_a_batch_of_more_lines_than_an_answer_may_have_goes_in_parts(
    batch: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.credit_blacklist.api.check_batches.LINES_MAX", 3)
    monkeypatch.setattr("services.credit_blacklist.api.check_batches.LINES_AT_ONCE", 2)
    refused = await batch([_line()] * 4)
    assert (refused.status_code, refused.json()["code"]) == (422, "batch_too_long")
    assert [one["line"] for one in _results(await batch([_line()] * 3))] == [1, 2, 3]
    assert [one["line"] for one in _results(await batch([_line()] * 4, "&after_line=2"))] == [3, 4]


async def test_names_of_a_replaced_session_are_not_searched(check: Any, held: HeldList, index: ScreeningIndex) -> None:
    known = index.of("court")
    assert known is not None
    known.session_id = "the one after"
    answer = await check({"name": "张三", "as_of": (NOW - timedelta(days=1)).isoformat()})
    assert (answer.status_code, answer.json()["code"]) == (409, "names_of_the_present_only")
