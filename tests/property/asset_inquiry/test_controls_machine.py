"""Whatever orders, answers, repeats and money come in whatever order: never over the limit, never above the frozen."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from libs.schemas.asset_inquiry import (
    ControlOrderAccepted,
    DeductionConfirmed,
    DeductionRequested,
    ItemAnswer,
    RequestIssued,
)
from libs.schemas.envelope import Event
from services.asset_inquiry.domain.control_answers import ConfirmDeduction, RecordLimit, TakeAnswers
from services.asset_inquiry.domain.controls import ControlsState, Measure
from tests.unit.asset_inquiry.cases import (
    CASE,
    NOW,
    controlled,
    decide,
    deducted,
    item,
    limited,
    order,
    request_of,
    run,
)

LIMIT = 1_000
MONEY = ("ast-a", "ast-b", "ast-c")


class Controls(RuleBasedStateMachine):
    """One case, three accounts; agencies answer when they like, the bank credits when it likes, all repeat."""

    def __init__(self) -> None:
        super().__init__()
        self.state = ControlsState()
        self.serial = 0
        self.requests: list[Any] = []
        self.commands: list[Any] = []
        self.confirmed: dict[str, int] = {}
        self.asked: dict[str, int] = {}

    def execute(self, command: Any) -> list[Event]:
        before = self.state
        self.serial += 1
        self.state, events = run(before, command, now=NOW + timedelta(minutes=self.serial))
        self.commands.append(command)
        for event in events:
            if isinstance(event, ControlOrderAccepted):
                self.requests += [
                    (event.kind, request_of(event.kind, planned, event.control_order_id)) for planned in event.planned
                ]
            if isinstance(event, DeductionRequested):
                measure = before.measures[event.measure_id]
                assert event.amount_fen <= measure.frozen_fen, "a deduction above what is frozen"
                self.asked[event.deduction_id] = event.amount_fen
            if isinstance(event, DeductionConfirmed):
                assert event.deduction_id not in self.confirmed, "confirmed twice"
                self.confirmed[event.deduction_id] = event.amount_fen
        return events

    @initialize()
    def assess(self) -> None:
        """Begin with one freeze in force, so that every run has something to deduct from."""
        self.state = limited(LIMIT)
        self.execute(decide(order("FREEZE", [item("ast-a", 600)], "co-first")))
        self.execute(TakeAnswers(self.requests.pop()[1], (controlled(1, 500, 100),)))

    @rule(asset_id=st.sampled_from(MONEY), fen=st.integers(1, LIMIT + 100))
    def freeze(self, asset_id: str, fen: int) -> None:
        self.execute(decide(order("FREEZE", [item(asset_id, fen)], f"co-{self.serial}")))

    @rule(data=st.data(), kind=st.sampled_from(["DEDUCT", "DEDUCT", "DEDUCT", "RELEASE"]), fen=st.integers(1, LIMIT))
    def act_on_a_freeze(self, data: st.DataObject, kind: Any, fen: int) -> None:
        if not self.state.measures:
            return
        measure: Measure = data.draw(
            st.sampled_from(sorted(self.state.measures.values(), key=lambda one: one.measure_id))
        )
        wanted = item(
            measure.asset_id,
            fen,
            agency_id=measure.agency_id,
            original_request_number=measure.request_number,
            original_sequence=measure.sequence,
        )
        self.execute(decide(order(kind, [wanted], f"co-{self.serial}")))

    @rule(data=st.data(), share=st.integers(0, 100), says_no=st.sampled_from([False, False, False, True]))
    def answer(self, data: st.DataObject, share: int, says_no: bool) -> None:
        if not self.requests:
            return
        kind, request = data.draw(st.sampled_from(self.requests))
        self._answer(kind, request, share, says_no=says_no)

    def _answer(self, kind: str, request: RequestIssued, share: int, *, says_no: bool) -> None:
        (wanted,) = request.items
        asked = wanted.requested_limit_fen or 0
        if says_no:
            reply = ItemAnswer(sequence=1, status="NOT_CONTROLLED", refusal_code="X", refusal_text="不能办理")
        elif kind == "FREEZE":
            # An agency answers a freeze once and repeats that answer; a correction is another story.
            held = asked * (int(request.request_id[-4:], 16) % 101) // 100
            reply = controlled(1, held, asked - held)
        elif kind == "DEDUCT":
            reply = deducted(1, max(1, asked * share // 100), wanted.payment_reference)
        else:
            reply = ItemAnswer(sequence=1, status="RELEASED", effective_from=NOW, agency_reference="F")
        if kind == "FREEZE":
            known = self.state.measures[wanted.measure_id or ""]
            if known.state != "REQUESTED" and (known.state == "REFUSED") != says_no:
                return
        self.execute(TakeAnswers(request, (reply,)))

    @rule(share=st.integers(1, 100))
    def answer_the_newest(self, share: int) -> None:
        if self.requests:
            kind, request = self.requests[-1]
            self._answer(kind, request, share, says_no=False)

    @rule(data=st.data())
    def credit(self, data: st.DataObject) -> None:
        # Money for a deduction that its agency called failed is the agency's lie, not an order of things.
        failed = {one.deduction_id for m in self.state.measures.values() for one in m.deductions.values() if one.failed}
        if credited := sorted(self.asked.keys() - failed):
            reference = data.draw(st.sampled_from(credited))
            self.execute(ConfirmDeduction(reference, self.asked[reference]))

    @rule(data=st.data())
    def repeat(self, data: st.DataObject) -> None:
        if self.commands:
            command = data.draw(st.sampled_from(self.commands))
            if not isinstance(command, TakeAnswers):
                self.execute(command)

    @rule()
    def assess_again_with_an_old_figure(self) -> None:
        assert self.execute(RecordLimit(CASE, 10 * LIMIT, date(2026, 1, 1), 1)) == []

    @invariant()
    def never_over_the_limit(self) -> None:
        assert self.state.counted_fen <= LIMIT
        held = sum(
            one.controlled_fen for one in self.state.measures.values() if one.state in {"EFFECTIVE", "PARTLY_EFFECTIVE"}
        )
        assert held <= LIMIT

    @invariant()
    def never_more_taken_than_was_frozen(self) -> None:
        for measure in self.state.measures.values():
            assert measure.deducted_fen <= max(measure.controlled_fen, 0)
            assert measure.frozen_fen >= 0
            assert sum(one.is_open for one in measure.deductions.values()) <= 1
        assert sum(self.confirmed.values()) <= LIMIT

    @invariant()
    def a_waiting_release_waits_for_something(self) -> None:
        for deferred in self.state.waiting.values():
            assert any(self.state.measures[name].open_deductions for name in deferred.measure_ids)


TestControls = Controls.TestCase
TestControls.settings = settings(
    max_examples=80, stateful_step_count=30, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
