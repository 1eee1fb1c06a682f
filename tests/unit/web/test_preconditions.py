"""Idempotency-Key, If-Match, ETag, purpose: headers that decide whether a request is done at all."""

import httpx
import pytest

from libs.web.requests import body_fingerprint

pytestmark = pytest.mark.asyncio

FILING = {"court_code": "云0381", "claim_fen": 500000}


async def test_a_write_without_a_key_is_refused(client: httpx.AsyncClient) -> None:
    answer = await client.post("/v1/filings", json=FILING)
    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_missing")


@pytest.mark.parametrize("key", [b"", b" ", b"k" * 201, "键".encode(), b"a\tb", b"a b", b"\x7f"])
async def test_a_key_is_one_to_two_hundred_printable_ascii_characters(client: httpx.AsyncClient, key: bytes) -> None:
    answer = await client.post("/v1/filings", json=FILING, headers={b"Idempotency-Key": key})
    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_invalid")


async def test_two_keys_are_no_key(client: httpx.AsyncClient) -> None:
    headers = [("Idempotency-Key", "a"), ("Idempotency-Key", "b")]
    answer = await client.post("/v1/filings", json=FILING, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_invalid")


async def test_a_repeat_has_the_same_command_id_and_another_key_another(client: httpx.AsyncClient) -> None:
    ids = []
    for key in ("k" * 200, "k" * 200, "k-2"):
        answer = await client.post("/v1/filings", json=FILING, headers={"Idempotency-Key": key})
        assert answer.status_code == 201
        ids.append(answer.json()["command_id"])
    assert ids[0] == ids[1] != ids[2]


async def test_the_same_key_on_another_route_is_another_command(client: httpx.AsyncClient) -> None:
    headers = {"Idempotency-Key": "k", "If-Match": '"3"'}
    first = await client.post("/v1/filings", json=FILING, headers=headers)
    second = await client.put("/v1/filings/f-1", json=FILING, headers=headers)
    assert first.json()["command_id"]
    assert second.json() == {"id": "f-1", "expected_seq": 3}


async def test_a_body_has_the_same_fingerprint_however_it_is_spaced_and_sorted(client: httpx.AsyncClient) -> None:
    headers = {"Idempotency-Key": "k", "Content-Type": "application/json"}
    texts = (
        '{"court_code":"云0381","claim_fen":500,"rates":{"b":2,"a":1}}',
        '{ "rates": {"a": 1, "b": 2}, "claim_fen": 500, "court_code": "\\u4e910381" }',
        '{"court_code":"云0381","claim_fen":501,"rates":{"b":2,"a":1}}',
    )
    found = [(await client.post("/v1/filings", content=text, headers=headers)).json()["fingerprint"] for text in texts]
    assert found[0] == found[1] != found[2]


async def test_a_fingerprint_is_made_of_any_body() -> None:
    assert body_fingerprint(None) != body_fingerprint({})
    assert body_fingerprint({"键": 2**70}) == body_fingerprint({"键": 2**70})


async def test_a_trace_is_kept_only_if_it_is_one(client: httpx.AsyncClient) -> None:
    real = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    for given, kept in ((real, real), ("x" * 5000, None), ("00-zz", None)):
        headers = {"Idempotency-Key": "k", "traceparent": given}
        assert (await client.post("/v1/filings", json=FILING, headers=headers)).json()["trace"] == kept


async def test_a_change_without_if_match_is_refused(client: httpx.AsyncClient) -> None:
    answer = await client.put("/v1/filings/f-1", json=FILING, headers={"Idempotency-Key": "k"})
    assert (answer.status_code, answer.json()["code"]) == (428, "precondition_required")


@pytest.mark.parametrize("tag", ["", "*", "3", '"x"', 'W/"3"', '"3","4"', '"-1"', '"' + "9" * 30 + '"'])
async def test_if_match_is_one_of_our_etags_and_nothing_else(client: httpx.AsyncClient, tag: str) -> None:
    answer = await client.put("/v1/filings/f-1", json=FILING, headers={"Idempotency-Key": "k", "If-Match": tag})
    assert (answer.status_code, answer.json()["code"]) == (400, "precondition_malformed")


async def test_a_read_carries_its_etag_and_is_spared_when_it_is_known(client: httpx.AsyncClient) -> None:
    first = await client.get("/v1/filings/f-1")
    assert (first.status_code, first.headers["etag"]) == (200, '"7"')
    for known in ('"7"', 'W/"7"', '"6", "7"'):
        again = await client.get("/v1/filings/f-1", headers={"If-None-Match": known})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", '"7"')
    assert (await client.get("/v1/filings/f-1", headers={"If-None-Match": '"6"'})).status_code == 200


@pytest.mark.parametrize("query", ["", "?case_id=case_1", "?purpose=service", "?case_id=case_1&purpose=%20"])
async def test_personal_data_is_not_read_without_a_case_and_a_purpose(client: httpx.AsyncClient, query: str) -> None:
    answer = await client.get(f"/v1/parties/p-1{query}")
    assert (answer.status_code, answer.json()["code"]) == (400, "purpose_missing")


async def test_who_reads_personal_data_is_on_record(
    client: httpx.AsyncClient, capsys: pytest.CaptureFixture[str]
) -> None:
    headers = {b"Purpose": "送达 notice".encode()}
    answer = await client.get("/v1/parties/p-1?case_id=case_1", headers=headers)
    assert answer.status_code == 200
    records = [line for line in capsys.readouterr().out.splitlines() if "personal_data_read" in line]
    assert len(records) == 1
    for fact in ("case_1", "送达 notice", "u-clerk-1", "云0381", "/v1/parties/{party_id}", "entry-7"):
        assert fact in records[0]
    assert "p-1" not in records[0]
