"""Signed messages of agencies: the signature must be the agency's, fresh, and cover exactly this message."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from libs.evidence import SignatureInvalid, Verifier
from libs.foundation.canonical import canonical_bytes, sha256_hex
from libs.foundation.errors import Rejected
from libs.schemas.asset_inquiry import RequestIssued
from services.asset_inquiry.domain.agency import AgencyState
from services.asset_inquiry.domain.agency_refusals import (
    RequestHashDiffers,
    SignatureExpired,
    SignatureOfOtherContent,
    SigningKeyUnknown,
)

MessageKind = Literal["ACKNOWLEDGEMENT", "REPLY", "RETURN"]

AGE_SECONDS_MAX: Final = 24 * 3600
"""How old a signature may be, in real time: an agency repeats what it sent before an outage, but not for ever."""
AHEAD_SECONDS_MAX: Final = 300


@dataclass(frozen=True, slots=True)
class SignedBody:
    """A message that verified: the token as it came and the hash of its body."""

    token: str
    content_sha256: str


async def verified(
    kind: MessageKind, request: RequestIssued, agency: AgencyState, raw: Mapping[str, Any]
) -> SignedBody:
    """Return the verified message, or refuse it with the code of what is wrong.

    The signature covers kind, request number, request hash and the body, so that a genuine message is worth nothing
    beside another request. Raises `SignatureInvalid`, `SigningKeyUnknown` (403), `SignatureExpired`,
    `RequestHashDiffers`, `SignatureOfOtherContent`.
    """
    body = {name: value for name, value in raw.items() if name != "signature"}
    token = str(raw["signature"])
    header, payload = await asyncio.to_thread(_opened, token, agency)
    _check_age(header.get("iat"))
    content_sha256 = _hash(body)
    names = (payload.get("kind"), payload.get("request_number"))
    if names != (kind, request.request_number) or _hash(payload.get("body")) != content_sha256:
        raise SignatureOfOtherContent(field="signature")
    named = {payload.get("request_sha256"), body.get("request_sha256", payload.get("request_sha256"))}
    if named != {request.content_sha256}:
        raise RequestHashDiffers(field="request_sha256")
    return SignedBody(token, content_sha256)


def _opened(token: str, agency: AgencyState) -> tuple[dict[str, Any], dict[str, Any]]:
    keys = [{**jwk, "kid": kid} for kid, jwk in agency.keys.items()]
    try:
        return Verifier({"keys": keys}).opened(token)
    except SignatureInvalid as error:
        if error.field == "kid":
            raise SigningKeyUnknown(field="signature") from error
        raise


def _check_age(issued_at: object) -> None:
    if not isinstance(issued_at, int) or isinstance(issued_at, bool):
        raise SignatureInvalid("The header has no `iat`.", field="signature")
    age = time.time() - issued_at
    if age > AGE_SECONDS_MAX or age < -AHEAD_SECONDS_MAX:
        raise SignatureExpired(field="signature")


def _hash(body: object) -> str:
    # By canonical bytes, not by equality: to Python `true` and `1` are the same, to a signature they are not.
    try:
        return sha256_hex(canonical_bytes(body))
    except ValueError as error:
        raise Rejected("The body has no canonical form: no fractions, no integers beyond 2^53.") from error
