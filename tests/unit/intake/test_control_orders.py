from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from libs.schemas.intake import ControlOrderIssued, DeductionPosition
from libs.schemas.parts import OfficerRef
from services.intake.domain import case
from services.intake.domain.case import Case
from services.intake.domain.case.control import (
    ApproverIsRequester,
    ControlPapersMissing,
    DebtUnknown,
    DeductionAboveFrozen,
    MeasureUnknown,
    OverAttachment,
    TermTooLong,
    TwoOfficersRequired,
    deductible_fen,
    held_fen,
)
from services.intake.domain.case.copies import RecordControl, RecordDebt, RecordOrderResult
from services.intake.domain.refusals import CaseAccountPending, NotTheActingOfficer, PartyNotInCase
from tests.unit.intake.law import (
    ACCOUNT,
    APPLICANT,
    FREEZE_PAPERS,
    NOW,
    OFFICERS,
    RELEASE_PAPERS,
    after,
    deduct,
    freeze,
    frozen,
    item,
    owing,
    paper,
    registered,
)


def in_force() -> Case:
    """Return story 1's case with both freezes in force."""
    ordered = after(owing(), freeze(item("bank-a", 320_000), item("bank-b", 186_575, 2)))
    return after(ordered, frozen("bank-a", 320_000), frozen("bank-b", 186_575, seq=2))


def issued(state: Case, command: Any) -> ControlOrderIssued:
    (event,) = case.decide(state, command, NOW)
    assert isinstance(event, ControlOrderIssued)
    return event


@pytest.mark.rule("R-INQ-20")
def test_a_freeze_up_to_what_is_owed_passes_and_one_fen_more_does_not() -> None:
    order = issued(owing(), freeze(item("bank-a", 320_000), item("bank-b", 186_575, 2)))
    assert (order.limit_fen, order.approved_by, order.requested_by) == (506_575, "u-duty-lead", "u-duty")
    with pytest.raises(OverAttachment) as over:
        case.decide(owing(), freeze(item("bank-a", 320_000), item("bank-b", 186_576, 2)), NOW)
    assert over.value.extra == {"open_fen": 506_575, "asked_fen": 506_576}


@pytest.mark.rule("R-INQ-20")
@pytest.mark.parametrize(
    ("already", "asked", "passes"),
    [
        ((), ((300_000_00, "a"), (200_000_00, "b")), True),
        ((("a", 500_000_00),), ((1, "b"),), False),
        ((("a", 300_000_00),), ((200_000_00, "b"),), True),
    ],
)
def test_the_rulebooks_amounts(
    already: tuple[tuple[str, int], ...], asked: tuple[tuple[int, str], ...], passes: bool
) -> None:
    state = owing(500_000_00)
    for number, (agency, amount) in enumerate(already, start=1):
        state = after(state, frozen(agency, amount, seq=number, control_order_id="ord_0"))
    order = freeze(*(item(agency, amount, n) for n, (amount, agency) in enumerate(asked, start=1)))
    if passes:
        issued(state, order)
    else:
        with pytest.raises(OverAttachment):
            case.decide(state, order, NOW)


@pytest.mark.rule("R-INQ-20")
def test_an_order_counts_from_its_issue_until_it_is_refused() -> None:
    ordered = after(owing(), freeze(item("bank-a", 506_575)))
    with pytest.raises(OverAttachment):
        case.decide(ordered, freeze(item("bank-b", 1), control_order_id="ord_9"), NOW)
    refused = after(ordered, RecordOrderResult("ord_1", accepted=False, code="over_attachment", reason=""))
    issued(refused, freeze(item("bank-b", 506_575), control_order_id="ord_9"))


@pytest.mark.rule("R-INQ-20")
def test_a_refused_measure_frees_its_amount_and_a_partial_one_counts_what_it_holds() -> None:
    ordered = after(owing(), freeze(item("bank-a", 320_000), item("bank-b", 186_575, 2)))
    refused = after(ordered, frozen("bank-a", 320_000), frozen("bank-b", 186_575, seq=2, state="REFUSED"))
    assert held_fen(refused) == 320_000
    partly = after(ordered, frozen("bank-a", 320_000), frozen("bank-b", 186_575, seq=2, controlled_fen=100_000))
    assert held_fen(partly) == 420_000


@pytest.mark.rule("R-INQ-20")
def test_money_on_its_way_is_still_held_and_recovered_money_lowers_what_is_owed() -> None:
    one = DeductionPosition(deduction_id="d", amount_fen=320_000, state="ANSWERED")
    debited = after(in_force(), RecordControl(3, "mea-bank-a", "bank-a", deduction=one))
    assert held_fen(debited) == 506_575
    arrived = after(debited, RecordDebt(2, recovered_fen=320_000, balance_fen=320_000))
    assert held_fen(arrived) == 186_575
    with pytest.raises(OverAttachment):
        case.decide(arrived, freeze(item("bank-c", 1), control_order_id="ord_9"), NOW)


@pytest.mark.rule("R-INQ-20")
def test_without_an_assessed_debt_nothing_is_frozen_and_the_caller_may_try_again() -> None:
    with pytest.raises(DebtUnknown) as unknown:
        case.decide(registered(), freeze(item("bank-a", 1)), NOW)
    assert unknown.value.retryable


@pytest.mark.rule("R-INQ-04")
@pytest.mark.parametrize(
    ("papers", "missing", "unusable"),
    [
        ((), ["FREEZE_RULING", "ASSISTANCE_FREEZE_NOTICE"], []),
        (FREEZE_PAPERS[:1], ["ASSISTANCE_FREEZE_NOTICE"], []),
        (RELEASE_PAPERS, ["FREEZE_RULING", "ASSISTANCE_FREEZE_NOTICE"], []),
        (
            (FREEZE_PAPERS[0], paper("ASSISTANCE_FREEZE_NOTICE", approved_by=None)),
            ["ASSISTANCE_FREEZE_NOTICE"],
            ["doc_ASSISTANCE_FREEZE_NOTICE"],
        ),
        (
            (paper("FREEZE_RULING", case_id="case_2"), FREEZE_PAPERS[1]),
            ["FREEZE_RULING"],
            ["doc_FREEZE_RULING"],
        ),
    ],
)
def test_an_order_without_its_approved_papers_is_refused(
    papers: tuple[Any, ...], missing: list[str], unusable: list[str]
) -> None:
    with pytest.raises(ControlPapersMissing) as refused:
        case.decide(owing(), freeze(item("bank-a", 1), papers=papers), NOW)
    assert refused.value.extra == {"missing": missing, "unusable": unusable}


@pytest.mark.rule("R-INQ-05")
def test_two_different_officers_with_both_credentials() -> None:
    bare = OfficerRef(officer_id="u-third", name="x", work_permit_number="w", duty_permit_number="")
    for officers in ((), OFFICERS[:1], (OFFICERS[0], OFFICERS[0]), (OFFICERS[0], bare)):
        with pytest.raises(TwoOfficersRequired):
            case.decide(owing(), freeze(item("bank-a", 1), officers=officers), NOW)


@pytest.mark.rule("R-INQ-05")
def test_who_asks_has_not_approved() -> None:
    own = tuple(replace(one, approved_by="u-duty") for one in FREEZE_PAPERS)
    with pytest.raises(ApproverIsRequester):
        case.decide(owing(), freeze(item("bank-a", 1), papers=own), NOW)


@pytest.mark.rule("R-GEN-06")
def test_no_measure_against_one_who_owes_nothing_here_and_by_nobody_else_than_the_acting_officer() -> None:
    with pytest.raises(PartyNotInCase):
        case.decide(owing(), freeze(item("bank-a", 1), debtor_id=APPLICANT.party_id), NOW)
    with pytest.raises(NotTheActingOfficer):
        case.decide(owing(), freeze(item("bank-a", 1), requested_by="u-officer"), NOW)


@pytest.mark.rule("R-INQ-10")
def test_a_term_begins_today_or_later_and_ends_within_what_the_law_allows() -> None:
    assert issued(owing(), freeze(item("bank-a", 1))).term_to is None
    within = freeze(item("bank-a", 1), term_from=date(2026, 3, 2), term_to=date(2029, 3, 1))
    assert issued(owing(), within).term_to == date(2029, 3, 1)
    for first, last in (
        (date(2026, 3, 2), date(2029, 3, 2)),
        (date(2026, 3, 1), date(2026, 9, 1)),
        (date(2026, 3, 2), date(2026, 3, 2)),
    ):
        with pytest.raises(TermTooLong):
            case.decide(owing(), freeze(item("bank-a", 1), term_from=first, term_to=last), NOW)


@pytest.mark.rule("R-INQ-20", "R-PAY-01")
def test_a_deduction_goes_to_the_case_account_and_never_above_what_is_frozen_there() -> None:
    order = issued(in_force(), deduct(item("bank-a", 320_000, on_freeze=True)))
    assert (order.case_account, order.remainder, order.term_to) == (ACCOUNT, "KEEP", None)
    with pytest.raises(DeductionAboveFrozen) as above:
        case.decide(in_force(), deduct(item("bank-a", 320_001, on_freeze=True)), NOW)
    assert above.value.extra == {"deductible_fen": 320_000}
    twice = deduct(item("bank-a", 200_000, on_freeze=True), item("bank-a", 120_001, 2, on_freeze=True))
    with pytest.raises(DeductionAboveFrozen):
        case.decide(in_force(), twice, NOW)


@pytest.mark.rule("R-INQ-20")
def test_what_was_ordered_cannot_be_ordered_again_unless_it_failed() -> None:
    ordered = after(in_force(), deduct(item("bank-a", 320_000, on_freeze=True)))
    with pytest.raises(DeductionAboveFrozen):
        case.decide(ordered, deduct(item("bank-a", 1, on_freeze=True), control_order_id="ord_3"), NOW)
    asked = DeductionPosition(deduction_id="d", control_order_id="ord_2", amount_fen=320_000, state="REQUESTED")
    under_way = after(ordered, RecordControl(3, "mea-bank-a", "bank-a", deduction=asked))
    assert deductible_fen(under_way, under_way.measures[-1]) == 0
    failed = DeductionPosition(deduction_id="d", amount_fen=0, state="FAILED")
    free = after(under_way, RecordControl(4, "mea-bank-a", "bank-a", deduction=failed))
    assert deductible_fen(free, free.measures[-1]) == 320_000


@pytest.mark.rule("R-PAY-01")
def test_without_the_case_account_nothing_is_deducted() -> None:
    state = after(registered(), RecordDebt(1, debt_fen=506_575), frozen("bank-a", 320_000))
    with pytest.raises(CaseAccountPending):
        case.decide(state, deduct(item("bank-a", 1, on_freeze=True)), NOW)


@pytest.mark.rule("R-INQ-04")
def test_release_and_deduction_name_a_measure_in_force_at_that_agency() -> None:
    def release(agency: str) -> Any:
        return freeze(
            item("bank-a", 0, on_freeze=True).model_copy(update={"agency_id": agency}),
            kind="RELEASE",
            papers=RELEASE_PAPERS,
        )

    assert issued(in_force(), release("bank-a")).case_account is None
    with pytest.raises(MeasureUnknown):
        case.decide(in_force(), release("bank-b"), NOW)
    with pytest.raises(MeasureUnknown):
        case.decide(owing(), deduct(item("bank-a", 1, on_freeze=True)), NOW)
    gone = after(in_force(), frozen("bank-a", 320_000, seq=9, state="RELEASED"))
    with pytest.raises(MeasureUnknown):
        case.decide(gone, release("bank-a"), NOW)


@pytest.mark.rule("R-INQ-04")
def test_a_freeze_that_was_asked_for_again_is_named_by_either_number() -> None:
    state = after(owing(), freeze(item("bank-a", 320_000)), frozen("bank-a", 320_000, state="REQUESTED"))
    state = after(state, frozen("bank-a", 320_000, seq=2, request_number="DJ-bank-a-R2"))
    for number in ("DJ-bank-a", "DJ-bank-a-R2"):
        named = item("bank-a", 320_000, on_freeze=True).model_copy(update={"original_request_number": number})
        assert after(state, deduct(named)).orders
        with pytest.raises(DeductionAboveFrozen):
            case.decide(after(state, deduct(named)), deduct(named, control_order_id="ord_3"), NOW)


def test_older_and_repeated_facts_of_other_services_change_nothing() -> None:
    state = in_force()
    assert case.decide(state, frozen("bank-a", 1), NOW) == []
    assert case.decide(state, RecordDebt(1, debt_fen=1), NOW) == []
    assert case.decide(state, RecordOrderResult("ord_unknown", accepted=True), NOW) == []


def test_a_confirmed_deduction_is_not_taken_back_by_a_late_answer() -> None:
    confirmed = DeductionPosition(deduction_id="d", amount_fen=320_000, state="CONFIRMED")
    late = DeductionPosition(deduction_id="d", amount_fen=0, state="FAILED")
    state = after(
        in_force(),
        RecordControl(3, "mea-bank-a", "bank-a", deduction=confirmed),
        RecordControl(4, "mea-bank-a", "bank-a", deduction=late),
    )
    assert state.measures[-1].deducted_fen == 320_000
