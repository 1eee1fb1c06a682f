"""Whether a changed OpenAPI document still keeps its word to those who call by the committed one.

A caller by the old document must get through: no route, parameter or field that it sends is gone, none is newly asked
for, no value that it may send is refused now. And it must understand the answer: no success, no field that it may rely
on is gone. What is added beside is no breach; new values in answers are announced, as new values in events are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from libs.schemas.compatibility import narrowed

Json = Mapping[str, Any]

METHODS = ("get", "put", "post", "patch", "delete")
ANYTHING = "anything"
"""The kind of a schema that says nothing: as an answer it promised nothing, as a body it refuses nothing."""


def incompatibilities(committed: Mapping[str, Json], present: Mapping[str, Json]) -> list[str]:
    """Return one sentence for each broken word of a service's document, by the services' names."""
    found: list[str] = []
    for service, old in sorted(committed.items()):
        new = present.get(service)
        if new is None:
            found.append(f"{service}: its whole API was removed.")
        else:
            found += [f"{service}: {sentence}" for sentence in _Comparison(old, new).sentences()]
    return found


class _Comparison:
    """One service's two documents, whose references are followed each in its own."""

    def __init__(self, old: Json, new: Json) -> None:
        self._old = old
        self._new = new

    def sentences(self) -> Iterator[str]:
        for path, methods in self._old["paths"].items():
            for method in METHODS:
                if method not in methods:
                    continue
                route = f"{method.upper()} {path}"
                present = self._new["paths"].get(path, {}).get(method)
                if present is None:
                    yield f"{route} was removed."
                else:
                    yield from (f"{route}: {sentence}" for sentence in self._operation(methods[method], present))

    def _operation(self, old: Json, new: Json) -> Iterator[str]:
        yield from self._parameters(old, new)
        if new.get("requestBody", {}).get("required") and not old.get("requestBody", {}).get("required"):
            yield "it needs a body now."
        for kind, body in old.get("requestBody", {}).get("content", {}).items():
            present = new.get("requestBody", {}).get("content", {}).get(kind)
            if present is None:
                yield f"it takes no {kind} any more."
            else:
                yield from self._compared(body.get("schema", {}), present.get("schema", {}), "", sent=True)
        for status, answer in old["responses"].items():
            if not status.startswith("2"):
                continue
            if status not in new["responses"]:
                yield f"it does not answer {status} any more."
                continue
            contents = new["responses"][status].get("content", {})
            for kind, body in answer.get("content", {}).items():
                if kind not in contents:
                    yield f"its answer {status} is no {kind} any more."
                else:
                    yield from self._compared(body.get("schema", {}), contents[kind].get("schema", {}), "", sent=False)

    def _parameters(self, old: Json, new: Json) -> Iterator[str]:
        before, now = (
            {(each["in"], each["name"]): each for each in operation.get("parameters", ())} for operation in (old, new)
        )
        for key, parameter in before.items():
            if key not in now:
                yield f"the parameter {key[1]} was removed."
                continue
            yield from self._compared(parameter.get("schema", {}), now[key].get("schema", {}), key[1], sent=True)
        for key, parameter in now.items():
            if parameter.get("required") and not before.get(key, {}).get("required"):
                yield f"the parameter {key[1]} is required now."

    def _compared(self, old: Json, new: Json, place: str, *, sent: bool) -> Iterator[str]:
        """Compare two schemas: of what callers send (it must not grow narrower), or of what they get (nor wider)."""
        old_kinds, new_kinds = _kinds(old, self._old), _kinds(new, self._new)
        if ANYTHING in (old_kinds if not sent else new_kinds):
            return
        for kind, present in new_kinds.items():
            if not sent and kind not in old_kinds:
                yield f"{_named(place)} may be {kind} now."
            elif kind in old_kinds:
                yield from self._same_kind(old_kinds[kind], present, place, sent=sent)
        for kind in old_kinds:
            if kind not in new_kinds and (sent or not new_kinds):
                yield f"{_named(place)} may not be {kind} any more."

    def _same_kind(self, old: Json, new: Json, place: str, *, sent: bool) -> Iterator[str]:
        if sent:
            yield from narrowed(old, new, place)
        yield from self._fields(old, new, place, sent=sent)
        if isinstance(old.get("items"), Mapping) and isinstance(new.get("items"), Mapping):
            yield from self._compared(old["items"], new["items"], f"{place}[]", sent=sent)

    def _fields(self, old: Json, new: Json, place: str, *, sent: bool) -> Iterator[str]:
        before, now = old.get("properties", {}), new.get("properties", {})
        required, wanted = set(old.get("required", ())), set(new.get("required", ()))
        for name, field in before.items():
            where = f"{place}.{name}" if place else name
            if name not in now:
                yield f"the field {where} was removed or renamed."
                continue
            if not sent and name in required - wanted:
                yield f"the field {where} may be missing from the answer now."
            yield from self._compared(field, now[name], where, sent=sent)
        if sent:
            yield from (
                f"the field {f'{place}.{name}' if place else name} is required now."
                for name in sorted(wanted - required)
            )


def _kinds(schema: Json, document: Json) -> dict[str, Json]:
    """Return the alternatives of a schema by their kind, references followed."""
    while "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    alternatives = schema.get("anyOf", schema.get("oneOf"))
    if alternatives:
        return {kind: found for each in alternatives for kind, found in _kinds(each, document).items()}
    return {str(schema.get("type", ANYTHING)): schema}


def _named(place: str) -> str:
    return f"the field {place}" if place else "the body"
