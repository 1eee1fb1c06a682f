"""Log lines are JSON, carry the ids of the work at hand, and never personal data."""

import asyncio
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from libs.telemetry import access_line, bound, configure_logging, correlation_id, get_logger, redacted
from libs.telemetry.redaction import is_personal, masked

RESIDENT = "532224199001011234"


@pytest.fixture(autouse=True)
def _own_root_handlers() -> Iterator[None]:
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    configure_logging("sample")
    yield
    root.handlers[:] = before
    root.setLevel(level)


def _lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_a_line_names_its_service_event_and_ids(capsys: pytest.CaptureFixture[str]) -> None:
    with bound(correlation_id="corr-1"):
        get_logger().info("case_registered", case_id="case_1", seq=3)
    (line,) = _lines(capsys)
    assert (line["service"], line["event"], line["seq"]) == ("sample", "case_registered", 3)
    assert (line["correlation_id"], line["case_id"]) == ("corr-1", "case_1")
    assert line["level"] == "info"
    assert line["timestamp"].endswith("Z")


def test_ids_end_with_their_block() -> None:
    with bound(correlation_id="outer"):
        with bound(correlation_id="inner"):
            assert correlation_id() == "inner"
        assert correlation_id() == "outer"
    assert correlation_id() == ""


def test_the_line_of_an_answered_request_is_like_any_other(capsys: pytest.CaptureFixture[str]) -> None:
    with bound(correlation_id="corr-1"):
        access_line(method="GET", route="/v1/cases/{case_id}", status=200, ms=1.5)
        get_logger("zhixing.access").info("http_request", method="GET", route="/v1/cases/{case_id}", status=200, ms=1.5)
    quick, ordinary = _lines(capsys)
    quick.pop("timestamp")
    ordinary.pop("timestamp")
    assert quick == ordinary


@pytest.mark.asyncio
async def test_lines_of_requests_answered_in_one_turn_of_the_loop_go_out_together(
    capsys: pytest.CaptureFixture[str],
) -> None:
    access_line(method="GET", status=200)
    access_line(method="PUT", status=201)
    assert capsys.readouterr().out == ""
    await asyncio.sleep(0)
    assert [line["method"] for line in _lines(capsys)] == ["GET", "PUT"]


def test_a_quiet_process_writes_no_line_per_request(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("sample", "WARNING")
    access_line(method="GET", status=200)
    assert capsys.readouterr().out == ""


def test_the_standard_librarys_loggers_write_the_same_lines(capsys: pytest.CaptureFixture[str]) -> None:
    logging.getLogger("elsewhere").warning("party %s is here", RESIDENT)
    (line,) = _lines(capsys)
    assert (line["service"], line["logger"], line["level"]) == ("sample", "elsewhere", "warning")
    assert RESIDENT not in line["event"]


@pytest.mark.parametrize(
    "facts",
    [
        {"identity_number": RESIDENT},
        {"note": f"the debtor {RESIDENT} did not appear"},
        {"note": f"the debtor {RESIDENT[:-1]}X did not appear"},
        {"party": {"id_number": RESIDENT, "deep": [{"name": "李某某"}]}},
        {"number": int(RESIDENT)},
        {"debtor_phone": "13888812345"},
        {"note": "call 13888812345"},
        {"note": "card 6222020200112345678"},
        {"authorization": "Bearer abc"},
        {"note": "sent Authorization: Bearer abc.def-123"},
        {"note": "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJ1In0.c2ln"},
        {"name": "李某某"},
        {"home_address": "宣威市某街 1 号"},
    ],
)
def test_personal_data_and_secrets_are_masked_wherever_they_stand(
    capsys: pytest.CaptureFixture[str], facts: dict[str, Any]
) -> None:
    get_logger().info("something_happened", **facts)
    text = capsys.readouterr().out
    for secret in (
        RESIDENT,
        RESIDENT[:-1] + "X",
        "李某某",
        "13888812345",
        "6222020200112345678",
        "abc",
        "c2ln",
        "某街",
    ):
        assert secret not in text


def test_personal_data_is_masked_in_tracebacks(capsys: pytest.CaptureFixture[str]) -> None:
    try:
        int(f"{RESIDENT} is no number")
    except ValueError:
        get_logger().exception("it_broke")
    (line,) = _lines(capsys)
    assert "ValueError" in line["exception"]
    assert RESIDENT not in line["exception"]


@pytest.mark.parametrize(
    "text",
    [
        "case_5f2c0011223344556677",
        "(2026)云0381执1号",
        "2026-03-02T09:00:00.000000Z",
        "intake~zhixing.cases.v1~3~0000000000000000017",
        "4bf92f3577b34da6a3ce929d0e0e4736",
    ],
)
def test_ids_numbers_of_cases_and_times_stay_readable(text: str) -> None:
    assert redacted(text) == text


@pytest.mark.parametrize("key", ["event", "case_id", "party_id", "court", "hostname", "filename", "view_name"])
def test_keys_that_only_look_like_a_name_are_kept(key: str) -> None:
    assert not is_personal(key)


def test_endless_nesting_in_a_log_value_ends() -> None:
    value: dict[str, Any] = {}
    value["again"] = value
    assert masked(value)


def test_an_object_that_is_no_json_is_logged_as_its_text(capsys: pytest.CaptureFixture[str]) -> None:
    get_logger().info("strange", what=object(), raw=b"\xff")
    assert _lines(capsys)[0]["event"] == "strange"
