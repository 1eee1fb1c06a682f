"""NDJSON: one result per line, whatever the other lines are."""

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from libs.foundation.limits import BODY_BYTES_MAX

pytestmark = pytest.mark.asyncio

HEADERS = {"Content-Type": "application/x-ndjson"}


def _line(claim_fen: int) -> bytes:
    return json.dumps({"court_code": "云0381", "claim_fen": claim_fen}).encode()


async def _results(client: httpx.AsyncClient, body: bytes | AsyncIterator[bytes]) -> list[dict[str, Any]]:
    answer = await client.post("/v1/statements", content=body, headers=HEADERS)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/x-ndjson"
    return [json.loads(line) for line in answer.text.splitlines()]


async def test_each_line_has_its_own_result_in_its_place(client: httpx.AsyncClient) -> None:
    lines = [_line(500), b"{", b"", _line(5), _line(666), b'{"claim_fen": "x"}', b'{"a":1,"a":2}', _line(700)]
    results = await _results(client, b"\n".join(lines))
    assert [(result["line"], result["status"]) for result in results] == [
        (1, 201),
        (2, 400),
        (4, 409),
        (5, 500),
        (6, 422),
        (7, 400),
        (8, 201),
    ]
    assert results[2]["rule"] == "R-SAMPLE-01"
    assert {error["field"] for error in results[4]["errors"]} == {"court_code", "claim_fen"}
    assert "a bug" not in json.dumps(results[3])


async def test_a_line_beyond_one_mebibyte_fails_alone(client: httpx.AsyncClient) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        yield _line(500) + b"\n" + b'{"court_code": "'
        for _ in range(40):
            yield b"x" * 64 * 1024
        yield b'"}\n' + _line(700) + b"\n"

    results = await _results(client, chunks())
    assert [(result["line"], result["status"]) for result in results] == [(1, 201), (2, 413), (3, 201)]


async def test_lines_cut_anywhere_by_the_network_are_read_whole(client: httpx.AsyncClient) -> None:
    body = b"\r\n".join(_line(500 + number) for number in range(50))

    async def chunks() -> AsyncIterator[bytes]:
        for start in range(0, len(body), 7):
            yield body[start : start + 7]

    results = await _results(client, chunks())
    assert [result["claim_fen"] for result in results] == list(range(500, 550))


async def test_many_lines_make_more_than_one_mebibyte_without_harm(client: httpx.AsyncClient) -> None:
    count = 2 * BODY_BYTES_MAX // len(_line(500))
    results = await _results(client, b"\n".join([_line(500)] * count))
    assert len(results) == count


async def test_bulk_input_in_one_json_document_is_not_taken(client: httpx.AsyncClient) -> None:
    answer = await client.post("/v1/statements", json=[{"claim_fen": 1}])
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")


async def test_no_lines_make_no_results(client: httpx.AsyncClient) -> None:
    assert await _results(client, b"\n\n  \n") == []
