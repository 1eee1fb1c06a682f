from datetime import date

import pytest

from libs.foundation.identity import (
    CreditCodeInvalid,
    IdentityNumberInvalid,
    credit_code,
    masked_account,
    masked_name,
    masked_number,
    organisation_code_fits,
    resident,
    resident_number,
)


@pytest.mark.rule("R-INT-05")
@pytest.mark.parametrize(
    ("number", "sex", "born_on"),
    [
        ("11010519491231002X", "FEMALE", date(1949, 12, 31)),
        ("440524188001010014", "MALE", date(1880, 1, 1)),
        ("530399198001010015", "MALE", date(1980, 1, 1)),
        ("530399198001010023", "FEMALE", date(1980, 1, 1)),
        ("53039919800101004X", "FEMALE", date(1980, 1, 1)),
        ("530399201003150016", "MALE", date(2010, 3, 15)),
    ],
)
def test_a_valid_resident_number_says_sex_and_birth_date(number: str, sex: str, born_on: date) -> None:
    found = resident(number)
    assert (found.number, found.sex, found.born_on) == (number, sex, born_on)


@pytest.mark.rule("R-INT-05")
@pytest.mark.parametrize(
    ("number", "why"),
    [
        ("530399198001010016", "check digit"),
        ("530399198502290019", "does not exist"),
        ("990399198001010015", "province"),
        ("53039919800101001", "18 characters"),
        ("５３０３９９１９８００１０１００１５", "18 characters"),
        ("530399198001010015\n5", "18 characters"),
        ("", "18 characters"),
    ],
)
def test_an_invalid_resident_number_is_rejected_with_its_reason(number: str, why: str) -> None:
    with pytest.raises(IdentityNumberInvalid, match=why):
        resident_number(number)


@pytest.mark.rule("R-INT-05")
def test_a_birth_date_in_the_future_is_rejected() -> None:
    with pytest.raises(IdentityNumberInvalid, match="future"):
        resident_number("530399201003150016", today=date(2010, 3, 14))
    assert resident_number("530399201003150016", today=date(2010, 3, 15)) == "530399201003150016"


@pytest.mark.rule("R-INT-05")
def test_a_small_x_and_an_old_number_are_normalised() -> None:
    assert resident_number(" 53039919800101004x ") == "53039919800101004X"
    assert resident_number("530399800101001") == "530399198001010015"


@pytest.mark.rule("R-INT-06")
@pytest.mark.parametrize(
    "code",
    ["91110000600037341L", "91530399MA6K00006A", "11530399000000019K", "92530399058000003G", "91360399123456788L"],
)
def test_a_valid_credit_code_passes_in_either_case(code: str) -> None:
    assert credit_code(code) == code
    assert credit_code(code.lower()) == code


@pytest.mark.rule("R-INT-06")
@pytest.mark.parametrize("code", ["91110000600037341M", "9111000060003734IL", "81530399MA6K00006A", "9111000060003734"])
def test_an_invalid_credit_code_is_rejected(code: str) -> None:
    with pytest.raises(CreditCodeInvalid):
        credit_code(code)


@pytest.mark.rule("R-INT-06")
def test_the_organisation_code_inside_is_only_looked_at() -> None:
    assert organisation_code_fits("91110000600037341L")
    assert organisation_code_fits("91530399MA6K00006A")
    assert not organisation_code_fits("91110000600037351L")


@pytest.mark.rule("R-INT-07")
def test_a_published_number_hides_month_and_day() -> None:
    assert masked_number("530399198001010015") == "5303991980****0015"
    assert masked_number("91110000600037341L") == "91110000600037341L"
    assert masked_number("E12345678") == "E1****78"
    assert masked_number("E123") == "****"


def test_a_masked_name_shows_the_family_name_only() -> None:
    assert masked_name("李某某") == "李**"
    assert masked_name("李") == "李*"
    assert masked_name("宣威火腿有限公司", organisation=True) == "宣威火腿有限公司"


@pytest.mark.parametrize(
    ("number", "masked"), [("6217003860001234", "****1234"), ("12345", "****2345"), ("1234", "****"), ("", "****")]
)
def test_an_account_number_is_shown_by_its_tail_only(number: str, masked: str) -> None:
    assert masked_account(number) == masked
