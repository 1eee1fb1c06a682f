"""Every error has a stable code of its own, a title and a remedy."""

from libs.foundation.errors import ZhixingError, every_error


def test_codes_are_unique_snake_case_and_explained() -> None:
    classes = every_error()
    assert len({cls.code for cls in classes}) == len(classes)
    for cls in classes:
        assert cls.code.isascii()
        assert cls.code == cls.code.lower()
        assert cls.title
        assert cls.remedy


def test_an_error_without_a_detail_says_its_title() -> None:
    assert ZhixingError().detail == ZhixingError.title
    assert ZhixingError("more", field="claim_fen", limit=3).extra == {"limit": 3}
