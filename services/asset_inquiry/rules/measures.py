"""Measure codes (控制措施) as the real protocol numbers them, each with its article, papers and asset classes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from libs.schemas.parts import AssetClass, DocumentKind, RequestKind

VERSION: Final = "2026-01-01"
"""Version of this table; events that were decided by it keep their own codes."""

MONEY_CLASSES: Final[frozenset[AssetClass]] = frozenset({"DEPOSIT", "NET_FUND"})
"""Classes that are money: a freeze names an exact amount, the tolerance of over-attachment is zero (R-INQ-20)."""

RIGHTS: Final[frozenset[AssetClass]] = frozenset({"SECURITIES", "EQUITY", "INSURANCE", "HPF"})
REGISTERED: Final[frozenset[AssetClass]] = frozenset({"REAL_ESTATE", "VEHICLE"})
FREEZABLE: Final = MONEY_CLASSES | RIGHTS

FREEZE_PAPERS: Final[tuple[DocumentKind, ...]] = ("FREEZE_RULING", "ASSISTANCE_FREEZE_NOTICE")
DEDUCTION_PAPERS: Final[tuple[DocumentKind, ...]] = ("DEDUCTION_RULING", "ASSISTANCE_DEDUCTION_NOTICE")
RELEASE_PAPERS: Final[tuple[DocumentKind, ...]] = ("RELEASE_RULING", "ASSISTANCE_RELEASE_NOTICE")
QUERY_PAPERS: Final[tuple[DocumentKind, ...]] = ("ASSISTANCE_QUERY_NOTICE",)


@dataclass(frozen=True, slots=True)
class MeasureCode:
    """One measure an agency can be asked for: what it does, on which classes, on which article and papers it stands."""

    code: str
    name: str
    kind: RequestKind
    asset_classes: frozenset[AssetClass]
    papers: tuple[DocumentKind, ...]
    articles: tuple[str, ...]
    queue: bool = False


_TABLE: Final = (
    MeasureCode("01", "冻结", "FREEZE", FREEZABLE, FREEZE_PAPERS, ("CPL 253", "SZ 1", "NQ 3")),
    MeasureCode("02", "继续冻结", "RENEW", FREEZABLE, FREEZE_PAPERS, ("CPLI 485", "SZ 27")),
    MeasureCode("03", "轮候冻结", "FREEZE", FREEZABLE, FREEZE_PAPERS, ("SZ 26",), queue=True),
    MeasureCode("04", "解除冻结", "RELEASE", FREEZABLE, RELEASE_PAPERS, ("SZ 28", "NQ 3")),
    MeasureCode("05", "解除轮候冻结", "RELEASE", FREEZABLE, RELEASE_PAPERS, ("SZ 26",), queue=True),
    MeasureCode("06", "划拨", "DEDUCT", MONEY_CLASSES | {"HPF"}, DEDUCTION_PAPERS, ("CPL 253", "CPLI 484")),
    MeasureCode("07", "提取收入", "DEDUCT", frozenset({"DEPOSIT"}), DEDUCTION_PAPERS, ("CPL 254",)),
    MeasureCode("08", "冻结并划拨", "DEDUCT", MONEY_CLASSES, DEDUCTION_PAPERS, ("CPL 253", "CPLI 484")),
    MeasureCode("11", "查封", "FREEZE", REGISTERED, FREEZE_PAPERS, ("CPL 255", "SZ 7")),
    MeasureCode("12", "继续查封", "RENEW", REGISTERED, FREEZE_PAPERS, ("CPLI 485",)),
    MeasureCode("14", "解除查封", "RELEASE", REGISTERED, RELEASE_PAPERS, ("SZ 28",)),
    MeasureCode("15", "产权过户文书送达", "RENEW", REGISTERED, (), ("CPLI 491",)),
)

MEASURES: Final = {measure.code: measure for measure in _TABLE}

# The code an order asks for by its kind and class; 03, 05, 07, 08 and 15 are never chosen by themselves.
_CHOSEN: Final = ("01", "02", "04", "06", "11", "12", "14")


def unknown_codes(codes: Iterable[str]) -> tuple[str, ...]:
    """Return the codes that the table does not have."""
    return tuple(sorted(set(codes) - MEASURES.keys()))


def codes_without_class(codes: Iterable[str], asset_classes: Iterable[str]) -> tuple[str, ...]:
    """Return the codes that act on none of the asset classes an agency says it holds."""
    held = frozenset(asset_classes)
    return tuple(sorted(code for code in set(codes) if not MEASURES[code].asset_classes & held))


def measure_for(kind: RequestKind, asset_class: AssetClass) -> MeasureCode | None:
    """Return the measure of this kind on this class, or None where the law knows none (a car is not deducted)."""
    for code in _CHOSEN:
        measure = MEASURES[code]
        if measure.kind == kind and asset_class in measure.asset_classes:
            return measure
    return None


def papers_for(kind: RequestKind) -> tuple[DocumentKind, ...]:
    """Return the papers that a request of this kind must carry (R-INQ-04: NQ Art 3; SZ Art 1; CPL Arts 253-255)."""
    return {
        "INQUIRY": QUERY_PAPERS,
        "FREEZE": FREEZE_PAPERS,
        "RENEW": FREEZE_PAPERS,
        "RELEASE": RELEASE_PAPERS,
        "DEDUCT": DEDUCTION_PAPERS,
    }[kind]


AGENCY_PAPERS: Final = frozenset({*QUERY_PAPERS, *FREEZE_PAPERS, *DEDUCTION_PAPERS, *RELEASE_PAPERS})
"""Kinds of paper that agencies are handed; of all others we keep no copy."""

EXEMPT_STATUSES: Final = {
    "BANK_RESERVE": "ENF 27",
    "SETTLEMENT_PROVISION": "ENF 27",
    "MINIMUM_LIVING_ALLOWANCE": "SZ 3(2)",
    "EDUCATION_NECESSITY": "SZ 3(3)",
    "DISABILITY_AID": "SZ 3(5)",
    "TREATY_EXEMPT": "SZ 3(7)",
}
"""Statuses of an asset that no court may attach (R-INQ-21), with the article."""
