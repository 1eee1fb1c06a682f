"""Canonical JSON bytes, equal to RFC 8785 for what we allow in them.

We allow: objects with ASCII keys, strings, booleans, null and integers whose magnitude is below 2**53. No floats: they
are the only part of RFC 8785 that needs more than a sorted dump, and money and time never need them.
"""

from __future__ import annotations

import hashlib

import orjson

JSON = dict[str, "JSON"] | list["JSON"] | str | int | bool | None

INTEGER_LIMIT = 2**53

_OPTIONS = orjson.OPT_SORT_KEYS | orjson.OPT_STRICT_INTEGER
_PLAIN = frozenset({str, int, bool, type(None)})


def canonical_bytes(value: object) -> bytes:
    """Return the canonical UTF-8 bytes of `value`.

    Raises `ValueError` for floats, integers of magnitude 2**53 or more, keys that are not ASCII strings, and text that
    is none (half a surrogate pair).
    """
    _check(value)
    try:
        return orjson.dumps(value, option=_OPTIONS)
    except TypeError as error:
        raise ValueError(str(error)) from error


def sha256_hex(data: bytes) -> str:
    """Return the SHA-256 of `data` in lower-case hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def fingerprint(value: object) -> str:
    """Return the SHA-256 (hexadecimal) of the canonical bytes of `value`."""
    return sha256_hex(canonical_bytes(value))


def _check(value: object) -> None:
    # What orjson would take and we do not; it refuses large integers itself. This runs for every commit: what is plain
    # is passed over without a call, and the keys of an object are looked at all at once.
    if isinstance(value, dict):
        try:
            ascii_keys = "".join(value).isascii()
        except TypeError:
            ascii_keys = False
        if not ascii_keys:
            msg = "a key is not an ASCII string"
            raise ValueError(msg)
        value = value.values()
    elif not isinstance(value, list | tuple):
        # The database answers integers above 2**31 in a class of its own.
        if type(value) in _PLAIN or isinstance(value, int):
            return
        msg = f"{type(value).__name__} is not allowed in canonical JSON"
        raise ValueError(msg)
    for item in value:
        if type(item) not in _PLAIN:
            _check(item)
