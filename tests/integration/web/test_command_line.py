"""`zhixing …` against a service that runs: what a person types and reads."""

import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import pytest
import uvicorn
from fastapi import APIRouter, FastAPI
from starlette.responses import Response
from typer.testing import CliRunner

from devstack import house
from devstack.cli import app as command_line
from devstack.ports import LOOPBACK, free_ports
from libs.foundation.errors import NotFound
from libs.web import Caller, DevIssuer, JsonResponse, WebSettings, create_app, scope

COURT = "云0381"
CASE = {"case_id": "case_1", "case_number": "(2026)云0381执1号", "status": "OPEN", "claim_fen": 500000}


def _intake() -> APIRouter:
    router = APIRouter()

    @router.get("/enforcement-cases")
    async def cases(caller: Annotated[Caller, scope("intake.cases.read")]) -> Response:
        return JsonResponse({"items": [CASE] if caller.may_act_in(COURT) else [], "next_cursor": "more"})

    @router.get("/enforcement-cases/{case_id}")
    async def case(case_id: str, _caller: Annotated[Caller, scope("intake.cases.read")]) -> Response:
        if case_id != "case_1":
            raise NotFound
        return JsonResponse(CASE)

    @router.get("/case-timelines/{case_id}")
    async def river(case_id: str, _caller: Annotated[Caller, scope("command_center.timelines.read")]) -> Response:
        entry = {"at": "2026-03-02T01:00:00.000000Z", "service": "intake", "event": "case_registered", "case": case_id}
        return JsonResponse({"items": [entry], "next_cursor": None})

    @router.get("/assistance-requests")
    async def requests(caller: Annotated[Caller, scope("asset_inquiry.requests.read")]) -> Response:
        return JsonResponse({"items": [{"request_id": "req_1", "agency_id": caller.require_agency()}]})

    return router


class _Quarantine:
    """What the bus offers, kept in a list."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, ...]] = []

    async def list(self, **_query: Any) -> Any:
        return type("Page", (), {"rows": [{"id": "q-1", "status": "OPEN", "tries": 1}], "next_cursor": None})

    async def release(self, entry_id: str, by: str) -> dict[str, Any]:
        self.asked.append(("release", entry_id, by))
        return {"id": entry_id, "status": "RELEASE_REQUESTED"}

    async def discard(self, entry_id: str, by: str, reason: str) -> dict[str, Any]:
        self.asked.append(("discard", entry_id, by, reason))
        return {"id": entry_id, "status": "DISCARD_REQUESTED"}


class _Consumer:
    def __init__(self) -> None:
        self.quarantine = _Quarantine()

    async def start(self) -> None:
        pass

    async def stop(self) -> None:
        pass

    def readiness(self) -> dict[str, str]:
        return {"broker": "connecting"}


@pytest.fixture
def consumer() -> _Consumer:
    return _Consumer()


@pytest.fixture(autouse=True)
def running(tmp_path: Path, consumer: _Consumer, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    key = tmp_path / "issuer.json"
    jwks = DevIssuer(key).write_jwks(tmp_path / "jwks.json")
    app = create_app(
        service="intake",
        settings=WebSettings(jwks=str(jwks), log_level="ERROR"),
        routers=[_intake()],
        background=[consumer],
    )
    (port,) = free_ports(1)
    server, thread = _serve(app, port)
    url = f"http://{LOOPBACK}:{port}"
    services = {"intake": url, "command_center": url, "asset_inquiry": url, "payments": f"http://{LOOPBACK}:1"}
    path = tmp_path / "current.json"
    path.write_text(json.dumps({"services": services, "partners": {}, "token_key": str(key)}))
    monkeypatch.setattr(house.current, "__defaults__", (path,))
    yield
    server.should_exit = True
    thread.join()


def _serve(app: FastAPI, port: int) -> tuple[uvicorn.Server, threading.Thread]:
    server = uvicorn.Server(uvicorn.Config(app, host=LOOPBACK, port=port, log_config=None, access_log=False, ws="none"))
    thread = threading.Thread(target=server.run)
    thread.start()
    until = time.monotonic() + 10
    while not server.started and time.monotonic() < until:
        time.sleep(0.02)
    return server, thread


def _say(*words: str, code: int = 0) -> str:
    result = CliRunner(env={"COLUMNS": "200"}).invoke(command_line, list(words))
    assert result.exit_code == code, result.output
    return result.output


def test_cases_are_listed_with_their_money_in_yuan() -> None:
    text = _say("cases")
    assert "(2026)云0381执1号" in text
    assert "5,000.00" in text
    assert "there are more" in text


def test_one_case_is_shown_even_if_another_service_is_away() -> None:
    text = _say("case", "case_1")
    assert "5,000.00" in text
    assert "payments does not answer" in text


def test_a_timeline_shows_the_courts_own_time() -> None:
    assert "03-02 09:00:00" in _say("timeline", "case_1")


def test_what_is_not_there_ends_with_the_services_own_sentence() -> None:
    assert "404 not_found" in _say("case", "case_2", code=1)


def test_requests_are_asked_for_as_an_agency() -> None:
    assert "bank-a" in _say("requests", "--agency", "bank-a")


def test_services_are_listed_with_what_they_wait_for() -> None:
    text = _say("services")
    assert "broker connecting" in text
    assert "away" in text


def test_a_quarantined_message_is_found_released_and_discarded(consumer: _Consumer) -> None:
    assert "q-1" in _say("quarantine", "list", "--service", "intake")
    assert "RELEASE_REQUESTED" in _say("quarantine", "release", "intake", "q-1")
    assert "DISCARD_REQUESTED" in _say("quarantine", "discard", "intake", "q-1", "--reason", "written by hand")
    assert consumer.quarantine.asked == [
        ("release", "q-1", "u-operator"),
        ("discard", "q-1", "u-operator", "written by hand"),
    ]


def test_a_token_of_the_running_house_is_printed() -> None:
    assert _say("token", "--role", "case_officer", "--court", COURT).count(".") == 2


def test_topics_are_listed_without_any_service() -> None:
    assert "zhixing.intake.v1" in _say("topics")


def test_without_a_running_house_one_sentence_says_how_to_start_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(house.current, "__defaults__", (tmp_path / "nothing.json",))
    for words in (("cases",), ("token",)):
        assert "make demo KEEP=1" in _say(*words, code=1)
