"""Reads of personal data name the case and the purpose, and are logged: who read what for which case, and why."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Final

from fastapi import Depends, Header, Query, Request

from libs.web.caller import Caller
from libs.web.errors import PurposeMissing
from libs.web.middleware import CALLER, PURPOSE

PURPOSE_CHARS_MAX: Final = 200


@dataclass(frozen=True, slots=True)
class Purpose:
    """For which case personal data is read, and to what end, in the caller's words.

    `what` is filled by the route with the opaque ids of what it shows, for the record: `why.what["party_id"] = …`.
    """

    case_id: str
    text: str
    what: dict[str, str] = field(default_factory=dict)


async def _purpose(
    request: Request,
    case_id: Annotated[str | None, Query(max_length=80, description="The case for which the data is read")] = None,
    purpose: Annotated[str | None, Query(max_length=PURPOSE_CHARS_MAX, description="Why it is read")] = None,
    purpose_header: Annotated[str | None, Header(alias="Purpose", max_length=PURPOSE_CHARS_MAX)] = None,
) -> Purpose:
    return _named(request, case_id, purpose or _as_utf8(purpose_header), case_needed=True)


async def _agency_purpose(
    request: Request,
    case_id: Annotated[str | None, Query(max_length=80, description="The case, needed from a court's staff")] = None,
    purpose: Annotated[str | None, Query(max_length=PURPOSE_CHARS_MAX, description="Why it is read")] = None,
    purpose_header: Annotated[str | None, Header(alias="Purpose", max_length=PURPOSE_CHARS_MAX)] = None,
) -> Purpose:
    # The route's scope stands before this dependency, so the caller is known; who is unknown is not spared the case.
    caller: Caller | None = request.scope.get(CALLER)
    case_needed = caller is None or caller.agency_id is None
    return _named(request, case_id, purpose or _as_utf8(purpose_header), case_needed=case_needed)


def _named(request: Request, case_id: str | None, text: str | None, *, case_needed: bool) -> Purpose:
    text = (text or "").strip()
    if (case_needed and not case_id) or not text:
        raise PurposeMissing(field="case_id" if case_needed and not case_id else "purpose")
    named = Purpose(case_id or "", text)
    # The doorway writes the record when the answer is out, so that it says whether anything was shown.
    request.scope[PURPOSE] = named
    return named


def _as_utf8(header: str | None) -> str | None:
    # Headers arrive as Latin-1; a purpose in Chinese was sent as UTF-8.
    try:
        return header and header.encode("latin-1").decode()
    except UnicodeError:
        return header


purpose: Final = Depends(_purpose)
"""`why: Annotated[Purpose, purpose]`: needs `case_id` and a purpose (400), and leaves a `personal_data_read` record."""

agency_purpose: Final = Depends(_agency_purpose)
"""The same for a route that agencies use, too: they have no case of the court, and name the purpose alone.

It stands behind the route's `scope`: `caller: Annotated[Caller, scope(…)], why: Annotated[Purpose, agency_purpose]`."""
