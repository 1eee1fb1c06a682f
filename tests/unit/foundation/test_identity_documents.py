"""One way to write the number of a document: lifted, in capitals, checked."""

import random

import pytest
from stdnum.cn import ric

from libs.foundation.identity import CreditCodeInvalid, IdentityNumberInvalid, resident_number
from libs.foundation.identity_documents import DocumentNumberInvalid, comparable_number

CARD = "RESIDENT_IDENTITY_CARD"


@pytest.mark.rule("R-INT-05")
@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("11010519491231002X", "11010519491231002X"),
        ("11010519491231002x", "11010519491231002X"),
        ("440524188001010014", "440524188001010014"),
        ("110105491231002", "11010519491231002X"),
        (" 110105 19491231 002X ", "11010519491231002X"),
        ("１１０１０５１９４９１２３１００２Ｘ", "11010519491231002X"),
    ],
)
def test_a_resident_number_is_kept_with_eighteen_characters(written: str, kept: str) -> None:
    assert comparable_number(CARD, written) == kept


@pytest.mark.rule("R-INT-05")
@pytest.mark.parametrize("written", ["110105194912310021", "", "1101051949123100", "990105194912310021", "1" * 41])
def test_a_resident_number_that_cannot_be_is_refused_and_is_no_miss(written: str) -> None:
    with pytest.raises(IdentityNumberInvalid):
        comparable_number(CARD, written)


@pytest.mark.rule("R-INT-05")
def test_the_short_way_judges_as_the_standard_does() -> None:
    dice = random.Random(5)
    for _ in range(3000):
        year, month, day = dice.randint(1880, 2030), dice.randint(0, 13), dice.randint(0, 32)
        body = f"{dice.choice((11, 44, 53, 20, 90))}0105{year:04}{month:02}{day:02}{dice.randint(0, 999):03}"
        check = ric.calc_check_digit(body + "0") if dice.random() < 0.7 else dice.choice("0123456789X")
        number = f"{body}{check}"
        try:
            expected = resident_number(number)
        except IdentityNumberInvalid:
            expected = ""
        try:
            found = comparable_number(CARD, number)
        except IdentityNumberInvalid:
            found = ""
        assert found == expected


@pytest.mark.rule("R-INT-06")
def test_a_credit_code_is_checked() -> None:
    assert comparable_number("UNIFIED_SOCIAL_CREDIT_CODE", " 91110000600037341l ") == "91110000600037341L"
    with pytest.raises(CreditCodeInvalid):
        comparable_number("UNIFIED_SOCIAL_CREDIT_CODE", "911100006000373411")


def test_a_passport_is_written_in_capitals_without_spaces() -> None:
    assert comparable_number("PASSPORT", "e 1234 5678") == "E12345678"
    assert comparable_number("OTHER", "军字第 0012号") == "军字第0012号"


@pytest.mark.parametrize("number", ["", "  ", "E123\u0000", "E1\u200b", "9" * 41])
def test_a_passport_number_that_cannot_be_printed_is_refused(number: str) -> None:
    with pytest.raises(DocumentNumberInvalid):
        comparable_number("PASSPORT", number)
