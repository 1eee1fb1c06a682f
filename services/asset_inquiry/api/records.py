"""The record of a measure (R-INQ-25): on whose order, on which papers, what was sent when, what came of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

from fastapi import APIRouter
from starlette.responses import Response

from libs.foundation.clock import instant_text
from libs.foundation.errors import NotFound
from libs.journal import Folded, Journal, StoredEvent
from libs.schemas.asset_inquiry import (
    ControlOrderAccepted,
    ControlOrderDeferred,
    PlannedControl,
    ReplyReceived,
    RequestAcknowledged,
    RequestIssued,
    RequestOverdue,
    RequestReturned,
)
from libs.web import Caller, IdPath, JsonResponse, scope
from services.asset_inquiry.deciders import controls_stream, request_stream
from services.asset_inquiry.domain.controls import ControlsState
from services.asset_inquiry.views import MEASURES, REQUESTS, measure_rows

SHOWN = (RequestIssued, RequestAcknowledged, ReplyReceived, RequestReturned, RequestOverdue)


def record_routes(journal: Journal) -> APIRouter:
    """Return the route."""
    router = APIRouter(tags=["controls"])

    @router.get("/control-measures/{measure_id}/record")
    async def read_record(
        measure_id: IdPath, caller: Annotated[Caller, scope("asset_inquiry.controls.read")]
    ) -> Response:
        """Read the whole record of a measure, from the journal: orders with papers and officers, steps, requests."""
        row = await journal.views.get(MEASURES, measure_id, court=None)
        if row is None:
            raise NotFound
        court, case_id = caller.require_sight(str(row["court"])), str(row["case_id"])
        folded: Folded[ControlsState] = await journal.read(controls_stream(case_id), court=court)
        history = await journal.history(controls_stream(case_id), court=court)
        orders = [stored for stored in history if _orders(stored, measure_id)]
        requests = [
            step
            for stored in orders
            for planned in _planned(stored, measure_id)
            for step in await _request_steps(journal, planned.request_id, court)
        ]
        body = {
            "measure": measure_rows(folded.state)[measure_id],
            "orders": [_order(stored) for stored in orders],
            "steps": [_step(stored) for stored in history if getattr(stored.event, "measure_id", "") == measure_id],
            "requests": sorted(requests, key=lambda step: str(step["at"])),
        }
        return JsonResponse(body)

    return router


def _orders(stored: StoredEvent, measure_id: str) -> bool:
    event = stored.event
    return isinstance(event, ControlOrderAccepted | ControlOrderDeferred) and measure_id in event.measure_ids


def _planned(stored: StoredEvent, measure_id: str) -> Iterator[PlannedControl]:
    event = stored.event
    if isinstance(event, ControlOrderAccepted):
        for planned in event.planned:
            if any(item.measure_id == measure_id for item in planned.items):
                yield planned


def _order(stored: StoredEvent) -> dict[str, Any]:
    data = stored.event.data()
    terms = data.get("terms") or {}
    return {
        "at": instant_text(stored.at),
        "control_order_id": data["control_order_id"],
        "kind": data["kind"],
        "decided": stored.type,
        "case_number": terms.get("case_number"),
        "debtor": terms.get("debtor"),
        "requested_by": terms.get("requested_by"),
        "officers": terms.get("officers"),
        "papers": terms.get("papers"),
        "term_from": terms.get("term_from"),
        "term_to": terms.get("term_to"),
    }


def _step(stored: StoredEvent) -> dict[str, Any]:
    return {"at": instant_text(stored.at), "fact": stored.event.NAME} | stored.event.data()


async def _request_steps(journal: Journal, root_request_id: str, court: str) -> list[dict[str, Any]]:
    """Return when each request of a line was sent, received, answered, returned; all that were sent for one another."""
    page = await journal.views.find(REQUESTS, court=court, where={"root_request_id": root_request_id})
    steps = []
    for row in page.rows:
        history = await journal.history(request_stream(str(row["request_id"])), court=court)
        for stored in history:
            event = stored.event
            if isinstance(event, SHOWN):
                step = {"at": instant_text(stored.at), "fact": event.NAME, "request_number": event.request_number}
                named = ("code", "text", "status", "reply_id", "late", "content_sha256", "answer_due_at", "reminder")
                data = event.data()
                steps.append(step | {name: data[name] for name in named if name in data})
    return steps
