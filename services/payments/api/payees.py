"""Whom a payout goes to, pinned as it stood when the payout was drafted (R-PAY-07)."""

from __future__ import annotations

from dataclasses import dataclass

from libs.journal import Folded, Journal
from libs.schemas.payments import PayoutPurpose
from services.payments.clients import fee_payee
from services.payments.domain.account import Account
from services.payments.domain.fund import Fund, fund_stream
from services.payments.domain.payee import Payee, PayeeAccount, RecordPayee, payee_stream
from services.payments.domain.payer import payer_display
from services.payments.domain.payout import Payout
from services.payments.domain.refusals import PayeeMissing


@dataclass(frozen=True, slots=True)
class PayeeChoice:
    """Whom the maker named."""

    purpose: PayoutPurpose
    payee_id: str | None
    refund_account: PayeeAccount | None


@dataclass(frozen=True, slots=True)
class ChosenPayee:
    """The payee, how the books show it, and the stream and seq that fix it.

    `record` is what must be written to that stream first, once it is certain that the draft will stand.
    """

    payee: Payee
    display: str
    stream: str
    seq: int
    record: RecordPayee | None = None


async def payee_of(journal: Journal, choice: PayeeChoice, payout_id: str, account: Folded[Account]) -> ChosenPayee:
    """Return the payee of a new payout. Raises `PayeeMissing` (422) if the body names none, or one too many."""
    if choice.purpose == "TO_APPLICANT" and choice.payee_id and choice.refund_account is None:
        return await _applicant(journal, choice.payee_id, account)
    if choice.purpose == "REFUND_TO_PAYER" and choice.refund_account and choice.payee_id is None:
        return _refund(choice.refund_account, payout_id)
    if choice.purpose == "ENFORCEMENT_FEE" and choice.payee_id is None and choice.refund_account is None:
        fund: Folded[Fund] = await journal.fold(fund_stream(account.court), court=None)
        treasury = fee_payee(fund.state)
        return ChosenPayee(treasury, treasury.name, fund.stream, fund.seq)
    raise PayeeMissing(field="payee_id")


async def payee_unchanged(journal: Journal, payout: Payout, court: str) -> bool:
    """Return whether the payee's account is still the one that the payout was drafted to."""
    then = await journal.fold(payout.payee_stream, court=court, at_seq=payout.payee_seq)
    now = await journal.fold(payout.payee_stream, court=court)
    return _account(then.state) == _account(now.state)


def _account(state: Payee | Fund) -> PayeeAccount | None:
    return fee_payee(state).account if isinstance(state, Fund) else state.account


async def _applicant(journal: Journal, payee_id: str, account: Folded[Account]) -> ChosenPayee:
    found: Folded[Payee] = await journal.fold(payee_stream(payee_id), court=None)
    known = found.seq > 0 and found.court == account.court
    party = next((party for party in account.state.applicants if party.party_id == payee_id), None)
    payee = found.state if known else Payee(party_id=payee_id)
    return ChosenPayee(payee, party.display_name if party else "", found.stream, found.seq)


def _refund(refund_account: PayeeAccount, payout_id: str) -> ChosenPayee:
    # The account is personal data: it is kept in a private stream of its own, which the draft then names.
    payee_id = f"refund-{payout_id}"
    payee = Payee(payee_id, refund_account.account_name, refund_account, source_seq=1)
    record = RecordPayee(payee_id, refund_account.account_name, refund_account, source_seq=1)
    return ChosenPayee(payee, payer_display(refund_account.account_name), payee_stream(payee_id), 1, record)
