"""What comes in: preconditions, and the command meta that a write hands to the journal."""

from __future__ import annotations

import json
import re
from typing import Annotated, Final

import orjson
from fastapi import Depends, Header, Request
from pydantic import BaseModel

from libs.foundation.canonical import sha256_hex
from libs.foundation.ids import command_id
from libs.journal import Authority, CommandMeta
from libs.telemetry import correlation_id
from libs.web.caller import Caller
from libs.web.errors import PreconditionMalformed, PreconditionRequired
from libs.web.guards import idempotency_key

_TRACEPARENT: Final = re.compile(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")
_ETAG: Final = re.compile(r'"(\d{1,12})"')


def meta_of(  # noqa: PLR0913 -- each is a part of the command's identity or authority, named at the call
    request: Request,
    caller: Caller,
    *,
    court: str | None,
    body: object = None,
    key: str | None = None,
    expected_seq: int | None = None,
    authority: Authority | None = None,
    role: str | None = None,
) -> CommandMeta:
    """Return the meta of the command that this request is (design section 3, sentence 5).

    The command id is the same for every repeat: issuer, organisation, client, method, path and Idempotency-Key. Raises
    400 without a usable key, and `CourtNotYours` (403) if `court` is given and is not the caller's.
    """
    idempotency = idempotency_key(request)
    if court is not None:
        caller.require_court(court)
    return CommandMeta(
        command_id=command_id(
            caller.issuer, caller.organisation, caller.client, request.method, request.scope["path"], idempotency
        ),
        fingerprint=body_fingerprint(body),
        actor=caller.actor(role),
        court=court,
        authority=authority or Authority(organisation=caller.organisation),
        correlation_id=correlation_id(),
        trace=_trace(request),
        expected_seq=expected_seq,
        key=key,
    )


def body_fingerprint(body: object) -> str:
    """Return the SHA-256 of a body by its meaning: order of keys and white space do not count."""
    value = body.model_dump(mode="json") if isinstance(body, BaseModel) else body
    try:
        text = orjson.dumps(value, default=str, option=orjson.OPT_SORT_KEYS)
    except TypeError:  # a number beyond 64 bits
        text = json.dumps(value, default=str, sort_keys=True).encode()
    return sha256_hex(text)


def _trace(request: Request) -> str | None:
    # What is not a W3C traceparent is dropped, as the W3C asks: it would be kept in the journal for ever.
    given = request.headers.get("traceparent", "")
    return given if _TRACEPARENT.fullmatch(given) else None


async def _expected_seq(value: Annotated[str | None, Header(alias="If-Match")] = None) -> int:
    if value is None:
        raise PreconditionRequired(field="If-Match")
    match = _ETAG.fullmatch(value.strip())
    if match is None:
        raise PreconditionMalformed(field="If-Match")
    return int(match[1])


if_match: Final = Depends(_expected_seq)
"""`expected: Annotated[int, if_match]`: the seq in If-Match; missing 428, malformed 400."""
