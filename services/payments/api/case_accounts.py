"""A case's account, its postings and its debt."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from libs.foundation.clock import Clock
from libs.foundation.court_calendar import court_day
from libs.journal import Folded, Journal, StoredEvent
from libs.schemas.payments import AccountCredited, DebtAssessed, PayoutConfirmed
from libs.web import Caller, Identifier, IdPath, JsonResponse, RequestModel, fold_for, meta_of, respond, scope, show
from services.payments.api.fields import CourtDay
from services.payments.api.payout_shape import render_payout
from services.payments.domain.account import Account, account_stream
from services.payments.domain.commands import AssessDebt
from services.payments.domain.debt import Debt
from services.payments.domain.refusals import CaseAccountUnknown

READ = "payments.accounts.read"
ASSESSORS = ("fund_officer", "case_officer", "duty_officer")


class AssessmentBody(RequestModel):
    """Which case's debt, as of which day; today without one."""

    case_id: Identifier
    as_of: CourtDay | None = None


async def account_of(journal: Journal, case_id: str, caller: Caller) -> Folded[Account]:
    """Return a case's account. Raises `CaseAccountUnknown` (404), also for another court's case."""
    return await fold_for(caller, journal, account_stream(case_id), CaseAccountUnknown)


def case_account_routes(journal: Journal, clock: Clock) -> APIRouter:
    """Return the routes."""
    router = APIRouter(tags=["case accounts"])

    @router.get("/case-accounts/{case_id}")
    async def read_account(case_id: IdPath, request: Request, caller: Annotated[Caller, scope(READ)]) -> Response:
        """Read balances: what came in, what was paid, what is held, what is available (R-PAY-01)."""
        found = await account_of(journal, case_id, caller)
        return show(request, render_account(found.state), seq=found.seq)

    @router.get("/case-accounts/{case_id}/entries")
    async def read_entries(case_id: IdPath, caller: Annotated[Caller, scope(READ)]) -> Response:
        """Read the postings, each with both legs, which sum to zero."""
        found = await account_of(journal, case_id, caller)
        history = await journal.history(found.stream, court=found.court)
        postings = [posting for stored in history if (posting := _posting(stored)) is not None]
        return JsonResponse({"case_id": case_id, "items": postings})

    @router.get("/debt-statements")
    async def read_debt(
        case_id: Annotated[Identifier, Query()],
        caller: Annotated[Caller, scope("payments.debts.read")],
        as_of: Annotated[CourtDay | None, Query(description="YYYY-MM-DD; today without it")] = None,
    ) -> Response:
        """State the debt as of any day: principal, interest, fee, each with its formula and article."""
        found = await account_of(journal, case_id, caller)
        debt = found.state.debt_as_of(as_of or court_day(clock.now()))
        if debt is None:
            raise CaseAccountUnknown
        return JsonResponse({"case_id": case_id, **_debt(debt), **_position(found.state, debt)})

    @router.post("/debt-statements", status_code=201)
    async def assess_debt(
        body: AssessmentBody, request: Request, caller: Annotated[Caller, scope("payments.debts.write")]
    ) -> Response:
        """Assess the debt anew as of today or an expected day: from then on that is what may be frozen (R-INQ-20)."""
        role = caller.require_role(*ASSESSORS)
        found = await account_of(journal, body.case_id, caller)
        meta = meta_of(request, caller, court=found.court, body=body, role=role)
        outcome = await journal.execute(found.stream, AssessDebt(body.as_of or court_day(clock.now())), meta)
        said = outcome.state.debt
        return respond(outcome, {"case_id": body.case_id, **_debt(said), **_position(outcome.state, said)}, status=201)

    return router


def render_account(account: Account) -> dict[str, Any]:
    """Return the account as the API shows it."""
    return {
        "case_id": account.case_id,
        "case_number": account.case_number,
        "account": account.account,
        "balance_fen": account.balance_fen,
        "held_fen": account.held_fen,
        "available_fen": account.available_fen,
        "recovered_fen": account.recovered_fen,
        "paid_out_fen": account.paid_out_fen,
        "debt": account.debt,
        "satisfied": account.satisfied,
        "settled": account.settled,
        "credits": [
            {
                "incoming_id": credit.incoming_id,
                "amount_fen": credit.amount_fen,
                "value_at": credit.value_at,
                "bank_id": credit.bank_id,
                "reference": credit.reference,
                "payment_reference": credit.payment_reference,
                "payer_display": credit.payer_display,
                "payment_notice_due_at": credit.notice_due_at,
                "payout_due_at": credit.payout_due_at,
                "outer_limit_at": credit.outer_limit_at,
            }
            for credit in account.credits
        ],
        "overdue": [
            {"incoming_id": late.incoming_id, "stage": late.stage, "due_at": late.due_at, "amount_fen": late.amount_fen}
            for late in account.overdue
        ],
        "payouts": [render_payout(account, payout) for payout in account.payouts.values()],
    }


def _posting(stored: StoredEvent) -> dict[str, Any] | None:
    event = stored.event
    if isinstance(event, AccountCredited):
        own = {
            "kind": "CREDIT",
            "amount_fen": event.amount_fen,
            "incoming_id": event.incoming_id,
            "reference": event.reference,
            "display": event.payer_display,
        }
    elif isinstance(event, PayoutConfirmed):
        own = {
            "kind": "PAYOUT",
            "amount_fen": -event.amount_fen,
            "payout_id": event.payout_id,
            "reference": event.bank_reference,
            "display": event.payee_display,
        }
    else:
        return None
    entry = {"entry_id": stored.id, "seq": stored.seq, "booked_at": stored.at}
    return {**entry, **own, "balance_fen": event.balance_fen, "legs": event.legs}


def _debt(debt: Debt | DebtAssessed) -> dict[str, Any]:
    return {
        "as_of": debt.as_of,
        "lines": debt.lines,
        "principal_fen": debt.principal_fen,
        "interest_fen": debt.interest_fen,
        "fee_fen": debt.fee_fen,
        "total_fen": debt.total_fen,
    }


def _position(account: Account, debt: Debt | DebtAssessed) -> dict[str, Any]:
    recovered = account.recovered_fen
    return {"recovered_fen": recovered, "outstanding_fen": max(debt.total_fen - recovered, 0)}
