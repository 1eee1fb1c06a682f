"""Payouts: three people, the payee's own account, never more than is there or owed."""

from dataclasses import replace
from datetime import timedelta

import pytest

from libs.foundation.errors import ZhixingError
from libs.schemas.payments import AccountSettled, PayoutConfirmed, PayoutDrafted
from libs.schemas.timers import TimerCancelled
from services.payments.domain.commands import (
    ConfirmPayout,
    DoubtPayout,
    DraftPayout,
    FailPayout,
    ResolvePayout,
    SubmitPayout,
)
from services.payments.domain.payee import Payee, PayeeAccount
from services.payments.domain.payout import case_of_payout, payout_id_of
from services.payments.domain.refusals import (
    CaseAccountNotOpen,
    CaseAccountUnknown,
    PayeeAccountChanged,
    PayeeAccountMissing,
    PayeeNameMismatch,
    PayeeNotApplicant,
    PayoutAboveAvailable,
    PayoutAboveEntitlement,
    PayoutNotAwaitingDecision,
    PayoutNotInDoubt,
    PayoutUnknown,
    RoleNotOfThisStep,
    SamePersonTwice,
)
from tests.unit.payments.desk import PAYEE, REGISTERED, Desk, approve, check, credit, fee, opened, to_applicant

FULL = 506_575


def funded(amount_fen: int = FULL) -> Desk:
    desk = opened()
    desk.ask(credit(amount_fen))
    return desk


def ordered() -> Desk:
    desk = funded()
    for command in (to_applicant(501_575), check(), approve()):
        desk.ask(command)
    return desk


def state_of(desk: Desk, payout_id: str = "p1") -> str:
    return desk.state.payouts[payout_id].state


@pytest.mark.rule("R-PAY-07", "R-PAY-01")
def test_three_people_pay_the_applicant_and_the_fee_and_the_account_is_settled() -> None:
    desk = funded()
    for command in (to_applicant(501_575), fee(5_000), check(), check("p2"), approve(), approve("p2")):
        desk.ask(command)
    assert (desk.state.balance_fen, desk.state.held_fen, desk.state.available_fen) == (FULL, FULL, 0)
    assert desk.names(desk.ask(ConfirmPayout("p1", "B-1", "evt-1"))) == ["payout_confirmed"]
    last = desk.ask(ConfirmPayout("p2", "B-2", "evt-2"))
    assert isinstance(last[-1], AccountSettled)
    assert desk.state.settled
    assert (desk.state.balance_fen, desk.state.paid_out_fen) == (0, FULL)


@pytest.mark.rule("R-PAY-01")
def test_the_confirmed_posting_has_two_legs_that_sum_to_zero_and_names_the_banks_reference() -> None:
    confirmed = ordered().ask(ConfirmPayout("p1", "B-1", "evt-1"))[0]
    assert isinstance(confirmed, PayoutConfirmed)
    assert sum(leg.amount_fen for leg in confirmed.legs) == 0
    assert (confirmed.bank_reference, confirmed.reference, confirmed.balance_fen) == ("B-1", "evt-1", 5_000)


@pytest.mark.rule("R-PAY-04")
def test_payment_cancels_the_timers_of_what_it_covers_and_of_nothing_else() -> None:
    desk = opened()
    desk.ask(credit(100_000, "in_1"))
    desk.ask(credit(200_000, "in_2"))
    for command in (to_applicant(150_000), check(), approve()):
        desk.ask(command)
    events = desk.ask(ConfirmPayout("p1", "B-1", "evt-1"))
    cancelled = [event.timer for event in events if isinstance(event, TimerCancelled)]
    assert cancelled == ["payment_notice:in_1", "payout:in_1", "outer_limit:in_1"]


@pytest.mark.rule("R-PAY-04")
def test_timers_that_fired_are_not_cancelled() -> None:
    events = ordered_and_confirmed_after(days=25)
    assert [event.timer for event in events if isinstance(event, TimerCancelled)] == []


def ordered_and_confirmed_after(*, days: int) -> list[object]:
    desk = opened()
    desk.ask(credit(100_000))
    for command in (to_applicant(50_000), check(), approve()):
        desk.ask(command)
    return list(desk.ask(ConfirmPayout("p1", "B-1", "evt-1"), REGISTERED + timedelta(days=days)))


@pytest.mark.rule("R-PAY-07")
def test_the_maker_may_neither_check_nor_approve() -> None:
    desk = funded()
    desk.ask(to_applicant(100))
    with pytest.raises(SamePersonTwice):
        desk.ask(check(by="u-maker"))
    desk.ask(check())
    with pytest.raises(SamePersonTwice):
        desk.ask(approve(by="u-maker"))


@pytest.mark.rule("R-PAY-07")
def test_the_checker_may_not_approve_even_with_both_roles() -> None:
    desk = funded()
    desk.ask(to_applicant(100))
    both = frozenset({"fund_checker", "fund_approver"})
    desk.ask(replace(check(), roles=both))
    with pytest.raises(SamePersonTwice):
        desk.ask(replace(approve(by="u-checker"), roles=both))


@pytest.mark.rule("R-PAY-07")
def test_each_step_belongs_to_its_role() -> None:
    desk = funded()
    desk.ask(to_applicant(100))
    with pytest.raises(RoleNotOfThisStep):
        desk.ask(approve())
    desk.ask(check())
    with pytest.raises(RoleNotOfThisStep):
        desk.ask(check(by="u-other"))
    desk.ask(approve())
    with pytest.raises(PayoutNotAwaitingDecision):
        desk.ask(approve(by="u-other"))


@pytest.mark.rule("R-PAY-07")
@pytest.mark.parametrize("step", ["check", "approve"])
def test_a_rejection_frees_the_money(step: str) -> None:
    desk = funded()
    desk.ask(to_applicant(100))
    if step == "approve":
        desk.ask(check())
        desk.ask(approve(agree=False))
    else:
        desk.ask(check(approve=False))
    assert state_of(desk) == "REJECTED"
    assert desk.state.available_fen == FULL


@pytest.mark.rule("R-PAY-07")
@pytest.mark.parametrize(
    ("payee", "refusal"),
    [
        (Payee("party_9", "他人", PAYEE.account, 1), PayeeNotApplicant),
        (Payee("party_1", "浦明远", None, 1), PayeeAccountMissing),
        (replace(PAYEE, account=PayeeAccount("浦明", "6217", "bank-a", "甲银行")), PayeeNameMismatch),
    ],
)
def test_only_the_applicant_is_paid_and_only_to_an_account_of_their_own_name(
    payee: Payee, refusal: type[ZhixingError]
) -> None:
    with pytest.raises(refusal):
        funded().ask(to_applicant(100, payee=payee))


@pytest.mark.rule("R-PAY-07")
def test_a_changed_payee_account_starts_the_approval_again() -> None:
    desk = funded()
    desk.ask(to_applicant(100))
    with pytest.raises(PayeeAccountChanged):
        desk.ask(replace(check(), payee_unchanged=False))
    desk.ask(replace(check(approve=False), payee_unchanged=False))
    assert state_of(desk) == "REJECTED"


@pytest.mark.rule("R-PAY-01")
def test_held_money_is_not_available() -> None:
    desk = funded(200_000)
    drafted = desk.ask(to_applicant(150_000))[0]
    assert isinstance(drafted, PayoutDrafted)
    assert drafted.available_fen == 50_000
    assert drafted.payee_account_masked == "****9999"
    with pytest.raises(PayoutAboveAvailable) as refused:
        desk.ask(to_applicant(50_001, "p2"))
    assert refused.value.extra["available_fen"] == 50_000


@pytest.mark.rule("R-PAY-07", "R-PAY-08")
def test_nobody_gets_more_than_their_due() -> None:
    desk = funded(FULL + 1_000)
    for command in (to_applicant(501_576), fee(5_001)):
        with pytest.raises(PayoutAboveEntitlement):
            desk.ask(command)
    desk.ask(to_applicant(501_575))
    with pytest.raises(PayoutAboveEntitlement) as refused:
        desk.ask(to_applicant(1, "p3"))
    assert refused.value.extra["entitled_fen"] == 0


def refund(amount_fen: int, display: str = "李**") -> DraftPayout:
    payee = Payee("refund-1", "李建业", PayeeAccount("李建业", "6217003860001234", "bank-a", "甲银行"), 1)
    return DraftPayout("p9", "REFUND_TO_PAYER", amount_fen, "u-maker", payee, display, "payee/refund-1", 1)


@pytest.mark.rule("R-PAY-07")
def test_only_the_surplus_goes_back_and_only_to_who_paid_in() -> None:
    desk = funded(FULL + 1_000)
    with pytest.raises(PayoutAboveEntitlement):
        desk.ask(refund(1_001))
    with pytest.raises(PayeeNameMismatch):
        desk.ask(refund(1_000, display="王**"))
    assert desk.names(desk.ask(refund(1_000))) == ["payout_drafted"]


def test_an_account_that_is_not_there_or_not_open_pays_nothing() -> None:
    with pytest.raises(CaseAccountUnknown):
        Desk().ask(to_applicant(1))
    desk = Desk()
    desk.ask(credit(100))
    with pytest.raises(CaseAccountNotOpen):
        desk.ask(to_applicant(1))


def test_a_refusal_of_the_bank_frees_the_money() -> None:
    desk = ordered()
    desk.ask(FailPayout("p1", "no such account"))
    assert state_of(desk) == "FAILED"
    assert desk.state.available_fen == FULL


def test_a_pending_order_holds_the_money_until_the_bank_is_done() -> None:
    desk = ordered()
    desk.ask(SubmitPayout("p1", "B-1", "evt-1"))
    assert (state_of(desk), desk.state.held_fen) == ("SUBMITTED", 501_575)
    assert desk.ask(SubmitPayout("p1", "B-1", "evt-1")) == []
    desk.ask(ConfirmPayout("p1", "B-1", "evt-1"))
    assert state_of(desk) == "CONFIRMED"


def test_an_outcome_that_was_taken_before_changes_nothing() -> None:
    desk = ordered()
    desk.ask(ConfirmPayout("p1", "B-1", "evt-1"))
    for again in (ConfirmPayout("p1", "B-1", "evt-1"), FailPayout("p1", "late"), DoubtPayout("p1", "late")):
        assert desk.ask(again) == []
    assert desk.state.paid_out_fen == 501_575


def test_a_payout_in_doubt_holds_the_money_and_a_person_decides() -> None:
    desk = ordered()
    desk.ask(DoubtPayout("p1", "silence"))
    assert (state_of(desk), desk.state.available_fen) == ("IN_DOUBT", 5_000)
    assert desk.ask(DoubtPayout("p1", "silence")) == []
    with pytest.raises(SamePersonTwice):
        desk.ask(ResolvePayout("p1", "PAID", "B-1", "回单", "u-maker"))
    assert desk.names(desk.ask(ResolvePayout("p1", "PAID", "B-1", "回单", "u-approver"))) == [
        "payout_doubt_resolved",
        "payout_confirmed",
    ]
    assert desk.state.payouts["p1"].evidence == "回单"


def test_a_person_can_also_find_that_nothing_was_paid() -> None:
    desk = ordered()
    desk.ask(DoubtPayout("p1", "silence"))
    desk.ask(ResolvePayout("p1", "NOT_PAID", "", "柜台查询无此笔", "u-approver"))
    assert (state_of(desk), desk.state.available_fen) == ("FAILED", FULL)


def test_only_a_payout_in_doubt_is_resolved() -> None:
    with pytest.raises(PayoutNotInDoubt):
        ordered().ask(ResolvePayout("p1", "PAID", "B-1", "回单", "u-approver"))


def test_an_unknown_payout_is_unknown() -> None:
    with pytest.raises(PayoutUnknown):
        funded().ask(check("p7"))
    with pytest.raises(PayoutUnknown):
        case_of_payout("payout_1")


def test_a_payout_id_names_its_case() -> None:
    assert case_of_payout(payout_id_of("case_5f_2c", "abc")) == "case_5f_2c"


@pytest.mark.rule("R-PAY-01")
def test_money_that_comes_after_the_end_unsettles_the_account() -> None:
    desk = funded()
    for command in (to_applicant(501_575), fee(5_000), check(), check("p2"), approve(), approve("p2")):
        desk.ask(command)
    desk.ask(ConfirmPayout("p1", "B-1", "e1"))
    desk.ask(ConfirmPayout("p2", "B-2", "e2"))
    desk.ask(credit(77, "in_late"))
    assert not desk.state.settled
    assert desk.state.available_fen == 77


@pytest.mark.rule("R-PAY-01")
def test_an_empty_account_with_an_open_debt_is_not_settled() -> None:
    desk = funded(100_000)
    for command in (to_applicant(100_000), check(), approve()):
        desk.ask(command)
    assert desk.names(desk.ask(ConfirmPayout("p1", "B-1", "evt-1"))) == ["payout_confirmed"]
    assert (desk.state.balance_fen, desk.state.settled) == (0, False)
