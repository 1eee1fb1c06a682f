"""Concentrated inquiries: opened by who acts in the case, read as completeness per agency; what was found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from pydantic import Field
from starlette.responses import Response

from libs.foundation.errors import NotFound
from libs.foundation.ids import derived_id
from libs.foundation.limits import PAGE_ITEMS_MAX
from libs.journal import Folded, Journal
from libs.schemas.asset_inquiry import PlannedRequest
from libs.schemas.parts import AssetClass, Urgency
from libs.telemetry import get_logger
from libs.web import (
    Caller,
    Identifier,
    IdPath,
    Listing,
    RequestModel,
    fold_for,
    meta_of,
    page_params,
    respond,
    scope,
    show,
)
from services.asset_inquiry.deciders import case_stream, inquiry_stream, officers_stream, paper_stream
from services.asset_inquiry.domain.copies import CaseCopy, OfficersCopy, PaperCopy
from services.asset_inquiry.domain.inquiry import Capability, InquiryState, OpenInquiry
from services.asset_inquiry.domain.refusals import CopyPending
from services.asset_inquiry.views import AGENCIES, ASSETS, REQUESTS

log = get_logger("zhixing.asset_inquiry")

ROLES = ("case_officer", "team_leader", "duty_officer", "duty_leader")
Ids = Annotated[tuple[Identifier, ...], Field(min_length=1, max_length=20)]


class InquiryBody(RequestModel):
    """Who is asked about, which classes of asset, on which paper, in whose name."""

    case_id: Identifier
    subject_ids: Ids
    asset_classes: Annotated[tuple[AssetClass, ...], Field(min_length=1, max_length=20)]
    document_ids: Ids
    officer_ids: Ids
    urgency: Urgency | Literal["NORMAL"] = "NORMAL"


def inquiry_routes(journal: Journal) -> APIRouter:
    """Return the routes."""
    router = APIRouter(tags=["inquiries"])
    _opening(router, journal)
    _reading(router, journal)
    return router


def _opening(router: APIRouter, journal: Journal) -> None:
    @router.post("/asset-inquiries", status_code=201)
    async def open_inquiry(
        body: InquiryBody, request: Request, caller: Annotated[Caller, scope("asset_inquiry.inquiries.write")]
    ) -> Response:
        """Ask every capable agency about debtors of an open case (R-INQ-01, -02, R-INQ-04, R-INQ-05, R-GEN-06)."""
        role = caller.require_role(*ROLES)
        case: CaseCopy = (await journal.fold(case_stream(body.case_id), court=None)).state
        if case.record is None:
            raise CopyPending("The case is not here yet.", field="case_id")
        court = caller.require_sight(case.record.court)
        meta = meta_of(request, caller, court=court, body=body, key=body.case_id, role=role)
        roster: OfficersCopy = (await journal.fold(officers_stream(court), court=court)).state
        command = OpenInquiry(
            inquiry_id=derived_id("inq", meta.command_id),
            case=case.record,
            subject_ids=tuple(dict.fromkeys(body.subject_ids)),
            asset_classes=tuple(dict.fromkeys(body.asset_classes)),
            agencies=await _connected(journal),
            papers=await paper_copies(journal, body.document_ids),
            roster=roster,
            officer_ids=body.officer_ids,
            urgency=body.urgency,
            requested_by=caller.subject,
        )
        outcome = await journal.execute(inquiry_stream(command.inquiry_id), command, meta)
        # As it was opened, whatever was sent meanwhile: a repeat gets the first answer.
        shown = await _shown(journal, outcome.state, sent=())
        return respond(outcome, shown, status=201, location=f"/v1/asset-inquiries/{command.inquiry_id}")


def _reading(router: APIRouter, journal: Journal) -> None:
    @router.get("/asset-inquiries/{inquiry_id}")
    async def read_inquiry(
        inquiry_id: IdPath, request: Request, caller: Annotated[Caller, scope("asset_inquiry.inquiries.read")]
    ) -> Response:
        """Read the completeness: one line per agency, with its request's state, reminders and what it found."""
        folded: Folded[InquiryState] = await fold_for(caller, journal, inquiry_stream(inquiry_id))
        if folded.state.opened is not None:
            _log_read(caller, folded.state.opened.case_id, "inquiry")
        return show(request, await _shown(journal, folded.state))

    @router.get("/discovered-assets")
    async def list_assets(
        case_id: Annotated[Identifier, Query()],
        listing: Annotated[Listing, page_params],
        caller: Annotated[Caller, scope("asset_inquiry.assets.read")],
    ) -> Response:
        """List what agencies reported in a case, references masked."""
        case: CaseCopy = (await journal.fold(case_stream(case_id), court=None)).state
        if case.record is None:
            raise NotFound
        court = caller.require_sight(case.record.court)
        _log_read(caller, case_id, "discovered_assets")
        page = await listing.page(
            journal.views, ASSETS, court=court, where={"case_id": case_id}, order=(("agency_id", 1), ("asset_id", 1))
        )
        return listing.answer(page)


def _log_read(caller: Caller, case_id: str, what: str) -> None:
    # Query results are for the case only: who read them is on record too (R-GEN-06, NQ Art 7).
    log.info("query_result_read", what=what, case_id=case_id, subject=caller.subject, organisation=caller.organisation)


async def paper_copies(journal: Journal, document_ids: Sequence[str]) -> Mapping[str, PaperCopy]:
    """Return our copies of the papers, empty ones where nothing has arrived."""
    return {
        document_id: (await journal.fold(paper_stream(document_id), court=None)).state
        for document_id in dict.fromkeys(document_ids)
    }


async def _connected(journal: Journal) -> tuple[Capability, ...]:
    return tuple(
        Capability(row["agency_id"], row["kind"], tuple(row["asset_classes"]), tuple(row["measure_codes"]))
        for row in await _every(journal, AGENCIES, {})
    )


async def _every(journal: Journal, view: str, where: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return all rows of a view: one inquiry may ask hundreds of agencies."""
    found: list[dict[str, Any]] = []
    cursor: str | None = None
    while True:
        page = await journal.views.find(view, court=None, where=where, cursor=cursor, limit=PAGE_ITEMS_MAX)
        found += page.rows
        cursor = page.next_cursor
        if cursor is None:
            return found


async def _shown(journal: Journal, state: InquiryState, sent: Sequence[dict[str, Any]] | None = None) -> dict[str, Any]:
    """Return the inquiry with a line per agency; `sent` are its requests, those of the view if not given."""
    opened = state.opened
    if opened is None:
        raise NotFound
    lines: dict[str, list[dict[str, Any]]] = {}
    if sent is None:
        sent = await _every(journal, REQUESTS, {"inquiry_id": opened.inquiry_id})
    for row in sorted(sent, key=lambda one: int(one["attempt"])):
        lines.setdefault(row["root_request_id"], []).append(row)
    names = {row["agency_id"]: row["name"] for row in await _every(journal, AGENCIES, {})}
    return {
        "id": opened.inquiry_id,
        "case_id": opened.case_id,
        "case_number": opened.case_number,
        "state": "COMPLETED" if state.completed else "OPEN",
        "asset_classes": opened.asset_classes,
        "urgency": opened.urgency,
        "planned": [planned.model_dump() for planned in opened.planned],
        "agencies": [
            {"agency_name": names.get(planned.agency_id, planned.agency_id)}
            | _line(planned, lines.get(planned.request_id, []), state)
            for planned in opened.planned
        ],
        "found_fen": state.found_fen,
    }


def _line(planned: PlannedRequest, rows: Sequence[Mapping[str, Any]], state: InquiryState) -> dict[str, Any]:
    """Return one agency's line: the newest request of its line, and the numbers of those that came back."""
    answer = state.answers.get(planned.request_id)
    newest: Mapping[str, Any] = rows[-1] if rows else {}
    shown = str(newest.get("state", "WAITING"))
    if answer is not None:
        shown = "FINAL"
    elif shown == "WAITING" and newest.get("replaces"):
        shown = "REISSUED"
    return {
        "agency_id": planned.agency_id,
        "party_id": planned.party_id,
        "asset_classes": planned.asset_classes,
        "request_id": newest.get("request_id", planned.request_id),
        "request_number": newest.get("request_number", planned.request_number),
        "version": newest.get("seq"),
        "state": shown,
        "receipt": newest.get("receipt"),
        "answer_due_at": newest.get("answer_due_at"),
        "late": any(row["late"] for row in rows),
        "reminders": sum(row["reminders"] for row in rows),
        "found_fen": answer.found_fen if answer else None,
        "replaces": newest.get("replaces"),
        "replaced_by": newest.get("replaced_by"),
        "returned": [
            {"request_number": row["request_number"], "code": row["return_code"]} for row in rows if row["return_code"]
        ],
    }
