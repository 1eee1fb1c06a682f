"""What the bus tells this service: one function per event; the table at the bottom is the map."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from libs.bus import Dispatch, Handler, Message
from libs.foundation.ids import derived_id
from libs.journal import Journal
from libs.schemas.envelope import Event
from libs.schemas.intake import BankAccount, CaseRegistered, PartyRegistered, PartyUpdated
from libs.schemas.payments import IncomingPaymentIdentified, SubAccountAllotted
from services.payments.domain.account import account_stream
from services.payments.domain.commands import CreditAccount, OpenAccount, RecordDebtBasis
from services.payments.domain.fund import AllotSubAccount, fund_stream
from services.payments.domain.names import BindName, name_stream
from services.payments.domain.payee import PayeeAccount, RecordPayee, payee_stream


def on_case_registered(message: Message[CaseRegistered]) -> Iterable[Dispatch]:
    """A case is filed: its debt can be stated from now on, and it gets a number under the court's account."""
    case = message.event
    basis = RecordDebtBasis(
        case_id=case.case_id,
        case_number=case.case_number,
        court=case.court,
        applicants=case.applicants,
        principal_fen=case.claim_fen,
        last_day_of_performance=case.basis.last_day_of_performance,
        filed_on=case.filed_on,
    )
    allot = AllotSubAccount(case.court, case.case_id, case.case_number)
    return [
        Dispatch(account_stream(case.case_id), basis, court=case.court, key=case.case_id),
        Dispatch(fund_stream(case.court), allot, court=case.court, key=derived_id("fund", case.court)),
    ]


def on_sub_account_allotted(message: Message[SubAccountAllotted]) -> Iterable[Dispatch]:
    """The case has its number. The names are bound first, so that no statement line can be quicker than its case."""
    allotted = message.event
    names = (allotted.account.account_number, allotted.case_number)
    return [
        *(
            Dispatch(name_stream(name), BindName(name, allotted.case_id, allotted.court), key=allotted.case_id)
            for name in names
        ),
        Dispatch(
            account_stream(allotted.case_id),
            OpenAccount(allotted.case_id, allotted.case_number, allotted.account),
            key=allotted.case_id,
        ),
    ]


class CreditsIdentifiedMoney:
    """Identified money is credited to its case, whichever court's pool it waited in."""

    def __init__(self, journal: Journal) -> None:
        """The journal says which court the case is of."""
        self._journal = journal

    async def on_incoming_payment_identified(self, message: Message[IncomingPaymentIdentified]) -> Iterable[Dispatch]:
        """The money leaves transit: a posting with both legs on the case's account."""
        paid = message.event
        account = await self._journal.fold(account_stream(paid.case_id), court=None)
        credit = CreditAccount(
            case_id=paid.case_id,
            incoming_id=paid.incoming_id,
            amount_fen=paid.amount_fen,
            bank_id=paid.bank_id,
            reference=paid.reference,
            payment_reference=paid.payment_reference,
            payer_display=paid.payer_display,
            value_at=paid.value_at,
        )
        court = account.court if account.seq else message.court
        return [Dispatch(account_stream(paid.case_id), credit, court=court, key=paid.case_id)]


def on_party_registered(message: Message[PartyRegistered]) -> Iterable[Dispatch]:
    """A party stands in the register: our copy of its name and account."""
    party = message.event
    return [_payee(party.party_id, party.name, party.payee_account, message.seq)]


def on_party_updated(message: Message[PartyUpdated]) -> Iterable[Dispatch]:
    """The party named another account: payouts drafted to the old one must be drafted again (R-PAY-07)."""
    party = message.event
    return [_payee(party.party_id, None, party.payee_account, message.seq)]


def _payee(party_id: str, name: str | None, account: BankAccount | None, seq: int) -> Dispatch:
    copy = None
    if account is not None:
        copy = PayeeAccount(account.account_name, account.account_number, account.bank_id, account.bank_name)
    return Dispatch(payee_stream(party_id), RecordPayee(party_id, name, copy, seq))


PURE: Final[Mapping[type[Event], Handler]] = {
    CaseRegistered: on_case_registered,
    SubAccountAllotted: on_sub_account_allotted,
    PartyRegistered: on_party_registered,
    PartyUpdated: on_party_updated,
}
"""Handlers that need nothing but the message."""


def handlers(journal: Journal) -> dict[type[Event], Any]:
    """Return the map from events to handlers."""
    return {
        **PURE,
        IncomingPaymentIdentified: CreditsIdentifiedMoney(journal).on_incoming_payment_identified,
    }
