"""A payout as the API shows it."""

from __future__ import annotations

from typing import Any

from services.payments.domain.account import Account
from services.payments.domain.payout import Payout


def render_payout(account: Account, payout: Payout) -> dict[str, Any]:
    """Return the payout; the payee's account number stays masked."""
    return {
        "id": payout.payout_id,
        "case_id": account.case_id,
        "case_number": account.case_number,
        "purpose": payout.purpose,
        "payee_id": payout.payee.party_id if payout.payee else None,
        "payee_display": payout.payee_display,
        "payee_account": payout.payee_account_masked,
        "amount_fen": payout.amount_fen,
        "state": payout.state,
        "maker": payout.maker,
        "checker": payout.checker,
        "approver": payout.approver,
        "reason": payout.reason,
        "reference": payout.reference,
        "bank_reference": payout.bank_reference,
        "resolved_by": payout.resolved_by,
        "evidence": payout.evidence,
    }
