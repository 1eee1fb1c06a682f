"""The normal form of a name, and how alike two names are: scores that their differences explain to the point."""

import pytest

from libs.foundation.name_likeness import likeness, likeness_keys, readings, simplified, spelled_as
from libs.foundation.names import normal_name

pytestmark = pytest.mark.rule("R-CRB-33")


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("张三", "张三"),
        (" 张 三　", "张三"),
        ("买买提·艾力", "买买提艾力"),
        ("买买提・艾力", "买买提艾力"),
        ("买买提•艾力", "买买提艾力"),
        ("Smith  John", "SMITHJOHN"),
        ("Ｓｍｉｔｈ", "SMITH"),
        ("张\u200b三", "张三"),
        ("张\ufe00三", "张三"),
        ("⼭本", "山本"),
        ("straße", "STRASSE"),
    ],
)
def test_a_name_in_normal_form_has_no_spaces_dots_width_or_case(written: str, normal: str) -> None:
    assert normal_name(written) == normal


def test_the_normal_form_of_a_normal_form_is_itself() -> None:
    for name in ("张三", "ａ b·ç", "ŉ", "ﬁ", "İ"):
        assert normal_name(normal_name(name)) == normal_name(name)


def test_another_script_is_another_normal_form() -> None:
    assert normal_name("張偉") != normal_name("张伟")


def test_a_surname_is_read_in_every_way() -> None:
    assert {"DAN", "SHAN", "CHAN"} <= readings("单")
    assert "QIU" in readings("仇")


def test_simplified_leaves_names_of_their_own() -> None:
    assert simplified("張偉") == "张伟"
    assert simplified("李喆") == "李喆"


@pytest.mark.parametrize(
    ("asked", "listed", "score", "kinds"),
    [
        ("张 伟", "张伟", 100, []),
        ("張偉", "张伟", 98, ["OTHER_SCRIPT"]),
        ("ZHANG WEI", "张伟", 85, ["SPELLED_IN_LETTERS"]),
        ("Wei Zhang", "张伟", 85, ["SPELLED_IN_LETTERS"]),
        ("NA-NA OUYANG", "欧阳娜娜", 85, ["SPELLED_IN_LETTERS"]),
        ("章伟", "张伟", 80, ["SAME_SOUND"]),
        ("張薇", "张伟", 78, ["OTHER_SCRIPT", "SAME_SOUND"]),
        ("李小朋", "李小明", 62, ["OTHER_CHARACTERS"]),
        ("北京天华商贸有限公司", "北京天华商贸有限责任公司", 94, ["OTHER_LEGAL_FORM"]),
        ("北京天华商务有限公司", "北京天华商贸有限责任公司", 72, ["OTHER_LEGAL_FORM", "OTHER_CHARACTERS"]),
    ],
)
def test_a_likeness_says_what_it_costs(asked: str, listed: str, score: int, kinds: list[str]) -> None:
    found = likeness(asked, listed)
    assert (found.score, [difference.kind for difference in found.differences]) == (score, kinds)
    assert found.score == 100 + sum(difference.points for difference in found.differences)
    assert found.alike
    assert likeness_keys(asked) & likeness_keys(listed)


@pytest.mark.parametrize(("asked", "listed"), [("王五", "张三"), ("王三", "张三"), ("SMITH", "张三"), ("李", "张三丰")])
def test_other_people_are_not_alike(asked: str, listed: str) -> None:
    assert not likeness(asked, listed).alike


@pytest.mark.parametrize("letters", ["LYU BU", "LV BU", "LU BU", "LÜ BU", "Bu Lyu", "L\u00fc, Bu"])
def test_a_passport_may_write_u_umlaut_in_four_ways(letters: str) -> None:
    assert spelled_as(normal_name(letters), "吕布")
    assert likeness_keys(letters) & likeness_keys("吕布")


def test_letters_that_spell_somebody_else_do_not_match() -> None:
    assert not spelled_as("ZHANGWEI", "王伟")
    assert not spelled_as("ZHANGWEI", "ZHANGWEI")
