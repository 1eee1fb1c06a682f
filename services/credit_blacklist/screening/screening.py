"""The check itself: by document and name, at one state of the list, with a miss that costs no query."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final, Protocol

from services.credit_blacklist.domain.feed_refusals import CursorUnreadable, SessionReplaced
from services.credit_blacklist.domain.position_refusals import PositionAhead
from services.credit_blacklist.feed.register.model import Held, Point, Position, Row
from services.credit_blacklist.screening.candidates import candidates
from services.credit_blacklist.screening.evaluation import applies, hit, same_person
from services.credit_blacklist.screening.index import ScreeningIndex
from services.credit_blacklist.screening.meters import ANSWERS, LOOKED_UP
from services.credit_blacklist.screening.persons import NOT_LISTED, AsOf, MomentAhead, Person, Verdict

SEQUENCE_DIGITS_MAX: Final = 13


class ListHeld(Protocol):
    """What a check needs of the register."""

    async def position(self, view: str) -> Position:
        """Return how far the view may be shown."""

    async def entries(self, view: str, session_id: str, after: int, limit: int) -> list[Row]:
        """Return entries in their order."""

    async def lookup(
        self, view: str, documents: Sequence[tuple[str, str]], *, as_of: Point | None = None
    ) -> list[list[Held]]:
        """Return the entries held at a point, one list per document."""

    async def record(self, view: str, record_id: str, *, at: Point | None = None) -> Held | None:
        """Return the entry of a record at a point."""

    async def sequence_at(self, view: str, moment: datetime) -> Point | None:
        """Return where the view stood at a moment; None before it began."""


class Screening:
    """Answers who is listed. Court, order and kinds are shown, the reasons are not."""

    def __init__(self, held: ListHeld, index: ScreeningIndex, *, head_valid: timedelta) -> None:
        """`head_valid`: how long after its head the list counts as fresh."""
        self._held = held
        self._index = index
        self._head_valid = head_valid

    async def as_of(self, view: str, now: datetime, moment: datetime | None = None) -> AsOf:
        """Return the state that a check is about: the newest that a head names, or the one of an earlier moment.

        Raises `MomentAhead` (422) for a moment that has not come.
        """
        position = await self._held.position(view)
        if moment is None:
            return AsOf(view, position.session_id, position.sequence, position.issued_at, now)
        if moment > now:
            raise MomentAhead(field="as_of")
        point = await self._held.sequence_at(view, moment) or Point("", 0)
        return AsOf(view, point.session_id, point.sequence, position.issued_at, moment, past=True)

    async def at(self, view: str, now: datetime, point: str) -> AsOf:
        """Return an earlier state of the list as `session:sequence` names it, at the present moment.

        Raises `CursorUnreadable` (422), `SessionReplaced` (410) and `PositionAhead` (409).
        """
        session_id, _, sequence = point.rpartition(":")
        if not (session_id and sequence.isascii() and sequence.isdigit() and len(sequence) < SEQUENCE_DIGITS_MAX):
            raise CursorUnreadable(field="at")
        position = await self._held.position(view)
        if session_id != position.session_id:
            raise SessionReplaced(field="at")
        if int(sequence) > position.sequence:
            raise PositionAhead(field="at")
        return AsOf(view, session_id, int(sequence), position.issued_at, now)

    async def candidates(self, as_of: AsOf, name: str) -> tuple[list[dict[str, Any]], bool]:
        """Return whom a name alone may mean; see `candidates`."""
        return await candidates(self._held, self._index, as_of, name)

    def doubt(self, as_of: AsOf) -> Verdict | None:
        """Return the answer about everybody where the list itself cannot be relied on, else None.

        No head: nobody has checked the list yet. A head that ran out: the publisher found a difference, or stands. An
        earlier state does not age; before the list began there is none.
        """
        if as_of.issued_at is None:
            return Verdict("UNKNOWN", "LIST_NOT_READY")
        if not as_of.session_id:
            return Verdict("UNKNOWN", "BEFORE_THE_LIST")
        if not as_of.past and as_of.moment - as_of.issued_at > self._head_valid:
            return Verdict("UNKNOWN", "LIST_NOT_FRESH")
        return None

    async def screen(self, as_of: AsOf, persons: Sequence[Person]) -> list[Verdict]:
        """Return the answer about each person, in their order; whoever is surely not there costs no query."""
        if (doubt := self.doubt(as_of)) is not None:
            ANSWERS.labels(as_of.view, doubt.counted).inc(len(persons))
            return [doubt] * len(persons)
        known = self._index.knowing(as_of)
        verdicts = [NOT_LISTED] * len(persons)
        asked = [place for place, person in enumerate(persons) if known is None or known.may_hold(person.key)]
        if asked:
            documents = [(persons[place].id_type, persons[place].number) for place in asked]
            found = await self._held.lookup(as_of.view, documents, as_of=as_of.point)
            for place, held in zip(asked, found, strict=True):
                verdicts[place] = verdict_on(held, persons[place], as_of.moment)
            LOOKED_UP.labels(as_of.view).inc(len(asked))
        for counted, count in Counter(verdicts[place].counted for place in asked).items():
            ANSWERS.labels(as_of.view, counted).inc(count)
        ANSWERS.labels(as_of.view, NOT_LISTED.counted).inc(len(persons) - len(asked))
        return verdicts


def verdict_on(held: Sequence[Held], person: Person, moment: datetime) -> Verdict:
    """Return what the entries of a document say about a person.

    A document belongs to one person only. If an entry that has effect names another, somebody wrote a name wrongly or
    has another now: that is neither a hit nor a miss, and whoever asks looks at the document again.
    """
    effective = [entry for entry in held if applies(entry.payload, moment, person.measure)]
    hits = [entry for entry in effective if same_person(entry.payload, person.name)]
    if hits:
        return Verdict("LISTED", hits=tuple(hit(entry.payload, entry.sequence, moment) for entry in hits))
    return Verdict("UNKNOWN", "NAME_DIFFERS") if effective else NOT_LISTED
