"""Consistency tokens: what a writer hands to a reader so that a list shows at least that write."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

from libs.journal.model import Outcome
from libs.journal.refusals import ConsistencyTokenMalformed


def token_of(outcome: Outcome[Any]) -> str:
    """Return the opaque token of a write, for `ViewStore.wait_for`."""
    return urlsafe_b64encode(f"{outcome.version}@{outcome.stream}".encode()).decode().rstrip("=")


def parse_token(token: str) -> tuple[str, int]:
    """Return `(stream, version)` of a token. Raises `ConsistencyTokenMalformed`."""
    try:
        version, _, stream = urlsafe_b64decode(token + "=" * (-len(token) % 4)).decode().partition("@")
        if stream and version.isascii() and version.isdigit():
            return stream, int(version)
    except ValueError:
        pass
    raise ConsistencyTokenMalformed(field="after")
