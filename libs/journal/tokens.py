"""Opaque texts that callers hand back as they are: consistency tokens of writes, cursors of lists."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

import orjson

from libs.journal.model import Outcome
from libs.journal.refusals import ConsistencyTokenMalformed, CursorMalformed


def token_of(outcome: Outcome[Any]) -> str:
    """Return the opaque token of a write, for `ViewStore.wait_for`."""
    return _packed(f"{outcome.version}@{outcome.stream}".encode())


def parse_token(token: str) -> tuple[str, int]:
    """Return `(stream, version)` of a token. Raises `ConsistencyTokenMalformed`."""
    try:
        version, _, stream = _unpacked(token).decode().partition("@")
        if stream and version.isascii() and version.isdigit():
            return stream, int(version)
    except ValueError:
        pass
    raise ConsistencyTokenMalformed(field="after")


def cursor_text(whose: Any, place: Any) -> str:
    """Return the cursor of a place in a list; `whose` tells it from the cursor of another list or order."""
    return _packed(orjson.dumps([whose, place]))


def cursor_place(cursor: str, whose: Any) -> Any:
    """Return the place that a cursor names; it may be forged, its form is the asker's to check.

    Raises `CursorMalformed` if it is no cursor, or another list's.
    """
    try:
        named, place = orjson.loads(_unpacked(cursor))
    except (ValueError, TypeError) as error:
        raise CursorMalformed(field="cursor") from error
    if named != whose:
        raise CursorMalformed(field="cursor")
    return place


def _packed(data: bytes) -> str:
    return urlsafe_b64encode(data).decode().rstrip("=")


def _unpacked(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
