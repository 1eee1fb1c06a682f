"""Every error leaves as a problem whose type resolves, and a bug tells nothing but its correlation id."""

import json

import httpx
import pytest

from libs.foundation import errors as tree
from libs.web import errors as own
from libs.web.statuses import status_of

pytestmark = pytest.mark.asyncio

FILING = {"court_code": "云0381", "claim_fen": 5}


async def test_a_refusal_by_law_names_its_rule(client: httpx.AsyncClient) -> None:
    answer = await client.post("/v1/filings", json=FILING, headers={"Idempotency-Key": "k"})
    problem = answer.json()
    assert (answer.status_code, answer.headers["content-type"]) == (409, "application/problem+json")
    assert problem["type"] == "/problems/claim_too_small"
    assert (problem["rule"], problem["field"], problem["retryable"]) == ("R-SAMPLE-01", "claim_fen", False)
    assert problem["instance"] == "/v1/filings"


async def test_the_type_of_a_problem_resolves_for_programs_and_for_people(client: httpx.AsyncClient) -> None:
    answer = await client.post("/v1/filings", json=FILING, headers={"Idempotency-Key": "k"})
    facts = await client.get(answer.json()["type"], headers={"Authorization": ""})
    page = await client.get(answer.json()["type"], headers={"Accept": "text/html,*/*"})
    assert facts.json()["cause"] == "The claim is below what is collected at all."
    assert facts.json()["remedy"] == "Claim at least 1.00 yuan."
    assert page.headers["content-type"].startswith("text/html")
    assert "Claim at least 1.00 yuan." in page.text


async def test_a_person_with_a_browser_meets_a_page(client: httpx.AsyncClient) -> None:
    answer = await client.get("/v1/nothing", headers={"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"})
    assert (answer.status_code, answer.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert "Check the id and the court of the token." in answer.text


async def test_an_unknown_problem_is_not_found(client: httpx.AsyncClient) -> None:
    assert (await client.get("/problems/nothing")).status_code == 404


async def test_a_bug_is_logged_with_its_traceback_and_shows_nothing_but_a_correlation_id(
    client: httpx.AsyncClient, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = await client.get("/v1/crash", headers={"X-Correlation-Id": "corr-12345"})
    assert answer.status_code == 500
    assert answer.json()["code"] == "internal_error"
    assert answer.json()["correlation_id"] == answer.headers["x-correlation-id"] == "corr-12345"
    assert "RuntimeError" not in answer.text
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    crash = next(line for line in lines if line["event"] == "request_crashed")
    assert "RuntimeError" in crash["exception"]
    assert "532224199001011234" not in crash["exception"]
    assert crash["correlation_id"] == "corr-12345"


async def test_a_database_that_is_away_is_worth_another_try(client: httpx.AsyncClient) -> None:
    answer = await client.get("/v1/busy")
    assert (answer.status_code, answer.json()["retryable"]) == (503, True)
    assert answer.headers["retry-after"] == "1"


@pytest.mark.parametrize("given", ["short", "a b c d e f g", "x" * 65, "{jndi}{jndi}"])
async def test_a_correlation_id_that_would_spoil_the_log_is_replaced(client: httpx.AsyncClient, given: str) -> None:
    answer = await client.get("/livez", headers={"X-Correlation-Id": given})
    assert answer.headers["x-correlation-id"] != given
    assert len(answer.headers["x-correlation-id"]) == 32


async def test_a_caller_that_traces_finds_us_by_its_trace_id(client: httpx.AsyncClient) -> None:
    trace = {"traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"}
    answer = await client.get("/livez", headers=trace)
    named = await client.get("/livez", headers=trace | {"X-Correlation-Id": "corr-12345"})
    assert answer.headers["x-correlation-id"] == "4bf92f3577b34da6a3ce929d0e0e4736"
    assert named.headers["x-correlation-id"] == "corr-12345"


@pytest.mark.parametrize(
    ("cls", "status"),
    [
        (tree.Refused, 409),
        (tree.Forbidden, 403),
        (tree.NotFound, 404),
        (tree.Conflict, 412),
        (tree.KeyReused, 422),
        (tree.Rejected, 422),
        (tree.Overloaded, 429),
        (tree.Transient, 503),
        (tree.OutcomeUnknown, 503),
        (tree.ZhixingError, 500),
        (own.BodyTooLarge, 413),
        (own.TokenExpired, 401),
        (own.CourtNotYours, 403),
    ],
)
async def test_the_tree_of_errors_maps_to_http_in_one_table(cls: type[tree.ZhixingError], status: int) -> None:
    assert status_of(cls) == status
