"""CloudEvents 1.0 on Kafka, binary mode: attributes in `ce_` headers, the event's data as canonical JSON.

Everything here is a function of what the journal stored, so a record that is published twice is byte-identical. The
Kafka binding maps `datacontenttype` to the plain header `content-type`; the court is percent-encoded so that every
header is ASCII, and the sequence is zero-padded so that it sorts as text.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple
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

Headers = list[tuple[str, bytes]]
_SPEC_VERSION = ("ce_specversion", SPEC_VERSION.encode())
_CONTENT_TYPE = ("content-type", CONTENT_TYPE.encode())

# Courts and types are few; what somebody else writes is forgotten again.
_quoted = lru_cache(maxsize=1024)(lambda text: quote(text, safe="").encode())
_unquoted = lru_cache(maxsize=1024)(lambda data: unquote(data.decode(), errors="strict"))


class Undecodable(Rejected):
    """The record is not a CloudEvent of ours: a header is missing or malformed, or the value is not a JSON object."""

    code = "undecodable_message"
    title = "The message cannot be read"
    remedy = "Correct the writer and have the range published again, then discard the message."


class MessageWithoutKey(Undecodable):
    """The record has no Kafka key, so nothing can be said about its order."""

    code = "message_without_key"
    title = "The message has no key"


class Envelope(NamedTuple):
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


class Record(NamedTuple):
    """The bytes of one Kafka record."""

    key: bytes
    value: bytes
    headers: Headers

    @property
    def size(self) -> int:
        """Bytes of key, value and headers, without the broker's framing."""
        total = len(self.key) + len(self.value)
        for name, value in self.headers:
            total += len(name) + len(value)
        return total


def encode(envelope: Envelope) -> Record:
    """Return the record of an event. Raises `ValueError` if the data has no canonical form."""
    key = envelope.key.encode()
    headers: Headers = [
        _SPEC_VERSION,
        ("ce_id", envelope.id.encode()),
        ("ce_source", f"{SOURCE_PREFIX}{envelope.service}".encode()),
        ("ce_type", envelope.type.encode()),
        ("ce_subject", envelope.stream.encode()),
        ("ce_time", envelope.at.encode()),
        _CONTENT_TYPE,
        ("ce_partitionkey", key),
        ("ce_sequence", b"%0*d" % (SEQUENCE_DIGITS, envelope.seq)),
        ("ce_court", _quoted(envelope.court)),
        # An attribute may not be empty; what begins a chain correlates with itself.
        ("ce_correlationid", (envelope.correlation_id or envelope.id).encode()),
    ]
    if envelope.causation_id:
        headers.append(("ce_causationid", envelope.causation_id.encode()))
    if envelope.trace:
        headers.append(("ce_traceparent", envelope.trace.encode()))
    return Record(key, canonical_bytes(envelope.data), headers)


def type_of(headers: Iterable[tuple[str, bytes | None]]) -> tuple[str, str, int]:
    """Return `(service, name, version)` of a record without reading its value. Raises `Undecodable`."""
    for name, value in headers:
        if name == "ce_type":
            return _type(value)
    msg = "ce_type is missing"
    raise Undecodable(msg)


@lru_cache(maxsize=1024)
def _type(value: bytes | None) -> tuple[str, str, int]:
    try:
        return parse_type((value or b"").decode())
    except (ValueError, Rejected) as error:
        msg = f"ce_type is not one of ours: {(value or b'')[:120]!r}"
        raise Undecodable(msg) from error


def decode(key: bytes | None, value: bytes | None, headers: Iterable[tuple[str, bytes | None]]) -> Envelope:
    """Return the envelope of a record. Raises `MessageWithoutKey` and `Undecodable`, both never processable."""
    if not key:
        raise MessageWithoutKey
    found = {name: data for name, data in headers if data is not None}
    try:
        if found["ce_specversion"] != _SPEC_VERSION[1]:
            msg = f"specversion {found['ce_specversion'][:120]!r}"
            raise Undecodable(msg)
        source = found["ce_source"].decode()
        if not source.startswith(SOURCE_PREFIX):
            msg = f"source {source[:120]!r}"
            raise Undecodable(msg)
        at = found["ce_time"].decode()
        instant(at)
        return Envelope(
            id=found["ce_id"].decode(),
            type=found["ce_type"].decode(),
            service=source.removeprefix(SOURCE_PREFIX),
            stream=found["ce_subject"].decode(),
            seq=int(found["ce_sequence"]),
            court=_unquoted(found["ce_court"]),
            key=key.decode(),
            at=at,
            correlation_id=found["ce_correlationid"].decode(),
            causation_id=found.get("ce_causationid", b"").decode() or None,
            trace=found.get("ce_traceparent", b"").decode() or None,
            data=_object(value),
        )
    except KeyError as error:
        msg = f"{error.args[0]} is missing"
        raise Undecodable(msg) from error
    except (ValueError, OverflowError) as error:
        raise Undecodable(str(error)) from error


def _object(value: bytes | None) -> dict[str, Any]:
    data = orjson.loads(value or b"")
    if not isinstance(data, dict):
        msg = "the value is not a JSON object"
        raise Undecodable(msg)
    return data
