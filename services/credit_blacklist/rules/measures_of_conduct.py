"""Classes 6 to 11 of 中办发〔2016〕64号: trade in property, consumption, control, inspection, crime (R-CRB-30).

The measures of class 7 apply to restrictions and not to listings: who is listed must be restricted (R-CRB-20), and a
temporary release (R-CRB-23) would let nobody fly if the listing beside it were a hit of its own.
"""

from __future__ import annotations

from typing import Final

from libs.schemas.credit_blacklist import ListType
from services.credit_blacklist.rules.measure import Measure

LC15: Final = "限制高消费规定 第3条第1款第{}项"
POLICY: Final = "中办发〔2016〕64号 二（七）{}"
RESTRICTED: Final[tuple[ListType, ...]] = ("RESTRICTION",)


def _consumption(
    code: str, title: str, body: str, item: int, *, reversible: bool = True, acts: tuple[Measure, ...] = ()
) -> Measure:
    kinds = tuple(sorted({kind for act in acts for kind in act.kinds})) or (item,)
    basis = "；".join([*(LC15.format(kind) for kind in kinds), POLICY.format(code.split(".")[1])])
    return Measure(code, title, body, basis, RESTRICTED, kinds, reversible, auto_push=True, acts=acts)


CONDUCT: Final[tuple[Measure, ...]] = (
    Measure(
        "6.1",
        "从事不动产交易、国有资产交易限制",
        "自然资源、国资监管部门，公共资源交易中心",
        "中办发〔2016〕64号 二（六）1；限制高消费规定 第3条第1款第3项",
        ("LISTING", "RESTRICTION"),
        (3,),
        reversible=False,
        auto_push=True,
        acts=(
            Measure(
                "6.1.LAND",
                "不动产买入登记",
                "自然资源（不动产登记）部门",
                "中办发〔2016〕64号 二（六）1；限制高消费规定 第3条第1款第3项",
                ("LISTING", "RESTRICTION"),
                (3,),
                reversible=False,
                auto_push=True,
            ),
            Measure(
                "6.1.STATE_ASSETS",
                "国有资产受让",
                "国资监管部门，公共资源交易中心",
                "中办发〔2016〕64号 二（六）1",
                reversible=False,
                auto_push=True,
            ),
        ),
    ),
    Measure("6.2", "使用国有林地限制", "林草部门", "中办发〔2016〕64号 二（六）2", reversible=False),
    Measure("6.3", "使用草原限制", "林草部门", "中办发〔2016〕64号 二（六）3", reversible=False),
    Measure(
        "6.4",
        "其他国有自然资源利用限制",
        "自然资源、水利部门",
        "中办发〔2016〕64号 二（六）4",
        reversible=False,
        auto_push=True,
    ),
    _consumption(
        "7.1",
        "乘坐火车、飞机限制",
        "铁路、民航、交通运输部门",
        1,
        acts=(
            _consumption("7.1.AIR", "乘坐飞机", "民航运输企业", 1),
            _consumption("7.1.SOFT_SLEEPER", "乘坐列车软卧", "铁路运输企业", 1),
            _consumption("7.1.HIGH_SPEED", "乘坐G字头动车组全部座位、其他动车组一等以上座位", "铁路运输企业", 9),
            _consumption("7.1.SHIP", "乘坐轮船二等以上舱位", "水路运输企业", 1),
        ),
    ),
    _consumption("7.2", "住宿宾馆饭店限制", "文化和旅游、公安部门", 2),
    _consumption("7.3", "高消费旅游限制", "文化和旅游部门", 6),
    _consumption("7.4", "子女就读高收费学校限制", "教育部门", 7),
    _consumption("7.5", "购买具有现金价值保险限制", "金融监管总局、保险公司", 8),
    _consumption(
        "7.6",
        "新建、扩建、高档装修房屋和购买车辆等限制",
        "住房城乡建设、自然资源、公安部门",
        3,
        acts=(
            _consumption("7.6.BUILDING", "新建、扩建、高档装修房屋", "住房城乡建设、自然资源部门", 3),
            _consumption("7.6.OFFICE", "租赁高档写字楼、宾馆、公寓等场所办公", "住房城乡建设部门", 4),
            _consumption("7.6.VEHICLE", "购买非经营必需车辆", "公安（车辆管理）部门", 5),
        ),
    ),
    Measure(
        "8.1",
        "协助查询、控制及出境限制",
        "公安、移民管理部门",
        "民事诉讼法 第266条；出境入境管理法 第12条第3项；中办发〔2016〕64号 二（八）",
        auto_push=True,
    ),
    Measure(
        "9.1",
        "加强日常监管检查",
        "市场监管、税务部门",
        "中办发〔2016〕64号 二（九）；企业信息公示暂行条例 第14条",
        auto_push=True,
    ),
    Measure(
        "10.1",
        "加大刑事惩戒力度",
        "公安、检察机关、人民法院",
        "刑法 第313条；中办发〔2016〕64号 二（十）",
        reversible=False,
        auto_push=True,
    ),
    Measure("11.1", "鼓励其他方面限制（市场自律）", "行业协会、商会、企业", "中办发〔2016〕64号 二（十一）"),
)
