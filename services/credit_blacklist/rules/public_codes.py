"""Words and codes under which listings are published and were published before: tables both ways (R-CRB-08)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from libs.schemas.credit_blacklist import Ground, Performance
from libs.schemas.parts import PartyType
from services.credit_blacklist.rules.grounds import GROUNDS

NO_PART: Final = "暂无"
"""What stands where no amount is named."""

PERFORMANCE_TEXTS: Final[Mapping[Performance, str]] = MappingProxyType(
    {"NONE": "全部未履行", "PARTLY": "部分未履行", "OTHER": "其他"}
)
PERFORMANCES: Final[Mapping[str, Performance]] = MappingProxyType(
    {**{text: code for code, text in PERFORMANCE_TEXTS.items()}, "部分履行": "PARTLY"}
)
"""Texts that are read; 部分履行 is an older way to say 部分未履行. For 全部已履行 there is no code: what is wholly
performed is deleted (R-CRB-08)."""

PARTY_TYPE_CODES: Final[Mapping[PartyType, str]] = MappingProxyType({"PERSON": "580", "ORGANISATION": "581"})
"""The official site's codes."""

PARTY_TYPES: Final[Mapping[str, PartyType]] = MappingProxyType(
    {
        "580": "PERSON",
        "581": "ORGANISATION",
        "0": "PERSON",
        "1": "ORGANISATION",
        "自然人": "PERSON",
        "法人或其他组织": "ORGANISATION",
    }
)
"""Three code systems that are read: the official site's, a search portal's, words."""

SEX_TEXTS: Final[Mapping[str, str]] = MappingProxyType({"MALE": "男性", "FEMALE": "女性"})
SEXES: Final[Mapping[str, str]] = MappingProxyType({"男性": "MALE", "女性": "FEMALE", "男": "MALE", "女": "FEMALE"})

GROUND_TEXTS: Final[Mapping[str, Ground]] = MappingProxyType(
    {
        **{ground.text: code for code, ground in GROUNDS.value.items()},
        "其他有履行能力而拒不履行生效法律文书确定义务": "REFUSES_THOUGH_ABLE",
        "其他有履行能力而拒不履行生效法律文书确定义务的": "REFUSES_THOUGH_ABLE",
        "有履行能力而拒不履行生效法律文书确定义务的": "REFUSES_THOUGH_ABLE",
        "伪造证据妨碍、抗拒执行": "OBSTRUCTS",
        "暴力、威胁妨碍、抗拒执行": "OBSTRUCTS",
        "虚假诉讼、虚假仲裁或者隐匿、转移财产规避执行": "EVADES",
        "违反限制高消费令": "VIOLATES_CONSUMPTION_RESTRICTION",
        "违反限制消费令的": "VIOLATES_CONSUMPTION_RESTRICTION",
        "违反财产报告制度的": "VIOLATES_PROPERTY_REPORTING",
        "无正当理由拒不履行执行和解协议的": "BREAKS_SETTLEMENT",
    }
)
"""Wordings that are read: the six of 2017, and those of 2013."""

PROVINCES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "京": "北京",
        "津": "天津",
        "冀": "河北",
        "晋": "山西",
        "内": "内蒙古",
        "辽": "辽宁",
        "吉": "吉林",
        "黑": "黑龙江",
        "沪": "上海",
        "苏": "江苏",
        "浙": "浙江",
        "皖": "安徽",
        "闽": "福建",
        "赣": "江西",
        "鲁": "山东",
        "豫": "河南",
        "鄂": "湖北",
        "湘": "湖南",
        "粤": "广东",
        "桂": "广西",
        "琼": "海南",
        "渝": "重庆",
        "川": "四川",
        "黔": "贵州",
        "云": "云南",
        "藏": "西藏",
        "陕": "陕西",
        "甘": "甘肃",
        "青": "青海",
        "宁": "宁夏",
        "新": "新疆",
        "兵": "新疆",
        "军": "",
    }
)
"""What the list calls the area of a court, by the first character of its code; military courts name none."""
