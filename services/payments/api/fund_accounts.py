"""The court's enforcement-money account: set by an operator, once and again."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from libs.foundation.errors import NotFound
from libs.journal import NATIONAL, Journal
from libs.schemas.payments import FeeAccount
from libs.web import AccountNumber, Caller, CourtPath, Identifier, Name, RequestModel, meta_of, respond, scope, show
from services.payments.domain.custodian import BindPrefix, custodian_stream
from services.payments.domain.fund import Fund, SetFundAccount, fund_stream


class FeeAccountBody(RequestModel):
    """Where the court's enforcement fees go."""

    account_name: Name
    account_number: AccountNumber
    bank_id: Identifier
    bank_name: Name


class FundAccountBody(RequestModel):
    """The court's account; case accounts are numbered under the prefix (R-PAY-01)."""

    account_name: Name
    account_number_prefix: AccountNumber
    bank_name: Name
    bank_id: Identifier
    fee_account: FeeAccountBody


def fund_account_routes(journal: Journal) -> APIRouter:
    """Return the routes."""
    router = APIRouter(tags=["fund accounts"])

    @router.put("/courts/{court}/fund-accounts")
    async def set_fund_account(
        court: CourtPath,
        body: FundAccountBody,
        request: Request,
        caller: Annotated[Caller, scope("payments.fund_accounts.write")],
    ) -> Response:
        """Set the court's account. Cases that waited for it get their accounts at once."""
        caller.require_role("operator")
        meta = meta_of(request, caller, court=court, body=body)
        # A reused key is refused before anything is bound.
        await journal.recall(meta)
        # First the prefix: no account is numbered under it before it is this court's and nobody else's.
        prefix_meta = replace(meta.step("prefix"), court=NATIONAL)
        bind = BindPrefix(body.bank_id, body.account_number_prefix, court)
        await journal.execute(custodian_stream(body.bank_id), bind, prefix_meta)
        command = SetFundAccount(
            court=court,
            account_name=body.account_name,
            account_number_prefix=body.account_number_prefix,
            bank_name=body.bank_name,
            bank_id=body.bank_id,
            fee_account=FeeAccount(**body.fee_account.model_dump()),
        )
        outcome = await journal.execute(fund_stream(court), command, meta)
        return respond(outcome, render(court, outcome.state))

    @router.get("/courts/{court}/fund-accounts")
    async def read_fund_account(
        court: CourtPath,
        request: Request,
        caller: Annotated[Caller, scope("payments.fund_accounts.read")],
    ) -> Response:
        """Read the court's account and how many case accounts stand under it."""
        caller.require_sight(court)
        found = await journal.read(fund_stream(court), court=court)
        if found.state.setting is None:
            raise NotFound
        return show(request, render(court, found.state), seq=found.seq)

    return router


def render(court: str, fund: Fund) -> dict[str, Any]:
    """Return the court's account as the API shows it."""
    setting = fund.setting
    assert setting is not None
    return {
        "court": court,
        "account_name": setting.account_name,
        "account_number_prefix": setting.account_number_prefix,
        "bank_name": setting.bank_name,
        "bank_id": setting.bank_id,
        "fee_account": setting.fee_account.model_dump(),
        "case_accounts": len(fund.allotted),
    }
