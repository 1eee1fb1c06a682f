"""Control orders decided finally, and what agencies' answers and arriving money make of them."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from libs.schemas.asset_inquiry import (
    ControlEffective,
    ControlOrderAccepted,
    ControlOrderDeferred,
    ControlOrderRefused,
    ControlQueued,
    ControlRefused,
    ControlReleased,
    ControlReleaseRefused,
    DeductionAnswered,
    DeductionConfirmed,
    DeductionFailed,
    ItemAnswer,
)
from libs.schemas.envelope import Event
from services.asset_inquiry.domain.control_answers import ConfirmDeduction, RecordLimit, TakeAnswers, TakeReturn
from services.asset_inquiry.domain.controls import ControlsState, Measure
from services.asset_inquiry.domain.copies import PaperCopy
from services.asset_inquiry.domain.orders import DecideOrder, ReceiveOrder
from services.asset_inquiry.domain.refusals import DebtNotAssessed
from tests.unit.asset_inquiry.cases import (
    AGENCIES,
    CASE,
    NOW,
    bank,
    case,
    controlled,
    decide,
    deducted,
    item,
    limited,
    order,
    paper,
    papers,
    request_of,
    run,
)

DEBT = 506_575


def refusal(state: ControlsState, command: DecideOrder) -> ControlOrderRefused:
    event = run(state, command)[1][0]
    assert isinstance(event, ControlOrderRefused), event
    return event


def accepted(events: list[Event]) -> ControlOrderAccepted:
    found = [event for event in events if isinstance(event, ControlOrderAccepted)]
    assert len(found) == 1, events
    return found[0]


def frozen(fen: int, *, limit_fen: int = DEBT, asset_id: str = "ast-a", order_id: str = "co-1") -> ControlsState:
    """A freeze in force at bank A."""
    return freeze_more(limited(limit_fen), fen, asset_id, order_id)


def freeze_more(
    state: ControlsState, fen: int, asset_id: str, order_id: str, found_fen: int | None = None
) -> ControlsState:
    state, events = run(state, decide(order("FREEZE", [item(asset_id, fen)], order_id)))
    request = request_of("FREEZE", accepted(events).planned[0], order_id)
    held = fen if found_fen is None else found_fen
    return run(state, TakeAnswers(request, (controlled(1, held, fen - held),)))[0]


def only(state: ControlsState) -> Measure:
    return list(state.measures.values())[-1]


def on(measure: Measure, fen: int, sequence: int = 1) -> Any:
    return item(
        measure.asset_id,
        fen,
        sequence,
        agency_id=measure.agency_id,
        original_request_number=measure.request_number,
        original_sequence=measure.sequence,
    )


def deducting(state: ControlsState, fen: int, order_id: str = "co-d", **changes: Any) -> tuple[ControlsState, Any]:
    state, events = run(state, decide(order("DEDUCT", [on(only(state), fen)], order_id, **changes)))
    return state, request_of("DEDUCT", accepted(events).planned[0], order_id)


# --- the final check ----


@pytest.mark.rule("R-INQ-20")
def test_story_1_freezes_3200_00_and_1865_75_exactly_and_not_a_fen_more() -> None:
    both = order("FREEZE", [item("ast-a", 320_000), item("ast-b", 186_575, 2)])
    state, events = run(limited(DEBT), decide(both))
    assert [one.agency_id for one in accepted(events).planned] == ["bank-a", "bank-b"]
    assert state.counted_fen == DEBT
    refused = refusal(state, decide(order("FREEZE", [item("ast-b", 1)], "co-2")))
    assert (refused.code, refused.rule) == ("over_attachment", "R-INQ-20")


@pytest.mark.rule("R-INQ-20")
def test_accounts_of_300_000_and_200_000_for_a_claim_of_500_000_are_in_order() -> None:
    both = order("FREEZE", [item("ast-a", 300_000_00), item("ast-b", 200_000_00, 2)])
    accepted(run(limited(500_000_00), decide(both))[1])


@pytest.mark.rule("R-INQ-20")
def test_deposits_that_cover_the_claim_leave_no_room_for_a_flat() -> None:
    state = frozen(500_000_00, limit_fen=500_000_00)
    assert refusal(state, decide(order("FREEZE", [item("ast-home", 2_000_000_00)], "co-2"))).code == "over_attachment"


@pytest.mark.rule("R-INQ-20")
def test_the_only_flat_may_be_worth_more_than_the_claim_but_a_second_one_may_not() -> None:
    state = limited(500_000_00)
    accepted(run(state, decide(order("FREEZE", [item("ast-home", 2_000_000_00)])))[1])
    two = order("FREEZE", [item("ast-home", 2_000_000_00), item("ast-home-2", 1_000_000_00, 2)])
    assert refusal(state, decide(two)).code == "over_attachment"


@pytest.mark.rule("R-INQ-20")
def test_three_accounts_for_one_claim_count_by_what_was_found_and_nothing_fits_once_it_is_reached() -> None:
    claim = 500_000_00
    state = freeze_more(limited(claim), claim, "ast-a", "co-1", found_fen=200_000_00)
    assert state.counted_fen == 200_000_00, "a limit freeze counts by the balance it holds"
    state = freeze_more(state, 300_000_00, "ast-b", "co-2")
    assert refusal(state, decide(order("FREEZE", [item("ast-c", 1)], "co-3"))).code == "over_attachment"


@pytest.mark.rule("R-INQ-20")
def test_a_freeze_counts_in_full_until_its_agency_answers() -> None:
    state, _ = run(limited(DEBT), decide(order("FREEZE", [item("ast-a", DEBT)])))
    assert refusal(state, decide(order("FREEZE", [item("ast-b", 1)], "co-2"))).code == "over_attachment"


def test_what_an_agency_refused_counts_no_longer() -> None:
    state, events = run(limited(DEBT), decide(order("FREEZE", [item("ast-a", DEBT)])))
    answer = ItemAnswer(sequence=1, status="NOT_CONTROLLED", refusal_code="X", refusal_text="查无账户信息")
    state, events = run(state, TakeAnswers(request_of("FREEZE", accepted(events).planned[0], "co-1"), (answer,)))
    assert isinstance(events[0], ControlRefused)
    accepted(run(state, decide(order("FREEZE", [item("ast-b", DEBT)], "co-2")))[1])


def test_what_was_deducted_goes_on_counting_against_the_debt() -> None:
    state, request = deducting(frozen(DEBT), DEBT)
    reference = next(iter(only(state).deductions))
    state, _ = run(state, TakeAnswers(request, (deducted(1, DEBT, reference),)), ConfirmDeduction(reference, DEBT))
    state, events = run(state, decide(order("RELEASE", [on(only(state), 0)], "co-r")))
    release = request_of("RELEASE", accepted(events).planned[0], "co-r")
    state, _ = run(
        state,
        TakeAnswers(release, (ItemAnswer(sequence=1, status="RELEASED", effective_from=NOW, agency_reference="F1"),)),
    )
    assert (only(state).state, state.counted_fen) == ("RELEASED", DEBT)


@pytest.mark.rule("R-INQ-20")
def test_without_an_assessed_debt_the_check_waits() -> None:
    with pytest.raises(DebtNotAssessed) as waiting:
        run(ControlsState(), decide(order("FREEZE", [item("ast-a", 1)])))
    assert waiting.value.retryable


def test_an_old_assessment_does_not_replace_a_newer_one() -> None:
    state = limited(DEBT)
    newer = run(state, RecordLimit(CASE, 1_000, date(2026, 3, 3), 5), RecordLimit(CASE, 9_999, date(2026, 3, 2), 4))[0]
    assert newer.limit_fen == 1_000


@pytest.mark.rule("R-INQ-04")
@pytest.mark.parametrize("missing", ["FREEZE_RULING", "ASSISTANCE_FREEZE_NOTICE"])
def test_an_order_without_one_of_its_papers_is_refused(missing: str) -> None:
    present = papers(*({"FREEZE_RULING", "ASSISTANCE_FREEZE_NOTICE"} - {missing}))
    assert refusal(limited(DEBT), decide(order("FREEZE", [item("ast-a", 1)]), papers=present)).code == "papers_missing"


@pytest.mark.rule("R-INQ-04")
@pytest.mark.parametrize(
    ("copy", "code"),
    [
        (paper("FREEZE_RULING", case_id="case_9"), "papers_missing"),
        (PaperCopy(None), None),
        (paper("FREEZE_RULING", sealed=False), None),
    ],
)
def test_a_paper_of_another_case_is_refused_and_one_on_its_way_is_waited_for(copy: Any, code: str | None) -> None:
    both = papers("FREEZE_RULING", "ASSISTANCE_FREEZE_NOTICE") | {"doc-FREEZE_RULING": copy}
    command = decide(order("FREEZE", [item("ast-a", 1)]), papers=both)
    if code is not None:
        assert refusal(limited(DEBT), command).code == code
    else:
        with pytest.raises(Exception, match=r"not here yet|no seal yet") as waiting:
            run(limited(DEBT), command)
        assert getattr(waiting.value, "retryable", False)


@pytest.mark.rule("R-INQ-04")
def test_a_paper_whose_hash_is_not_the_approved_one_is_refused() -> None:
    issued = order("FREEZE", [item("ast-a", 1)])
    forged = issued.papers[0].model_copy(update={"sha256": "b" * 64})
    issued = issued.model_copy(update={"papers": (forged, *issued.papers[1:])})
    assert refusal(limited(DEBT), decide(issued)).code == "papers_missing"


@pytest.mark.rule("R-INQ-05")
@pytest.mark.parametrize(
    "officers",
    [
        ["u-officer"],
        ["u-officer", "u-officer"],
        ["u-officer", "u-bare"],
        ["u-officer", "u-twin"],
        ["u-officer", "u-stranger"],
    ],
)
def test_two_different_officers_with_filed_credentials_of_their_own_are_needed(officers: list[str]) -> None:
    issued = order("FREEZE", [item("ast-a", 1)])
    named = tuple(issued.officers[0].model_copy(update={"officer_id": officer}) for officer in officers)
    command = decide(issued.model_copy(update={"officers": named}))
    assert refusal(limited(DEBT), command).code == "officers_not_filed"


@pytest.mark.rule("R-INQ-05")
def test_nobody_asks_for_what_they_approved_themselves() -> None:
    issued = order("FREEZE", [item("ast-a", 1)], approved_by="u-officer")
    assert refusal(limited(DEBT), decide(issued)).code == "approver_is_requester"


@pytest.mark.rule("R-INQ-05")
def test_who_asks_is_filed_with_the_agencies() -> None:
    issued = order("FREEZE", [item("ast-a", 1)], requested_by="u-intern")
    assert refusal(limited(DEBT), decide(issued)).code == "officers_not_filed"


@pytest.mark.rule("R-GEN-06")
def test_nothing_is_frozen_in_a_closed_case_or_of_somebody_who_is_no_debtor() -> None:
    issued = order("FREEZE", [item("ast-a", 1)])
    assert refusal(limited(DEBT), decide(issued, case=case(is_open=False))).code == "case_closed"
    assert refusal(limited(DEBT), decide(issued, case=case(debtors=()))).code == "subject_not_debtor"


@pytest.mark.rule("R-GEN-06", "R-INQ-21", "R-INQ-03")
@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        (item("ast-none", 1), "asset_unknown"),
        (item("ast-other-case", 1), "asset_unknown"),
        (item("ast-a", 1, agency_id="bank-b"), "asset_unknown"),
        (item("ast-reserve", 1), "asset_exempt"),
        (item("ast-a", 0), "amount_missing"),
    ],
)
def test_an_item_that_may_not_be_frozen_refuses_the_order(wanted: Any, code: str) -> None:
    assert refusal(limited(DEBT), decide(order("FREEZE", [wanted]))).code == code


@pytest.mark.rule("R-INQ-03")
def test_what_an_agency_cannot_carry_out_is_refused_when_it_is_issued_not_days_later() -> None:
    command = decide(order("FREEZE", [item("ast-a", 1)]), agencies=AGENCIES | {"bank-a": bank(codes=("04",))})
    assert refusal(limited(DEBT), command).code == "measure_unsupported"


@pytest.mark.rule("R-INQ-10")
@pytest.mark.parametrize(
    ("term_from", "term_to", "fits"),
    [
        (date(2025, 3, 10), date(2026, 3, 9), True),
        (date(2025, 3, 10), date(2026, 3, 10), False),
        (date(2026, 3, 2), date(2026, 3, 1), False),
        (None, None, True),
    ],
)
def test_a_freeze_of_deposits_lasts_a_year_at_most(term_from: date | None, term_to: date | None, fits: bool) -> None:
    issued = order("FREEZE", [item("ast-a", 1)], term_from=term_from, term_to=term_to)
    if not fits:
        assert refusal(limited(DEBT), decide(issued)).code == "term_too_long"
        return
    terms = accepted(run(limited(DEBT), decide(issued))[1]).terms
    assert terms is not None
    assert terms.term_to == (term_to or date(2027, 3, 1))


def test_an_order_is_decided_once() -> None:
    command = decide(order("FREEZE", [item("ast-a", 1)]))
    state, events = run(limited(DEBT), ReceiveOrder(command.order), command)
    accepted(events)
    assert run(state, command)[1] == []
    assert run(state, ReceiveOrder(command.order))[1] == []


# --- answers ----


def test_only_a_booking_makes_a_control_effective_and_a_repeat_changes_nothing() -> None:
    state, events = run(limited(DEBT), decide(order("FREEZE", [item("ast-a", 1000)])))
    request = request_of("FREEZE", accepted(events).planned[0], "co-1")
    state, events = run(state, TakeAnswers(request, (ItemAnswer(sequence=1, status="IN_PROGRESS", detail="LOCKED"),)))
    assert (events, only(state).state) == ([], "REQUESTED")
    state, events = run(state, TakeAnswers(request, (controlled(1, 1000),)))
    assert isinstance(events[0], ControlEffective)
    assert run(state, TakeAnswers(request, (controlled(1, 1000),)))[1] == []


@pytest.mark.rule("R-INQ-11")
def test_a_queued_freeze_controls_nothing_and_no_term_runs() -> None:
    state, events = run(limited(DEBT), decide(order("FREEZE", [item("ast-a", 1000)])))
    request = request_of("FREEZE", accepted(events).planned[0], "co-1")
    state, events = run(state, TakeAnswers(request, (ItemAnswer(sequence=1, status="QUEUED", rank=2),)))
    assert isinstance(events[0], ControlQueued)
    measure = only(state)
    assert (measure.state, measure.controlled_fen, measure.counted_fen, measure.effective_to) == ("QUEUED", 0, 0, None)


@pytest.mark.rule("R-INQ-11")
def test_a_queued_freeze_is_not_deducted_from() -> None:
    state, events = run(limited(DEBT), decide(order("FREEZE", [item("ast-a", 1000)])))
    request = request_of("FREEZE", accepted(events).planned[0], "co-1")
    state, _ = run(state, TakeAnswers(request, (ItemAnswer(sequence=1, status="QUEUED", rank=2),)))
    assert refusal(state, decide(order("DEDUCT", [on(only(state), 1)], "co-d"))).code == "original_not_found"


def test_a_freeze_that_was_sent_again_is_known_by_its_new_number() -> None:
    state, events = run(limited(DEBT), decide(order("FREEZE", [item("ast-a", 1000)])))
    request = request_of("FREEZE", accepted(events).planned[0], "co-1").model_copy(update={"request_number": "KZ-R2"})
    state, _ = run(state, TakeAnswers(request, (controlled(1, 1000),)))
    assert only(state).request_number == "KZ-R2"


def test_a_return_that_cannot_be_cured_is_a_refusal_of_the_measure() -> None:
    state, events = run(limited(DEBT), decide(order("FREEZE", [item("ast-a", 1000)])))
    request = request_of("FREEZE", accepted(events).planned[0], "co-1")
    state, events = run(state, TakeReturn(request, "ACCOUNT_NOT_FOUND", "查无账户信息"))
    assert isinstance(events[0], ControlRefused)
    assert state.counted_fen == 0


# --- deduction ----


@pytest.mark.parametrize(("fen", "code"), [(1001, "deduction_above_frozen"), (0, "amount_missing")])
def test_a_deduction_takes_at_most_what_is_frozen(fen: int, code: str) -> None:
    state = frozen(1000)
    assert refusal(state, decide(order("DEDUCT", [on(only(state), fen)], "co-d"))).code == code


def test_a_partly_covered_freeze_is_deducted_from_only_as_far_as_it_is_covered() -> None:
    state = freeze_more(limited(DEBT), 1000, "ast-a", "co-1", found_fen=400)
    assert refusal(state, decide(order("DEDUCT", [on(only(state), 401)], "co-d"))).code == "deduction_above_frozen"
    assert deducting(state, 400)


def test_a_freeze_carries_one_deduction_at_a_time() -> None:
    state, _ = deducting(frozen(1000), 400)
    assert refusal(state, decide(order("DEDUCT", [on(only(state), 100)], "co-d2"))).code == "deduction_open"


@pytest.mark.rule("R-PAY-01")
def test_a_deduction_names_the_case_account() -> None:
    state = frozen(1000)
    issued = order("DEDUCT", [on(only(state), 1)], "co-d", case_account=None)
    assert refusal(state, decide(issued)).code == "case_account_missing"


def test_every_deduction_has_a_payment_reference_of_its_own_that_its_request_carries() -> None:
    first, request = deducting(frozen(1000), 400)
    second, _ = deducting(frozen(1000), 400, "co-d2")
    again, _ = deducting(frozen(1000), 400)
    assert list(only(first).deductions) == [request.items[0].payment_reference]
    assert list(only(first).deductions) == list(only(again).deductions)
    assert list(only(first).deductions) != list(only(second).deductions)


def test_only_the_money_s_arrival_under_its_reference_confirms_a_deduction() -> None:
    state, request = deducting(frozen(1000), 400)
    reference = next(iter(only(state).deductions))
    state, events = run(state, TakeAnswers(request, (deducted(1, 400, reference, 600),)))
    assert isinstance(events[0], DeductionAnswered)
    assert only(state).deductions[reference].state == "ANSWERED"
    assert run(state, ConfirmDeduction("another", 400))[1] == []
    state, events = run(state, ConfirmDeduction(reference, 400))
    assert isinstance(events[0], DeductionConfirmed)
    assert run(state, ConfirmDeduction(reference, 400))[1] == [], "a second line for it confirms nothing twice"
    assert (only(state).deducted_fen, only(state).frozen_fen) == (400, 600)


def test_money_that_is_quicker_than_its_answer_confirms_all_the_same() -> None:
    state, request = deducting(frozen(1000), 400)
    reference = next(iter(only(state).deductions))
    state, _ = run(state, ConfirmDeduction(reference, 400), TakeAnswers(request, (deducted(1, 400, reference, 600),)))
    assert only(state).deductions[reference].state == "CONFIRMED"


def test_a_failed_deduction_leaves_the_freeze_as_it_was() -> None:
    state, request = deducting(frozen(1000), 400)
    answer = ItemAnswer(sequence=1, status="NOT_CONTROLLED", refusal_code="X", refusal_text="存款账户扣划失败")
    state, events = run(state, TakeAnswers(request, (answer,)))
    assert isinstance(events[0], DeductionFailed)
    assert only(state).frozen_fen == 1000
    assert deducting(state, 1000, "co-d2")


def test_a_deduction_that_lets_the_rest_go_ends_the_freeze() -> None:
    state, request = deducting(frozen(1000), 400, remainder="RELEASE")
    reference = next(iter(only(state).deductions))
    state, events = run(state, TakeAnswers(request, (deducted(1, 400, reference, 600),)))
    assert [type(event) for event in events] == [DeductionAnswered, ControlReleased]


# --- release ----


def test_a_release_waits_for_the_money_of_an_open_deduction_and_then_goes_out_by_itself() -> None:
    state, request = deducting(frozen(1000), 400)
    reference = next(iter(only(state).deductions))
    state, events = run(state, decide(order("RELEASE", [on(only(state), 0)], "co-r")))
    assert isinstance(events[0], ControlOrderDeferred)
    assert state.orders["co-r"].state == "PENDING"
    state, events = run(state, TakeAnswers(request, (deducted(1, 400, reference, 600),)))
    assert not any(isinstance(event, ControlOrderAccepted) for event in events), "the money is not there yet"
    state, events = run(state, ConfirmDeduction(reference, 400))
    assert accepted(events).control_order_id == "co-r"
    assert (state.orders["co-r"].state, dict(state.waiting)) == ("ACCEPTED", {})


def test_nothing_is_deducted_from_a_freeze_whose_release_is_on_the_way() -> None:
    state = frozen(1000)
    state, _ = run(state, decide(order("RELEASE", [on(only(state), 0)], "co-r")))
    assert refusal(state, decide(order("DEDUCT", [on(only(state), 1)], "co-d"))).code == "deduction_open"


def test_a_release_that_the_agency_refused_leaves_the_freeze_in_force() -> None:
    state = frozen(1000)
    state, events = run(state, decide(order("RELEASE", [on(only(state), 0)], "co-r")))
    request = request_of("RELEASE", accepted(events).planned[0], "co-r")
    answer = ItemAnswer(sequence=1, status="NOT_CONTROLLED", refusal_code="X", refusal_text="无原冻结请求信息")
    state, events = run(state, TakeAnswers(request, (answer,)))
    assert isinstance(events[0], ControlReleaseRefused)
    assert (only(state).state, only(state).release_order) == ("EFFECTIVE", "")


@pytest.mark.parametrize("kind", ["DEDUCT", "RELEASE", "RENEW"])
def test_what_acts_on_a_freeze_names_one_that_is_in_force(kind: Any) -> None:
    wrong = item("ast-a", 1, original_request_number="KZ-none", original_sequence=1)
    assert refusal(frozen(1000), decide(order(kind, [wrong], "co-x"))).code == "original_not_found"


@pytest.mark.rule("R-INQ-10")
def test_a_renewal_starts_the_day_after_the_old_end_and_comes_before_it() -> None:
    state = frozen(1000)
    renewal = order("RENEW", [on(only(state), 1000)], "co-n")
    terms = accepted(run(state, decide(renewal))[1]).terms
    assert terms is not None
    assert (terms.term_from, terms.term_to) == (date(2027, 3, 2), date(2028, 3, 1))
    _, events = run(state, decide(renewal), now=datetime(2027, 3, 2, 1, 0, tzinfo=UTC))
    assert isinstance(events[0], ControlOrderRefused)
    assert events[0].code == "term_too_long"


@pytest.mark.rule("R-INQ-10")
def test_a_freeze_that_lapsed_is_not_deducted_from() -> None:
    state = frozen(1000)
    last_day = datetime(2027, 3, 1, 15, 59, tzinfo=UTC)
    command = decide(order("DEDUCT", [on(only(state), 1)], "co-d"))
    accepted(run(state, command, now=last_day)[1])
    _, events = run(state, command, now=datetime(2027, 3, 1, 16, 0, tzinfo=UTC))
    assert isinstance(events[0], ControlOrderRefused)
    assert events[0].code == "original_not_found"


@pytest.mark.rule("R-INQ-11", "R-INQ-20")
def test_a_queued_freeze_that_is_promoted_takes_effect_then_and_counts_from_then_on() -> None:
    state, events = run(limited(DEBT), decide(order("FREEZE", [item("ast-a", 1000)])))
    request = request_of("FREEZE", accepted(events).planned[0], "co-1")
    state, _ = run(state, TakeAnswers(request, (ItemAnswer(sequence=1, status="QUEUED", rank=2),)))
    state, events = run(state, TakeAnswers(request, (controlled(1, 1000, effective_to=date(2027, 4, 30)),)))
    assert isinstance(events[0], ControlEffective)
    measure = only(state)
    assert (measure.state, measure.rank, measure.counted_fen) == ("EFFECTIVE", None, 1000)
    assert measure.effective_to == date(2027, 4, 30)


@pytest.mark.rule("R-INQ-24")
def test_what_a_bank_let_go_without_an_order_is_shown_as_missing_and_not_deducted_again() -> None:
    state, request = deducting(frozen(1000), 400)
    reference = next(iter(only(state).deductions))
    state, _ = run(state, TakeAnswers(request, (deducted(1, 400, reference, 250),)), ConfirmDeduction(reference, 400))
    assert (only(state).missing_fen, only(state).frozen_fen) == (350, 250)
    assert refusal(state, decide(order("DEDUCT", [on(only(state), 251)], "co-e"))).code == "deduction_above_frozen"
    deducting(state, 250, "co-f")
