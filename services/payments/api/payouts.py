"""Payouts: the maker asks, the checker checks, the approver approves, the bank pays (R-PAY-07)."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from libs.foundation.ids import derived_id
from libs.journal import Folded, Journal
from libs.schemas.payments import PayoutPurpose
from libs.web import (
    AccountNumber,
    ApprovalBody,
    Caller,
    CourtCode,
    Identifier,
    IdPath,
    Listing,
    Name,
    PositiveFen,
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
from services.payments.api.payees import PayeeChoice, payee_of, payee_unchanged
from services.payments.api.payout_shape import render_payout
from services.payments.domain.account import Account, account_stream
from services.payments.domain.commands import DecidePayout, DraftPayout, ResolvePayout
from services.payments.domain.payee import PayeeAccount
from services.payments.domain.payout import Payout, PayoutState, case_of_payout, payout_id_of
from services.payments.domain.payouts import draft_payout
from services.payments.domain.refusals import PayoutUnknown
from services.payments.rules.payee_control import APPROVER_ROLE, CHECKER_ROLE, MAKER_ROLE
from services.payments.views import PAYOUTS

READ = "payments.payouts.read"
WRITE = "payments.payouts.write"


class RefundAccount(RequestModel):
    """The account that a payer gets surplus money back to; its holder must be who paid in."""

    account_name: Name
    account_number: AccountNumber
    bank_id: Identifier
    bank_name: Name


class DraftBody(RequestModel):
    """A payout to be checked and approved by two others."""

    case_id: Identifier
    purpose: PayoutPurpose
    amount_fen: PositiveFen
    payee_id: Identifier | None = None
    refund_account: RefundAccount | None = None


class ResolutionBody(RequestModel):
    """What became of a payout in doubt, and what proves it."""

    outcome: Literal["PAID", "NOT_PAID"]
    bank_reference: Identifier | None = None
    evidence: Text


def payout_routes(journal: Journal) -> APIRouter:
    """Return the routes."""
    router = APIRouter(tags=["payouts"])
    _drafting(router, journal)
    _reading(router, journal)
    _deciding(router, journal)
    return router


def _drafting(router: APIRouter, journal: Journal) -> None:
    @router.post("/payouts", status_code=201)
    async def draft(body: DraftBody, request: Request, caller: Annotated[Caller, scope(WRITE)]) -> Response:
        """Draft a payout: its amount is held at once, nothing leaves before two others agreed."""
        caller.require_role(MAKER_ROLE)
        account = await account_of(journal, body.case_id, caller)
        meta = meta_of(request, caller, court=account.court, body=body, role=MAKER_ROLE)
        payout_id = payout_id_of(body.case_id, derived_id("p", meta.command_id).removeprefix("p_"))
        refund = None if body.refund_account is None else PayeeAccount(**body.refund_account.model_dump())
        choice = PayeeChoice(body.purpose, body.payee_id, refund)
        chosen = await payee_of(journal, choice, payout_id, account)
        command = DraftPayout(
            payout_id=payout_id,
            purpose=body.purpose,
            amount_fen=body.amount_fen,
            maker=caller.subject,
            payee=chosen.payee,
            payee_display=chosen.display,
            payee_stream=chosen.stream,
            payee_seq=chosen.seq,
        )
        if chosen.record is not None:
            # Decided once without writing, so that a draft which is refused leaves no account behind.
            if await journal.recall(meta) is None:
                draft_payout(account.state, command)
            await journal.execute(chosen.stream, chosen.record, meta.step("refund_account"))
        outcome = await journal.execute(account.stream, command, meta)
        payout = outcome.state.payouts[payout_id]
        location = f"/v1/payouts/{payout_id}"
        return respond(outcome, render_payout(outcome.state, payout), status=201, location=location)


def _reading(router: APIRouter, journal: Journal) -> None:
    @router.get("/payouts")
    async def queue(
        caller: Annotated[Caller, scope(READ)],
        listing: Annotated[Listing, page_params],
        court: Annotated[CourtCode, Query()],
        state: Annotated[PayoutState | None, Query()] = None,
        case_id: Annotated[Identifier | None, Query()] = None,
    ) -> Response:
        """List a court's payouts: what waits for a checker, for an approver, for the bank, for a person's decision."""
        caller.require_sight(court)
        where = {"state": state, "case_id": case_id}
        page = await listing.page(
            journal.views,
            PAYOUTS.name,
            court=court,
            where={field: value for field, value in where.items() if value is not None},
        )
        return listing.answer(page)

    @router.get("/payouts/{payout_id}")
    async def read(payout_id: IdPath, request: Request, caller: Annotated[Caller, scope(READ)]) -> Response:
        """Read a payout; the ETag is what its decisions name in If-Match."""
        account, payout = await _payout(journal, payout_id, caller)
        return show(request, render_payout(account.state, payout), seq=account.seq)


def _deciding(router: APIRouter, journal: Journal) -> None:
    @router.post("/payouts/{payout_id}/approvals", status_code=201)
    async def approve(
        payout_id: IdPath,
        body: ApprovalBody,
        request: Request,
        caller: Annotated[Caller, scope(WRITE)],
        expected: Annotated[int, if_match],
    ) -> Response:
        """Check a drafted payout, or approve a checked one; who did the one, or made it, may not do the other."""
        role = caller.require_role(CHECKER_ROLE, APPROVER_ROLE)
        account, payout = await _payout(journal, payout_id, caller)
        command = DecidePayout(
            payout_id=payout_id,
            approve=body.decision == "APPROVE",
            reason=body.reason or "",
            by=caller.subject,
            roles=caller.roles,
            payee_unchanged=await payee_unchanged(journal, payout, account.court),
        )
        meta = meta_of(request, caller, court=account.court, body=body, expected_seq=expected, role=role)
        outcome = await journal.execute(account.stream, command, meta)
        return respond(outcome, render_payout(outcome.state, outcome.state.payouts[payout_id]), status=201)

    @router.post("/payouts/{payout_id}/resolutions", status_code=201)
    async def resolve(
        payout_id: IdPath,
        body: ResolutionBody,
        request: Request,
        caller: Annotated[Caller, scope(WRITE)],
        expected: Annotated[int, if_match],
    ) -> Response:
        """Decide, with evidence, what became of a payout that the bank gives no answer about."""
        caller.require_role(APPROVER_ROLE)
        account, _ = await _payout(journal, payout_id, caller)
        command = ResolvePayout(
            payout_id, body.outcome, body.bank_reference or "by evidence", body.evidence, caller.subject
        )
        meta = meta_of(request, caller, court=account.court, body=body, expected_seq=expected, role=APPROVER_ROLE)
        outcome = await journal.execute(account.stream, command, meta)
        return respond(outcome, render_payout(outcome.state, outcome.state.payouts[payout_id]), status=201)


async def _payout(journal: Journal, payout_id: str, caller: Caller) -> tuple[Folded[Account], Payout]:
    found: Folded[Account] = await fold_for(caller, journal, account_stream(case_of_payout(payout_id)), PayoutUnknown)
    payout = found.state.payouts.get(payout_id)
    if payout is None:
        raise PayoutUnknown
    return found, payout
