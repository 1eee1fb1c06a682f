"""When two names and two numbers are the same."""

import pytest

from zhixing_feed.names import normal_document, normal_name


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("张三", "张三"),
        (" 张 三\u3000", "张三"),
        ("买买提·艾力", "买买提艾力"),
        ("买买提•艾力", "买买提艾力"),
        ("买买提\u2027艾力\u30fb", "买买提艾力"),
        ("Ｉｖａｎ Petrov", "IVANPETROV"),
        ("张\u200b三\ufe00", "张三"),
        ("張三", "張三"),
    ],
)
def test_a_name_has_one_normal_form(written: str, normal: str) -> None:
    assert normal_name(written) == normal


@pytest.mark.parametrize(
    ("kind", "number", "normal"),
    [
        ("RESIDENT_IDENTITY_CARD", "110101900101123", "110101199001011237"),
        ("RESIDENT_IDENTITY_CARD", " 11010119900101123x ", "11010119900101123X"),
        ("RESIDENT_IDENTITY_CARD", "１１０１０１９００１０１１２３", "110101199001011237"),
        ("PASSPORT", "e 12345678", "E12345678"),
        ("PASSPORT", "110101900101123", "110101900101123"),
        ("UNIFIED_SOCIAL_CREDIT_CODE", "91110107ma01abcd4x", "91110107MA01ABCD4X"),
    ],
)
def test_a_document_has_one_normal_form(kind: str, number: str, normal: str) -> None:
    assert normal_document(kind, number) == (kind, normal)
