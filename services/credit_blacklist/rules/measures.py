"""The catalogue of joint punishment (中办发〔2016〕64号): 11 classes, 37 measures as data (R-CRB-30, R-CRB-31)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

from services.credit_blacklist.rules.measure import Measure
from services.credit_blacklist.rules.measures_of_conduct import CONDUCT
from services.credit_blacklist.rules.measures_of_standing import STANDING

CLASSES: Final[Mapping[int, str]] = MappingProxyType(
    {
        1: "从事特定行业或项目限制",
        2: "政府支持或补贴限制",
        3: "任职资格限制",
        4: "准入资格限制",
        5: "荣誉和授信限制",
        6: "特殊市场交易限制",
        7: "限制高消费及有关消费",
        8: "协助查询、控制及出境限制",
        9: "加强日常监管检查",
        10: "加大刑事惩戒力度",
        11: "鼓励其他方面限制",
    }
)
"""The classes by number."""


def catalogue_of(rows: Iterable[Measure]) -> Mapping[str, Measure]:
    """Return the measures by code, in order. Raises `ValueError` if a code stands twice or names no class."""
    measures: dict[str, Measure] = {}
    for measure in rows:
        if measure.measure_code in measures or measure.measure_class not in CLASSES:
            msg = f"measure code {measure.measure_code} stands twice or is of no class"
            raise ValueError(msg)
        measures[measure.measure_code] = measure
    return MappingProxyType(measures)


CATALOGUE: Final = catalogue_of((*STANDING, *CONDUCT))
"""The 37 measures by code."""

DECIDABLE: Final = catalogue_of(part for measure in CATALOGUE.values() for part in measure.acts or (measure,))
"""What an agency asks about and reports by code: the acts of a measure, or the measure itself where it has none."""
