"""Lists that people ask for; each is a function of one stream's state and can be rebuilt from the journal."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from libs.foundation.clock import instant_text
from libs.foundation.court_calendar import court_day
from libs.journal import View
from services.payments.domain.account import Account
from services.payments.domain.incoming import Incoming, incoming_id_of

BANK, UNIDENTIFIED, IN_TRANSIT, CASE = "BANK", "UNIDENTIFIED", "IN_TRANSIT", "CASE"
"""The accounts of a court's general ledger: what stands at the bank, and whose it is."""

Rows = Mapping[str, Mapping[str, Any]]


def incoming_rows(state: Incoming) -> Rows:
    """Return the payment as a line of the list of incoming money."""
    line = state.line
    if line is None:
        return {}
    incoming_id = incoming_id_of(line.bank_id, line.reference)
    return {
        incoming_id: {
            "incoming_id": incoming_id,
            "bank_id": line.bank_id,
            "reference": line.reference,
            "account_number": line.account_number,
            "amount_fen": line.amount_fen,
            "value_at": instant_text(line.value_at),
            "payer_display": line.payer_display,
            "payment_reference": line.payment_reference,
            "status": state.status,
            "reason": state.reason,
            "case_id": state.case_id,
            "method": state.method,
            "proposed_case": state.proposed_case,
            "proposed_by": state.proposed_by or None,
            "contradictions": len(state.claims),
        }
    }


def incoming_movements(state: Incoming) -> Rows:
    """Return what the payment moved in the ledger: into the bank, into the pool, out of it into transit."""
    line = state.line
    if line is None or state.booked_at is None:
        return {}
    incoming_id = incoming_id_of(line.bank_id, line.reference)
    at_once = state.identified_at is not None and state.method != "TWO_PERSONS"
    legs = [(BANK, line.amount_fen, state.booked_at)]
    legs.append((IN_TRANSIT if at_once else UNIDENTIFIED, -line.amount_fen, state.booked_at))
    if state.identified_at is not None and not at_once:
        legs.append((UNIDENTIFIED, line.amount_fen, state.identified_at))
        legs.append((IN_TRANSIT, -line.amount_fen, state.identified_at))
    return _movements(incoming_id, legs, state.case_id)


def account_movements(state: Account) -> Rows:
    """Return what the case's account moved: out of transit into the case, out of the case to the bank."""
    rows: dict[str, Mapping[str, Any]] = {}
    for credit in state.credits:
        legs = [
            (IN_TRANSIT, credit.amount_fen, credit.booked_at),
            (CASE, -credit.amount_fen, credit.booked_at),
        ]
        rows.update(_movements(f"credit:{credit.incoming_id}", legs, state.case_id))
    for payout in state.payouts.values():
        if payout.booked_at is not None:
            legs = [(CASE, payout.amount_fen, payout.booked_at), (BANK, -payout.amount_fen, payout.booked_at)]
            rows.update(_movements(payout.payout_id, legs, state.case_id))
    return rows


def payout_rows(state: Account) -> Rows:
    """Return the payouts of a case as lines of the queue of those who decide."""
    return {
        payout.payout_id: {
            "payout_id": payout.payout_id,
            "case_id": state.case_id,
            "case_number": state.case_number,
            "purpose": payout.purpose,
            "amount_fen": payout.amount_fen,
            "payee_display": payout.payee_display,
            "state": payout.state,
            "maker": payout.maker,
            "checker": payout.checker,
            "approver": payout.approver,
        }
        for payout in state.payouts.values()
    }


def _movements(name: str, legs: list[tuple[str, int, datetime]], case_id: str | None) -> dict[str, Mapping[str, Any]]:
    return {
        f"{name}:{number}": {
            "ledger": ledger,
            "amount_fen": amount_fen,
            "booked_on": court_day(booked_at).isoformat(),
            "case_id": case_id,
        }
        for number, (ledger, amount_fen, booked_at) in enumerate(legs)
    }


INCOMING: Final = View("incoming_payments", "incoming", incoming_rows, indexes=(("court", "status"),))
INCOMING_MOVEMENTS: Final = View("incoming_movements", "incoming", incoming_movements, indexes=(("court", "ledger"),))
ACCOUNT_MOVEMENTS: Final = View("account_movements", "account", account_movements, indexes=(("court", "ledger"),))
PAYOUTS: Final = View("payouts", "account", payout_rows, indexes=(("court", "state"), ("case_id",)))
VIEWS: Final = (INCOMING, INCOMING_MOVEMENTS, ACCOUNT_MOVEMENTS, PAYOUTS)
