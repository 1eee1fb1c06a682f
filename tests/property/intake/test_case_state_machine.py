"""Whatever is asked of a case in whatever order: it answers with facts or a refusal, and its promises hold."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from libs.foundation.errors import ZhixingError
from libs.schemas.intake import DeductionPosition, Staff, Team
from libs.schemas.timers import TimerDue
from services.intake.domain import case
from services.intake.domain.case.closing import DecideClosure, PapersServed, ProposeClosure
from services.intake.domain.case.control import deductible_fen, held_fen, open_fen
from services.intake.domain.case.copies import RecordControl, RecordDebt, RecordOrderResult
from services.intake.domain.case.opening import AssignCase, RecordInquiryResult, TriageCase
from services.intake.domain.case.papers import OrderPropertyReport, ReceivePropertyReport
from tests.unit.intake.law import ACCOUNT, DEBTOR, NOW, deduct, folded, freeze, frozen, item, registered

DEBT = 1000
AMOUNTS = st.integers(1, 700)
AGENCIES = st.sampled_from(["a", "b", "c"])
HOLDERS: dict[Any, str] = {"TEAM_LEADER": "u-lead", "BUREAU_HEAD": "u-head", "PRESIDENT": "u-pres"}


class CaseLife(RuleBasedStateMachine):
    """A case of a debt of 1,000 fen; agencies do what they were ordered, in any order, or refuse."""

    def __init__(self) -> None:
        super().__init__()
        self.state = registered()
        self.now = NOW
        self.seq = 0
        self.closed_at: Any = None
        self.orders = 0
        self.paid = 0
        self.ask(RecordDebt(0 + self.next(), account=ACCOUNT, debt_fen=DEBT, as_of=NOW.date()))

    def next(self) -> int:
        self.seq += 1
        return self.seq

    def ask(self, command: Any) -> bool:
        """Ask, and fold what follows; a refusal is one of ours and changes nothing."""
        try:
            events = case.decide(self.state, command, self.now)
        except ZhixingError:
            return False
        self.state = folded(self.state, events)
        return bool(events)

    @rule(amount=AMOUNTS, agency=AGENCIES)
    def freeze_something(self, amount: int, agency: str) -> None:
        self.orders += 1
        order = f"ord_{self.orders}"
        if self.ask(freeze(item(agency, amount), control_order_id=order, requested_by=self.officer)):
            measure = f"mea-{order}"
            self.ask(
                frozen(
                    agency, amount, seq=self.next(), measure_id=measure, control_order_id=order, request_number=order
                )
            )

    @rule(data=st.data(), amount=AMOUNTS)
    def deduct_something(self, data: st.DataObject, amount: int) -> None:
        if not self.state.measures:
            return
        measure = data.draw(st.sampled_from(self.state.measures))
        self.orders += 1
        order = f"ord_{self.orders}"
        before = deductible_fen(self.state, measure)
        wanted = item(measure.agency_id, amount).model_copy(
            update={"original_request_number": measure.request_number, "original_sequence": measure.sequence}
        )
        if self.ask(deduct(wanted, control_order_id=order, requested_by=self.officer)):
            assert amount <= before
            for state in ("REQUESTED", "ANSWERED"):
                one = DeductionPosition(deduction_id=order, control_order_id=order, amount_fen=amount, state=state)
                self.ask(RecordControl(self.next(), measure.measure_id, measure.agency_id, deduction=one))
            self.paid += amount
            self.ask(RecordDebt(self.next(), recovered_fen=self.paid, balance_fen=0, settled=self.paid >= DEBT))

    @rule(data=st.data())
    def agency_releases_or_refuses(self, data: st.DataObject) -> None:
        if self.state.measures:
            measure = data.draw(st.sampled_from(self.state.measures))
            word = data.draw(st.sampled_from(["RELEASED", "REFUSED"]))
            if measure.deducted_fen == 0 or word == "RELEASED":
                self.ask(RecordControl(self.next(), measure.measure_id, measure.agency_id, state=word))

    @rule()
    def the_debtor_pays_the_rest_where_nothing_is_held(self) -> None:
        if held_fen(self.state) == 0:
            self.paid = DEBT
            self.ask(RecordDebt(self.next(), recovered_fen=DEBT, balance_fen=0, settled=True))

    @rule(number=st.integers(1, 9), accepted=st.booleans())
    def final_check(self, number: int, accepted: bool) -> None:
        if accepted:
            self.ask(RecordOrderResult(f"ord_{number}", accepted=True))

    @rule(willing=st.booleans(), found=st.integers(0, 5000))
    def triage(self, willing: bool, found: int) -> None:
        self.ask(TriageCase(self.officer, debtor_willing=willing))
        self.ask(RecordInquiryResult("inq", found, needs_disposal=False))

    @rule()
    def assign(self) -> None:
        team = Team(team_id="t", name="t", kind="FAST", leader="u-lead", members=("u-new",))
        leader, officer = Staff(officer_id="u-lead", name="l"), Staff(officer_id="u-new", name="n")
        self.ask(AssignCase(self.state.acting_leader.officer_id, "u-head", team, leader, officer))

    @rule(days=st.integers(0, 12))
    def time_passes(self, days: int) -> None:
        self.now += timedelta(days=days)

    @rule(by_timer=st.booleans())
    def report(self, by_timer: bool) -> None:
        self.ask(OrderPropertyReport(DEBTOR.party_id, "doc", self.now))
        if by_timer:
            self.ask(TimerDue(f"property_report/{DEBTOR.party_id}", 1, self.now))
        else:
            self.ask(ReceivePropertyReport(DEBTOR.party_id, "rep", ("OTHER",), self.officer))

    @rule()
    def close(self) -> None:
        self.ask(ProposeClosure(f"clo_{self.next()}", "FULLY_PERFORMED", self.officer, HOLDERS, PapersServed()))
        pending = self.state.pending_closure
        if pending is not None:
            self.ask(DecideClosure(pending.proposed.closure_id, pending.proposed.approver, True, PapersServed()))
        if self.state.closed is not None and self.closed_at is None:
            self.closed_at = (len(self.state.orders), self.state.assignment)

    @property
    def officer(self) -> str:
        return self.state.acting_officer.officer_id

    @invariant()
    def nothing_is_held_beyond_what_is_owed(self) -> None:
        assert held_fen(self.state) <= open_fen(self.state)

    @invariant()
    def nothing_is_deducted_beyond_what_was_frozen(self) -> None:
        assert all(measure.deducted_fen <= measure.controlled_fen for measure in self.state.measures)
        assert self.paid <= DEBT

    @invariant()
    def a_closed_case_was_paid_in_full_and_nothing_is_ordered_in_it(self) -> None:
        if self.state.closed is not None:
            assert self.state.debt is not None
            assert self.state.debt.recovered_fen >= DEBT
            assert self.closed_at == (len(self.state.orders), self.state.assignment)

    @invariant()
    def a_team_has_the_kind_that_triage_found(self) -> None:
        if self.state.assignment is not None:
            assert self.state.triage is not None
            assert self.state.assignment.team_kind == self.state.triage.team_kind


TestCaseLife = pytest.mark.rule("R-INQ-20", "R-INT-27", "R-INT-31")(CaseLife.TestCase)
TestCaseLife.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
