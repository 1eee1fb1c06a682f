"""Ways to spoil a body that fits: every leaf gets what it must not hold."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from typing import Any

TEN_THOUSAND = "长" * 10_000

_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT.*")


def spoiled(body: dict[str, Any]) -> Iterator[tuple[str, Any, dict[str, Any]]]:
    """Yield `(field, value, body)`: the body with one field changed to a value that cannot be meant."""
    for path, value in _leaves(body, ()):
        for wrong in _wrong(path, value):
            yield ".".join(map(str, path)), wrong, _with(body, path, wrong)


def _leaves(value: Any, path: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    if path:
        yield path, value
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _leaves(inner, (*path, name))
    elif isinstance(value, list) and value:
        # One place stands for all: a roster of a hundred officers is one schema.
        yield from _leaves(value[0], (*path, 0))


def _wrong(path: tuple[str | int, ...], value: Any) -> list[Any]:
    match value:
        case bool():
            return ["yes", 2, {"a": 1}, []]
        case int():
            money = ["5.00", -(10**16)] if str(path[-1]).endswith("_fen") else []
            return [5.5, str(value), -1, 10**17, True, "x", [value], *money]
        case str() if _INSTANT.fullmatch(value):
            return [
                "2026-02-30T09:00:00+08:00",
                "2026-03-02T09:00:00",
                "2026-03-02T25:00:00Z",
                1772413200,
                [],
                TEN_THOUSAND,
            ]
        case str() if _DAY.fullmatch(value):
            return ["2026-02-30", "2026-13-01", "0000-00-00", "2026-3-2", 20260302, TEN_THOUSAND, {}]
        case str():
            return [7, True, ["text"], {"a": 1}, TEN_THOUSAND]
        case list():
            return ["text", 7, {"a": 1}, [None], [-7]]
        case _:
            return [[], "text", 7]


def _with(body: dict[str, Any], path: tuple[str | int, ...], value: Any) -> dict[str, Any]:
    changed = copy.deepcopy(body)
    place: Any = changed
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return changed
