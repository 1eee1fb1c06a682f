"""Canonical JSON bytes, equal to RFC 8785 for what we allow in them.

We allow: objects with ASCII keys, strings, booleans, null and integers whose magnitude is below 2**53. No floats: they
are the only part of RFC 8785 that needs more than a sorted dump, and money and time never need them.
"""

from __future__ import annotations

import hashlib

import orjson

JSON = dict[str, "JSON"] | list["JSON"] | str | int | bool | None

INTEGER_LIMIT = 2**53


def canonical_bytes(value: object) -> bytes:
    """Return the canonical UTF-8 bytes of `value`.

    Raises `ValueError` for floats, integers of magnitude 2**53 or more, and keys that are not ASCII strings.
    """
    _check(value)
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def sha256_hex(data: bytes) -> str:
    """Return the SHA-256 of `data` in lower-case hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def fingerprint(value: object) -> str:
    """Return the SHA-256 (hexadecimal) of the canonical bytes of `value`."""
    return sha256_hex(canonical_bytes(value))


def _check(value: object) -> None:
    # Exact type tests, most frequent first: this runs for every commit.
    kind = type(value)
    if kind is str or value is None or kind is bool:
        return
    if kind is int:
        if not -INTEGER_LIMIT < value < INTEGER_LIMIT:  # type: ignore[operator]
            msg = f"integer out of range: {value}"
            raise ValueError(msg)
    elif kind is dict:
        for key, item in value.items():  # type: ignore[attr-defined]
            if type(key) is not str or not key.isascii():
                msg = f"key is not an ASCII string: {key!r}"
                raise ValueError(msg)
            _check(item)
    elif kind is list or kind is tuple:
        for item in value:  # type: ignore[attr-defined]
            _check(item)
    elif isinstance(value, int):  # the database answers integers above 2**31 in a class of its own
        _check(int(value))
    else:
        msg = f"{kind.__name__} is not allowed in canonical JSON"
        raise ValueError(msg)
