"""Sessions of the feed, announcements of many entries: an officer orders, a second one decides (R-CRB-33)."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any, Final
from uuid import uuid4

from fastapi import APIRouter, Path, Request
from pydantic import Field
from starlette.responses import Response

from libs.foundation.ids import derived_id
from libs.journal import NATIONAL, CommandMeta, Folded, Outcome
from libs.web import ApprovalBody, Caller, IdPath, RequestModel, Text, meta_of, respond, scope, show
from services.credit_blacklist.api.feed import SEQUENCE_MAX, SessionPath
from services.credit_blacklist.desk import Desk
from services.credit_blacklist.domain.feed_session import (
    Bulk,
    DecideBulk,
    DecideReset,
    DeclareBulk,
    OrderReset,
    ViewSessions,
    session_stream,
)
from services.credit_blacklist.feed.head_payload import previous_session
from services.credit_blacklist.rules.views import view_of

READ: Final = "credit_blacklist.sessions.read"
WRITE: Final = "credit_blacklist.sessions.write"
OPERATOR: Final = "operator"

ViewPath = Annotated[str, Path(pattern=r"^[a-z]{1,40}$", description="A view of the feed")]
Sequence = Annotated[int, Field(ge=1, le=SEQUENCE_MAX, strict=True)]


class ResetBody(RequestModel):
    """Why a view begins anew."""

    reason: Text


class BulkBody(RequestModel):
    """Which entries will come, or go, at once, and why."""

    from_sequence: Sequence
    to_sequence: Sequence
    reason: Text


def session_routes(desk: Desk) -> APIRouter:
    """Return the routes."""
    router = APIRouter(prefix="/joint-punishment-feed/views/{view}", tags=["feed"])
    _reset_routes(router, desk)
    _bulk_routes(router, desk)

    @router.get("/sessions")
    async def read_sessions(view: ViewPath, request: Request, caller: Annotated[Caller, scope(READ)]) -> Response:
        """Read a view's sessions, how each ended, and what waits for a second officer."""
        caller.require_role(OPERATOR)
        folded: Folded[ViewSessions] = await desk.journal.read(session_stream(view_of(view).view_id), court=NATIONAL)
        return show(request, _shown(folded.state), seq=folded.seq)

    return router


def _reset_routes(router: APIRouter, desk: Desk) -> None:
    @router.post("/resets", status_code=201)
    async def order_reset(
        view: ViewPath, body: ResetBody, request: Request, caller: Annotated[Caller, scope(WRITE)]
    ) -> Response:
        """Order that a view begins anew in a new session, because its continuity cannot be shown."""
        stream = session_stream(view_of(view).view_id)
        meta = _meta(request, caller, body)
        command = OrderReset(view, str(uuid4()), body.reason, caller.subject)
        outcome: Outcome[ViewSessions] = await desk.journal.execute(stream, command, meta)
        return respond(outcome, _shown(outcome.state), status=201)

    @router.post("/resets/{session_id}/approvals")
    async def decide_reset(
        view: ViewPath,
        session_id: SessionPath,
        body: ApprovalBody,
        request: Request,
        caller: Annotated[Caller, scope(WRITE)],
    ) -> Response:
        """Decide a reset as the second officer. Approved, it is carried out at once; subscribers keep their copy."""
        stream = session_stream(view_of(view).view_id)
        command = DecideReset(session_id, body.decision, caller.subject, body.reason)
        outcome: Outcome[ViewSessions] = await desk.journal.execute(stream, command, _meta(request, caller, body))
        return respond(outcome, _shown(outcome.state))


def _bulk_routes(router: APIRouter, desk: Desk) -> None:
    @router.post("/bulk-declarations", status_code=201)
    async def declare_bulk(
        view: ViewPath, body: BulkBody, request: Request, caller: Annotated[Caller, scope(WRITE)]
    ) -> Response:
        """Announce that many entries will come at once, so that subscribers do not take them for a fault."""
        stream = session_stream(view_of(view).view_id)
        meta = _meta(request, caller, body)
        command = DeclareBulk(
            *(view, derived_id("bulk", meta.command_id), body.from_sequence, body.to_sequence, body.reason),
            officer=caller.subject,
        )
        outcome: Outcome[ViewSessions] = await desk.journal.execute(stream, command, meta)
        return respond(outcome, {"bulk_id": command.bulk_id, **_shown(outcome.state)}, status=201)

    @router.post("/bulk-declarations/{bulk_id}/approvals")
    async def decide_bulk(
        view: ViewPath,
        bulk_id: IdPath,
        body: ApprovalBody,
        request: Request,
        caller: Annotated[Caller, scope(WRITE)],
    ) -> Response:
        """Decide an announcement as the second officer. Approved, the heads carry it."""
        stream = session_stream(view_of(view).view_id)
        command = DecideBulk(bulk_id, body.decision, caller.subject, body.reason)
        outcome: Outcome[ViewSessions] = await desk.journal.execute(stream, command, _meta(request, caller, body))
        return respond(outcome, _shown(outcome.state))


def _meta(request: Request, caller: Caller, body: RequestModel) -> CommandMeta:
    role = caller.require_role(OPERATOR)
    return replace(meta_of(request, caller, court=None, body=body, role=role), court=NATIONAL)


def _shown(state: ViewSessions) -> dict[str, Any]:
    reset = state.reset
    return {
        "view": state.view,
        "sessions": [
            {
                "session_id": session.session_id,
                "opened_at": session.opened_at,
                "previous_session": previous_session(session.previous) if session.previous else None,
                "reason": session.reason,
                "officer": session.officer,
                "second_officer": session.second_officer,
            }
            for session in state.every
        ],
        "reset": reset
        and {
            "session_id": reset.session_id,
            "state": "BEING_CARRIED_OUT" if state.resetting else "ORDERED",
            "reason": reset.reason,
            "officer": reset.officer,
            "second_officer": reset.second_officer,
        },
        "bulk_declarations": [_bulk(each) for each in state.bulks],
    }


def _bulk(bulk: Bulk) -> dict[str, Any]:
    return {
        "bulk_id": bulk.bulk_id,
        "session_id": bulk.session_id,
        "from_sequence": bulk.from_sequence,
        "to_sequence": bulk.to_sequence,
        "reason": bulk.reason,
        "officer": bulk.officer,
        "second_officer": bulk.second_officer,
        "state": "APPROVED" if bulk.second_officer else "DECLARED",
    }
