"""The wire: what is written is read back, and what is not ours is refused with its reason."""

from typing import Any

import pytest

from libs.bus.cloudevents import Envelope, MessageWithoutKey, Undecodable, decode, encode, type_of

ENVELOPE = Envelope(
    id="evt_1",
    type="zhixing.intake.case_registered.v1",
    service="intake",
    stream="case/case_5f2c",
    seq=7,
    court="云0381",
    key="case_5f2c",
    at="2026-03-02T01:00:00.000001Z",
    correlation_id="cor_1",
    causation_id="cmd_1",
    trace="00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    data={"case_number": "(2026)云0381执1号", "claim_fen": 500000},
)


def headers(**changes: bytes | None) -> list[tuple[str, bytes]]:
    named: dict[str, Any] = {**dict(encode(ENVELOPE).headers), **changes}
    return [(name, value) for name, value in named.items() if value is not None]


def test_what_is_written_is_read_back() -> None:
    record = encode(ENVELOPE)
    assert decode(record.key, record.value, record.headers) == ENVELOPE
    assert type_of(record.headers) == ("intake", "case_registered", 1)


def test_a_repeat_is_byte_identical() -> None:
    again = ENVELOPE._replace(data={**ENVELOPE.data})
    assert encode(again) == encode(ENVELOPE)


def test_every_header_is_ascii_and_the_sequence_sorts_as_text() -> None:
    named = dict(encode(ENVELOPE).headers)
    assert all(value.isascii() for value in named.values())
    assert named["ce_court"] == b"%E4%BA%910381"
    assert named["ce_sequence"] == b"0000000007"


def test_a_chain_without_a_correlation_correlates_with_its_own_beginning() -> None:
    record = encode(ENVELOPE._replace(correlation_id=""))
    assert dict(record.headers)["ce_correlationid"] == b"evt_1"


@pytest.mark.parametrize("key", [None, b""])
def test_a_record_without_a_key_is_refused(key: bytes | None) -> None:
    with pytest.raises(MessageWithoutKey):
        decode(key, b"{}", headers())


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"ce_id": None}, "ce_id is missing"),
        ({"ce_subject": None}, "ce_subject is missing"),
        ({"ce_specversion": b"0.3"}, "specversion"),
        ({"ce_source": b"/elsewhere/intake"}, "source"),
        ({"ce_time": b"2026-03-02T01:00:00"}, "offset"),
        ({"ce_time": b"soon"}, "soon"),
        ({"ce_sequence": b"first"}, "first"),
        ({"ce_court": b"%FF"}, "utf-8"),
        ({"ce_id": b"\xff"}, "utf-8"),
        ({"ce_time": b"0001-01-01T00:00:00+08:00"}, "out of range"),
    ],
)
def test_a_malformed_header_is_refused_with_its_reason(changes: dict[str, bytes | None], says: str) -> None:
    with pytest.raises(Undecodable, match=says):
        decode(b"k", b"{}", headers(**changes))


@pytest.mark.parametrize("value", [None, b"", b"{", b"[]", b"null", b"\xff"])
def test_a_value_that_is_no_json_object_is_refused(value: bytes | None) -> None:
    with pytest.raises(Undecodable):
        decode(b"k", value, headers())


@pytest.mark.parametrize(
    "text",
    [
        b"com.example.thing",
        b"zhixing.intake.case_registered",
        b"\xff",
        b"",
        "zhixing.intake.case_registered.v²".encode(),
        b"zhixing.intake.case_registered.v" + b"9" * 5000,
    ],
    ids=["foreign", "no version", "no text", "empty", "a digit that is no number", "more digits than a number has"],
)
def test_a_type_that_is_not_ours_is_undecodable(text: bytes) -> None:
    with pytest.raises(Undecodable):
        type_of(headers(ce_type=text))


def test_a_header_without_a_value_is_a_missing_header() -> None:
    nothing: list[tuple[str, bytes | None]] = [*headers(ce_type=None), ("ce_type", None)]
    with pytest.raises(Undecodable):
        type_of(nothing)
    with pytest.raises(Undecodable, match="ce_type is missing"):
        decode(b"k", b"{}", nothing)
