"""Reading of signed JSON: every field has the type that it must have, or there is no object."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

_HEX = re.compile(r"[0-9a-f]{64}")
LTHASH: Final = "lthash16-1024-shake256"


class FieldWrong(ValueError):
    """A field is missing, or of another type or form than it must have."""


def text(source: Mapping[str, Any], name: str) -> str:
    """Return a text that is not empty."""
    value = source.get(name)
    if not isinstance(value, str) or not value:
        raise FieldWrong(f"{name} is no text")
    return value


def optional_text(source: Mapping[str, Any], name: str) -> str | None:
    """Return a text, None if there is none."""
    value = source.get(name)
    if value is not None and not isinstance(value, str):
        raise FieldWrong(f"{name} is no text")
    return value


def whole(source: Mapping[str, Any], name: str, *, least: int = 0) -> int:
    """Return a whole number."""
    value = source.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or value < least:
        raise FieldWrong(f"{name} is no whole number from {least} on")
    return value


def exactly(source: Mapping[str, Any], name: str, expected: str | int) -> None:
    """Raises `FieldWrong` unless the field is just that."""
    value = source.get(name)
    if type(value) is not type(expected) or value != expected:
        raise FieldWrong(f"{name} is {value!r} instead of {expected!r}")


def one_of(source: Mapping[str, Any], name: str, allowed: frozenset[str]) -> str:
    """Return one of the allowed texts."""
    value = text(source, name)
    if value not in allowed:
        raise FieldWrong(f"{name} is {value!r}")
    return value


def digest(source: Mapping[str, Any], name: str) -> str:
    """Return 64 lower-case hexadecimal digits."""
    value = source.get(name)
    if not isinstance(value, str) or not _HEX.fullmatch(value):
        raise FieldWrong(f"{name} is no SHA-256 in lower-case hexadecimal")
    return value


def digests(source: Mapping[str, Any], name: str) -> list[str]:
    """Return a list of such digests."""
    return [digest({name: each}, name) for each in sequence(source, name)]


def moment(source: Mapping[str, Any], name: str) -> datetime:
    """Return an instant (RFC 3339, with an offset) in UTC."""
    value = text(source, name)
    try:
        found = datetime.fromisoformat(value)
    except ValueError as error:
        raise FieldWrong(f"{name} is no instant") from error
    if found.tzinfo is None:
        raise FieldWrong(f"{name} has no offset")
    return found.astimezone(UTC)


def optional_moment(source: Mapping[str, Any], name: str) -> datetime | None:
    """Return an instant, None if there is none."""
    return None if source.get(name) is None else moment(source, name)


def mapping(source: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Return an object."""
    value = source.get(name)
    if not isinstance(value, dict):
        raise FieldWrong(f"{name} is no object")
    return value


def sequence(source: Mapping[str, Any], name: str) -> list[Any]:
    """Return a list."""
    value = source.get(name)
    if not isinstance(value, list):
        raise FieldWrong(f"{name} is no list")
    return value


def objects(source: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    """Return a list of objects; none is an empty one."""
    found = sequence(source, name) if source.get(name) is not None else []
    if not all(isinstance(each, dict) for each in found):
        raise FieldWrong(f"{name} has something else than objects")
    return found


def texts(source: Mapping[str, Any], name: str) -> list[str]:
    """Return a list of texts."""
    found = sequence(source, name)
    if not all(isinstance(each, str) for each in found):
        raise FieldWrong(f"{name} has something else than texts")
    return found


def kinds(source: Mapping[str, Any], name: str) -> frozenset[int]:
    """Return kinds of consumption, 1 to 9; none is an empty set."""
    found = source.get(name) or []
    if not isinstance(found, list) or not all(type(each) is int and 1 <= each <= 9 for each in found):  # noqa: PLR2004 -- the nine kinds of R-CRB-21
        raise FieldWrong(f"{name} has something else than kinds 1 to 9")
    return frozenset(found)


def set_of(source: Mapping[str, Any], name: str = "set") -> tuple[int, str]:
    """Return `(count, digest)` of a set statement in the one algorithm that is known here."""
    found = mapping(source, name)
    if found.get("alg") != LTHASH:
        raise FieldWrong(f"{name}.alg is {found.get('alg')!r}")
    return whole(found, "count"), digest(found, "digest")
