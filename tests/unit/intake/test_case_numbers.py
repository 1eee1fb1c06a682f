import pytest

from libs.foundation.case_number import (
    CaseNumber,
    CaseNumberInvalid,
    case_number,
    chinese_numeral,
    court_document_number,
    is_court_code,
    parse_case_number,
)


@pytest.mark.rule("R-INT-01", "R-INT-02", "R-INT-03", "R-INT-04")
@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("(2024)黔0102执47号", CaseNumber(2024, "黔0102", "执", 47)),
        ("(2024)云0381执22号", CaseNumber(2024, "云0381", "执", 22)),
        ("（2025）甘12执恢7号", CaseNumber(2025, "甘12", "执恢", 7)),
        ("(2025)赣执复15号", CaseNumber(2025, "赣", "执复", 15)),
        ("(2025)最高法执监3号", CaseNumber(2025, "最高法", "执监", 3)),
        ("(2024)云0381执22号之一", CaseNumber(2024, "云0381", "执", 22, "一")),
    ],
)
def test_a_valid_case_number_is_read_into_its_parts(text: str, parts: CaseNumber) -> None:
    assert parse_case_number(text) == parts


@pytest.mark.rule("R-INT-04")
def test_the_key_of_a_case_has_ascii_brackets_and_no_document_suffix() -> None:
    assert parse_case_number("（2024）云0381执22号之一").key == "(2024)云0381执22号"
    assert str(parse_case_number("（2024）云0381执22号之一")) == "(2024)云0381执22号之一"


@pytest.mark.rule("R-INT-04")
@pytest.mark.parametrize(
    "text",
    [
        "云0381执22号",
        "(2024)云381执22号",
        "(24)云0381执22号",
        "(2024)云0381执0号",
        "(2024)云0381执022号",
        "(2024)云0381执22",
        "(2024)云0381执22号\n",
        "(２０２４)云0381执22号",
        "(2024)云0381民初105号",
        "",
    ],
)
def test_anything_else_is_no_number_of_an_enforcement_case(text: str) -> None:
    with pytest.raises(CaseNumberInvalid):
        parse_case_number(text)


@pytest.mark.rule("R-INT-01")
def test_a_number_is_built_without_leading_zeros_and_never_from_nonsense() -> None:
    assert case_number("云0381", "执", 2026, 1) == "(2026)云0381执1号"
    for parts in (("云381", "执", 2026, 1), ("云0381", "民初", 2026, 1), ("云0381", "执", 2026, 0)):
        with pytest.raises(CaseNumberInvalid):
            case_number(*parts)


@pytest.mark.rule("R-INT-02")
def test_court_codes() -> None:
    assert all(is_court_code(code) for code in ("最高法", "云", "甘12", "云0381", "京0107"))
    assert not any(is_court_code(code) for code in ("云381", "0381", "", "云0381 ", "台0101"))


@pytest.mark.rule("R-INT-04", "R-INT-08")
def test_a_basis_may_carry_any_court_number_and_the_old_form_up_to_2015() -> None:
    assert court_document_number("（2024）云0381民初105号") == "(2024)云0381民初105号"
    assert court_document_number("(2015)杭下执民字第2741号") == "(2015)杭下执民字第2741号"
    for text in ("(2016)杭下执民字第2741号", "(2014)云0381民初105号", "民初105号"):
        with pytest.raises(CaseNumberInvalid):
            court_document_number(text)


@pytest.mark.rule("R-INT-04")
def test_document_suffixes_are_chinese_numerals() -> None:
    assert [chinese_numeral(n) for n in (1, 9, 10, 11, 20)] == ["一", "九", "十", "十一", "二十"]
    assert [chinese_numeral(n) for n in (21, 99)] == ["二十一", "九十九"]
    with pytest.raises(ValueError, match="100"):
        chinese_numeral(100)
