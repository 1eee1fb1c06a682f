"""The way to the custodian bank: every payout is ordered once, by the id of the event that approved it.

After a time-out or a crash the bank is asked what became of the reference before it is sent again; where it never gives
an answer the payout is in doubt and a person decides.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx

from libs.foundation.errors import Transient
from libs.journal import Intent, Journal
from libs.schemas.payments import PayoutSubmitted
from services.payments.domain.account import Account
from services.payments.domain.commands import BankOutcome, ConfirmPayout, DoubtPayout, FailPayout, SubmitPayout
from services.payments.domain.fund import Fund
from services.payments.domain.payee import Payee, PayeeAccount
from services.payments.domain.payout import Payout


class BankSilent(Transient):
    """The bank did not answer, or not in a way that says what became of the order."""

    code = "bank_silent"
    title = "The custodian bank gave no usable answer"


@dataclass(frozen=True, slots=True)
class TransferOrder:
    """What the bank is told to do."""

    reference: str
    from_account: str
    to_account: str
    to_name: str
    to_bank_id: str
    amount_fen: int
    remark: str


class CustodianBank:
    """The bank's own API, in its words."""

    def __init__(self, url: str, *, seconds_max: float) -> None:
        """Name the bank's address; nothing is sent yet."""
        self._url = url.rstrip("/")
        self._client = httpx.AsyncClient(timeout=seconds_max)

    async def transfer(self, order: TransferOrder) -> dict[str, Any]:
        """Order a transfer and return the bank's answer. Raises `BankSilent` for anything that answers nothing."""
        body = {
            "reference": order.reference,
            "from_account": order.from_account,
            "to_account": order.to_account,
            "to_name": order.to_name,
            "to_bank_id": order.to_bank_id,
            "amount_fen": order.amount_fen,
            "remark": order.remark,
        }
        return _answer(await self._sent("POST", "/transfers", json=body))

    async def find(self, reference: str) -> dict[str, Any] | None:
        """Return what the bank knows of a reference, or None if it never received it."""
        response = await self._sent("GET", f"/transfers/{quote(reference, safe='')}")
        return None if response.status_code == httpx.codes.NOT_FOUND else _answer(response)

    async def close(self) -> None:
        """Let go of the connections."""
        await self._client.aclose()

    async def _sent(self, method: str, path: str, **kwargs: Any) -> httpx.Response:
        try:
            return await self._client.request(method, self._url + path, **kwargs)
        except httpx.HTTPError as error:
            raise BankSilent(type(error).__name__) from error


def _answer(response: httpx.Response) -> dict[str, Any]:
    if response.is_success:
        try:
            body = response.json()
        except ValueError as error:
            raise BankSilent("The answer is no JSON.") from error
        if isinstance(body, dict) and body.get("state") in {"DONE", "REFUSED", "PENDING"}:
            return body
    raise BankSilent(f"The bank answered {response.status_code}.")


class PayoutOrders:
    """Carries out an approved payout over the bank's API."""

    def __init__(self, bank: CustodianBank) -> None:
        """`follow` gives the journal, which is built with this port in its hands."""
        self._bank = bank
        self._journal: Journal | None = None

    def follow(self, journal: Journal) -> None:
        """Read payouts and payees from this journal."""
        self._journal = journal

    async def perform(self, intent: Intent) -> BankOutcome:
        """Order the transfer to the account that was checked: the payee's as it stood when the payout was drafted."""
        assert self._journal is not None
        payout_id = _payout_id(intent)
        account: Account = (await self._journal.fold(intent.stream, court=intent.court)).state
        payout = account.payouts[payout_id]
        assert account.account is not None
        payee = await self._payee(payout, intent.court)
        order = TransferOrder(
            reference=intent.id,
            from_account=account.account.account_number,
            to_account=payee.account_number,
            to_name=payee.account_name,
            to_bank_id=payee.bank_id,
            amount_fen=payout.amount_fen,
            remark=f"{account.case_number} 执行案款",
        )
        return _outcome(payout_id, intent.id, await self._bank.transfer(order))

    async def ask(self, intent: Intent) -> BankOutcome | None:
        """Ask the bank what became of the order."""
        found = await self._bank.find(intent.id)
        return None if found is None else _outcome(_payout_id(intent), intent.id, found)

    def in_doubt(self, intent: Intent) -> BankOutcome:
        """Hand the payout to a person."""
        return DoubtPayout(_payout_id(intent), "The bank did not say whether it paid.", intent.id)

    async def _payee(self, payout: Payout, court: str) -> PayeeAccount:
        assert self._journal is not None
        state = (await self._journal.fold(payout.payee_stream, court=court, at_seq=payout.payee_seq)).state
        payee = fee_payee(state) if isinstance(state, Fund) else state
        assert isinstance(payee, Payee)
        assert payee.account is not None
        return payee.account


class PendingPayouts:
    """Follows an order that the bank took and did not finish: it is asked until it is done, never ordered again."""

    def __init__(self, bank: CustodianBank) -> None:
        """Ask this bank."""
        self._bank = bank

    async def perform(self, intent: Intent) -> BankOutcome:
        """Ask the bank for the end of the order. Raises `BankSilent` while there is none."""
        event = intent.event
        assert isinstance(event, PayoutSubmitted)
        reference = event.reference or ""
        found = await self._bank.find(reference)
        if found is None or found["state"] == "PENDING":
            raise BankSilent("The order is still pending.")
        return _outcome(event.payout_id, reference, found)

    async def ask(self, intent: Intent) -> BankOutcome | None:
        """Ask again: asking is all that this port ever does."""
        return await self.perform(intent)

    def in_doubt(self, intent: Intent) -> BankOutcome:
        """Hand the payout to a person."""
        event = intent.event
        reference = event.reference if isinstance(event, PayoutSubmitted) else None
        return DoubtPayout(_payout_id(intent), "The bank took the order and never finished it.", reference or "")


def fee_payee(fund: Fund) -> Payee:
    """Return the treasury's fee account of a court as a payee."""
    if fund.setting is None:
        return Payee()
    fee = fund.setting.fee_account
    account = PayeeAccount(fee.account_name, fee.account_number, fee.bank_id, fee.bank_name)
    return Payee(name=fee.account_name, account=account)


def _payout_id(intent: Intent) -> str:
    return str(intent.event.payout_id)  # type: ignore[attr-defined]  # every intent of payments is about a payout


def _outcome(payout_id: str, reference: str, answer: dict[str, Any]) -> BankOutcome:
    bank_reference = str(answer.get("bank_reference") or "")
    if answer["state"] == "DONE":
        return ConfirmPayout(payout_id, bank_reference, reference)
    if answer["state"] == "PENDING":
        return SubmitPayout(payout_id, bank_reference, reference)
    return FailPayout(payout_id, str(answer.get("reason") or "The bank refused the order.")[:500])
