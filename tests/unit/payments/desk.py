"""A desk for tests: one case account that is asked by commands and remembers what followed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from libs.schemas.envelope import Event
from libs.schemas.parts import CaseAccountRef, PartyRef
from libs.schemas.timers import TimerCancelled, TimerScheduled
from services.payments.domain.account import Account, evolve_account
from services.payments.domain.account_law import decide_account
from services.payments.domain.commands import (
    AccountCommand,
    CreditAccount,
    DecidePayout,
    DraftPayout,
    OpenAccount,
    RecordDebtBasis,
)
from services.payments.domain.payee import Payee, PayeeAccount

CASE = "case_1"
APPLICANT = PartyRef(party_id="party_1", display_name="浦**", party_type="PERSON")
REGISTERED = datetime(2026, 3, 2, 1, tzinfo=UTC)
NUMBER = CaseAccountRef(
    account_name="宣威市人民法院执行款专户", account_number="5303990001000001", bank_name="商行", bank_id="custodian"
)
PAYEE = Payee("party_1", "浦明远", PayeeAccount("浦明远", "6217003860009999", "bank-a", "甲银行"), 1)
TREASURY = Payee("", "非税收入专户", PayeeAccount("非税收入专户", "53039900019999", "custodian", "商行"))


@dataclass
class Desk:
    """Decides, evolves, and keeps all events; timers are taken out as the journal does."""

    state: Account = field(default_factory=Account)
    events: list[Event] = field(default_factory=list)

    def ask(self, command: AccountCommand, now: datetime = REGISTERED) -> Sequence[Event]:
        events = decide_account(self.state, command, now)
        for event in events:
            if not isinstance(event, TimerScheduled | TimerCancelled):
                self.state = evolve_account(self.state, event)
        self.events += events
        return events

    def names(self, events: Sequence[Event]) -> list[str]:
        return [event.NAME for event in events if not event.NAME.startswith("timer_")]


def opened(claim_fen: int = 500_000, last_day: date = date(2026, 2, 12)) -> Desk:
    desk = Desk()
    desk.ask(RecordDebtBasis(CASE, "(2026)云0381执1号", "云0381", (APPLICANT,), claim_fen, last_day, date(2026, 3, 2)))
    desk.ask(OpenAccount(CASE, "(2026)云0381执1号", NUMBER))
    return desk


def credit(amount_fen: int, incoming_id: str = "in_1", value_at: datetime = REGISTERED) -> CreditAccount:
    return CreditAccount(CASE, incoming_id, amount_fen, "custodian", incoming_id, None, "李**", value_at)


def to_applicant(amount_fen: int, payout_id: str = "p1", payee: Payee = PAYEE) -> DraftPayout:
    return DraftPayout(payout_id, "TO_APPLICANT", amount_fen, "u-maker", payee, "浦**", "payee/party_1", 1)


def fee(amount_fen: int, payout_id: str = "p2") -> DraftPayout:
    return DraftPayout(payout_id, "ENFORCEMENT_FEE", amount_fen, "u-maker", TREASURY, TREASURY.name, "fund/x", 1)


def check(payout_id: str = "p1", by: str = "u-checker", *, approve: bool = True) -> DecidePayout:
    return DecidePayout(payout_id, approve, "", by, frozenset({"fund_checker"}))


def approve(payout_id: str = "p1", by: str = "u-approver", *, agree: bool = True) -> DecidePayout:
    return DecidePayout(payout_id, agree, "", by, frozenset({"fund_approver"}))
