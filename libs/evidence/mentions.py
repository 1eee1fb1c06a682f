"""Which cases a fact speaks of: what decides whether an entry of a shared stream belongs into a case's bundle."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

CASE_FIELD: Final = "case_id"
"""The one name under which an event's data says a case, wherever it stands in it."""


def values_of(value: Any, name: str) -> Iterator[str]:
    """Yield the texts that stand under a name in JSON data, however deep."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            if key == name and isinstance(item, str):
                yield item
            elif isinstance(item, Mapping | list):
                yield from values_of(item, name)
    elif isinstance(value, list):
        for item in value:
            if isinstance(item, Mapping | list):
                yield from values_of(item, name)


def cases_of(entry: Mapping[str, Any]) -> frozenset[str]:
    """Return the ids of the cases that an entry's events name."""
    return frozenset(case for event in entry["events"] for case in values_of(event["data"], CASE_FIELD) if case)


def shown(entry: Mapping[str, Any], case_id: str, *, own: bool) -> bool:
    """Tell whether an entry may be shown to who reads about a case.

    In a stream of the case's own (`own`) that is all but what names other cases only; in a shared one it is what names
    the case.
    """
    named = cases_of(entry)
    return case_id in named or (own and not named)
