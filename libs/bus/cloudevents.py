"""CloudEvents 1.0 on Kafka, binary mode: attributes in `ce_` headers, the event's data as canonical JSON.

Everything here is a function of what the journal stored, so a record that is published twice is byte-identical. The
Kafka binding maps `datacontenttype` to the plain header `content-type`; the court is percent-encoded so that every
header is ASCII, and the sequence is zero-padded so that it sorts as text.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote, unquote

import orjson

from libs.foundation.canonical import canonical_bytes
from libs.foundation.clock import instant
from libs.foundation.errors import Rejected
from libs.schemas.envelope import parse_type

SPEC_VERSION = "1.0"
CONTENT_TYPE = "application/json"
SEQUENCE_DIGITS = 10
SOURCE_PREFIX = "/zhixing/"

Headers = tuple[tuple[str, bytes], ...]


class Undecodable(Rejected):
    """The record is not a CloudEvent of ours: a header is missing or malformed, or the value is not a JSON object."""

    code = "undecodable_message"
    title = "The message cannot be read"
    remedy = "Correct the writer and have the range published again, then discard the message."


class MessageWithoutKey(Rejected):
    """The record has no Kafka key, so nothing can be said about its order."""

    code = "message_without_key"
    title = "The message has no key"
    remedy = "Correct the writer and have the range published again, then discard the message."


@dataclass(frozen=True, slots=True)
class Envelope:
    """An event's data and everything the wire says about it. `type` is `zhixing.<service>.<name>.v<version>`."""

    id: str
    type: str
    service: str
    stream: str
    seq: int
    court: str
    key: str
    at: str
    correlation_id: str
    causation_id: str | None
    trace: str | None
    data: dict[str, Any]

    @property
    def instant(self) -> datetime:
        """The business time of acceptance."""
        return instant(self.at)


@dataclass(frozen=True, slots=True)
class Record:
    """The bytes of one Kafka record."""

    key: bytes
    value: bytes
    headers: Headers

    @property
    def size(self) -> int:
        """Bytes of key, value and headers, without the broker's framing."""
        return len(self.key) + len(self.value) + sum(len(name) + len(value) for name, value in self.headers)


def encode(envelope: Envelope) -> Record:
    """Return the record of an event. Raises `ValueError` if the data has no canonical form."""
    attributes: list[tuple[str, str]] = [
        ("ce_specversion", SPEC_VERSION),
        ("ce_id", envelope.id),
        ("ce_source", f"{SOURCE_PREFIX}{envelope.service}"),
        ("ce_type", envelope.type),
        ("ce_subject", envelope.stream),
        ("ce_time", envelope.at),
        ("content-type", CONTENT_TYPE),
        ("ce_partitionkey", envelope.key),
        ("ce_sequence", f"{envelope.seq:0{SEQUENCE_DIGITS}d}"),
        ("ce_court", quote(envelope.court, safe="")),
        # An attribute may not be empty; what begins a chain correlates with itself.
        ("ce_correlationid", envelope.correlation_id or envelope.id),
    ]
    if envelope.causation_id:
        attributes.append(("ce_causationid", envelope.causation_id))
    if envelope.trace:
        attributes.append(("ce_traceparent", envelope.trace))
    return Record(
        key=envelope.key.encode(),
        value=canonical_bytes(envelope.data),
        headers=tuple((name, text.encode()) for name, text in attributes),
    )


def type_of(headers: Iterable[tuple[str, bytes]]) -> tuple[str, str, int]:
    """Return `(service, name, version)` of a record without reading its value. Raises `Undecodable`."""
    for name, value in headers:
        if name == "ce_type":
            try:
                return parse_type(value.decode())
            except (UnicodeDecodeError, Rejected) as error:
                msg = f"ce_type is not one of ours: {value[:120]!r}"
                raise Undecodable(msg) from error
    msg = "ce_type is missing"
    raise Undecodable(msg)


def decode(key: bytes | None, value: bytes | None, headers: Iterable[tuple[str, bytes]]) -> Envelope:
    """Return the envelope of a record. Raises `MessageWithoutKey` and `Undecodable`, both never processable."""
    if not key:
        raise MessageWithoutKey
    try:
        texts = {name: data.decode() for name, data in headers}
        key_text = key.decode()
        if texts["ce_specversion"] != SPEC_VERSION:
            msg = f"specversion {texts['ce_specversion']!r}"
            raise Undecodable(msg)
        source = texts["ce_source"]
        if not source.startswith(SOURCE_PREFIX):
            msg = f"source {source!r}"
            raise Undecodable(msg)
        instant(texts["ce_time"])
        return Envelope(
            id=texts["ce_id"],
            type=texts["ce_type"],
            service=source.removeprefix(SOURCE_PREFIX),
            stream=texts["ce_subject"],
            seq=int(texts["ce_sequence"]),
            court=unquote(texts["ce_court"], errors="strict"),
            key=key_text,
            at=texts["ce_time"],
            correlation_id=texts["ce_correlationid"],
            causation_id=texts.get("ce_causationid"),
            trace=texts.get("ce_traceparent"),
            data=_object(value),
        )
    except KeyError as error:
        msg = f"{error.args[0]} is missing"
        raise Undecodable(msg) from error
    except ValueError as error:
        raise Undecodable(str(error)) from error


def _object(value: bytes | None) -> dict[str, Any]:
    data = orjson.loads(value or b"")
    if not isinstance(data, dict):
        msg = "the value is not a JSON object"
        raise Undecodable(msg)
    return data
