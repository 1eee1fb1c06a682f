"""Whatever bytes a client sends, the answer says what is wrong with them and is never a 500."""

from collections.abc import AsyncIterator

import httpx
import pytest

from libs.foundation.limits import BODY_BYTES_MAX

pytestmark = pytest.mark.asyncio

KEY = {"Idempotency-Key": "k-1"}
JSON = KEY | {"Content-Type": "application/json"}


async def _post(client: httpx.AsyncClient, body: bytes, **headers: str) -> httpx.Response:
    return await client.post("/v1/filings", content=body, headers=JSON | headers)


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"nonsense",
        b'{"claim_fen": NaN}',
        b'{"claim_fen": Infinity}',
        b'{"claim_fen": 1e999}',
        b'{"claim_fen": 1} trailing',
        b'{"claim_fen": 1}{"claim_fen": 2}',
        b'{"claim_fen": 1, "claim_fen": 2}',
        b'{"parties": [{"name": "a", "name": "b"}]}',
        b'{"court_code": "\xff\xfe"}',
        b'\xef\xbb\xbf{"claim_fen": 1}',
        b'{"court_code": "a\x00b"}',
        b'{"court_code": "a\\u0000b"}',
        b'{"court_code": "\\ud800"}',
        b'{"court_code": "\\ud800\\ud800"}',
        b"[" * 100_000,
        b"[" * 600 + b"]" * 600,
        b'{"a":' * 500 + b"1" + b"}" * 500,
        b"[" * 65 + b"]" * 65,
        b'{"claim_fen": ' + b"9" * 5000 + b"}",
        b"'single'",
        b'{"a": 01}',
        b'{"a": 1,}',
        b"// comment\n{}",
    ],
    ids=lambda body: body[:24].decode("latin-1"),
)
async def test_a_body_that_two_readers_could_read_differently_is_malformed(
    client: httpx.AsyncClient, body: bytes
) -> None:
    answer = await _post(client, body)
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed_request")


async def test_a_duplicate_key_is_named(client: httpx.AsyncClient) -> None:
    answer = await _post(client, b'{"claim_fen": 1, "claim_fen": 2}')
    assert answer.json()["field"] == "claim_fen"


async def test_a_backslash_before_u0000_is_an_ordinary_text(client: httpx.AsyncClient) -> None:
    answer = await _post(client, b'{"court_code": "\\\\u0000", "claim_fen": 500}')
    assert answer.json()["code"] == "court_not_yours"


@pytest.mark.parametrize("value", ["5", 5.0, 5.5, True, None, "5e2", [], {}, -1, 0, 10**15, 2**63, 10**30])
async def test_money_is_a_positive_integer_and_nothing_like_it(client: httpx.AsyncClient, value: object) -> None:
    answer = await client.post("/v1/filings", json={"court_code": "云0381", "claim_fen": value}, headers=KEY)
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == ["claim_fen"]


@pytest.mark.parametrize(
    "value",
    [
        1764000000,
        "1764000000",
        "2026-03-02",
        "2026-03-02T09:00:00",
        "2026-02-30T09:00:00Z",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "2026-03-02T09:00:00+99:99",
        "yesterday",
    ],
)
async def test_an_instant_is_a_text_with_an_offset_within_the_calendar(
    client: httpx.AsyncClient, value: object
) -> None:
    body = {"court_code": "云0381", "claim_fen": 500, "due_at": value}
    answer = await client.post("/v1/filings", json=body, headers=KEY)
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == ["due_at"]


async def test_all_invalid_fields_are_named_at_once_and_what_was_sent_is_not_repeated(
    client: httpx.AsyncClient,
) -> None:
    body = {
        "claim_fen": "532224199001011234",
        "urgent": 1,
        "parties": [{"name": "", "born": 19900101}, {"born": "1990-13-01", "alias": "x"}],
        "surprise": "532224199001011234",
    }
    answer = await client.post("/v1/filings", json=body, headers=KEY)
    problem = answer.json()
    assert answer.status_code == 422
    assert problem["code"] == "request_invalid"
    assert {error["field"] for error in problem["errors"]} == {
        "court_code",
        "claim_fen",
        "urgent",
        "parties.0.name",
        "parties.0.born",
        "parties.1.name",
        "parties.1.born",
        "parties.1.alias",
        "surprise",
    }
    assert "532224199001011234" not in answer.text


async def test_many_invalid_fields_make_no_endless_answer(client: httpx.AsyncClient) -> None:
    body = {"court_code": "云0381", "claim_fen": 500, **{f"field_{number}": 1 for number in range(5000)}}
    answer = await client.post("/v1/filings", json=body, headers=KEY)
    assert len(answer.json()["errors"]) == 100
    assert "5000 fields" in answer.json()["detail"]


async def test_a_body_of_exactly_one_mebibyte_is_read(client: httpx.AsyncClient) -> None:
    start = b'{"court_code": "\xe4\xba\x910381", "claim_fen": 500'
    answer = await _post(client, start + b" " * (BODY_BYTES_MAX - len(start) - 1) + b"}")
    assert answer.status_code == 201


async def test_a_larger_body_is_refused_by_its_declared_length(client: httpx.AsyncClient) -> None:
    answer = await _post(client, b" " * (BODY_BYTES_MAX + 1))
    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")
    assert answer.headers["connection"] == "close"


async def test_a_larger_body_in_chunks_is_refused_when_it_passes_the_bound(client: httpx.AsyncClient) -> None:
    sent = 0

    async def chunks() -> AsyncIterator[bytes]:
        nonlocal sent
        for _ in range(100):
            sent += 64 * 1024
            yield b" " * 64 * 1024

    answer = await client.post("/v1/filings", content=chunks(), headers=JSON)
    assert answer.status_code == 413
    assert sent <= BODY_BYTES_MAX + 2 * 64 * 1024


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/xml"},
        {"Content-Type": "application/x-www-form-urlencoded"},
        {"Content-Type": "multipart/form-data; boundary=x"},
        {"Content-Type": "application/json; charset=gbk"},
        {"Content-Type": "application/jsonx"},
        {"Content-Type": ""},
        {"Content-Type": "application/json", "Content-Encoding": "gzip"},
        {"Content-Type": "application/x-ndjson"},
    ],
)
async def test_a_body_of_another_type_is_not_guessed_at(client: httpx.AsyncClient, headers: dict[str, str]) -> None:
    body = b'{"court_code": "\xe4\xba\x910381", "claim_fen": 500}'
    answer = await client.post("/v1/filings", content=body, headers=KEY | headers)
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")


async def test_a_huge_ndjson_body_for_a_json_route_is_cut_off(client: httpx.AsyncClient) -> None:
    headers = KEY | {"Content-Type": "application/x-ndjson"}
    answer = await client.post("/v1/filings", content=b"1\n" * BODY_BYTES_MAX, headers=headers)
    assert answer.status_code == 413


async def test_no_body_where_one_is_needed_is_a_missing_field(client: httpx.AsyncClient) -> None:
    answer = await client.post("/v1/filings", headers=KEY)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "body")


@pytest.mark.parametrize("body", [b"null", b"1", b'"text"', b"[]", b"true"])
async def test_json_that_is_no_object_is_an_invalid_body(client: httpx.AsyncClient, body: bytes) -> None:
    answer = await _post(client, body)
    assert (answer.status_code, answer.json()["code"]) == (422, "request_invalid")


@pytest.mark.parametrize("path", ["/v1/filings/%00", "/v1/filings/%ff%fe", "/v1/filings/" + "a" * 5000, "/%2e%2e/x"])
async def test_strange_paths_are_found_or_not_found(client: httpx.AsyncClient, path: str) -> None:
    assert (await client.get(path)).status_code in (200, 404)


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=201", "limit=x", "limit=", "cursor=" + "c" * 1001, "after=" + "a" * 401]
)
async def test_a_list_takes_its_parameters_within_bounds_only(client: httpx.AsyncClient, query: str) -> None:
    answer = await client.get(f"/v1/filings?{query}")
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, query.partition("=")[0])


async def test_a_method_that_is_not_there_names_those_that_are(client: httpx.AsyncClient) -> None:
    answer = await client.delete("/v1/filings/f-1")
    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
    assert answer.headers["allow"] == "GET, PUT"


@pytest.mark.parametrize("text", ["名" * 10_000, "a\x01b", "a\x7fb", "a\x85b", "\u202e1234", "\u2066x", "   ", ""])
async def test_a_text_shows_what_it_says(client: httpx.AsyncClient, text: str) -> None:
    body = {"court_code": "云0381", "claim_fen": 500, "parties": [{"name": text}]}
    answer = await client.post("/v1/filings", json=body, headers=KEY)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "parties.0.name")


@pytest.mark.parametrize("text", ["浦某", "一行\n两行", "tab\there", "𠮷野", "e\u0301", "👩‍⚖️"])
async def test_a_text_of_any_script_is_taken(client: httpx.AsyncClient, text: str) -> None:
    body = {"court_code": "云0381", "claim_fen": 500, "parties": [{"name": text}]}
    assert (await client.post("/v1/filings", json=body, headers=KEY)).status_code == 201
