"""Strict JSON: one document in UTF-8, and nothing that two readers could understand differently."""

from __future__ import annotations

import json
import re
from typing import Any, Final

import orjson

from libs.web.errors import MalformedRequest

DEPTH_MAX: Final = 64

_NUL_ESCAPE: Final = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")


def strict_json(body: bytes) -> Any:
    """Return the value of a JSON text.

    Raises `MalformedRequest` (400) for what is no JSON (NaN, trailing garbage, invalid UTF-8, lone surrogates), for
    duplicate keys, null characters, numbers beyond all bounds and more than 64 levels.
    """
    try:
        # orjson is strict about text; the standard reader keeps big integers exact and shows every pair of an object.
        orjson.loads(body)
        if b"\\u0000" in body and _NUL_ESCAPE.search(body):
            raise MalformedRequest("A text contains a null character.")
        value = _EXACT.decode(body.decode())
    except orjson.JSONDecodeError as error:
        raise MalformedRequest(f"Not JSON: {error.msg} at line {error.lineno}, column {error.colno}.") from error
    except (ValueError, RecursionError) as error:
        raise MalformedRequest("The JSON nests too deeply or holds a number beyond all bounds.") from error
    if body.count(b"[") + body.count(b"{") > DEPTH_MAX and _deeper_than(value, DEPTH_MAX):
        raise MalformedRequest(f"The JSON nests deeper than {DEPTH_MAX} levels.")
    return value


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise MalformedRequest("An object has the same key twice.", field=twice[:100])
    return found


_EXACT: Final = json.JSONDecoder(object_pairs_hook=_distinct)


def _deeper_than(value: Any, levels: int) -> bool:
    level = [value] if isinstance(value, dict | list) else []
    for _ in range(levels):
        level = [
            inner
            for outer in level
            for inner in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(inner, dict | list)
        ]
        if not level:
            return False
    return True
