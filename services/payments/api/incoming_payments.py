"""Incoming money: the unidentified pool, and identification by two people (R-PAY-03)."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from libs.journal import Folded, Journal
from libs.web import (
    ApprovalBody,
    Caller,
    CourtCode,
    Identifier,
    IdPath,
    Listing,
    RequestModel,
    Text,
    fold_for,
    if_match,
    meta_of,
    page_params,
    respond,
    scope,
    show,
)
from services.payments.api.case_accounts import account_of
from services.payments.domain.incoming import (
    DecideIdentification,
    Incoming,
    ProposeIdentification,
    incoming_key_of,
    incoming_stream,
)
from services.payments.domain.refusals import IncomingPaymentUnknown
from services.payments.rules.payee_control import APPROVER_ROLE, CHECKER_ROLE, MAKER_ROLE
from services.payments.views import INCOMING, incoming_rows

READ = "payments.incoming.read"
WRITE = "payments.incoming.write"

Status = Literal["UNIDENTIFIED", "CANDIDATE", "IDENTIFIED"]


class IdentificationBody(RequestModel):
    """Which case the money belongs to, and what shows it."""

    case_id: Identifier
    evidence: Text


class IdentificationApprovalBody(ApprovalBody):
    """The second person's decision: to agree, if the body says nothing."""

    decision: Literal["APPROVE", "REJECT"] = "APPROVE"


def incoming_payment_routes(journal: Journal) -> APIRouter:
    """Return the routes."""
    router = APIRouter(tags=["incoming payments"])
    _reading(router, journal)
    _identifying(router, journal)
    return router


def _reading(router: APIRouter, journal: Journal) -> None:
    @router.get("/incoming-payments")
    async def pool(
        caller: Annotated[Caller, scope(READ)],
        listing: Annotated[Listing, page_params],
        status: Annotated[Status | None, Query()] = None,
        court: Annotated[CourtCode | None, Query(description="Default: every court of the token")] = None,
    ) -> Response:
        """List incoming money; `status=UNIDENTIFIED` is the pool of money whose case nobody knows yet."""
        where = caller.fence() if court is None else {"court": caller.require_sight(court)}
        where |= {} if status is None else {"status": status}
        page = await listing.page(journal.views, INCOMING.name, where=where)
        return listing.answer(page)

    @router.get("/incoming-payments/{incoming_id}")
    async def read(incoming_id: IdPath, request: Request, caller: Annotated[Caller, scope(READ)]) -> Response:
        """Read one incoming payment; the ETag is what its identification names in If-Match."""
        found = await _incoming(journal, incoming_id, caller)
        return show(request, _render(found.state), seq=found.seq)


def _identifying(router: APIRouter, journal: Journal) -> None:
    @router.post("/incoming-payments/{incoming_id}/identifications", status_code=201)
    async def propose(
        incoming_id: IdPath,
        body: IdentificationBody,
        request: Request,
        caller: Annotated[Caller, scope(WRITE)],
        expected: Annotated[int, if_match],
    ) -> Response:
        """Say, with evidence, which case the money belongs to; a second person must agree."""
        caller.require_role(MAKER_ROLE)
        found = await _incoming(journal, incoming_id, caller)
        await account_of(journal, body.case_id, caller)
        meta = meta_of(request, caller, court=found.court, body=body, expected_seq=expected, role=MAKER_ROLE)
        command = ProposeIdentification(body.case_id, body.evidence, caller.subject)
        outcome = await journal.execute(found.stream, command, meta)
        return respond(outcome, _render(outcome.state), status=201)

    @router.post("/incoming-payments/{incoming_id}/identification-approvals", status_code=201)
    async def approve(
        incoming_id: IdPath,
        body: IdentificationApprovalBody,
        request: Request,
        caller: Annotated[Caller, scope(WRITE)],
        expected: Annotated[int, if_match],
    ) -> Response:
        """Agree or not; once two people agree the money is credited to the case."""
        role = caller.require_role(MAKER_ROLE, CHECKER_ROLE, APPROVER_ROLE)
        found = await _incoming(journal, incoming_id, caller)
        meta = meta_of(request, caller, court=found.court, body=body, expected_seq=expected, role=role)
        command = DecideIdentification(body.decision == "APPROVE", body.reason or "", caller.subject)
        outcome = await journal.execute(found.stream, command, meta)
        return respond(outcome, _render(outcome.state), status=201)


async def _incoming(journal: Journal, incoming_id: str, caller: Caller) -> Folded[Incoming]:
    return await fold_for(caller, journal, incoming_stream(*incoming_key_of(incoming_id)), IncomingPaymentUnknown)


def _render(state: Incoming) -> dict[str, Any]:
    (row,) = incoming_rows(state).values()
    return {"id": row["incoming_id"], **row}
