"""Consumption restriction (限制消费) as dated data: the nine kinds, whom an order covers, how long a release may be."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from types import MappingProxyType
from typing import Final

from libs.foundation.clock import SHANGHAI
from libs.foundation.court_calendar import add_months, after_working_days
from libs.foundation.provision import Provision
from libs.schemas.credit_blacklist import Role, Suspension
from libs.schemas.parts import Due

RULE_VERSION: Final = "consumption-2015-07-22"
"""法释〔2015〕17号, in force since 2015-07-22."""

KINDS: Final[Mapping[int, str]] = MappingProxyType(
    {
        1: "乘坐飞机、列车软卧、轮船二等以上舱位",
        2: "在星级以上宾馆、酒店、夜总会、高尔夫球场等场所进行高消费",
        3: "购买不动产或者新建、扩建、高档装修房屋",
        4: "租赁高档写字楼、宾馆、公寓等场所办公",
        5: "购买非经营必需车辆",
        6: "旅游、度假",
        7: "子女就读高收费私立学校",
        8: "支付高额保费购买保险理财产品",
        9: "乘坐G字头动车组列车全部座位、其他动车组列车一等以上座位等其他非生活和工作必需的消费行为",
    }
)
"""The nine kinds of consumption by their number in Art 3 (R-CRB-21)."""

TRAVEL_KINDS: Final = frozenset({1, 9})
"""What a temporary release may allow: the ban on planes and on high-speed trains (R-CRB-23)."""

ROLES: Final[Mapping[Role, str]] = MappingProxyType(
    {
        "DEBTOR": "被执行人",
        "LEGAL_REPRESENTATIVE": "法定代表人",
        "PRINCIPAL": "主要负责人",
        "DIRECTLY_RESPONSIBLE": "影响债务履行的直接责任人员",
        "ACTUAL_CONTROLLER": "实际控制人",
    }
)
"""As whom a person is covered (R-CRB-22)."""

HEADS: Final[frozenset[Role]] = frozenset({"LEGAL_REPRESENTATIVE", "PRINCIPAL"})
"""Whom the law names beside an entity in any case: no order on an entity is without one (R-CRB-22)."""

ANSWERABLE: Final[frozenset[Role]] = frozenset({"DIRECTLY_RESPONSIBLE", "ACTUAL_CONTROLLER"})
"""Who stays covered when the office of representative goes to another (R-CRB-23)."""

NATURAL_ONLY: Final[frozenset[Role]] = frozenset({"LEGAL_REPRESENTATIVE", "PRINCIPAL", "DIRECTLY_RESPONSIBLE"})
"""Roles that only a natural person can hold; a firm can control another."""

PERIOD: Final = "自本令送达之日起至依法解除之日止"
"""For how long an order restricts: it has no term, it is lifted (R-CRB-20, R-CRB-24)."""

CONSEQUENCES: Final = (
    "违反限制消费令的, 依照民事诉讼法第一百一十四条的规定予以拘留、罚款; 情节严重, 构成犯罪的, 依法追究刑事责任; "
    "并可纳入失信被执行人名单。"
)
"""What an order says about its violation (R-CRB-20, R-CRB-24)."""

RELEASE_MONTHS: Final = Provision(1, "R-CRB-23", "法发〔2019〕35号 第17条", date(2019, 12, 16))
"""How long a temporary release may be, in months."""

DUTY_WORKING_DAYS: Final = Provision(3, "R-CRB-20", "限制高消费规定 第1条 (天数为本院规定)", date(2015, 7, 22))
"""Within how many working days a listed debtor is restricted [D]: the law says "must" and names no day."""


def release_limit(starts: datetime) -> datetime:
    """Return the latest end of a release that starts at `starts`: the same hour of the corresponding day (R-CRB-23).

    Where the next month has no such day, it is that month's last day.
    """
    local = starts.astimezone(SHANGHAI)
    day = add_months(local.date(), RELEASE_MONTHS.value)
    clock = time(local.hour, local.minute, local.second, local.microsecond)
    return datetime.combine(day, clock, tzinfo=SHANGHAI).astimezone(starts.tzinfo)


def within_release_limit(windows: Iterable[Suspension], added: Suspension) -> bool:
    """Return whether no kind of `added` is released for more than a month without a day's break (R-CRB-23).

    Windows of the same kind that touch count as one, else two releases in a row would make two months.
    """
    known = tuple(windows)
    for kind in added.kinds:
        begins, ends = added.from_at, added.until_at
        rest = [window for window in known if kind in window.kinds]
        grown = True
        while grown:
            grown = False
            for window in list(rest):
                if window.from_at < ends + timedelta(days=1) and begins < window.until_at + timedelta(days=1):
                    begins, ends, grown = min(begins, window.from_at), max(ends, window.until_at), True
                    rest.remove(window)
        if ends > release_limit(begins):
            return False
    return True


def duty_due(listed_on: date) -> Due:
    """Return the day by which a listed debtor must be restricted (R-CRB-20)."""
    days = DUTY_WORKING_DAYS.value
    return Due.of(
        after_working_days(listed_on, days),
        rule=DUTY_WORKING_DAYS.version,
        explanation=f"纳入失信名单之日 {listed_on} 之后第 {days} 个工作日：对被执行人采取限制消费措施的期限",
    )
