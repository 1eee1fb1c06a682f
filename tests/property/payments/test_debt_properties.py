"""What holds of every debt: sums, order, and that paying earlier never costs more."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.payments.domain.debt import DebtBasis, Recovery, assess
from services.payments.rules import Claim, enforcement_fee, satisfy

DAYS = st.dates(min_value=date(2014, 8, 1), max_value=date(2060, 1, 1))
FENS = st.integers(min_value=0, max_value=10**11)
BASES = st.builds(DebtBasis, FENS, DAYS, FENS, FENS)
RECOVERIES = st.lists(st.builds(Recovery, st.integers(min_value=1, max_value=10**10), DAYS), max_size=5)


@given(BASES, RECOVERIES, DAYS)
def test_the_lines_add_up_to_the_total(basis: DebtBasis, recoveries: list[Recovery], as_of: date) -> None:
    debt = assess(basis, recoveries, as_of)
    assert sum(line.amount_fen for line in debt.lines) == debt.total_fen
    assert debt.total_fen == debt.principal_fen + debt.interest_fen + debt.fee_fen


@given(BASES, RECOVERIES, DAYS, st.integers(min_value=1, max_value=1000))
def test_a_debt_never_shrinks_with_time(basis: DebtBasis, recoveries: list[Recovery], as_of: date, days: int) -> None:
    later = as_of + timedelta(days=days)
    assert assess(basis, recoveries, later).total_fen >= assess(basis, recoveries, as_of).total_fen


@given(BASES, RECOVERIES, DAYS)
def test_the_order_in_which_money_is_listed_does_not_matter(
    basis: DebtBasis, recoveries: list[Recovery], as_of: date
) -> None:
    assert assess(basis, recoveries, as_of).total_fen == assess(basis, recoveries[::-1], as_of).total_fen


@given(BASES, RECOVERIES, DAYS, st.integers(min_value=1, max_value=1000))
def test_paying_earlier_never_costs_more(basis: DebtBasis, recoveries: list[Recovery], as_of: date, days: int) -> None:
    earlier = [Recovery(each.amount_fen, each.value_day - timedelta(days=days)) for each in recoveries]
    assert assess(basis, earlier, as_of).total_fen <= assess(basis, recoveries, as_of).total_fen


@given(FENS, st.integers(min_value=0, max_value=10**6))
def test_the_fee_never_falls_when_the_amount_rises(amount: int, more: int) -> None:
    assert enforcement_fee(amount) <= enforcement_fee(amount + more)


@given(st.builds(Claim, FENS, FENS, FENS, FENS), FENS)
def test_no_fen_is_lost_or_made_when_money_satisfies_a_claim(claim: Claim, amount: int) -> None:
    paid = satisfy(claim, amount)
    parts = (paid.costs_fen, paid.general_interest_fen, paid.principal_fen, paid.doubled_fen)
    owed = (claim.costs_fen, claim.general_interest_fen, claim.principal_fen, claim.doubled_fen)
    assert sum(parts) + paid.left_fen == amount
    assert all(0 <= part <= due for part, due in zip(parts, owed, strict=True))
    # A later kind gets nothing before the earlier ones are whole.
    short = [index for index, (part, due) in enumerate(zip(parts, owed, strict=True)) if part < due]
    assert not short or not any(parts[short[0] + 1 :])
