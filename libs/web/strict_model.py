"""Strict request models: JSON's own types, nothing guessed.

Pydantic's strict mode cannot be used as it is: FastAPI hands over parsed JSON as Python objects, and strict refuses
a date because it is a string. So numbers, booleans and texts are made strict one by one in the schema, and dates and
times must be ISO 8601 strings (or, from Python code, dates and times), never numbers that could mean seconds.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time
from typing import Any, Final, cast

from pydantic import BaseModel, ConfigDict, GetCoreSchemaHandler
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from libs.foundation.limits import TEXT_CHARS_MAX

YEAR_MIN: Final = 1800
YEAR_MAX: Final = 2200
"""Years that a request may name: no document of a living party is outside, and no reckoning with them can overflow."""

_PLAIN: Final = frozenset({"int", "float", "bool", "str"})
_TEMPORAL: Final = {
    "date": (date, re.compile(r"\d{4}-\d\d-\d\d")),
    "datetime": (datetime, re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d(:\d\d(\.\d{1,9})?)?([Zz]|[+-]\d\d:\d\d)")),
    "time": (time, re.compile(r"\d\d:\d\d(:\d\d(\.\d{1,9})?)?([Zz]|[+-]\d\d:\d\d)?")),
}


def _strict(node: Any) -> Any:
    if isinstance(node, list):
        return [_strict(item) for item in node]
    if isinstance(node, tuple):
        return tuple(_strict(item) for item in node)
    if not isinstance(node, dict):
        return node
    # In the node of a model's fields, "type" may be the name of a field and then names no kind of node.
    kind = node["type"] if isinstance(node.get("type"), str) else ""
    if kind in _PLAIN:
        return {**node, "strict": True}
    if kind in _TEMPORAL:
        return core_schema.no_info_before_validator_function(iso_reader(kind), cast("CoreSchema", node))
    if kind == "function-before" and getattr(node["function"]["function"], "reads_iso", False):
        return node
    # Metadata holds functions for JSON Schema and references the nodes again: it is no part of validation.
    return {key: item if key == "metadata" else _strict(item) for key, item in node.items()}


def iso_reader(kind: str) -> Any:
    """Return the validator that lets only ISO 8601 texts of a `date`, `datetime` or `time` through."""
    cls, pattern = _TEMPORAL[kind]

    def read(value: object) -> object:
        if isinstance(value, cls):
            return value
        if isinstance(value, str) and pattern.fullmatch(value):
            if kind != "time" and not YEAR_MIN <= int(value[:4]) <= YEAR_MAX:
                raise PydanticCustomError("year_range", f"Year should be between {YEAR_MIN} and {YEAR_MAX}")
            return value
        raise PydanticCustomError(f"{kind}_form", f"Input should be an ISO 8601 {kind} in a string")

    read.reads_iso = True  # type: ignore[attr-defined]
    return read


class RequestModel(BaseModel):
    """A request body: strict JSON types, unknown fields refused, texts bounded (2 000 characters), immutable.

    `"5"` and `5.0` are no integer, `1` is no boolean; dates are `2026-03-02`, instants carry an offset, enums are their
    values.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, str_max_length=TEXT_CHARS_MAX)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler, /) -> CoreSchema:
        """Return the model's schema with its plain types made strict."""
        return cast("CoreSchema", _strict(handler(source)))
