"""Control orders: freeze, renew, release, deduct; checked here on our copies, decided finally by asset_inquiry."""

from __future__ import annotations

from typing import Annotated, Literal, Self, cast

from fastapi import APIRouter, Request
from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError
from starlette.responses import Response

from libs.foundation.identity import masked_account
from libs.foundation.ids import derived_id
from libs.schemas.envelope import Fen
from libs.schemas.intake import ControlOrderItem
from libs.schemas.parts import PaperRef
from libs.web import Caller, FreeText, Identifier, IdPath, RequestModel, meta_of, respond, scope
from services.intake.api.desk import Desk
from services.intake.api.fields import CourtDay
from services.intake.api.rendering import render_order
from services.intake.domain.case import Case
from services.intake.domain.case.control import ControlPapersMissing, IssueControlOrder, PaperOnFile
from services.intake.domain.document import Document, DocumentUnknown
from services.intake.naming import document_stream

WRITE = "intake.control_orders.write"


class ItemBody(RequestModel):
    """One thing an agency is told to do; RENEW, RELEASE and DEDUCT name the original request and item."""

    agency_id: Identifier
    asset_id: Identifier
    account_reference: FreeText = ""
    amount_fen: Fen = 0
    original_request_number: Identifier | None = None
    original_sequence: Annotated[int, Field(ge=1, le=10_000)] | None = None


class ControlOrderBody(RequestModel):
    """An order against one debtor, with its papers and two officers."""

    kind: Literal["FREEZE", "RENEW", "RELEASE", "DEDUCT"]
    debtor_id: Identifier
    items: Annotated[tuple[ItemBody, ...], Field(min_length=1, max_length=100)]
    document_ids: Annotated[tuple[Identifier, ...], Field(max_length=20)] = ()
    officer_ids: Annotated[tuple[Identifier, ...], Field(max_length=10)] = ()
    remainder: Literal["KEEP", "RELEASE"] | None = None
    term_from: CourtDay | None = None
    term_to: CourtDay | None = None

    @model_validator(mode="after")
    def _items_fit_kind(self) -> Self:
        for number, item in enumerate(self.items):
            if self.kind in ("FREEZE", "DEDUCT") and item.amount_fen < 1:
                raise PydanticCustomError("amount_missing", "Item {number} needs an amount", {"number": number})
            named = item.original_request_number is not None and item.original_sequence is not None
            if self.kind != "FREEZE" and not named:
                raise PydanticCustomError(
                    "original_missing", "Item {number} names no original request and item", {"number": number}
                )
        return self


def control_order_routes(desk: Desk) -> APIRouter:
    """Return the routes."""
    router = APIRouter(tags=["control orders"])

    @router.post("/enforcement-cases/{case_id}/control-orders", status_code=201)
    async def issue(
        case_id: IdPath, body: ControlOrderBody, request: Request, caller: Annotated[Caller, scope(WRITE)]
    ) -> Response:
        """Issue an order: papers approved, two officers with both credentials, amounts within debt and freeze."""
        role = caller.require_role("duty_officer", "case_officer")
        case = await desk.case(caller, case_id)
        roster = await desk.roster(case.court)
        meta = meta_of(request, caller, court=case.court, body=body, role=role)
        command = IssueControlOrder(
            control_order_id=derived_id("ord", meta.command_id),
            kind=body.kind,
            debtor_id=body.debtor_id,
            items=_items(body),
            papers=await _papers(desk, case.court, body),
            officers=tuple(roster.credentials(officer_id) for officer_id in body.officer_ids),
            requested_by=caller.subject,
            remainder=body.remainder,
            term_from=body.term_from,
            term_to=body.term_to,
        )
        outcome = await desk.journal.execute(case.stream, command, meta)
        orders = cast("Case", outcome.state).orders
        order = next(one for one in orders if one.issued.control_order_id == command.control_order_id)
        return respond(outcome, render_order(order), status=201)

    return router


def _items(body: ControlOrderBody) -> tuple[ControlOrderItem, ...]:
    # The order is published to all: the agency learns the full number from asset_inquiry, which knows it by `asset_id`.
    return tuple(
        ControlOrderItem(
            sequence=sequence,
            account_reference=masked_account(item.account_reference) if item.account_reference else "",
            **item.model_dump(exclude={"account_reference"}),
        )
        for sequence, item in enumerate(body.items, start=1)
    )


async def _papers(desk: Desk, court: str, body: ControlOrderBody) -> tuple[PaperOnFile, ...]:
    return tuple([await _paper(desk, court, document_id) for document_id in dict.fromkeys(body.document_ids)])


async def _paper(desk: Desk, court: str, document_id: str) -> PaperOnFile:
    """Return a paper as its own stream shows it now; an approval is never taken back, so this stays true."""
    document = cast("Document", (await desk.journal.fold(document_stream(document_id), court=court)).state)
    try:
        draft = document.draft
    except DocumentUnknown as error:
        raise ControlPapersMissing(f"No document {document_id}.", unusable=[document_id]) from error
    return PaperOnFile(
        paper=PaperRef(
            document_id=draft.document_id,
            kind=draft.kind,
            number=draft.number,
            title=draft.title,
            sha256=draft.sha256,
        ),
        case_id=draft.case_id,
        approved_by=document.approved.approved_by if document.approved else None,
    )
