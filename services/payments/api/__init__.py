"""HTTP: parse, authorise, execute, render. One module per resource."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import APIRouter

from libs.foundation.clock import Clock
from libs.journal import Journal
from services.payments.api.bank_statements import bank_statement_routes
from services.payments.api.case_accounts import case_account_routes
from services.payments.api.fund_accounts import fund_account_routes
from services.payments.api.incoming_payments import incoming_payment_routes
from services.payments.api.payouts import payout_routes
from services.payments.api.trial_balances import trial_balance_routes


def routers(journal: Journal, clock: Clock) -> Sequence[APIRouter]:
    """Return the routes of this service."""
    return (
        fund_account_routes(journal),
        case_account_routes(journal, clock),
        bank_statement_routes(journal, clock),
        incoming_payment_routes(journal),
        payout_routes(journal),
        trial_balance_routes(journal),
    )
