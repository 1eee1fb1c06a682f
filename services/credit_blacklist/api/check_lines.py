"""The lines of a batch: read in the short way where they are plainly in order, else with all that can be said."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import orjson

from libs.foundation.errors import ZhixingError
from libs.foundation.limits import NAME_CHARS_MAX
from libs.web.answers import dumps
from libs.web.ndjson import LineText
from services.credit_blacklist.api.check_bodies import WRITTEN_CHARS_MAX, LineBody
from services.credit_blacklist.rules.measure import Measure
from services.credit_blacklist.screening.persons import AsOf, Person, Verdict, person_of

_QUOTES: Final = 14
"""Of `{"document": {"type": "…", "number": "…"}, "name": "…"}`: four keys and three values, none of them twice."""

_TYPES: Final = frozenset({"RESIDENT_IDENTITY_CARD", "PASSPORT", "UNIFIED_SOCIAL_CREDIT_CODE", "OTHER"})
_BACKSLASH: Final = b"\\"


def person_on(line: LineText, view: str, measure: Measure | None) -> Person | ZhixingError:
    """Return whom a line asks for, or what is wrong with it; `measure` is the batch's."""
    try:
        found = _plain(line)
        if found is not None:
            return person_of(*found, measure)
        body = line.read().read(LineBody)
        person = body.person(view)
        return person if body.measure_code is not None else Person(person.id_type, person.number, person.name, measure)
    except ZhixingError as error:
        return error


def _plain(line: LineText) -> tuple[str, str, str] | None:
    """Return type, number and name of a line without a measure and without anything odd in it, else None.

    Such a line needs no model: it has exactly the four keys, once each, and printable texts within their bounds. What
    is only nearly so goes the long way, which says the same of it or what is wrong.
    """
    text = line.text
    if line.too_long or text.count(b'"') != _QUOTES or _BACKSLASH in text:
        return None
    try:
        value = orjson.loads(text)
        document, name = value["document"], value["name"]
        id_type, number = document["type"], document["number"]
    except (ValueError, KeyError, TypeError):
        return None
    if not (type(name) is type(number) is type(id_type) is str and id_type in _TYPES and type(document) is dict):
        return None
    fits = 0 < len(number) <= WRITTEN_CHARS_MAX and 0 < len(name) <= NAME_CHARS_MAX
    return (id_type, number, name) if fits and name.isprintable() and name == name.strip() else None


class Results:
    """Renders the results of a batch; all are about one state of the list, so that part is rendered once."""

    def __init__(self, as_of: AsOf) -> None:
        """Take the state."""
        self._tail = b',"as_of":' + dumps(as_of.shown) + b"}\n"
        self._missed = b',"status":"NOT_LISTED"' + self._tail

    def rendered(self, lines: Sequence[tuple[int, Verdict | ZhixingError]]) -> bytes:
        """Return one line for each, in their order."""
        return b"".join([self._line(number, outcome) for number, outcome in lines])

    def _line(self, number: int, outcome: Verdict | ZhixingError) -> bytes:
        if isinstance(outcome, ZhixingError):
            return dumps({"line": number, "status": "REJECTED", "problem": problem_of(outcome)}) + b"\n"
        if outcome.status == "NOT_LISTED":
            return b'{"line":%d%b' % (number, self._missed)
        return dumps({"line": number, **outcome.shown})[:-1] + self._tail


def problem_of(error: ZhixingError) -> dict[str, Any]:
    """Return the problem that stands in a line's result."""
    body = {
        "type": f"/problems/{error.code}",
        "title": error.title,
        "code": error.code,
        "detail": error.detail,
        "rule": error.rule,
        "field": error.field,
    }
    return {key: value for key, value in {**body, **error.extra}.items() if value is not None}
