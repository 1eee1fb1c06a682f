"""Whether a changed schema still means the same events: an event is forever, a new meaning is a new version.

Two questions, each from one side. Can today's readers read what is stored (nothing taken away, nothing newly required,
nothing narrowed)? Can readers that are not yet replaced read what will be written (nothing they rely on made optional)?
New optional fields and new values of an enumeration are allowed: readers come before writers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

Schema = Mapping[str, Any]

_TIGHTER_IF_HIGHER = ("minimum", "exclusiveMinimum", "minLength", "minItems")
_TIGHTER_IF_LOWER = ("maximum", "exclusiveMaximum", "maxLength", "maxItems")
_TIGHTER_IF_OTHER = ("pattern", "multipleOf", "format", "uniqueItems")


def incompatibilities(committed: Mapping[str, Schema], present: Mapping[str, Schema]) -> list[str]:
    """Return one sentence for each incompatible change of an event type with its version; empty if there is none."""
    sentences: list[str] = []
    for event_type, old in sorted(committed.items()):
        new = present.get(event_type)
        if new is None:
            sentences.append(f"{event_type} was removed: stored events of it could not be read any more.")
        else:
            sentences += [
                f"{event_type}: {sentence} Make it a new version instead."
                for sentence in _compare(old, new, old, new, "")
            ]
    return sentences


def _compare(old: Schema, new: Schema, old_root: Schema, new_root: Schema, path: str) -> Iterator[str]:
    old, new = _resolved(old, old_root), _resolved(new, new_root)
    old_kinds, new_kinds = _alternatives(old, old_root), _alternatives(new, new_root)
    if len(old_kinds) > 1 or len(new_kinds) > 1:
        yield from _compare_alternatives(old_kinds, new_kinds, old_root, new_root, path)
        return
    if _kind(old) != _kind(new):
        yield f"{_named(path)} was {_kind(old)} and is {_kind(new)} now."
        return
    yield from narrowed(old, new, path)
    if "properties" in old or "properties" in new:
        yield from _compare_fields(old, new, old_root, new_root, path)
    for keyword in ("items", "additionalProperties"):
        if isinstance(old.get(keyword), Mapping) and isinstance(new.get(keyword), Mapping):
            yield from _compare(old[keyword], new[keyword], old_root, new_root, f"{path}[]")


def _compare_alternatives(
    old_kinds: list[Schema], new_kinds: list[Schema], old_root: Schema, new_root: Schema, path: str
) -> Iterator[str]:
    by_kind = {_kind(kind): kind for kind in new_kinds}
    for old in old_kinds:
        new = by_kind.get(_kind(old))
        if new is None:
            yield f"{_named(path)} may not be {_kind(old)} any more."
        else:
            yield from _compare(old, new, old_root, new_root, path)
    known = {_kind(kind) for kind in old_kinds}
    for kind in by_kind:
        if kind not in known:
            yield f"{_named(path)} may be {kind} now, which present readers do not expect."


def _compare_fields(old: Schema, new: Schema, old_root: Schema, new_root: Schema, path: str) -> Iterator[str]:
    old_fields, new_fields = old.get("properties", {}), new.get("properties", {})
    old_required, new_required = set(old.get("required", ())), set(new.get("required", ()))
    for name, field in old_fields.items():
        place = f"{path}.{name}" if path else name
        if name not in new_fields:
            yield f"the field {place} was removed or renamed."
            continue
        if name in new_required - old_required:
            yield f"the field {place} is required now, and stored events may lack it."
        if name in old_required - new_required:
            yield f"the field {place} is optional now, and present readers rely on it."
        yield from _compare(field, new_fields[name], old_root, new_root, place)
    for name in new_fields:
        if name not in old_fields and name in new_required:
            place = f"{path}.{name}" if path else name
            yield f"the new field {place} is required, and stored events lack it."


def narrowed(old: Schema, new: Schema, path: str) -> Iterator[str]:
    """Yield a sentence for every value that one kind of schema allowed and does not allow any more."""
    gone = [value for value in _values(old) if _values(new) and value not in _values(new)]
    if gone:
        yield f"{_named(path)} may not be {', '.join(map(repr, gone))} any more."
    if not _values(old) and _values(new):
        yield f"{_named(path)} allows only certain values now."
    for keyword in _TIGHTER_IF_HIGHER:
        if keyword in new and (keyword not in old or new[keyword] > old[keyword]):
            yield f"{_named(path)} has a higher {keyword}."
    for keyword in _TIGHTER_IF_LOWER:
        if keyword in new and (keyword not in old or new[keyword] < old[keyword]):
            yield f"{_named(path)} has a lower {keyword}."
    for keyword in _TIGHTER_IF_OTHER:
        if keyword in new and new[keyword] != old.get(keyword):
            yield f"{_named(path)} has another {keyword}."


def _resolved(schema: Schema, root: Schema) -> Schema:
    while "$ref" in schema:
        # Only references into the same document are generated: "#/$defs/Name".
        schema = root["$defs"][schema["$ref"].rsplit("/", 1)[-1]]
    return schema


def _alternatives(schema: Schema, root: Schema) -> list[Schema]:
    return [_resolved(kind, root) for kind in schema["anyOf"]] if "anyOf" in schema else [schema]


def _kind(schema: Schema) -> str:
    kind = schema.get("type")
    if kind is None and "const" in schema:
        return {str: "string", int: "integer", bool: "boolean"}.get(type(schema["const"]), "any value")
    if kind == "string" and schema.get("format") in ("date", "date-time"):
        return f"a {schema['format']}"
    return str(kind) if kind is not None else "any value"


def _values(schema: Schema) -> list[Any]:
    return [schema["const"]] if "const" in schema else list(schema.get("enum", ()))


def _named(path: str) -> str:
    return f"the field {path}" if path else "the event"
