"""The six grounds of listing, their words, and which of them has a term (R-CRB-01, R-CRB-02)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Final

from libs.foundation.provision import Provision
from libs.schemas.credit_blacklist import Ground, ListingBar


@dataclass(frozen=True, slots=True)
class GroundText:
    """One ground: its number in the law, the words under which it is published, and whether a term is set for it."""

    number: int
    text: str
    has_term: bool


GROUNDS: Final[Provision[Mapping[Ground, GroundText]]] = Provision(
    MappingProxyType(
        {
            "REFUSES_THOUGH_ABLE": GroundText(1, "有履行能力而拒不履行生效法律文书确定义务", has_term=False),
            "OBSTRUCTS": GroundText(2, "以伪造证据、暴力、威胁等方法妨碍、抗拒执行", has_term=True),
            "EVADES": GroundText(3, "以虚假诉讼、虚假仲裁或者以隐匿、转移财产等方法规避执行", has_term=True),
            "VIOLATES_PROPERTY_REPORTING": GroundText(4, "违反财产报告制度", has_term=True),
            "VIOLATES_CONSUMPTION_RESTRICTION": GroundText(5, "违反限制消费令", has_term=True),
            "BREAKS_SETTLEMENT": GroundText(6, "无正当理由拒不履行执行和解协议", has_term=True),
        }
    ),
    "R-CRB-01",
    "失信规定(2017) 第1条",
    date(2017, 5, 1),
)

BARS_TO_GROUND_ONE: Final[Provision[frozenset[ListingBar]]] = Provision(
    frozenset({"GUARANTEE", "RANKS_LATER", "NO_ABILITY", "APPLICANT_HOLDS_BACK"}),
    "R-CRB-03",
    "失信规定(2017) 第3条; 法发〔2019〕35号 第16条",
    date(2017, 5, 1),
)
"""What bars ground 1 alone; that seized assets suffice is reckoned from the debt and the measures."""

BARS_TO_LISTING: Final[Provision[frozenset[ListingBar]]] = Provision(
    frozenset({"CAMPUS_LOAN"}), "R-CRB-05", "法发〔2019〕35号 第16条", date(2019, 12, 16)
)
"""What bars every ground: a full-time student's 校园贷 debt is generally not listed."""


def has_term(grounds: Collection[Ground]) -> bool:
    """Return whether a listing on these grounds has a term: none if one of them has none (R-CRB-02)."""
    return all(GROUNDS.value[ground].has_term for ground in grounds)


def in_order(grounds: Collection[Ground]) -> tuple[Ground, ...]:
    """Return each ground once, in the order of the law."""
    return tuple(sorted(set(grounds), key=lambda ground: GROUNDS.value[ground].number))
