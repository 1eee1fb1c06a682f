"""Many persons checked at once: NDJSON in, one result per line out, all at one state of the list."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query, Request
from pydantic import AwareDatetime, BeforeValidator
from starlette.responses import Response

from libs.foundation.clock import Clock
from libs.foundation.errors import Rejected, ZhixingError
from libs.journal import Journal
from libs.web import NDJSON_BODY, Caller, Purpose, agency_purpose, ndjson_texts, scope, spooled_answer
from libs.web.errors import RequestInvalid
from libs.web.ndjson import LineText
from libs.web.strict_model import iso_reader
from services.credit_blacklist.api.check_bodies import MeasureCode
from services.credit_blacklist.api.check_lines import Results, person_on
from services.credit_blacklist.api.checks import CHECKS_READ
from services.credit_blacklist.rules.measure import Measure
from services.credit_blacklist.screening.persons import AsOf, Person, Verdict, measure_of
from services.credit_blacklist.screening.screening import Screening
from services.credit_blacklist.subscribers import view_for

LINE_MAX: Final = 2**53
STATE_HEADER: Final = "X-List-State"
"""`{session}:{sequence}` of a batch's answers: what `at` takes to go on with another part at the same state."""


LINES_MAX: Final = 2_000_000
"""Lines that one answer may have: what waits on the disk until the input is read has a bound."""
LINES_AT_ONCE: Final = 500


class BatchTooLong(Rejected):
    """The batch has more lines than one answer may have."""

    code = "batch_too_long"
    title = "The batch has too many lines"
    remedy = "Send it in parts; `at` keeps the later parts at the state of the first."


@dataclass(frozen=True, slots=True)
class BatchQuery:
    """How a batch was asked for."""

    measure_code: str | None
    as_of: AwareDatetime | None
    at: str | None
    after_line: int


async def _batch_query(
    measure_code: Annotated[MeasureCode | None, Query(description="For every line that names no measure")] = None,
    as_of: Annotated[
        AwareDatetime | None, BeforeValidator(iso_reader("datetime")), Query(description="An earlier moment")
    ] = None,
    at: Annotated[
        str | None, Query(max_length=80, description=f"`{STATE_HEADER}` of the answer that broke off")
    ] = None,
    after_line: Annotated[int, Query(ge=0, le=LINE_MAX, description="Lines up to it are read past")] = 0,
) -> BatchQuery:
    return BatchQuery(measure_code, as_of, at, after_line)


def check_batch_routes(journal: Journal, clock: Clock, screening: Screening) -> APIRouter:
    """Return the route."""
    router = APIRouter(tags=["screening"])

    @router.post("/restriction-check-batches", openapi_extra=NDJSON_BODY)
    async def check_batch(
        request: Request,
        caller: Annotated[Caller, scope(CHECKS_READ)],
        why: Annotated[Purpose, agency_purpose],
        query: Annotated[BatchQuery, Depends(_batch_query)],
    ) -> Response:
        """Check one person per line: `{"document": {"type", "number"}, "name", "measure_code"?}`.

        Answers one line for each, with its number: LISTED, NOT_LISTED, UNKNOWN, or REJECTED with a problem; a broken
        line fails alone. All are about one state of the list, which the header `X-List-State` names. An answer that
        broke off behind line n goes on with the same body and `after_line=n&at={X-List-State}`: the parts together are
        what one answer would have been, but for what ended or began by itself meanwhile.
        """
        view = (await view_for(journal, caller)).view_id
        measure = measure_of(view, query.measure_code)
        as_of = await _state(screening, view, clock, query)
        batch = Batch(screening, as_of, measure, query.after_line)
        answer = await spooled_answer(
            batch.answered(request), headers={STATE_HEADER: f"{as_of.session_id}:{as_of.sequence}"}
        )
        why.what.update(batch.recorded())
        return answer

    return router


async def _state(screening: Screening, view: str, clock: Clock, query: BatchQuery) -> AsOf:
    if query.at is None:
        return await screening.as_of(view, clock.now(), query.as_of)
    if query.as_of is not None:
        raise RequestInvalid("Name a moment (`as_of`) or a state (`at`), not both.", field="at")
    return await screening.at(view, clock.now(), query.at)


class Batch:
    """One batch on its way: read, screened and rendered chunk by chunk, so that its size is nobody's memory."""

    def __init__(self, screening: Screening, as_of: AsOf, measure: Measure | None, after_line: int) -> None:
        """Screen what stands behind line `after_line`."""
        self._screening = screening
        self._as_of = as_of
        self._measure = measure
        self._after_line = after_line
        self._results = Results(as_of)
        self._counts: Counter[str] = Counter()

    async def answered(self, request: Request) -> AsyncIterator[bytes]:
        """Yield the results of the lines as they come."""
        async for lines in ndjson_texts(request):
            if lines[-1].number - self._after_line > LINES_MAX:
                raise BatchTooLong(f"At most {LINES_MAX} lines are answered together.", field="body")
            wanted = [line for line in lines if line.number > self._after_line]
            for first in range(0, len(wanted), LINES_AT_ONCE):
                yield await self._together(wanted[first : first + LINES_AT_ONCE])
                # Short lines arrive by the ten thousand: others have their turn in between.
                await asyncio.sleep(0)

    async def _together(self, lines: Sequence[LineText]) -> bytes:
        read = [(line.number, person_on(line, self._as_of.view, self._measure)) for line in lines]
        persons = [person for _, person in read if isinstance(person, Person)]
        verdicts = iter(await self._screening.screen(self._as_of, persons))
        outcomes: list[tuple[int, Verdict | ZhixingError]] = [
            (number, next(verdicts) if isinstance(person, Person) else person) for number, person in read
        ]
        self._counts.update(outcome.status if isinstance(outcome, Verdict) else "REJECTED" for _, outcome in outcomes)
        return self._results.rendered(outcomes)

    def recorded(self) -> dict[str, str]:
        """Return what stands on record of the batch: how many of each answer, and at which state."""
        counts = " ".join(f"{status}={count}" for status, count in sorted(self._counts.items()))
        state = self._as_of
        return {"answers": counts, "list": f"{state.view}:{state.session_id}:{state.sequence}"}
