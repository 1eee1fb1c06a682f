"""Punishment reports: what an agency did because of a record, one per hit (R-CRB-33)."""

from __future__ import annotations

from typing import Annotated, Self

from fastapi import APIRouter, Query, Request
from pydantic import AwareDatetime, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError
from starlette.responses import Response

from libs.journal import NATIONAL, Folded
from libs.schemas.credit_blacklist.subscriber import ReportOutcome
from libs.web import Caller, Identifier, Listing, Name, RequestModel, Text, meta_of, page_params, respond, scope
from services.credit_blacklist.desk import Desk
from services.credit_blacklist.domain.feed import FeedState, feed_stream
from services.credit_blacklist.domain.report import Owed, Reports, report_id_of, report_stream
from services.credit_blacklist.domain.report_law import TakeReport
from services.credit_blacklist.domain.report_refusals import (
    MeasureNotInView,
    ReportedRecordUnknown,
    ReportPositionUnknown,
)
from services.credit_blacklist.rules.views import FeedView, view_of
from services.credit_blacklist.subscribers import subscriber_of
from services.credit_blacklist.views.reports import REPORTS, report_row

READ = "credit_blacklist.reports.read"
WRITE = "credit_blacklist.reports.write"

SEQUENCE_MAX = 2**53 - 1
"""The largest integer that every JSON reader keeps whole."""

Counter = Annotated[int, Field(ge=1, le=SEQUENCE_MAX)]
MeasureCode = Annotated[str, StringConstraints(pattern=r"^[0-9A-Z][0-9A-Z._]{0,39}$")]


class ReportBody(RequestModel):
    """One hit: the record and version it was on, the copy that was asked, the measure, and what came of it.

    The end of a measure repeats its report with `ended_at`; the answer to a correction repeats it with the record's
    new version.
    """

    record_id: Identifier
    record_version: Counter
    session_id: Identifier
    sequence: Counter
    measure_code: MeasureCode
    outcome: ReportOutcome
    reason: Text | None = None
    started_at: AwareDatetime
    ended_at: AwareDatetime | None = None
    order_number: Name | None = None
    agency_reference: Identifier

    @model_validator(mode="after")
    def _nothing_done_has_a_reason(self) -> Self:
        if self.outcome == "NOT_APPLIED" and self.reason is None:
            raise PydanticCustomError("reason_missing", "A hit that was not acted on says why")
        return self


def report_routes(desk: Desk) -> APIRouter:
    """Return the routes."""
    router = APIRouter(tags=["punishment-reports"])

    @router.post("/punishment-reports", status_code=201)
    async def report(body: ReportBody, request: Request, caller: Annotated[Caller, scope(WRITE)]) -> Response:
        """Report what was done because of a record. A measure without a legal basis in the policy is refused."""
        agency_id = caller.require_agency()
        view = view_of((await subscriber_of(desk.journal, agency_id)).view)
        measure = view.measure(body.measure_code)
        if measure is None:
            raise MeasureNotInView(field="measure_code")
        await _check_position(desk, view, body)
        stream = report_stream(body.record_id)
        known: Folded[Reports] = await desk.journal.fold(stream, court=None)
        if known.seq == 0:
            raise ReportedRecordUnknown(field="record_id")
        meta = meta_of(request, caller, court=None, body=body, role="agency")
        command = TakeReport(
            agency_id=agency_id, view=view, measure=measure, **body.model_dump(exclude={"measure_code"})
        )
        outcome = await desk.journal.execute(stream, command, meta)
        taken = outcome.state.reports[report_id_of(agency_id, body.record_id, body.agency_reference)]
        return respond(outcome, report_row(taken), status=201)

    @router.get("/punishment-reports")
    async def find(
        listing: Annotated[Listing, page_params],
        caller: Annotated[Caller, scope(READ)],
        record_id: Annotated[Identifier | None, Query()] = None,
        owed: Annotated[Owed | None, Query(description="Only what waits for an agency's word")] = None,
    ) -> Response:
        """List reports: an agency its own, a court those on its records."""
        where = {"agency_id": caller.agency_id} if caller.agency_id else caller.fence()
        named = {"record_id": record_id, "owed": owed}
        where |= {name: value for name, value in named.items() if value is not None}
        return listing.answer(await listing.page(desk.journal.views, REPORTS.name, where=where))

    return router


async def _check_position(desk: Desk, view: FeedView, body: ReportBody) -> None:
    # The copy that was asked must be one of this view's: a report on what was never sent would prove nothing.
    stream = feed_stream(view.view_id, body.session_id)
    session: Folded[FeedState] = await desk.journal.fold(stream, court=None)
    if session.seq == 0 or session.court != NATIONAL:
        raise ReportPositionUnknown(field="session_id")
    if body.sequence > session.state.entries:
        raise ReportPositionUnknown(field="sequence")
