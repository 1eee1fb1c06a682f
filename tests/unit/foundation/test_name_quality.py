"""How well names are told apart: a labelled set by kind of difference, and strangers drawn at random.

Every pair of the set must be found (a shared key) and scored within its band; of strangers hardly anybody may be shown.
Whoever changes points or keys sees here what it does to whom.
"""

import random

import pytest

from libs.foundation.name_likeness import likeness, likeness_keys

pytestmark = pytest.mark.rule("R-CRB-33")

SAME = (98, 100)
SOUNDS = (75, 90)
SPELT = (85, 85)
SLIP = (60, 94)

LABELLED = {
    "written in another way": (
        SAME,
        [
            ("劉德華", "刘德华"),
            ("蕭薔", "萧蔷"),
            ("範冰冰", "范冰冰"),
            ("阿不都热合曼·买买提", "阿不都热合曼 买买提"),
            ("ＺＨＡＯ　ＬＥＩ", "zhao lei"),
            ("鄧麗君", "邓丽君"),
        ],
    ),
    "of the same sound": (
        SOUNDS,
        [
            ("李晓明", "李小明"),
            ("张玮", "张伟"),
            ("徐丽", "许丽"),
            ("陈静", "陈敬"),
            ("王建国", "汪建国"),
            ("吴芳", "武芳"),
        ],
    ),
    "in letters": (
        SPELT,
        [
            ("ZHANG WEI", "张伟"),
            ("Xiaoming Li", "李小明"),
            ("LYU XIUYING", "吕秀英"),
            ("OUYANG, NA-NA", "欧阳娜娜"),
            ("SHAN XIONGXIN", "单雄信"),
            ("QIU HE", "仇和"),
            ("ZHUGE LIANG", "诸葛亮"),
        ],
    ),
    "a slip, or another legal form": (
        SLIP,
        [
            ("李小朋", "李小明"),
            ("买买提·艾力", "买买提·艾里克"),
            ("昆明滇池建材有限公司", "昆明滇池建筑有限公司"),
            ("昆明滇池建材有限公司", "昆明滇池建材有限责任公司"),
            ("昆明滇池建材股份有限公司", "昆明市滇池建材有限公司"),
            ("中国银行股份有限公司昆明分行", "中国银行昆明分行"),
        ],
    ),
}

FAMILY = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰建国文辉"


@pytest.mark.parametrize("kind", LABELLED)
def test_pairs_of_a_kind_are_found_and_scored_in_their_band(kind: str) -> None:
    (low, high), pairs = LABELLED[kind]
    for asked, listed in pairs:
        assert low <= likeness(asked, listed).score <= high, (asked, listed, likeness(asked, listed))
        assert likeness_keys(asked) & likeness_keys(listed), (asked, listed)


def _stranger(dice: random.Random) -> str:
    return dice.choice(FAMILY) + "".join(dice.choice(GIVEN) for _ in range(dice.choice((1, 2, 2))))


def test_of_strangers_hardly_anybody_is_shown() -> None:
    dice = random.Random(7)
    pairs = [(_stranger(dice), _stranger(dice)) for _ in range(3000)]
    shown = sum(likeness(one, other).alike for one, other in pairs)
    looked_at = sum(bool(likeness_keys(one) & likeness_keys(other)) for one, other in pairs)
    assert shown / len(pairs) < 0.02
    assert looked_at / len(pairs) < 0.02
