"""The debt statement: every figure with its formula, rule and article."""

from datetime import date

import pytest

from libs.foundation.fen import FEN_MAX, from_yuan
from services.payments.domain.debt import Debt, DebtBasis, Recovery, assess
from services.payments.domain.refusals import DebtBeyondLimit

WAGES = DebtBasis(principal_fen=500_000, last_day_of_performance=date(2026, 2, 12))
CASE_C = DebtBasis(
    principal_fen=from_yuan("500,000"),
    last_day_of_performance=date(2024, 3, 11),
    general_interest_fen=from_yuan("43,500"),
    costs_fen=from_yuan("8,800"),
)


def amounts(debt: Debt) -> dict[str, int]:
    return {line.code: line.amount_fen for line in debt.lines}


@pytest.mark.rule("R-PAY-08", "R-PAY-20")
def test_the_wage_claim_of_the_story_owes_5065_75() -> None:
    debt = assess(WAGES, [], date(2026, 3, 2))
    assert amounts(debt) == {"PRINCIPAL": 500_000, "DOUBLED_PART": 1_575, "ENFORCEMENT_FEE": 5_000}
    assert debt.total_fen == 506_575
    lines = {line.code: line for line in debt.lines}
    assert lines["DOUBLED_PART"].formula == "5,000.00 × 0.000175 × 18 d"
    assert lines["DOUBLED_PART"].article == "民事诉讼法 第264条; 法释〔2014〕8号 第1条、第2条"
    assert lines["ENFORCEMENT_FEE"].rule_version == "R-PAY-08@2007-04-01"


@pytest.mark.rule("R-PAY-08", "R-PAY-14", "R-PAY-20")
def test_case_c_with_the_fee_on_all_but_the_doubled_part() -> None:
    debt = assess(CASE_C, [], date(2024, 12, 31))
    assert debt.claim_fen == from_yuan("578,112.50")
    assert debt.fee_fen == from_yuan("7,923.00")


@pytest.mark.rule("R-PAY-14", "R-PAY-20")
def test_case_d_what_is_left_of_the_principal_bears_interest_further() -> None:
    recovered = [Recovery(from_yuan("450,000"), date(2024, 12, 31))]
    on_the_day = assess(CASE_C, recovered, date(2024, 12, 31))
    ten_days_later = assess(CASE_C, recovered, date(2025, 1, 10))
    # 102,300.00 of the principal are unpaid: 102,300.00 × 0.000175 × 10 d = 179.025
    assert on_the_day.total_fen == assess(CASE_C, [], date(2024, 12, 31)).total_fen
    assert ten_days_later.interest_fen - on_the_day.interest_fen == from_yuan("179.03")


@pytest.mark.rule("R-PAY-20")
def test_case_b_through_the_statement() -> None:
    basis = DebtBasis(principal_fen=from_yuan("300,000"), last_day_of_performance=date(2024, 1, 31))
    recovered = [
        Recovery(from_yuan("200,000"), date(2024, 10, 31)),
        Recovery(from_yuan("100,000"), date(2024, 4, 30)),
    ]
    assert amounts(assess(basis, recovered, date(2024, 10, 31)))["DOUBLED_PART"] == from_yuan("11,165.00")
    # Nothing is unpaid any more: the debt stands still.
    assert (
        assess(basis, recovered, date(2030, 1, 1)).total_fen == assess(basis, recovered, date(2024, 10, 31)).total_fen
    )


@pytest.mark.rule("R-PAY-20")
def test_a_statement_for_an_earlier_day_does_not_know_later_interest() -> None:
    recovered = [Recovery(100_000, date(2026, 3, 2))]
    assert assess(WAGES, recovered, date(2026, 2, 22)).interest_fen == 875
    assert assess(WAGES, recovered, date(2026, 1, 1)).interest_fen == 0


@pytest.mark.rule("R-GEN-04")
def test_a_debt_that_cannot_be_stated_in_fen_is_refused_and_not_cut() -> None:
    with pytest.raises(DebtBeyondLimit):
        assess(DebtBasis(FEN_MAX, date(2026, 2, 12)), [], date(2026, 3, 2))
