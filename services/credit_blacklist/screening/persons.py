"""Whom a check asks for, and what it answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, NamedTuple

from libs.foundation.errors import Rejected
from libs.foundation.identity_documents import comparable_number
from services.credit_blacklist.domain.report_refusals import MeasureNotInView
from services.credit_blacklist.feed.register.model import Point
from services.credit_blacklist.rules.measure import Measure
from services.credit_blacklist.rules.views import view_of
from services.credit_blacklist.screening.digest_index import index_key

Status = Literal["LISTED", "NOT_LISTED", "UNKNOWN"]
Reason = Literal["NAME_ALONE", "NAME_DIFFERS", "LIST_NOT_READY", "LIST_NOT_FRESH", "BEFORE_THE_LIST"]


class MomentAhead(Rejected):
    """The list was asked for as of a moment that has not come."""

    code = "moment_ahead"
    title = "The moment asked for lies in the future"
    remedy = "Ask as of now (leave `as_of` out), or as of a moment that has passed."


class Person(NamedTuple):
    """One person asked for: a document in its comparable form, and the name as it was given."""

    id_type: str
    number: str
    name: str
    measure: Measure | None = None

    @property
    def key(self) -> str:
        """The key of the document in the index."""
        return index_key(self.id_type, self.number)


@dataclass(frozen=True, slots=True)
class AsOf:
    """The state of the list that an answer is about; `moment` decides what has begun and what has ended."""

    view: str
    session_id: str
    sequence: int
    issued_at: datetime | None
    moment: datetime
    past: bool = False

    @property
    def point(self) -> Point:
        """The place in the feed."""
        return Point(self.session_id, self.sequence)

    @property
    def shown(self) -> dict[str, Any]:
        """`as_of` as answers have it; `moment` only where the caller asked for one."""
        found: dict[str, Any] = {
            "view": self.view,
            "session_id": self.session_id,
            "sequence": self.sequence,
            "issued_at": self.issued_at,
        }
        return {**found, "moment": self.moment} if self.past else found


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer about one person."""

    status: Status
    reason: Reason | None = None
    hits: tuple[dict[str, Any], ...] = ()

    @property
    def counted(self) -> str:
        """What operators count: the status, or why there is none."""
        return self.reason or self.status

    @property
    def shown(self) -> dict[str, Any]:
        """The verdict without the state of the list that it is about."""
        found: dict[str, Any] = {"status": self.status}
        if self.reason is not None:
            found["reason"] = self.reason
        if self.status == "LISTED":
            found["hits"] = list(self.hits)
        return found


NOT_LISTED = Verdict("NOT_LISTED")


def person_of(id_type: str, number: str, name: str, measure: Measure | None) -> Person:
    """Return whom to ask for. Raises what is wrong with the number (R-INT-05, R-INT-06)."""
    return Person(id_type, comparable_number(id_type, number), name, measure)


def measure_of(view: str, measure_code: str | None) -> Measure | None:
    """Return the measure of a view. Raises `MeasureNotInView` (422)."""
    if measure_code is None:
        return None
    found = view_of(view).measure(measure_code)
    if found is None:
        raise MeasureNotInView(f"{measure_code} is not a measure of the view {view}.", field="measure_code")
    return found
