"""The views of the feed: what each class of agency sees of the list, and which measures are its own (R-CRB-30).

A view has the list types that its measures apply to, and only the fields that they need: who sells tickets learns that
a person may not fly, not what the person owes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from libs.foundation.errors import NotFound
from libs.schemas.credit_blacklist import ListType
from services.credit_blacklist.rules.measure import Measure
from services.credit_blacklist.rules.measures import DECIDABLE

POLICY_VERSION: Final = 1
"""Raised whenever the measures or the staleness of any view change."""

OPTIONAL_FIELDS: Final = frozenset(
    {
        "subject.sex",
        "subject.birth_date",
        "court.telephone",
        "grounds",
        "duty",
        "performance",
        "basis",
        "case_filed_on",
        "legal_representative",
        "kinds",
        "suspensions",
    }
)
"""Fields of an entry that a view may lack. All others stand in every view."""

BOTH: Final[tuple[ListType, ...]] = ("LISTING", "RESTRICTION")
RESTRICTIONS: Final[tuple[ListType, ...]] = ("RESTRICTION",)
LISTINGS: Final[tuple[ListType, ...]] = ("LISTING",)

_CONSUMPTION = frozenset({"court.telephone", "kinds", "suspensions"})
_BUSINESS = _CONSUMPTION | {"grounds", "performance", "legal_representative"}


class ViewUnknown(NotFound):
    """The feed has no such view."""

    code = "view_unknown"
    title = "There is no such view of the feed"
    remedy = "Name one of the views that /v1/punishment-measures shows."


@dataclass(frozen=True, slots=True)
class FeedView:
    """One view: the list types it carries, the optional fields of its entries, and the measures of its agencies."""

    view_id: str
    title: str
    list_types: tuple[ListType, ...]
    measures: tuple[Measure, ...]
    fields: frozenset[str]
    agency_classes: tuple[str, ...]

    def carries(self, list_type: str) -> bool:
        """Return whether records of a type are in this view."""
        return list_type in self.list_types

    def measure(self, measure_code: str) -> Measure | None:
        """Return a measure of this view by code, None if it is no measure of its agencies."""
        return next((one for one in self.measures if one.measure_code == measure_code), None)


def _view(
    view_id: str,
    title: str,
    list_types: tuple[ListType, ...],
    codes: tuple[str, ...],
    fields: frozenset[str],
    agency_classes: tuple[str, ...],
) -> FeedView:
    return FeedView(view_id, title, list_types, tuple(DECIDABLE[code] for code in codes), fields, agency_classes)


COURT: Final = "court"
"""The court's own view: everything."""

VIEWS: Final[Mapping[str, FeedView]] = MappingProxyType(
    {
        view.view_id: view
        for view in (
            _view(COURT, "人民法院", BOTH, tuple(DECIDABLE), OPTIONAL_FIELDS, ("人民法院",)),
            _view("air", "民航", RESTRICTIONS, ("7.1.AIR",), _CONSUMPTION, ("民航运输企业", "机票销售代理")),
            _view(
                "rail",
                "铁路和水路",
                RESTRICTIONS,
                ("7.1.SOFT_SLEEPER", "7.1.HIGH_SPEED", "7.1.SHIP"),
                _CONSUMPTION,
                ("铁路运输企业", "水路运输企业"),
            ),
            _view(
                "finance",
                "金融",
                BOTH,
                ("1.1", "1.2", "1.3", "1.4", "1.5", "3.3", "5.3", "7.5"),
                _BUSINESS | {"duty", "basis", "case_filed_on"},
                ("银行", "证券", "保险", "金融监管", "征信"),
            ),
            _view(
                "land",
                "自然资源和住房",
                BOTH,
                ("6.1.LAND", "6.4", "7.6.BUILDING", "7.6.OFFICE", "4.3"),
                _BUSINESS,
                ("不动产登记", "自然资源", "住房城乡建设"),
            ),
            _view(
                "market",
                "市场监管、税务、海关、文旅和教育",
                BOTH,
                ("3.1", "4.1", "4.2", "7.2", "7.3", "7.4", "9.1"),
                _BUSINESS,
                ("市场监管", "税务", "海关", "文化和旅游", "教育"),
            ),
            _view(
                "procurement",
                "财政和公共资源交易",
                LISTINGS,
                ("1.7", "2.1", "2.2", "6.1.STATE_ASSETS"),
                _BUSINESS - {"kinds", "suspensions"},
                ("财政", "发展改革", "公共资源交易", "国资监管"),
            ),
            _view(
                "police",
                "公安和移民",
                BOTH,
                ("7.6.VEHICLE", "8.1", "10.1"),
                _BUSINESS | {"subject.sex", "subject.birth_date"},
                ("公安", "移民管理"),
            ),
        )
    }
)
"""Every view of the feed by its id."""

AGEING_H: Final = 24
STALE_H: Final = 72
CLOCK_SKEW_S: Final = 300
"""When a copy is ageing and stale, in hours after its last valid head, and how far a clock may be off [D].

72 hours are less than the three working days in which a removal must be carried out (R-CRB-10)."""


def view_of(view_id: str) -> FeedView:
    """Return a view. Raises `ViewUnknown`."""
    try:
        return VIEWS[view_id]
    except KeyError as error:
        raise ViewUnknown(field="view") from error


def policy_of(view_id: str) -> dict[str, Any]:
    """Return the payload of a view's policy, as the feed's page on the wire has it. Raises `ViewUnknown`."""
    view = view_of(view_id)
    return {
        "view": view.view_id,
        "version": POLICY_VERSION,
        "measures": [
            {
                "measure_code": measure.measure_code,
                "title": measure.title,
                "list_types": list(measure.list_types),
                "kinds": list(measure.kinds),
                "reversible": measure.reversible,
                "legal_basis": measure.legal_basis,
                "class": measure.measure_class,
            }
            for measure in view.measures
        ],
        "fresh_until": "valid_until",
        "ageing_h": AGEING_H,
        "stale_h": STALE_H,
        "clock_skew_s": CLOCK_SKEW_S,
    }
