"""The ledger's invariants under any interleaving of lines, credits, payouts and what the bank says."""

import contextlib
from datetime import UTC, datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, rule

from libs.foundation.errors import ZhixingError
from libs.schemas.envelope import Event
from libs.schemas.payments import AccountCredited, IncomingPaymentIdentified, PayoutConfirmed
from services.payments.domain.commands import (
    BankOutcome,
    ConfirmPayout,
    CreditAccount,
    DoubtPayout,
    FailPayout,
    ResolvePayout,
    SubmitPayout,
)
from services.payments.domain.incoming import (
    BookedLine,
    DecideIdentification,
    Incoming,
    IncomingCommand,
    ProposeIdentification,
    RecordLine,
    decide_incoming,
    evolve_incoming,
)
from services.payments.views import BANK, CASE, IN_TRANSIT, UNIDENTIFIED, account_movements, incoming_movements
from tests.unit.payments.desk import Desk, approve, check, fee, opened, to_applicant

START = datetime(2026, 3, 2, 2, tzinfo=UTC)
AMOUNTS = st.integers(min_value=1, max_value=700_000)
PAYOUTS = st.sampled_from(["p1", "p2", "p3"])
SHARES = st.sampled_from([1, 2, 3])
OUTCOMES = st.sampled_from(["confirm", "fail", "submit", "doubt", "found paid", "found unpaid"])
PEOPLE = st.sampled_from(["u-maker", "u-checker", "u-approver"])


class Court(RuleBasedStateMachine):
    """One case, any number of statement lines; the bank's own books are counted beside, as a plain number."""

    identified = Bundle("identified")

    def __init__(self) -> None:
        super().__init__()
        self.desk: Desk = opened()
        self.incoming: dict[str, Incoming] = {}
        self.now = START
        self.banks_own_books = 0
        self.postings: list[Event] = []

    @initialize(amount=st.sampled_from([100, 300_000, 506_575, 600_000]))
    def money_is_there(self, amount: int) -> None:
        self.money_arrives_and_is_credited(amount)

    # --- money comes in ----------------------------------------------------------------------------------------------

    @rule(target=identified, reference=st.sampled_from("ABCDEF"), amount=AMOUNTS, known=st.booleans())
    def a_line_arrives(self, reference: str, amount: int, known: bool) -> IncomingPaymentIdentified | None:
        first = reference not in self.incoming
        line = BookedLine("custodian", reference, "5303990001000001", amount, START, "李**")
        if first:
            self.banks_own_books += amount
        return self._incoming(reference, RecordLine(line, "case_1" if known else None))

    @rule(amount=AMOUNTS)
    def money_arrives_and_is_credited(self, amount: int) -> None:
        reference = f"G-{len(self.incoming)}"
        self.banks_own_books += amount
        line = BookedLine("custodian", reference, "5303990001000001", amount, self.now, "李**")
        self._credit(self._incoming(reference, RecordLine(line, "case_1")))

    @rule(reference=st.sampled_from("ABCDEF"), by=st.sampled_from(["u-1", "u-2"]))
    def somebody_says_whose_it_is(self, reference: str, by: str) -> None:
        self._incoming(reference, ProposeIdentification("case_1", "凭证", by))

    @rule(
        target=identified, reference=st.sampled_from("ABCDEF"), by=st.sampled_from(["u-1", "u-2"]), agree=st.booleans()
    )
    def somebody_agrees_or_not(self, reference: str, by: str, agree: bool) -> IncomingPaymentIdentified | None:
        return self._incoming(reference, DecideIdentification(agree, "", by))

    @rule(event=consumes(identified))
    def the_credit_arrives_once(self, event: IncomingPaymentIdentified | None) -> None:
        self._credit(event)

    @rule(event=identified)
    def the_credit_arrives_again(self, event: IncomingPaymentIdentified | None) -> None:
        self._credit(event)

    # --- money goes out ----------------------------------------------------------------------------------------------

    @rule(payout=PAYOUTS, share=SHARES, more=st.integers(min_value=0, max_value=1))
    def the_maker_drafts(self, payout: str, share: int, more: int) -> None:
        """Ask for a share of what is available, or for one fen more than that."""
        if payout not in self.desk.state.payouts:
            self._try(to_applicant(max(self.desk.state.available_fen // share, 1) + more, payout))

    @rule(amount=st.integers(min_value=1, max_value=6_000))
    def the_maker_drafts_the_fee(self, amount: int) -> None:
        if "p-fee" not in self.desk.state.payouts:
            self._try(fee(amount, "p-fee"))

    @rule(payout=PAYOUTS | st.just("p-fee"), by=PEOPLE, agree=st.booleans())
    def somebody_checks(self, payout: str, by: str, agree: bool) -> None:
        self._try(check(payout, by, approve=agree))

    @rule(
        payout=PAYOUTS | st.just("p-fee"),
        by=PEOPLE,
        agree=st.booleans(),
    )
    def somebody_approves(self, payout: str, by: str, agree: bool) -> None:
        self._try(approve(payout, by, agree=agree))

    @rule(payout=PAYOUTS, share=SHARES, checker=PEOPLE, approver=PEOPLE, outcome=OUTCOMES)
    def a_payout_goes_through_the_office(
        self, payout: str, share: int, checker: str, approver: str, outcome: str
    ) -> None:
        self.the_maker_drafts(payout, share, more=0)
        self.somebody_checks(payout, checker, agree=True)
        self.somebody_approves(payout, approver, agree=True)
        self.the_bank_or_a_person_says(payout, outcome)

    @rule()
    def the_fee_goes_through_the_office(self) -> None:
        self.the_maker_drafts_the_fee(5_000)
        self.somebody_checks("p-fee", "u-checker", agree=True)
        self.somebody_approves("p-fee", "u-approver", agree=True)
        self.the_bank_or_a_person_says("p-fee", "confirm")

    @rule(
        payout=PAYOUTS | st.just("p-fee"),
        outcome=OUTCOMES,
    )
    def the_bank_or_a_person_says(self, payout: str, outcome: str) -> None:
        said: dict[str, BankOutcome | ResolvePayout] = {
            "confirm": ConfirmPayout(payout, "B", "evt"),
            "fail": FailPayout(payout, "no"),
            "submit": SubmitPayout(payout, "B", "evt"),
            "doubt": DoubtPayout(payout, "silence"),
            "found paid": ResolvePayout(payout, "PAID", "B", "回单", "u-approver"),
            "found unpaid": ResolvePayout(payout, "NOT_PAID", "", "查询", "u-approver"),
        }
        paid_before = self.desk.state.paid_out_fen
        self._try(said[outcome])
        self.banks_own_books -= self.desk.state.paid_out_fen - paid_before

    @rule(days=st.integers(min_value=0, max_value=20))
    def time_passes(self, days: int) -> None:
        self.now += timedelta(days=days)

    # --- what always holds -------------------------------------------------------------------------------------------

    @invariant()
    def receipts_are_what_was_paid_and_what_is_left(self) -> None:
        state = self.desk.state
        assert state.recovered_fen == state.paid_out_fen + state.balance_fen
        assert 0 <= state.available_fen <= state.balance_fen
        assert state.available_fen + state.held_fen == state.balance_fen

    @invariant()
    def the_trial_balance_equals_the_banks_own_books(self) -> None:
        ledgers = dict.fromkeys((BANK, UNIDENTIFIED, IN_TRANSIT, CASE), 0)
        rows = [row for state in self.incoming.values() for row in incoming_movements(state).values()]
        for row in [*rows, *account_movements(self.desk.state).values()]:
            ledgers[row["ledger"]] += row["amount_fen"]
        assert sum(ledgers.values()) == 0
        assert ledgers[BANK] == self.banks_own_books
        assert -ledgers[CASE] == self.desk.state.balance_fen
        assert min(-ledgers[UNIDENTIFIED], -ledgers[IN_TRANSIT]) >= 0

    @invariant()
    def every_posting_balances(self) -> None:
        for event in self.desk.events:
            if isinstance(event, AccountCredited | PayoutConfirmed):
                assert sum(leg.amount_fen for leg in event.legs) == 0

    @invariant()
    def nobody_gets_more_than_their_due(self) -> None:
        state = self.desk.state
        debt = state.debt_as_of(state.value_day) if state.value_day else None
        for purpose, due in (("TO_APPLICANT", debt.claim_fen if debt else 0), ("ENFORCEMENT_FEE", 5_000)):
            counted = [
                p for p in state.payouts.values() if p.purpose == purpose and (p.is_live or p.state == "CONFIRMED")
            ]
            assert sum(payout.amount_fen for payout in counted) <= due

    @invariant()
    def money_left_only_after_three_people_agreed(self) -> None:
        for payout in self.desk.state.payouts.values():
            if payout.state in {"APPROVED", "SUBMITTED", "CONFIRMED", "FAILED", "IN_DOUBT"}:
                assert len({payout.maker, payout.checker, payout.approver} - {None}) == 3

    @invariant()
    def settled_means_nothing_is_left_and_nothing_is_held(self) -> None:
        if self.desk.state.settled:
            assert self.desk.state.satisfied
            assert (self.desk.state.balance_fen, self.desk.state.held_fen) == (0, 0)

    def _incoming(self, reference: str, command: IncomingCommand) -> IncomingPaymentIdentified | None:
        state = self.incoming.get(reference, Incoming())
        try:
            events = decide_incoming(state, command, self.now)
        except ZhixingError:
            return None
        for event in events:
            state = evolve_incoming(state, event)
        self.incoming[reference] = state
        return next((event for event in events if isinstance(event, IncomingPaymentIdentified)), None)

    def _credit(self, event: IncomingPaymentIdentified | None) -> None:
        if event is not None:
            payer, value_at = event.payer_display, event.value_at
            self._try(
                CreditAccount(
                    "case_1", event.incoming_id, event.amount_fen, event.bank_id, event.reference, None, payer, value_at
                )
            )

    def _try(self, command: object) -> None:
        with contextlib.suppress(ZhixingError):
            self.desk.ask(command, self.now)  # type: ignore[arg-type]


TestCourt = Court.TestCase
TestCourt.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
