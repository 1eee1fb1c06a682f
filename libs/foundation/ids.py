"""Ids: opaque, ASCII, and derived wherever the same thing must get the same id twice."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from urllib.parse import quote, unquote


def new_id(prefix: str) -> str:
    """Return a new opaque id such as `case_5f2c…` (80 random bits)."""
    return f"{prefix}_{secrets.token_hex(10)}"


def derived_id(prefix: str, *parts: str) -> str:
    """Return the same id for the same parts, always: it names what follows from something that has an id already."""
    joined = "\x1f".join(parts).encode()
    return f"{prefix}_{hashlib.sha256(joined).hexdigest()[:20]}"


def command_id(*parts: str) -> str:
    """Return the 64-character id of a command from what identifies its cause (issuer, organisation, route, key; …)."""
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()


def stream_name(category: str, *parts: str) -> str:
    """Return `category/part/part`, each part percent-encoded, so that no part can forge a separator."""
    return "/".join([category, *(quote(part, safe="-_.~") for part in parts)])


def stream_parts(stream: str) -> list[str]:
    """Return `[category, part, …]` with the parts decoded; the inverse of `stream_name`."""
    category, *parts = stream.split("/")
    return [category, *(unquote(part) for part in parts)]


def category_of(stream: str) -> str:
    """Return the first part of a stream's name."""
    return stream.partition("/")[0]


def keyed_digest(secret: bytes, *parts: str) -> str:
    """Return 40 hexadecimal characters that name personal parts without showing them (HMAC-SHA-256)."""
    return hmac.new(secret, "\x1f".join(parts).encode(), hashlib.sha256).hexdigest()[:40]
