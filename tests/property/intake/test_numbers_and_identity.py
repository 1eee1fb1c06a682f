from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.foundation.case_number import CaseNumberInvalid, case_number, parse_case_number
from libs.foundation.identity import CreditCodeInvalid, IdentityNumberInvalid, credit_code, masked_number, resident
from libs.schemas.intake import CaseNumberBound
from libs.testing.builders import CREDIT_ALPHABET
from libs.testing.builders import credit_code as some_code
from libs.testing.builders import resident_number as some_number
from services.intake.domain import numbering
from services.intake.domain.numbering import BindNumber, Numbering
from tests.unit.intake.law import NOW

SEEDS = st.integers(0, 10**6)


@pytest.mark.rule("R-INT-05")
@given(SEEDS, st.integers(0, 17), st.integers(1, 9))
def test_one_wrong_digit_in_a_resident_number_is_always_noticed(seed: int, place: int, shift: int) -> None:
    number = some_number(seed)
    assert resident(number).number == number
    if number[place] == "X":
        wrong = number[:place] + str(shift)
    else:
        wrong = number[:place] + str((int(number[place]) + shift) % 10) + number[place + 1 :]
    with pytest.raises(IdentityNumberInvalid):
        resident(wrong)


@pytest.mark.rule("R-INT-07")
@given(SEEDS)
def test_a_masked_number_shows_neither_month_nor_day(seed: int) -> None:
    number = some_number(seed)
    assert masked_number(number) == number[:10] + "****" + number[14:]


@pytest.mark.rule("R-INT-06")
@given(SEEDS, st.integers(8, 17), st.sampled_from(CREDIT_ALPHABET))
def test_one_wrong_character_in_a_credit_code_is_always_noticed(seed: int, place: int, char: str) -> None:
    code = some_code(seed)
    assert credit_code(code) == code
    wrong = code[:place] + char + code[place + 1 :]
    if wrong != code:
        with pytest.raises(CreditCodeInvalid):
            credit_code(wrong)


@pytest.mark.rule("R-INT-05", "R-INT-06")
@given(st.text(max_size=30))
def test_any_text_is_a_number_or_a_refusal_and_never_an_accident(text: str) -> None:
    for read, refusal in ((lambda t: resident(t).number, IdentityNumberInvalid), (credit_code, CreditCodeInvalid)):
        try:
            assert len(read(text)) == 18
        except refusal:
            continue


@pytest.mark.rule("R-INT-01", "R-INT-04")
@given(
    st.sampled_from(["最高法", "云", "甘12", "云0381"]),
    st.sampled_from(["执", "执恢", "执保", "执异", "执复", "执监", "执协", "执请", "执他"]),
    st.integers(2016, 2099),
    st.integers(1, 9_999_999),
)
def test_a_case_number_reads_back_as_it_was_written(court: str, kind: str, year: int, serial: int) -> None:
    text = case_number(court, kind, year, serial)
    parts = parse_case_number(text)
    assert (parts.court, parts.type_code, parts.year, parts.serial, parts.key) == (court, kind, year, serial, text)
    assert parse_case_number(text.replace("(", "（").replace(")", "）")).key == text


@pytest.mark.rule("R-INT-04")
@given(st.text(alphabet="()（）0123456789云0381执恢号之一 \n", max_size=24))
def test_what_is_accepted_as_a_case_number_is_exactly_one(text: str) -> None:
    try:
        parts = parse_case_number(text)
    except CaseNumberInvalid:
        return
    assert str(parts) == text.replace("（", "(").replace("）", ")")


@pytest.mark.rule("R-INT-01")
@given(st.lists(st.integers(0, 30), max_size=80))
def test_numbers_have_no_gap_and_no_repeat_however_often_and_in_whatever_order_they_are_asked_for(
    asked: list[int],
) -> None:
    state = Numbering()
    given_numbers: dict[str, str] = {}
    for one in asked:
        command = BindNumber(f"app_{one}", f"case_{one}", "云0381", "执", 2026)
        for event in numbering.decide(state, command, NOW):
            assert isinstance(event, CaseNumberBound)
            assert event.application_id not in given_numbers
            given_numbers[event.application_id] = event.case_number
            state = numbering.evolve(state, event)
    expected = [f"(2026)云0381执{serial}号" for serial in range(1, len(set(asked)) + 1)]
    assert list(given_numbers.values()) == expected


@pytest.mark.rule("R-INT-05")
@given(st.dates(date(1900, 1, 1), date(2099, 12, 31)))
def test_a_birth_date_after_today_is_refused(today: date) -> None:
    number = some_number(7)
    born = resident(number).born_on
    if born <= today:
        assert resident(number, today=today).born_on == born
    else:
        with pytest.raises(IdentityNumberInvalid):
            resident(number, today=today)
